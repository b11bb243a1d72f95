import Inspection
import Screen
import SpatioWire

/// What stands in a row, whatever row it comes to.
enum ListingKey: Hashable {
    case peer(UUID)
    case group(UUID)
    /// The peer, or the place among those that nobody knows.
    case member(group: UUID, UUID?, Int)
    case leg(Int)
    case `extension`(UInt16)
}

/// One line about the selected row: what it is about, and what it says.
struct DetailLine {
    var label: String
    var text: String
    var role: Role

    init(_ label: String, _ text: String, _ role: Role = .text) {
        self.label = label
        self.text = text
        self.role = role
    }
}

/// The rows of a table and what can be said of each, made from one snapshot.
protocol Listing {
    static var columns: [PaneTable.Column] { get }
    var count: Int { get }

    func key(_ row: Int) -> ListingKey
    func cells(_ row: Int, _ context: PaneContext) -> [PaneTable.Cell]
    /// The style of a row; what its cells say for themselves goes before it.
    func role(_ row: Int) -> Role
    func details(_ row: Int, _ context: PaneContext) -> [DetailLine]
    /// A filter for the messages of the row; nil where there are none.
    func filter(_ row: Int, _ context: PaneContext) -> String?
}

/// A table with a selected row and, where there is room, the details of that row below it.
struct ListingView {
    /// From this inner height on the details have a place.
    private static let leastWithDetails = 12
    private static let labelWidth = 12

    private(set) var list = ListState()
    private var height = 1
    private var count = 0
    /// What is selected: it stays selected when rows come and go before it.
    private var selected: ListingKey?
    private var rowsArea = Rect.zero

    mutating func draw(
        _ listing: some Listing, into buffer: inout Buffer, _ area: Rect, _ context: PaneContext
    ) {
        draw(listing, type(of: listing).columns, into: &buffer, area, context)
    }

    private mutating func draw(
        _ listing: some Listing, _ columns: [PaneTable.Column], into buffer: inout Buffer, _ area: Rect,
        _ context: PaneContext
    ) {
        var (rows, below) = (area, Rect.zero)
        if area.height >= Self.leastWithDetails {
            (rows, below) = area.splitVertically(at: max(4, area.height * 55 / 100))
        }
        let table = PaneTable(columns, width: area.width)
        table.drawHeader(into: &buffer, at: rows.origin, width: area.width, context)
        rowsArea = Rect(x: rows.x, y: rows.y + 1, width: rows.width, height: max(0, rows.height - 1))
        height = rowsArea.height
        settle(listing)
        for line in 0..<max(0, min(height, count - list.top)) {
            let row = list.top + line
            let place = Point(x: rowsArea.x, y: rowsArea.y + line)
            table.draw(
                listing.cells(row, context), context.style(listing.role(row)), into: &buffer, at: place, context)
            if row == list.selected {
                buffer.restyle(Rect(x: rowsArea.x, y: place.y, width: rowsArea.width, height: 1)) {
                    $0 = context.selected($0)
                }
            }
        }
        if !below.isEmpty { drawDetails(listing, into: &buffer, below, context) }
    }

    private mutating func settle(_ listing: some Listing) {
        count = listing.count
        if let selected, !(list.selected < count && listing.key(list.selected) == selected),
            let place = (0..<count).first(where: { listing.key($0) == selected })
        {
            list.selected = place
        }
        list.settle(count: count, height: height)
        selected = list.selected < count ? listing.key(list.selected) : nil
    }

    private func drawDetails(
        _ listing: some Listing, into buffer: inout Buffer, _ area: Rect, _ context: PaneContext
    ) {
        buffer.drawHorizontalLine(
            from: area.x - 1, to: area.maxX, y: area.y, style: context.borderStyle)
        guard list.selected < count else { return }
        let lines = listing.details(list.selected, context)
        for (number, line) in lines.prefix(area.height - 1).enumerated() {
            let y = area.y + 1 + number
            let isLast = number == area.height - 2 && lines.count > area.height - 1
            let text = isLast ? "... \(lines.count - number) more lines: \\ zooms" : line.text
            buffer.write(
                isLast ? "" : line.label, at: Point(x: area.x, y: y), style: context.style(.fieldName),
                maxWidth: Self.labelWidth - 1)
            let room = area.width - Self.labelWidth
            buffer.write(
                buffer.glyphs.shortened(text, to: room), at: Point(x: area.x + Self.labelWidth, y: y),
                style: context.style(isLast ? .hint : line.role), maxWidth: room)
        }
    }

    // MARK: Keys and mouse

    /// The selected row of what was drawn last; nil when there is none.
    var selectedRow: Int? { list.selected < count ? list.selected : nil }

    /// False when the action is none that moves.
    mutating func move(_ action: Action) -> Bool {
        guard list.move(action, count: count, height: height) else { return false }
        selected = nil
        return true
    }

    mutating func scroll(by rows: Int) {
        list.scroll(by: rows, count: count, height: height)
        selected = nil
    }

    /// Selects the row under a point; whether it was selected before is nil where there is no row.
    mutating func click(_ point: Point) -> Bool? {
        guard rowsArea.contains(point), list.top + point.y - rowsArea.y < count else { return nil }
        let row = list.top + point.y - rowsArea.y
        defer {
            list.selected = row
            selected = nil
        }
        return list.selected == row
    }
}
