import SpatioWire

/// A question to the decoded fields of a message.
enum FieldTest: Sendable {
    case path(FieldPath, PathMatch)
    case entity(IdentityMatch)
    case extensionID(ExtensionMatch)
    /// A position within `radius` of a point, in the units of the space.
    case within(x: Double, y: Double, radius: Double)
    /// A position between two corners, in the units of the space.
    case box(x: ClosedRange<Double>, y: ClosedRange<Double>)
    /// A position within `radius` of the place of a tracker.
    case near(tracker: Int, radius: Double)
}

/// Compares the values that a path leads to.
struct PathMatch: Sendable {
    /// Nil: something other than null has to be there.
    var comparison: FilterOperator?
    var operands: [Operand] = []

    static let present = PathMatch()

    /// A value as far as its text can be understood; the field decides as what it counts.
    struct Operand: Sendable {
        var text: String
        var lowered: String
        var number: FilterNumber?
        /// The end of a range.
        var upper: FilterNumber?
        var uuid: UUIDStart?
        var version: SemanticVersion?
    }

    /// `!=` asks that something is there and that none of it is equal; the others, that any of it matches.
    func matches(_ path: FieldPath, in map: FieldMap) -> Bool {
        guard comparison == .notEqual else {
            return path.first(in: map) { index, value in matches(value, of: map.fields[index], in: map) }
        }
        var isThere = false
        let isEqual = path.first(in: map) { index, value in
            isThere = isThere || value != .null
            return operands.contains { Self.isEqual(value, map.fields[index], map, to: $0) }
        }
        return isThere && !isEqual
    }

    private func matches(_ value: FieldValue, of field: Field, in map: FieldMap) -> Bool {
        switch comparison {
        case nil: value != .null
        case .equal, .notEqual: operands.contains { Self.isEqual(value, field, map, to: $0) }
        case .within:
            operands.contains { operand in
                guard let upper = operand.upper else { return Self.isEqual(value, field, map, to: operand) }
                guard let lower = operand.number, let low = value.order(to: lower), let high = value.order(to: upper)
                else { return false }
                return low >= 0 && high <= 0
            }
        case .contains: operands.contains { Self.contains(value, field, map, $0) }
        case .less: order(of: value).map { $0 < 0 } ?? false
        case .lessOrEqual: order(of: value).map { $0 <= 0 } ?? false
        case .greater: order(of: value).map { $0 > 0 } ?? false
        case .greaterOrEqual: order(of: value).map { $0 >= 0 } ?? false
        }
    }

    private func order(of value: FieldValue) -> Int? {
        guard let operand = operands.first else { return nil }
        if case .version(let value) = value, let version = operand.version {
            return value < version ? -1 : value == version ? 0 : 1
        }
        return operand.number.flatMap { value.order(to: $0) }
    }

    private static func isEqual(_ value: FieldValue, _ field: Field, _ map: FieldMap, to operand: Operand) -> Bool {
        switch value {
        case .string(let text): return text == operand.text
        case .uuid(let id): return operand.uuid?.begins(id) ?? false
        case .version(let version): return version == operand.version
        case .octets: return hexadecimalText(map.octets(of: field)) == operand.lowered
        case .named(let name, _) where name.lowercased() == operand.lowered: return true
        case .flags(let names, _) where names.contains { $0.lowercased() == operand.lowered }: return true
        case .boolean(let flag) where operand.lowered == (flag ? "true" : "false"): return true
        default: return operand.number.map { value.order(to: $0) == 0 } ?? false
        }
    }

    private static func contains(_ value: FieldValue, _ field: Field, _ map: FieldMap, _ operand: Operand) -> Bool {
        switch value {
        case .string(let text), .named(let text, _): text.lowercased().contains(operand.lowered)
        case .uuid(let id): id.description.contains(operand.lowered)
        case .octets: hexadecimalText(map.octets(of: field)).contains(operand.lowered)
        case .flags(let names, _): names.contains { $0.lowercased().contains(operand.lowered) }
        default: false
        }
    }
}

extension FieldValue {
    /// Below 0, 0, or above 0: how it stands to a number; nil for what is no number.
    fileprivate func order(to number: FilterNumber) -> Int? {
        switch self {
        case .unsigned(let value), .named(_, let value), .flags(_, let value): Self.order(Int128(value), number)
        case .signed(let value): Self.order(Int128(value), number)
        case .array(let count): Self.order(Int128(count), number)
        case .boolean(let value): Self.order(value ? 1 : 0, number)
        // 0.1 is not the same number as a Float and as a Double; the field says which is meant.
        case .float(let value): Self.order(value, Float(number.double))
        case .double(let value): Self.order(value, number.double)
        case .object, .string, .octets, .uuid, .vector3, .vector3f, .quaternion, .version, .null: nil
        }
    }

    private static func order(_ value: Int128, _ number: FilterNumber) -> Int {
        let (floor, isExact) = number.scaled(by: 1)
        if value == floor { return isExact ? 0 : -1 }
        return value < floor ? -1 : 1
    }

