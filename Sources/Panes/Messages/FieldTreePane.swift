import Inspection
import Screen
import SpatioWire

/// The fields of one message as a tree. It shares its selection with the octets.
package struct FieldTreePane {
    package private(set) var map: FieldMap?
    package private(set) var message: Int?
    /// The selected field.
    package private(set) var field = 0
    /// Fields that were opened or closed by hand, by path, so that it holds for the next message too.
    private var opened: [String: Bool] = [:]
    private var rows: [Int] = []
    private var list = ListState()
    private var height = 1
    private var summary = ""

    /// Lists longer than this start closed: they would push everything else off the screen.
    private static let openListLimit = 8

    package init() {}

    /// Shows a message; nil for none.
    package mutating func show(_ message: Int?, _ snapshot: Snapshot) {
        guard message != self.message || map == nil else { return }
        let path = map.map { Self.path(field, in: $0) }
        self.message = message
        map = message.flatMap { snapshot.fieldMap(of: $0) }
        field = 0
        if let map, let path { field = map.fields.indices.first { Self.path($0, in: map) == path } ?? 0 }
        list = ListState()
    }

    /// Reads the message again, because more is known of it.
    package mutating func refresh() { map = nil }

    package mutating func select(field: Int) {
        guard let map, map.fields.indices.contains(field) else { return }
        self.field = field
        // Open everything above it, so that it can be seen.
        for parent in ancestors(of: field, in: map) { opened[Self.path(parent, in: map)] = true }
    }

    private func ancestors(of field: Int, in map: FieldMap) -> [Int] {
        var result: [Int] = []
        var depth = map.fields[field].depth
        for index in stride(from: field - 1, through: 0, by: -1) where map.fields[index].depth < depth {
            result.append(index)
            depth = map.fields[index].depth
        }
        return result
    }

    /// Names from the root; elements of lists by their number.
    static func path(_ field: Int, in map: FieldMap) -> String {
        var names = [map.fields[field].name]
        var depth = map.fields[field].depth
        for index in stride(from: field - 1, through: 0, by: -1) where map.fields[index].depth < depth {
            names.append(map.fields[index].name)
            depth = map.fields[index].depth
        }
        return names.reversed().joined(separator: ".")
    }

    // MARK: Rows

    private func isOpen(_ index: Int, _ map: FieldMap) -> Bool {
        if let chosen = opened[Self.path(index, in: map)] { return chosen }
        if case .array(let count) = map.fields[index].value { return count <= Self.openListLimit }
        return true
    }

    private func hasChildren(_ index: Int, _ map: FieldMap) -> Bool {
        index + 1 < map.fields.count && map.fields[index + 1].depth > map.fields[index].depth
    }

    private func visibleRows(_ map: FieldMap) -> [Int] {
        var rows: [Int] = []
        var index = 0
        while index < map.fields.count {
            rows.append(index)
            index = hasChildren(index, map) && !isOpen(index, map) ? map.endOfSubtree(index) : index + 1
        }
        return rows
    }

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        var title = "Fields"
        if let message { title += " of \(message + 1)" }
        buffer.drawBox(area, style: context.borderStyle, title: title, titleStyle: context.titleStyle)
        let inside = area.inset()
        guard let map else {
            EmptyPane.draw(into: &buffer, inside, context, ["Select a message."])
            return
        }
        var top = inside.y
        if let error = map.error {
            buffer.write(
                buffer.glyphs.shortened(" malformed: \(error)", to: inside.width), at: inside.origin,
                style: context.style(.malformed), maxWidth: inside.width)
            top += 1
        }
        rows = visibleRows(map)
        list.selected = rows.lastIndex { $0 <= field } ?? 0
        height = max(0, inside.maxY - top)
        list.settle(count: rows.count, height: height)
        for line in 0..<min(height, rows.count - list.top) {
            let place = Point(x: inside.x, y: top + line)
            draw(rows[list.top + line], map, at: place, width: inside.width, into: &buffer, context)
            if list.top + line == list.selected {
                buffer.restyle(Rect(x: inside.x, y: place.y, width: inside.width, height: 1)) { $0 = context.selected($0) }
            }
        }
    }

    private func draw(
        _ index: Int, _ map: FieldMap, at place: Point, width: Int, into buffer: inout Buffer, _ context: PaneContext
    ) {
        let field = map.fields[index]
        let marker = hasChildren(index, map) ? (isOpen(index, map) ? "- " : "+ ") : "  "
        let indent = String(repeating: "  ", count: min(field.depth, 12))
        let name = field.name.isEmpty ? "[\(Self.position(index, map))]" : field.name
        var x = place.x
        let end = place.x + width
        let nameRole: Role = field.isStructural ? .dim : .fieldName
        x += buffer.write(indent + marker + name, at: place, style: context.style(nameRole), maxWidth: width)
        let text = FieldText.text(field, map)
        guard !text.isEmpty else { return }
        // Values of neighbours line up where the names are short enough.
        x = max(x + 1, min(place.x + 22 + indent.count, end - buffer.glyphs.columns(of: text)))
        buffer.write(
            buffer.glyphs.shortened(text, to: max(0, end - x)), at: Point(x: x, y: place.y),
            style: context.style(field.isStructural ? .dim : .fieldValue), maxWidth: end - x)
    }

    /// The place of an element in its list.
    private static func position(_ index: Int, _ map: FieldMap) -> Int {
        var count = 0
        for before in stride(from: index - 1, through: 0, by: -1) {
            if map.fields[before].depth < map.fields[index].depth { break }
            if map.fields[before].depth == map.fields[index].depth { count += 1 }
        }
        return count
    }

    // MARK: Keys

    package mutating func handle(_ action: Action) -> Bool {
        guard let map, !rows.isEmpty else { return false }
        switch action {
        case .open: toggle(field, map)
        case .right: if hasChildren(field, map) { opened[Self.path(field, in: map)] = true }
        case .left:
            if hasChildren(field, map), isOpen(field, map) {
                opened[Self.path(field, in: map)] = false
            } else if let parent = ancestors(of: field, in: map).first {
                field = parent
            }
        default:
            list.selected = rows.lastIndex { $0 <= field } ?? 0
            guard list.move(action, count: rows.count, height: height) else { return false }
            field = rows[list.selected]
        }
        return true
    }

    private mutating func toggle(_ index: Int, _ map: FieldMap) {
        guard hasChildren(index, map) else { return }
        opened[Self.path(index, in: map)] = !isOpen(index, map)
    }

    package mutating func scroll(by amount: Int) {
        list.scroll(by: amount, count: rows.count, height: height)
        if rows.indices.contains(list.selected) { field = rows[list.selected] }
    }

    package mutating func click(_ point: Point, area: Rect) -> Bool {
        let top = area.y + 1 + (map?.error == nil ? 0 : 1)
        let row = list.top + point.y - top
        guard point.y >= top, rows.indices.contains(row) else { return false }
        if rows[row] == field, let map { toggle(field, map) }
        field = rows[row]
        return true
    }

    /// The selected field as a filter; nil for what has no value.
    package var filter: String? {
        guard let map, map.fields.indices.contains(field) else { return nil }
        let value: String
        switch map.fields[field].value {
        case .object, .array, .octets, .null, .vector3, .vector3f, .quaternion, .version, .flags: return nil
        case .unsigned(let number): value = "\(number)"
        case .signed(let number): value = "\(number)"
        case .float(let number): value = "\(number)"
        case .double(let number): value = "\(number)"
        case .boolean(let isTrue): value = "\(isTrue)"
        case .string(let text):
            value = "\"" + text.map { "\"\\".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "\""
        case .uuid(let id): value = "\"\(id)\""
        case .named(let name, _): value = name
        }
        let names = ([field] + ancestors(of: field, in: map)).reversed().map { map.fields[$0].name }
        let path = names.filter { !$0.isEmpty }.joined(separator: ".")
        return "\(Self.headerNames[path] ?? path) == \(value)"
    }

    /// Header fields have shorter names in filters.
    private static let headerNames = ["stream_id": "stream", "sequence": "seq"]

    package static let help = [
        "What the message says, field by field. Right opens, left closes.",
        "The octets of the selected field light up beside it; grey fields are lengths and",
        "counts that have no meaning of their own. f makes the field a filter.",
        "n and N go to the next message and the one before, with the same field selected.",
    ]
}

