import Inspection
import Screen
import SpatioWire

/// The fields of one message as a tree. It shares its selection with the octets.
package struct FieldTreePane {
    package private(set) var map: FieldMap?
    package private(set) var message: Int?
    /// The selected field.
    package private(set) var field = 0
    /// How the fields lie under each other, with those that can be seen.
    private var outline = FieldOutline()
    /// Fields that were opened or closed by hand, by path, so that it holds for the next message too.
    private var opened: [String: Bool] = [:]
    private var rows: [Int] = []
    private var list = ListState()
    private var height = 1
    /// Lines above the fields.
    private var headHeight = 0

    /// Lists longer than this start closed: they would push everything else off the screen.
    private static let openListLimit = 8

    /// Where values begin, from the name; in a narrow pane nearer.
    private static let valueColumn = 22
    /// Deeper fields are not indented any further.
    private static let deepestIndent = 12

    package init() {}

    /// Shows a message; nil for none.
    package mutating func show(_ message: Int?, _ snapshot: Snapshot) {
        guard message != self.message || map == nil && message != nil else { return }
        let path = outline.path(field)
        self.message = message
        map = message.flatMap { snapshot.fieldMap(of: $0) }
        outline = FieldOutline(map?.fields ?? [])
        field = outline.field(at: path) ?? 0
        list = ListState()
        findRows()
    }

    /// Reads the message again, because more is known of it.
    package mutating func refresh() { map = nil }

    package mutating func select(field: Int) {
        guard let map, map.fields.indices.contains(field) else { return }
        self.field = field
        // Open everything above it, so that it can be seen.
        let hidden = outline.ancestors(of: field).filter { !isOpen($0, map) }
        for parent in hidden { opened[outline.path(parent)] = true }
        if !hidden.isEmpty { findRows() }
    }

    // MARK: Rows

    private func isOpen(_ index: Int, _ map: FieldMap) -> Bool {
        // What nobody has touched needs no path: most messages have many fields and few touched ones.
        if !opened.isEmpty, let chosen = opened[outline.path(index)] { return chosen }
        if case .array(let count) = map.fields[index].value { return count <= Self.openListLimit }
        return true
    }

    private func hasChildren(_ index: Int, _ map: FieldMap) -> Bool {
        index + 1 < map.fields.count && map.fields[index + 1].depth > map.fields[index].depth
    }

    /// Works out what can be seen; only when something was opened or closed, not in each frame.
    private mutating func findRows() {
        rows.removeAll(keepingCapacity: true)
        guard let map else { return }
        var index = 0
        while index < map.fields.count {
            rows.append(index)
            index = hasChildren(index, map) && !isOpen(index, map) ? map.endOfSubtree(index) : index + 1
        }
    }

    /// The row of the selected field, or of what hides it.
    private var selectedRow: Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] <= field { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    private mutating func setOpen(_ index: Int, _ isOpen: Bool) {
        opened[outline.path(index)] = isOpen
        findRows()
    }

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        var title = "Fields"
        if let message { title += " of \(message + 1)" }
        buffer.drawBox(area, style: context.borderStyle, title: title, titleStyle: context.titleStyle)
        let inside = area.inset()
        guard let map else {
            EmptyPane.draw(into: &buffer, inside, context, EmptyPane.reasonForNoFields(of: message, context.snapshot))
            return
        }
        var top = inside.y
        if let error = map.error {
            let record = message.flatMap { context.snapshot.index.at($0) }
            let words =
                record?.marks.isCut == true ? MessageSummary.cut(after: map.message.count) : "malformed: \(error)"
            buffer.write(
                buffer.glyphs.shortened(" \(words)", to: inside.width), at: inside.origin,
                style: context.style(.malformed), maxWidth: inside.width)
            top += 1
        }
        for view in views(context.snapshot, width: inside.width - 1, buffer.glyphs) {
            buffer.write(
                buffer.glyphs.shortened(" " + view, to: inside.width), at: Point(x: inside.x, y: top),
                style: context.style(.hint), maxWidth: inside.width)
            top += 1
        }
        headHeight = top - inside.y
        list.selected = selectedRow
        height = max(0, inside.maxY - top)
        list.settle(count: rows.count, height: height)
        let valueColumn = min(Self.valueColumn, inside.width / 2)
        for line in 0..<max(0, min(height, rows.count - list.top)) {
            let place = Point(x: inside.x, y: top + line)
            draw(
                rows[list.top + line], map, at: place, width: inside.width, valueColumn: valueColumn, into: &buffer,
                context)
            if list.top + line == list.selected {
                buffer.restyle(Rect(x: inside.x, y: place.y, width: inside.width, height: 1)) {
                    $0 = context.selected($0)
                }
            }
        }
    }

    /// Views that are told of one message: what so many observers heard, the others did about the same.
    private static let viewsShown = 3

    /// Who else has seen the message, a line each.
    private func views(_ snapshot: Snapshot, width: Int, _ glyphs: GlyphSet) -> [String] {
        guard let message else { return [] }
        return snapshot.chronicle.views.twins(of: message + 1).prefix(Self.viewsShown).map {
            ViewWords.text(of: $0, from: message + 1, width: width, glyphs)
        }
    }

    private func draw(
        _ index: Int, _ map: FieldMap, at place: Point, width: Int, valueColumn: Int, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let field = map.fields[index]
        let marker = hasChildren(index, map) ? (isOpen(index, map) ? "- " : "+ ") : "  "
        let indent = String(repeating: "  ", count: min(field.depth, Self.deepestIndent))
        let name = field.name.isEmpty ? "[\(outline.position(index))]" : field.name
        var x = place.x
        let end = place.x + width
        let nameRole: Role = field.isStructural ? .dim : .fieldName
        x += buffer.write(indent + marker + name, at: place, style: context.style(nameRole), maxWidth: width)
        let text = FieldText.text(field, map, showsSecrets: context.showsSecrets)
        guard !text.isEmpty else { return }
        // Values stand under each other where the names are short enough.
        x = max(x + 1, place.x + valueColumn + indent.count)
        buffer.write(
            buffer.glyphs.shortened(text, to: max(0, end - x)), at: Point(x: x, y: place.y),
            style: context.style(field.isStructural ? .dim : .fieldValue), maxWidth: end - x)
    }

    // MARK: Keys

    package mutating func handle(_ action: Action) -> Bool {
        guard let map, !rows.isEmpty else { return false }
        switch action {
        case .open: toggle(field, map)
        case .right: if hasChildren(field, map) { setOpen(field, true) }
        case .left:
            if hasChildren(field, map), isOpen(field, map) {
                setOpen(field, false)
            } else if let parent = outline.ancestors(of: field).first {
                field = parent
            }
        default:
            list.selected = selectedRow
            guard list.move(action, count: rows.count, height: height) else { return false }
            field = rows[list.selected]
        }
        return true
    }

    private mutating func toggle(_ index: Int, _ map: FieldMap) {
        guard hasChildren(index, map) else { return }
        setOpen(index, !isOpen(index, map))
    }

    package mutating func scroll(by amount: Int) {
        list.scroll(by: amount, count: rows.count, height: height)
        if rows.indices.contains(list.selected) { field = rows[list.selected] }
    }

    package mutating func click(_ point: Point, area: Rect) -> Bool {
        let top = area.y + 1 + headHeight
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
        let names = ([field] + outline.ancestors(of: field)).reversed().map { map.fields[$0].name }
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
        "Where the wire and an observer have the same message, the first line says which, how much later the observer",
        "got it and how far its entity had moved on by then; % goes there.",
    ]
}