    private static func order<T: BinaryFloatingPoint>(_ value: T, _ number: T) -> Int {
        value < number ? -1 : value > number ? 1 : 0
    }
}

/// Compares the extensions that a message carries, by number or by name.
struct ExtensionMatch: Sendable {
    var numbers: [ClosedRange<Int64>] = []
    /// In small letters, whole or in part.
    var names: [String] = []
    var parts: [String] = []
    var isNegated = false

    /// Any extension at all.
    static let present = ExtensionMatch(numbers: [0...Int64(UInt16.max)])

    /// `!=` asks that there is one and that none of them is meant.
    func matches(_ map: FieldMap, _ schemas: ExtensionSchemas) -> Bool {
        var isThere = false
        let isMeant = map.anyExtension { id in
            isThere = true
            return self.isMeant(id, schemas)
        }
        return isNegated ? isThere && !isMeant : isMeant
    }

    private func isMeant(_ id: UInt16, _ schemas: ExtensionSchemas) -> Bool {
        if numbers.contains(where: { $0.contains(Int64(id)) }) { return true }
        guard !names.isEmpty || !parts.isEmpty, let name = schemas.name(id)?.lowercased() else { return false }
        return names.contains(name) || parts.contains { name.contains($0) }
    }
}

/// A position in a payload, and whose it is where that is said.
struct PayloadPosition {
    var entity: UUID?
    var position: Vector3
    /// The position of an entity in a state or an update, and no place that somebody asks about.
    var isHeard: Bool
}

extension FieldMap {
    /// What a place is called in the payloads that have one. Corners of boxes are none.
    private static let placeNames: Set<String> = ["position", "point", "center", "apex"]

    /// Every position in the payload, or in that of the reassembled whole.
    func positions(_ body: (PayloadPosition) -> Void) {
        var isInside = false
        var entity: (id: UUID, depth: Int)?
        var key: (text: String, depth: Int)?
        for field in fields {
            if field.depth == 0 { isInside = field.name == "payload" || field.name == "reassembled" }
            guard isInside else { continue }
            if let current = entity, field.depth < current.depth { entity = nil }
            switch field.value {
            case .uuid(let id) where field.name == "entity_id": entity = (id, field.depth)
            case .string(let text) where field.name == "key": key = (text, field.depth)
            case .vector3(let position):
                let isState = field.name == "value" && key?.text == "position" && key?.depth == field.depth - 1
                guard isState || Self.placeNames.contains(field.name) else { continue }
                body(
                    PayloadPosition(
                        entity: entity?.id, position: position, isHeard: isState || field.name == "position"))
            default: break
            }
        }
    }

    /// Whether any `entity_id` of the message satisfies `condition`; nil where it names none.
    func anyEntity(where condition: (UUID) -> Bool) -> Bool? {
        var isThere = false
        for field in fields where field.name == "entity_id" {
            guard case .uuid(let id) = field.value else { continue }
            if condition(id) { return true }
            isThere = true
        }
        return isThere ? false : nil
    }
}

extension FieldMap {
    /// Whether any extension that the message carries satisfies a condition: in a header, or as its payload. Those that a
    /// handshake offers and that a manifest depends on lie deeper.
    func anyExtension(where condition: (UInt16) -> Bool) -> Bool {
        var depth = -1
        for field in fields {
            if field.depth == 0 {
                switch field.name {
                case "extensions", "reassembled": depth = 2
                case "payload": depth = 1
                default: depth = -1
                }
            } else if field.depth == depth, field.name == "extension_id", case .unsigned(let id) = field.value,
                condition(UInt16(truncatingIfNeeded: id))
            {
                return true
            }
        }
        return false
    }
}

/// Follows one entity through a capture, for `near`.
struct EntityTracker: Sendable {
    let match: IdentityMatch
    /// Where the entity was last heard to be, and in which space.
    private(set) var place: (position: Vector3, space: Int?)?

    init(_ match: IdentityMatch) { self.match = match }

    /// Types that say where an entity is; a SPATIAL_RESPONSE repeats what was said before.
    static func tells(_ type: MessageType) -> Bool {
        switch type {
        case .spatialUpdate, .stateSync, .stateResponse, .deltaUpdate: true
        default: false
        }
    }

    mutating func hear(_ map: FieldMap, space: Int?, _ isMeant: (UUID) -> Bool) {
        map.positions { position in
            if position.isHeard, let id = position.entity, isMeant(id) { place = (position.position, space) }
        }
    }

    /// Whether a position lies within a distance of the entity. A message that names no space may be about any.
    func isNear(_ position: Vector3, space: Int?, radius: Double) -> Bool {
        guard let place, place.space == nil || space == nil || place.space == space else { return false }
        let x = position.x - place.position.x
        let y = position.y - place.position.y
        let z = position.z - place.position.z
        return x * x + y * y + z * z <= radius * radius
    }
}
