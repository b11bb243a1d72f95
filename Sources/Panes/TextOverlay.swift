import Inspection
import Screen

/// A page of text over everything else: help, or what could not be read. It scrolls when it is longer than the screen.
struct TextOverlay {
    struct Line {
        /// Stands before the text in a column of its own; empty: the text takes the whole width.
        var key = ""
        var text: String
        var role = Role.text
    }

    let title: String
    private let lines: [Line]
    private var top = 0
    private var rowCount = 0
    private var height = 1

    private static let width = 90
    private static let keyWidth = 17

    init(title: String, lines: [Line]) {
        self.title = title
        self.lines = lines
    }

    /// Help for a pane, made from the key table.
    static func help(_ scope: KeyBinding.Scope, words: [String], keys: KeyTable) -> TextOverlay {
        var lines = words.map { Line(text: $0) }
        for part in [scope, .everywhere] {
            lines += [Line(text: ""), Line(text: part.title, role: .title)]
            for binding in keys.bindings where binding.scope == part {
                lines.append(Line(key: binding.keys.map(\.name).joined(separator: " "), text: binding.help))
            }
        }
        return TextOverlay(title: "Help: \(scope.title)", lines: lines)
    }

    /// What could not be read.
    static func problems(_ snapshot: Snapshot) -> TextOverlay {
        var lines = snapshot.problems.map { Line(text: $0, role: .error) }
        if snapshot.loading == .stopped {
            lines.append(Line(text: "Reading was stopped: what had been read until then is shown.", role: .warning))
        }
        if lines.isEmpty { lines.append(Line(text: "Everything was read.")) }
        return TextOverlay(title: "What could not be read", lines: lines)
    }

    mutating func draw(into buffer: inout Buffer, _ context: PaneContext) {
        let width = min(buffer.size.width - 2, Self.width)
        let rows = lines.flatMap { wrapped($0, width - 3, buffer.glyphs) }
        rowCount = rows.count
        height = max(1, min(buffer.size.height - 4, rows.count))
        let area = Rect(
            x: (buffer.size.width - width) / 2, y: max(0, (buffer.size.height - height - 2) / 2), width: width,
            height: height + 2)
        top = max(0, min(top, rows.count - height))
        buffer.fill(area, style: context.style(.text))
        buffer.drawBox(
            area, style: context.style(.borderFocused), title: title, titleStyle: context.style(.titleFocused),
            trailing: rows.count > height ? "\(top + 1)-\(top + height) of \(rows.count), Esc closes" : "Esc closes",
            trailingStyle: context.style(.dim))
        let inside = area.inset(left: 2, top: 1, right: 1, bottom: 1)
        for (place, row) in rows[top..<min(top + height, rows.count)].enumerated() {
            let y = inside.y + place
            buffer.write(row.key, at: Point(x: inside.x, y: y), style: context.style(.key), maxWidth: Self.keyWidth - 1)
            buffer.write(
                row.text, at: Point(x: inside.x + row.indent, y: y), style: context.style(row.role),
                maxWidth: inside.width - row.indent)
        }
    }

    private struct Row {
        var key = ""
        var indent = 0
        var text: String
        var role: Role
    }

    /// A line broken between words, so that nothing of it is lost on a narrow screen.
    private func wrapped(_ line: Line, _ width: Int, _ glyphs: GlyphSet) -> [Row] {
        let indent = line.key.isEmpty ? 0 : Self.keyWidth
        var rows = [Row(key: line.key, indent: indent, text: "", role: line.role)]
        for word in line.text.split(separator: " ", omittingEmptySubsequences: false) {
            let last = rows[rows.count - 1].text
            let longer = last.isEmpty ? String(word) : last + " " + word
            if last.isEmpty || glyphs.columns(of: longer) <= width - indent {
                rows[rows.count - 1].text = longer
            } else {
                rows.append(Row(indent: indent, text: String(word), role: line.role))
            }
        }
        return rows
    }

    mutating func handle(_ action: Action) {
        switch action {
        case .up: scroll(by: -1)
        case .down: scroll(by: 1)
        case .pageUp, .halfPageUp: scroll(by: -height)
        case .pageDown, .halfPageDown: scroll(by: height)
        case .first: scroll(by: -rowCount)
        case .last: scroll(by: rowCount)
        default: break
        }
    }

    mutating func scroll(by rows: Int) { top = max(0, min(top + rows, rowCount - height)) }
}
