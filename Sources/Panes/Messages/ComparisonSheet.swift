import Inspection
import Screen

/// Two messages side by side, or one under the other where the screen is narrow.
struct ComparisonSheet {
    /// What stands over each side.
    private let titles: (left: String, right: String)
    private let numbers: (left: Int, right: Int)
    private let comparison: MessageComparison
    private var showsAll = false
    private var showsOctets = true
    private var top = 0
    private var lineCount = 0
    private var height = 1

    /// From here on both messages stand beside each other.
    private static let wide = 100
    /// Columns of the names of fields, and of how far values differ.
    private static let nameWidth = 30
    private static let differenceWidth = 34
    /// Columns of the offset and of eight octets.
    private static let offsetWidth = 6
    private static let octetsWidth = 3 * MessageComparison.octetsPerRow

    private enum Line {
        case text(String, Role)
        case row(Int)
        case name(Int), left(Int), right(Int)
        case octets(Int)
    }

    init(
        _ comparison: MessageComparison, _ left: (message: Int, title: String), _ right: (message: Int, title: String)
    ) {
        self.comparison = comparison
        numbers = (left.message + 1, right.message + 1)
        titles = (left.title, right.title)
    }

    static let hint = "Esc closes, a all fields or the differences, o octets, Up Down scroll"

    // MARK: Drawing

    mutating func draw(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        buffer.fill(area, style: context.style(.text))
        let count = comparison.rows.count
        let state =
            comparison.differences == 0 ? "no field differs" : "\(comparison.differences) of \(count) fields differ"
        buffer.drawBox(
            area, style: context.style(.borderFocused), title: "\(numbers.left) and \(numbers.right): \(state)",
            titleStyle: context.style(.titleFocused), trailing: showsAll ? "all fields" : "differences only",
            trailingStyle: context.style(.dim))
        let inside = area.inset()
        guard inside.height > 3 else { return }
        let isWide = inside.width >= Self.wide
        drawTitles(into: &buffer, inside, context)
        let rows = inside.inset(top: 2)
        let lines = lines(isWide: isWide)
        lineCount = lines.count
        height = rows.height
        top = max(0, min(top, lineCount - height))
        for (place, line) in lines.dropFirst(top).prefix(height).enumerated() {
            draw(line, into: &buffer, Rect(x: rows.x, y: rows.y + place, width: rows.width, height: 1), context)
        }
    }

    private func drawTitles(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        buffer.write(
            buffer.glyphs.shortened("- " + titles.left, to: inside.width), at: inside.origin,
            style: context.style(.removed))
        buffer.write(
            buffer.glyphs.shortened("+ " + titles.right, to: inside.width), at: Point(x: inside.x, y: inside.y + 1),
            style: context.style(.added))
    }

    private func columns(_ row: Rect) -> (name: Rect, left: Rect, right: Rect, difference: Rect) {
        let (name, rest) = row.splitHorizontally(at: Self.nameWidth)
        let (values, difference) = rest.splitHorizontally(at: -Self.differenceWidth)
        let (left, right) = values.splitHorizontally(at: values.width / 2)
        return (name, left, right, difference)
    }

    private func lines(isWide: Bool) -> [Line] {
        var lines: [Line] = []
        for (place, row) in comparison.rows.enumerated() where showsAll || row.isDifferent {
            if isWide || !row.isDifferent {
                lines.append(.row(place))
            } else {
                lines += [.name(place), .left(place), .right(place)]
            }
        }
        if lines.isEmpty { lines.append(.text("No field differs; a shows all of them.", .dim)) }
        guard showsOctets else { return lines }
        let rows = comparison.octetRows(onlyDifferent: !showsAll)
        lines += [
            .text("", .text),
            .text(
                rows.isEmpty
                    ? "No octet differs."
                    : "Octets: \(comparison.left.count) and \(comparison.right.count)", .header),
        ]
        return lines + rows.map { .octets($0) }
    }

    private func draw(_ line: Line, into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        func put(_ text: String, _ rect: Rect, _ role: Role) {
            buffer.write(
                buffer.glyphs.shortened(text, to: max(0, rect.width - 1)), at: rect.origin, style: context.style(role))
        }
        switch line {
        case .text(let text, let role): put(text, area, role)
        case .name(let place): put(comparison.rows[place].path, area, .fieldName)
        case .left(let place): put("- " + (comparison.rows[place].left ?? "absent"), area, .removed)
        case .right(let place):
            let row = comparison.rows[place]
            put("+ " + (row.right ?? "absent") + (row.difference.isEmpty ? "" : "   \(row.difference)"), area, .added)
        case .row(let place):
            let row = comparison.rows[place]
            let columns = columns(area)
            let name = buffer.glyphs.shortenedInMiddle(row.path, to: Self.nameWidth - 1)
            put(name, columns.name, row.isDifferent ? .fieldName : .dim)
            guard area.width >= Self.wide else {
                put(row.left ?? "", area.inset(left: Self.nameWidth), .fieldValue)
                return
            }
            put(row.left ?? "absent", columns.left, row.isDifferent ? .removed : .fieldValue)
            put(row.right ?? "absent", columns.right, row.isDifferent ? .added : .fieldValue)
            put(row.difference, columns.difference, .changed)
        case .octets(let row): drawOctets(row, into: &buffer, area, context)
        }
    }

    private func drawOctets(_ row: Int, into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let digits = String(row * MessageComparison.octetsPerRow, radix: 16)
        buffer.write(
            String(repeating: "0", count: max(0, 4 - digits.count)) + digits, at: area.origin,
            style: context.style(.dim))
        let left = Array(comparison.octets(of: comparison.left, row: row))
        let right = Array(comparison.octets(of: comparison.right, row: row))
        for (side, octets, other) in [(0, left, right), (1, right, left)] {
            for (place, octet) in octets.enumerated() {
                let isSame = place < other.count && other[place] == octet
                let x = area.x + Self.offsetWidth + side * (Self.octetsWidth + 2) + place * 3
                buffer.write(
                    Format.hex(octet), at: Point(x: x, y: area.y),
                    style: context.style(isSame ? .dim : .highlightedOctets), maxWidth: area.maxX - x)
            }
        }
    }

    // MARK: Keys

    /// False closes it.
    mutating func handle(_ key: Key, _ action: Action?) -> Bool {
        switch key {
        case .escape, .backspace, "q", "d": return false
        case "a":
            showsAll.toggle()
            top = 0
        case "o": showsOctets.toggle()
        default:
            switch action {
            case .up: scroll(by: -1)
            case .down: scroll(by: 1)
            case .pageUp, .halfPageUp: scroll(by: -height)
            case .pageDown, .halfPageDown: scroll(by: height)
            case .first: top = 0
            case .last: scroll(by: lineCount)
            default: break
            }
        }
        return true
    }

    mutating func scroll(by rows: Int) { top = max(0, min(top + rows, lineCount - height)) }
}
