import Glibc
import Inspection
import Screen
import SpatioWire

/// Two messages field by field.
struct MessageComparison {
    struct Row: Equatable {
        /// With the ids of entities where lists have them, so that the same entity is compared with itself.
        var path: String
        /// The last part of the path, and how deep it lies.
        var name: String
        var depth: Int
        /// Nil: this message has no such field.
        var left, right: String?
        /// How far the right one is from the left one.
        var difference = ""

        var isDifferent: Bool { left != right }
    }

    private struct Leaf {
        var path: String
        var name: String
        var depth: Int
        var field: Field
    }

    private(set) var rows: [Row] = []
    private(set) var differences = 0
    let left, right: [UInt8]

    /// Fields of a message that are compared; a list of a million elements is not for the eye.
    private static let fieldLimit = 20_000

    private let showsSecrets: Bool

    init(_ left: FieldMap, _ right: FieldMap, showsSecrets: Bool) {
        self.showsSecrets = showsSecrets
        self.left = left.message
        self.right = right.message
        let isGeodetic = Self.isGeodetic(left) && Self.isGeodetic(right)
        let first = Self.leaves(left)
        let second = Self.leaves(right)
        let places = Dictionary(second.enumerated().map { ($1.path, $0) }) { first, _ in first }
        let known = Set(first.map(\.path))
        // What only the right one has stands behind the field that it follows there.
        var next = 0
        for leaf in first {
            let place = places[leaf.path]
            if let place, place >= next {
                while next < place {
                    if !known.contains(second[next].path) { append(nil, second[next], left, right, isGeodetic) }
                    next += 1
                }
                next = place + 1
            }
            append(leaf, place.map { second[$0] }, left, right, isGeodetic)
        }
        while next < second.count {
            if !known.contains(second[next].path) { append(nil, second[next], left, right, isGeodetic) }
            next += 1
        }
        differences = rows.count(where: \.isDifferent)
    }

    private mutating func append(
        _ first: Leaf?, _ second: Leaf?, _ left: FieldMap, _ right: FieldMap, _ isGeodetic: Bool
    ) {
        guard let leaf = first ?? second else { return }
        var row = Row(path: leaf.path, name: leaf.name, depth: leaf.depth)
        row.left = first.map { FieldText.text($0.field, left, showsSecrets: showsSecrets) }
        row.right = second.map { FieldText.text($0.field, right, showsSecrets: showsSecrets) }
        if let first, let second, row.isDifferent {
            row.difference = FieldDifference.text(
                first.field, second.field, isGeodetic: isGeodetic && leaf.path.hasPrefix("payload"))
        }
        rows.append(row)
    }

    private static func isGeodetic(_ map: FieldMap) -> Bool {
        map.fields.contains { field in
            if field.name == "type", case .named("GEODETIC", _) = field.value { true } else { false }
        }
    }

    /// Fields that have values, with their paths.
    private static func leaves(_ map: FieldMap) -> [Leaf] {
        var leaves: [Leaf] = []
        // The names above, by depth, and how many elements each list has had.
        var names: [String] = []
        var counts: [Int] = [0]
        for (index, field) in map.fields.prefix(fieldLimit).enumerated() {
            let depth = min(field.depth, names.count)
            names.removeSubrange(depth...)
            counts.removeSubrange((depth + 1)...)
            let name = field.name.isEmpty ? "[\(identity(index, map) ?? "\(counts[depth])")]" : field.name
            counts[depth] += 1
            names.append(name)
            counts.append(0)
            guard !field.isStructural || field.name == "checksum" else { continue }
            switch field.value {
            case .object: continue
            case .array(let count) where count > 0: continue
            default: break
            }
            leaves.append(
                Leaf(path: names.joined(separator: "."), name: name, depth: depth, field: field))
        }
        return leaves
    }

    /// What tells an element of a list from the others: the entity or the key that it is about.
    private static func identity(_ index: Int, _ map: FieldMap) -> String? {
        guard case .object = map.fields[index].value else { return nil }
        let end = map.endOfSubtree(index)
        for child in index + 1..<max(index + 1, end) where map.fields[child].depth == map.fields[index].depth + 1 {
            switch (map.fields[child].name, map.fields[child].value) {
            case ("entity_id", .uuid(let id)): return String(id.description.prefix(8))
            case ("key", .string(let key)): return VisibleText.visible(key)
            default: continue
            }
        }
        return nil
    }