/// The value of a field as people read it.
enum FieldText {
    static func text(_ field: Field, _ map: FieldMap) -> String {
        switch field.value {
        case .object: ""
        case .array(let count): count == 1 ? "1 element" : "\(Format.thousands(count)) elements"
        case .unsigned(let value): number(value, field)
        case .signed(let value): "\(value)"
        case .float(let value): "\(value)" + unit(field)
        case .double(let value): "\(value)" + unit(field)
        case .boolean(let value): value ? "true" : "false"
        case .string(let value): "\"\(VisibleText.visible(value))\""
        case .octets: octets(map.octets(of: field))
        case .uuid(let value): value.description
        case .vector3(let value): "\(value.x)  \(value.y)  \(value.z)"
        case .vector3f(let value): "\(value.x)  \(value.y)  \(value.z)" + (field.name == "velocity" ? " m/s" : "")
        case .quaternion(let value): "\(value.x)  \(value.y)  \(value.z)  \(value.w)"
        case .version(let value): value.description
        case .named(let name, let raw): "\(name) (\(raw))"
        case .flags(let names, let raw):
            "0x" + Format.hex(UInt8(raw >> 8)) + Format.hex(UInt8(raw & 0xFF)) + " " + names.joined(separator: " ")
        case .null: "-"
        }
    }

    private static func number(_ value: UInt64, _ field: Field) -> String {
        switch field.name {
        // Microseconds in headers, milliseconds elsewhere: a time after 2001 tells by its size.
        case "timestamp", "ping_timestamp", "seen", "expires", "value":
            if value > 1_000_000_000_000_000, value < 9_000_000_000_000_000 {
                return "\(value)  \(TimeText.calendar(Int64(value) * 1000))"
            }
            if value > 1_000_000_000_000, value < 9_000_000_000_000 {
                return "\(value)  \(TimeText.calendar(Int64(value) * 1_000_000))"
            }
            return "\(value)"
        case "checksum", "capabilities": return "0x" + String(value, radix: 16)
        case "hold_time": return "\(Format.thousands(value)) us"
        case "timeout", "update_frequency": return "\(Format.thousands(value)) ms"
        case "window_size", "max_message_size", "total_size", "size": return "\(Format.thousands(value)) octets"
        case "rate_limit": return value == 0 ? "unlimited" : "\(Format.thousands(value)) octets/s"
        default: return "\(value)"
        }
    }

    private static func unit(_ field: Field) -> String {
        switch field.name {
        case "precision", "radius", "distance", "near", "far", "falloff", "tolerance", "max_distance",
            "spatial_range":
            " m"
        case "fov_y": " rad"
        default: ""
        }
    }

    private static func octets(_ octets: ArraySlice<UInt8>) -> String {
        let shown = octets.prefix(32)
        return "\(octets.count) octets  " + hexadecimalText(shown) + (shown.count < octets.count ? "..." : "")
    }
}
