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
    /// Side by side where there is room, else one below the other.
    private let parts: [[Line]]
    private var top = 0
    private var rowCount = 0
    private var height = 1

    /// Columns of a text that can still be read at a glance.
    private static let width = 90
    /// Columns that a part needs at least to stand beside another.
    private static let narrow = 75
    /// Columns that keys and forms take at least and at most before their text.
    private static let keyWidths = 14...29

    init(title: String, parts: [[Line]]) {
        self.title = title
        self.parts = parts
    }

    /// What could not be read.
    static func problems(_ snapshot: Snapshot, _ settingProblems: [String]) -> TextOverlay {
        var lines = snapshot.problems.map { Line(text: $0, role: .error) }
        if snapshot.loading == .stopped {
            lines.append(Line(text: "Reading was stopped: what had been read until then is shown.", role: .warning))
        }
        if lines.isEmpty { lines.append(Line(text: "Everything was read.")) }
        if let kept = snapshot.kept {
            let octets = Format.bytes(kept.octets)
            lines.append(Line(text: "\(octets) of what came are kept, to be shown again and written."))
            if kept.removedPackets > 0 {
                let packets = Format.thousands(Int(clamping: kept.removedPackets))
                let size = Format.bytes(kept.removedOctets)
                lines.append(
                    Line(
                        text: "\(packets) packets before (\(size)) have made room for them; --spool keeps more.",
                        role: .note))
            }
        }
        lines += lost(snapshot)
        if !settingProblems.isEmpty {
            lines += [Line(text: ""), Line(text: "Configuration and theme: the rest of them is used.", role: .title)]
            lines += settingProblems.map { Line(text: $0, role: .warning) }
        }
        return TextOverlay(title: "What could not be read", parts: [lines])
    }

    /// What is in the index no more, apart from what found no room when it came.
    private static func lost(_ snapshot: Snapshot) -> [Line] {
        var lines: [Line] = []
        if snapshot.index.start > 0 {
            let gone = Format.thousands(snapshot.index.start)
            lines.append(
                Line(
                    text: "\(gone) older messages are gone, the newest \(Format.thousands(snapshot.index.keptCount)) "
                        + "are kept; --keep-messages and --spool keep more.", role: .note))
        }
        let overflow = snapshot.whole.counters.overflow
        if overflow > 0 {
            let room = snapshot.whole.room
            lines.append(
                Line(
                    text: "\(Format.thousands(overflow)) messages are listed and not followed: there is room for "
                        + "\(Format.thousands(room.sessions)) sessions, \(Format.thousands(room.streams)) streams, "
                        + "\(Format.thousands(room.entities)) entities and "
                        + "\(Format.thousands(Model.Limits.spaces)) spaces.", role: .warning))
        }
        return lines
    }

    mutating func draw(into buffer: inout Buffer, _ context: PaneContext) {
        let columns = columns(of: buffer.size.width)
        let width = min(buffer.size.width - 2, Self.width * columns.count)
        let columnWidth = (width - 3) / columns.count
        let rows = columns.map { lines in
            let keyWidth = Self.keyWidth(lines, buffer.glyphs)
            return lines.flatMap { wrapped($0, columnWidth - 1, keyWidth, buffer.glyphs) }
        }
        rowCount = rows.map(\.count).max() ?? 0
        height = max(1, min(buffer.size.height - 4, rowCount))
        let area = Rect(
            x: (buffer.size.width - width) / 2, y: max(0, (buffer.size.height - height - 2) / 2), width: width,
            height: height + 2)
        top = max(0, min(top, rowCount - height))
        buffer.fill(area, style: context.style(.text))
        buffer.drawBox(
            area, style: context.style(.borderFocused), title: title, titleStyle: context.style(.titleFocused),
            trailing: rowCount > height ? "\(top + 1)-\(top + height) of \(rowCount), Esc closes" : "Esc closes",
            trailingStyle: context.style(.dim))
        for (column, rows) in rows.enumerated() where top < rows.count {
            let x = area.x + 2 + column * columnWidth
            for (place, row) in rows[top..<min(top + height, rows.count)].enumerated() {
                let y = area.y + 1 + place
                buffer.write(
                    row.key, at: Point(x: x, y: y), style: context.style(.key), maxWidth: Self.keyWidths.upperBound - 1)
                buffer.write(
                    row.text, at: Point(x: x + row.indent, y: y), style: context.style(row.role),
                    maxWidth: columnWidth - 1 - row.indent)
            }
        }
    }

    /// As many parts side by side as there is room for; each further one comes under the shortest.
    private func columns(of width: Int) -> [[Line]] {
        let count = max(1, min(parts.count, width / Self.narrow))
        var columns = Array(parts[..<count])
        for part in parts[count...] {
            let shortest = columns.indices.min { columns[$0].count < columns[$1].count } ?? 0
            columns[shortest] += [Line(text: "")] + part
        }
        return columns
    }

    private static func keyWidth(_ lines: [Line], _ glyphs: GlyphSet) -> Int {
        let longest = lines.reduce(0) { max($0, glyphs.columns(of: $1.key)) }
        return max(keyWidths.lowerBound, min(longest + 2, keyWidths.upperBound))
    }

    private struct Row {
        var key = ""
        var indent = 0
        var text: String
        var role: Role
    }

    /// A line broken between words, so that nothing of it is lost on a narrow screen.
    private func wrapped(_ line: Line, _ width: Int, _ keyWidth: Int, _ glyphs: GlyphSet) -> [Row] {
        let indent = line.key.isEmpty ? 0 : keyWidth
        return glyphs.wrapped(line.text, to: width - indent).enumerated().map { place, text in
            Row(key: place == 0 ? line.key : "", indent: indent, text: text, role: line.role)
        }
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