    /// Rows of octets, eight in each, of which any differs.
    func octetRows(onlyDifferent: Bool) -> [Int] {
        let count = (max(left.count, right.count) + Self.octetsPerRow - 1) / Self.octetsPerRow
        return (0..<count).filter { !onlyDifferent || octets(of: left, row: $0) != octets(of: right, row: $0) }
    }

    static let octetsPerRow = 8

    func octets(of message: [UInt8], row: Int) -> ArraySlice<UInt8> {
        message.dropFirst(row * Self.octetsPerRow).prefix(Self.octetsPerRow)
    }
}

/// How far one value is from another, in words.
enum FieldDifference {
    static func text(_ first: Field, _ second: Field, isGeodetic: Bool) -> String {
        switch (first.value, second.value) {
        case (.unsigned(let left), .unsigned(let right)): return unsigned(left, right, name: first.name)
        case (.signed(let left), .signed(let right)):
            let (difference, overflow) = right.subtractingReportingOverflow(left)
            return overflow ? "" : signed("\(difference)")
        case (.float(let left), .float(let right)): return real(Double(right) - Double(left))
        case (.double(let left), .double(let right)): return real(right - left)
        case (.vector3(let left), .vector3(let right)): return moved(left, right, isGeodetic: isGeodetic)
        case (.vector3f(let left), .vector3f(let right)):
            let x = Double(right.x - left.x)
            let y = Double(right.y - left.y)
            let z = Double(right.z - left.z)
            let unit = first.name == "velocity" ? " m/s" : ""
            return "by " + DecimalText.fixed((x * x + y * y + z * z).squareRoot(), places: 3) + unit
        case (.quaternion(let left), .quaternion(let right)): return turned(left, right)
        default: return ""
        }
    }

    private static func unsigned(_ left: UInt64, _ right: UInt64, name: String) -> String {
        let magnitude = right > left ? right - left : left - right
        let sign = right >= left ? "+" : "-"
        switch name {
        case "timestamp", "ping_timestamp", "seen", "expires":
            // Microseconds in headers, milliseconds elsewhere: a time after 2001 tells by its size.
            let isMicroseconds = max(left, right) > 1_000_000_000_000_000
            return sign
                + DecimalText.fixed(Double(magnitude) / (isMicroseconds ? 1e6 : 1e3), places: isMicroseconds ? 6 : 3)
                + " s"
        case "checksum", "capabilities": return ""
        default: return sign + Format.thousands(magnitude)
        }
    }

    private static func signed(_ number: String) -> String { number.hasPrefix("-") ? number : "+" + number }

    private static func real(_ difference: Double) -> String {
        guard difference.isFinite else { return "" }
        return signed(difference.magnitude >= 1e15 ? "\(difference)" : DecimalText.fixed(difference, places: 6))
    }

    /// The way between two positions, and its parts to the east, the north and up.
    private static func moved(_ left: Vector3, _ right: Vector3, isGeodetic: Bool) -> String {
        var x = right.x - left.x
        var y = right.y - left.y
        let z = right.z - left.z
        if isGeodetic {
            let plane = TangentPlane(longitude: left.x, latitude: left.y)
            guard let way = plane.project(longitude: right.x, latitude: right.y, height: 0) else {
                return "beyond the horizon"
            }
            (x, y) = (way.x, way.y)
        }
        let parts = [x, y, z].map { signed(DecimalText.fixed($0, places: 3)) }.joined(separator: " ")
        return DecimalText.fixed((x * x + y * y + z * z).squareRoot(), places: 3) + " m (" + parts + ")"
    }

    /// The angle of the shortest turn from one orientation to the other.
    private static func turned(_ left: Quaternion, _ right: Quaternion) -> String {
        let lengths = left.length * right.length
        guard lengths > 0 else { return "" }
        let x = Double(left.x) * Double(right.x) + Double(left.y) * Double(right.y)
        let z = Double(left.z) * Double(right.z) + Double(left.w) * Double(right.w)
        let angle = 2 * acos(min(1, abs(x + z) / lengths)) * 180 / .pi
        return "by " + DecimalText.fixed(angle, places: 2) + " degrees"
    }
}
