import SpatioWire

/// The decoded fields of a message as short texts for people.
struct SummaryFields {
    let map: FieldMap
    let model: Model?

    /// Characters of a text from the network that are shown.
    private static let textLimit = 60
    /// Names listed before the rest is only counted.
    private static let listed = 3

    func value(_ path: String) -> FieldValue? { FieldPath(path).firstValue(in: map) }

    /// Every value that a path leads to.
    func values(_ path: String, limit: Int = .max) -> [FieldValue] {
        var result: [FieldValue] = []
        _ = FieldPath(path).first(in: map) { _, value in
            result.append(value)
            return result.count >= limit
        }
        return result
    }

    func isPresent(_ path: String) -> Bool { PathMatch.present.matches(FieldPath(path), in: map) }

    func number(_ path: String) -> UInt64? {
        switch value(path) {
        case .unsigned(let value), .named(_, let value): value
        default: nil
        }
    }

    func double(_ path: String) -> Double? {
        switch value(path) {
        case .double(let value): value
        case .float(let value): Double(value)
        case .unsigned(let value): Double(value)
        default: nil
        }
    }

    func uuid(_ path: String) -> UUID? {
        guard case .uuid(let id) = value(path) else { return nil }
        return id
    }

    func vector(_ path: String) -> Vector3? {
        guard case .vector3(let vector) = value(path) else { return nil }
        return vector
    }

    /// Elements of an array; 0 where there is none.
    func count(_ path: String) -> Int {
        guard case .array(let count) = value(path) else { return 0 }
        return count
    }

    /// Octets of a field.
    func size(_ path: String) -> Int {
        var result = 0
        _ = FieldPath(path).first(in: map) { index, _ in
            result = map.fields[index].octets.count
            return true
        }
        return result
    }

    /// The name of a listed value, or its number.
    func name(_ path: String) -> String {
        switch value(path) {
        case .named(let name, _): name
        case .unsigned(let value): "0x" + String(value, radix: 16)
        // A mode CUSTOM is a structure with its number.
        case .object: "CUSTOM"
        default: "-"
        }
    }

    /// A text in quotes; empty where it is absent or empty.
    func quoted(_ path: String) -> String {
        guard case .string(let text) = value(path), !text.isEmpty else { return "" }
        return "\"\(Self.shortened(text))\""
    }

    static func shortened(_ text: String) -> String {
        let start = text.prefix(textLimit)
        return VisibleText.visible(String(start)) + (start.endIndex < text.endIndex ? "..." : "")
    }

    // MARK: Names

    func space(_ path: String) -> String {
        guard let id = uuid(path) else { return "-" }
        guard let model, let index = model.spaceIndex(id) else { return Self.start(of: id) }
        return Self.shortened(model.spaces[index].label)
    }

    func entity(_ id: UUID) -> String {
        guard let model else { return Self.start(of: id) }
        let space = uuid("spatial_address.space_id") ?? uuid("payload.space_id") ?? uuid("payload.sync.space_id")
        let index = space.flatMap { model.spaceIndex($0) }
        if space != nil, index == nil { return Self.start(of: id) }
        return model.names(of: id, space: index).first.map(Self.shortened) ?? Self.start(of: id)
    }

    /// `alice, bob, carol +9`
    func entities(_ path: String) -> String {
        let all = values(path)
        var text = all.prefix(Self.listed).compactMap { value in
            if case .uuid(let id) = value { entity(id) } else { nil }
        }.joined(separator: ", ")
        if all.count > Self.listed { text += " +\(all.count - Self.listed)" }
        return text
    }

    /// The first digits of an id.
    func id(_ path: String) -> String { uuid(path).map(Self.start) ?? "-" }

    static func start(of id: UUID) -> String { String(id.description.prefix(8)) }

    // MARK: Numbers

    /// Degrees need more digits than metres for the same step.
    private var places: Int {
        guard case .named("GEODETIC", _) = value("spatial_address.coordinate_system.type") else { return 2 }
        return 6
    }

    func position(_ vector: Vector3?) -> String {
        guard let vector else { return "-" }
        return DecimalText.fixed(vector.x, places: places) + " " + DecimalText.fixed(vector.y, places: places) + " "
            + DecimalText.fixed(vector.z, places: 2)
    }

    func position(_ path: String) -> String { position(vector(path)) }

    /// A number without zeros at the end: `30`, `0.5`.
    func short(_ path: String) -> String { double(path).map(Self.short) ?? "-" }

    static func short(_ value: Double) -> String {
        var text = DecimalText.fixed(value, places: 3)
        guard text.contains("."), !text.contains("e") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// `5,026`
    static func grouped(_ value: some BinaryInteger) -> String {
        let digits = Array(String(value))
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3), digits[place - 1] != "-" { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// `1 entity`, `12 entities`
    static func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(grouped(count)) \(count == 1 ? one : many)"
    }

    // MARK: Values of any kind

    /// A value in a few characters.
    func short(_ value: FieldValue, of field: Field) -> String {
        switch value {
        case .object, .null: "-"
        case .array(let count): "\(count)"
        case .unsigned(let value): "\(value)"
        case .signed(let value): "\(value)"
        case .float(let value): Self.short(Double(value))
        case .double(let value): Self.short(value)
        case .boolean(let value): "\(value)"
        case .string(let text): "\"\(Self.shortened(text))\""
        case .octets: Self.counted(field.octets.count, "octet", "octets")
        case .uuid(let id): Self.start(of: id)
        case .vector3(let vector): position(vector)
        case .vector3f(let vector): position(Vector3(Double(vector.x), Double(vector.y), Double(vector.z)))
        case .quaternion(let turn):
            [turn.x, turn.y, turn.z, turn.w].map { DecimalText.fixed(Double($0), places: 2) }.joined(separator: " ")
        case .version(let version): version.description
        case .named(let name, _): name
        case .flags(let names, _): names.joined(separator: " ")
        }
    }
}
