import Screen
import SpatioWire

/// The octets of one message, with those of the selected field lit.
package struct OctetsPane {
    /// The selected octet, in the buffer that is shown.
    package private(set) var cursor = 0
    private var source = FieldMap.Source.message
    private var top = 0
    private var height = 1
    private var perRow = 16

    package init() {}

    /// Columns of the pane for so many octets in a row: its border, the offset and two spaces, three columns an octet, a
    /// space, one column an octet.
    static func width(octets: Int) -> Int { 2 + 6 + octets * 3 + 1 + octets }

    /// Shows the buffer that a field lies in, and brings the field on the screen.
    package mutating func show(_ field: Field) {
        source = field.buffer
        if !(field.start..<max(field.end, field.start + 1)).contains(cursor) { cursor = field.start }
    }

    package mutating func draw(
        into buffer: inout Buffer, area: Rect, _ context: PaneContext, map: FieldMap?, field: Field?
    ) {
        let octets = map?.octets(of: source) ?? []
        let title =
            switch source {
            case .message: "Octets"
            case .opened: "Octets, opened"
            case .content: "Octets, reassembled"
            }
        buffer.drawBox(
            area, style: context.borderStyle, title: title, titleStyle: context.titleStyle,
            trailing: octets.isEmpty ? "" : "\(cursor) of \(Format.thousands(octets.count))",
            trailingStyle: context.style(.dim))
        let inside = area.inset()
        guard !octets.isEmpty, !inside.isEmpty else { return }
        perRow = [16, 8].first { area.width >= Self.width(octets: $0) } ?? 4
        height = inside.height
        let rows = (octets.count + perRow - 1) / perRow
        cursor = max(0, min(cursor, octets.count - 1))
        let row = cursor / perRow
        if row < top { top = row }
        if row >= top + height { top = row - height + 1 }
        top = max(0, min(top, rows - height))
        let secrets = context.showsSecrets ? [] : map?.fields.filter { $0.isSecret && $0.buffer == source } ?? []
        for line in 0..<min(height, rows - top) {
            draw(
                row: top + line, octets, field, secrets, at: Point(x: inside.x, y: inside.y + line), into: &buffer,
                context)
        }
    }

    private func draw(
        row: Int, _ octets: [UInt8], _ field: Field?, _ secrets: [Field], at place: Point, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let digits = String(row * perRow, radix: 16)
        buffer.write(
            String(repeating: "0", count: max(0, 4 - digits.count)) + digits, at: place, style: context.style(.dim))
        for column in 0..<perRow {
            let offset = row * perRow + column
            guard offset < octets.count else { return }
            let isLit = field.map { $0.buffer == source && offset >= $0.start && offset < $0.end } ?? false
            var style = context.style(isLit ? .highlightedOctets : .text)
            if offset == cursor, context.isFocused { style = context.selected(style).adding(.reversed) }
            let octet = octets[offset]
            let x = place.x + 6 + column * 3
            let isSecret = secrets.contains { $0.octets.contains(offset) }
            buffer.write(isSecret ? "**" : Format.hex(octet), at: Point(x: x, y: place.y), style: style)
            // One lit field is one run, without holes between its octets.
            if isLit, column + 1 < perRow, let field, offset + 1 < field.end {
                buffer.write(" ", at: Point(x: x + 2, y: place.y), style: context.style(.highlightedOctets))
            }
            let character = isSecret ? "*" : (0x20..<0x7F).contains(octet) ? String(UnicodeScalar(octet)) : "."
            buffer.write(character, at: Point(x: place.x + 6 + perRow * 3 + 1 + column, y: place.y), style: style)
        }
    }

    /// Moves the cursor; false when the action is none that moves.
    package mutating func handle(_ action: Action, count: Int) -> Bool {
        switch action {
        case .left: cursor -= 1
        case .right: cursor += 1
        case .up: cursor -= perRow
        case .down: cursor += perRow
        case .pageUp: cursor -= perRow * height
        case .pageDown: cursor += perRow * height
        case .halfPageUp: cursor -= perRow * (height / 2)
        case .halfPageDown: cursor += perRow * (height / 2)
        case .first: cursor = 0
        case .last: cursor = count - 1
        default: return false
        }
        cursor = max(0, min(cursor, count - 1))
        return true
    }

    package mutating func scroll(by rows: Int, count: Int) {
        cursor = max(0, min(cursor + rows * perRow, count - 1))
    }

    package mutating func click(_ point: Point, area: Rect, count: Int) -> Bool {
        let line = point.y - area.y - 1
        let column = point.x - area.x - 1
        guard line >= 0, line < height, column >= 6 else { return false }
        let inHex = (column - 6) / 3
        let inText = column - 6 - perRow * 3 - 1
        let place = inHex < perRow ? inHex : inText
        guard place >= 0, place < perRow, (top + line) * perRow + place < count else { return false }
        cursor = (top + line) * perRow + place
        return true
    }

    /// Where the shown octets come from.
    package var shownSource: FieldMap.Source { source }

    package static let help = [
        "The octets as they were captured; what a key opened and what segments make up is",
        "shown when a field of it is selected. Moving here selects the field of the octet.",
    ]
}
