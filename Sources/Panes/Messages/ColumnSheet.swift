import Inspection
import Screen

/// Chooses the columns of the list: which, and in what order.
struct ColumnSheet {
    private(set) var list: ColumnList
    private var cursor = ListState()
    private var height = 1
    /// The path of a field that is typed.
    private var path: LineEditor?
    private var problem = ""

    private static let width = 76
    private static let nameWidth = 30

    init(_ list: ColumnList) { self.list = list }

    static let hint = "Esc closes, Space on or off, Left Right move it, a adds a field, 0 the usual"

    /// Those that are shown, in their order, then the others.
    private var entries: [MessageColumn] {
        list.columns + MessageColumn.named.map(\.column).filter { !list.contains($0) }
    }

    // MARK: Drawing

    mutating func draw(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let entries = entries
        let width = min(area.width, Self.width)
        let wanted = entries.count + (path == nil ? 2 : 4)
        let box = Rect(
            x: area.x + (area.width - width) / 2, y: area.y + max(0, (area.height - wanted) / 2), width: width,
            height: min(area.height, wanted))
        buffer.fill(box, style: context.style(.text))
        buffer.drawBox(
            box, style: context.style(.borderFocused), title: "Columns", titleStyle: context.style(.titleFocused),
            trailing: list == .usual ? "the usual ones" : "", trailingStyle: context.style(.dim))
        let inside = box.inset(left: 2, top: 1, right: 1, bottom: 1)
        height = max(1, inside.height - (path == nil ? 0 : 2))
        cursor.settle(count: entries.count, height: height)
        for (line, place) in (cursor.top..<min(entries.count, cursor.top + height)).enumerated() {
            let row = Rect(x: inside.x, y: inside.y + line, width: inside.width, height: 1)
            let isShown = list.contains(entries[place])
            buffer.write(
                (isShown ? "[x] " : "[ ] ") + buffer.glyphs.shortened(entries[place].name, to: Self.nameWidth - 6),
                at: row.origin, style: context.style(isShown ? .text : .dim))
            buffer.write(
                entries[place].help, at: Point(x: row.x + Self.nameWidth, y: row.y), style: context.style(.dim),
                maxWidth: row.width - Self.nameWidth)
            if place == cursor.selected { buffer.restyle(row) { $0 = context.selected($0) } }
        }
        if let path { draw(path, into: &buffer, inside, context) }
    }

    private func draw(_ path: LineEditor, into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        let y = inside.maxY - 2
        let isRight = path.text.isEmpty || Self.error(path.text) == nil
        let label = buffer.write("field: ", at: Point(x: inside.x, y: y), style: context.style(.key))
        let start = inside.x + label
        let shown = path.text.isEmpty ? "payload.updates.position.x" : path.text
        let role: Role = path.text.isEmpty ? .filterPlaceholder : isRight ? .filterValid : .filterInvalid
        buffer.write(shown, at: Point(x: start, y: y), style: context.style(role), maxWidth: inside.maxX - start)
        buffer.restyle(Rect(x: start + path.cursor, y: y, width: 1, height: 1)) { $0 = $0.adding(.reversed) }
        buffer.write(
            buffer.glyphs.shortened(problem.isEmpty ? "Tab completes, Enter adds" : problem, to: inside.width),
            at: Point(x: inside.x, y: y + 1), style: context.style(problem.isEmpty ? .dim : .error))
    }

    private static func error(_ name: String) -> FilterError? {
        do throws(FilterError) {
            _ = try ColumnList.column(name)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Keys

    /// False closes it.
    mutating func handle(_ key: Key, _ action: Action?) -> Bool {
        if path != nil {
            edit(key)
            return true
        }
        let entries = entries
        let column = entries.indices.contains(cursor.selected) ? entries[cursor.selected] : .summary
        switch key {
        case .escape, .backspace, "q", "C": return false
        case " ", .enter:
            list.toggle(column)
            select(column)
        case .left, "h": move(column, by: -1)
        case .right, "l": move(column, by: 1)
        case "0": list = .usual
        case "a": path = LineEditor()
        default:
            if let action { _ = cursor.move(action, count: entries.count, height: height) }
        }
        return true
    }

    private mutating func move(_ column: MessageColumn, by step: Int) {
        list.move(column, by: step)
        select(column)
    }

    /// The cursor stays with its column.
    private mutating func select(_ column: MessageColumn) {
        if let place = entries.firstIndex(of: column) { cursor.selected = place }
    }

    private mutating func edit(_ key: Key) {
        problem = ""
        switch key {
        case .escape: path = nil
        case .enter: add()
        case .tab: complete()
        default: path?.edit(key)
        }
    }

    private mutating func add() {
        guard let text = path?.text, !text.isEmpty else {
            path = nil
            return
        }
        do throws(FilterError) {
            let column = try ColumnList.column(text)
            if !list.contains(column) { list.toggle(column) }
            select(column)
            path = nil
        } catch {
            problem = error.message
        }
    }

    /// Goes on as far as all paths agree.
    private mutating func complete() {
        guard let text = path?.text else { return }
        let paths = FieldColumn.paths(beginningWith: text)
        guard let first = paths.first else {
            problem = "no field begins so"
            return
        }
        let common = paths.reduce(first) { shared, path in
            String(zip(shared, path).prefix { $0 == $1 }.map(\.0))
        }
        if common.count > text.count {
            path?.set(common)
        } else if paths.count > 1 {
            problem = paths.prefix(8).map { String($0.dropFirst(text.count)) }.joined(separator: "  ")
        }
    }
}
