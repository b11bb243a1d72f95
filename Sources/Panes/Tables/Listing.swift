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

/// A table with a selected row and, where there is room, the details of that row below it or instead of it.
struct ListingView {
    /// From this inner height on the details have a place below.
    private static let leastWithDetails = 12
    private static let labelWidth = 13
    /// Rows that one notch of the wheel moves.
    private static let wheelRows = 3

    private(set) var list = ListState()
    private var height = 1
    private var count = 0
    /// What is selected: it stays selected when rows come and go before it.
    private var selected: ListingKey?
    private var rowsArea = Rect.zero
    /// The details have the whole pane, and keys scroll them.
    private var isOpen = false
    private var details = Details()

    /// The lines about the selected row, and what they were made for.
    private struct Details {
        struct Basis: Equatable {
            var key: ListingKey?
            var cursor = -1
            var messages = -1
            var time: Int64 = 0
        }

        var basis = Basis()
        var lines: [DetailLine] = []
        /// The first line that is shown, and how many are.
        var top = 0
        var height = 1
    }

    mutating func draw(
        _ listing: some Listing, into buffer: inout Buffer, _ area: Rect, _ context: PaneContext
    ) {
        var (rows, below) = (area, Rect.zero)
        if isOpen {
            (rows, below) = area.splitVertically(at: min(2, area.height))
        } else if area.height >= Self.leastWithDetails {
            (rows, below) = area.splitVertically(at: max(4, area.height * 55 / 100))
        }
        rowsArea = Rect(x: rows.x, y: rows.y + 1, width: rows.width, height: max(0, rows.height - 1))
        height = rowsArea.height
        settle(listing)
        drawRows(listing, type(of: listing).columns, into: &buffer, rows, context)
        if !below.isEmpty { drawDetails(listing, into: &buffer, below, context) }
    }

    private func drawRows(
        _ listing: some Listing, _ columns: [PaneTable.Column], into buffer: inout Buffer, _ area: Rect,
        _ context: PaneContext
    ) {
        let table = PaneTable(columns, width: area.width)
        table.drawHeader(into: &buffer, at: area.origin, width: area.width, context)
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
    }

    /// Takes in which rows there are: keys may come before the first frame.
    mutating func settle(_ listing: some Listing) {
        count = listing.count
        if let selected, !(list.selected < count && listing.key(list.selected) == selected),
            let place = (0..<count).first(where: { listing.key($0) == selected })
        {
            list.selected = place
        }
        list.settle(count: count, height: height)
        selected = list.selected < count ? listing.key(list.selected) : nil
    }

    private mutating func drawDetails(
        _ listing: some Listing, into buffer: inout Buffer, _ area: Rect, _ context: PaneContext
    ) {
        buffer.drawHorizontalLine(from: area.x - 1, to: area.maxX, y: area.y, style: context.borderStyle)
        let basis = Details.Basis(
            key: selected, cursor: context.snapshot.cursor, messages: context.snapshot.index.count,
            time: context.snapshot.time)
        if basis != details.basis {
            if basis.key != details.basis.key { details.top = 0 }
            details.basis = basis
            details.lines = list.selected < count ? listing.details(list.selected, context) : []
        }
        details.height = area.height - 1
        details.top = isOpen ? max(0, min(details.top, details.lines.count - details.height)) : 0
        let shown = details.lines.dropFirst(details.top).prefix(max(0, details.height))
        for (number, line) in shown.enumerated() {
            let y = area.y + 1 + number
            let rest = details.lines.count - details.top - number
            let isCut = number == details.height - 1 && rest > 1
            buffer.write(
                isCut ? "" : line.label, at: Point(x: area.x, y: y), style: context.style(.fieldName),
                maxWidth: Self.labelWidth - 1)
            let room = area.width - Self.labelWidth
            let more = isOpen ? "Down shows them" : "Space shows them"
            buffer.write(
                buffer.glyphs.shortened(isCut ? "\(rest) more lines: \(more)" : line.text, to: room),
                at: Point(x: area.x + Self.labelWidth, y: y), style: context.style(isCut ? .hint : line.role),
                maxWidth: room)
        }
    }

    // MARK: Keys and mouse

    /// The selected row of what was drawn last; nil when there is none.
    var selectedRow: Int? { list.selected < count ? list.selected : nil }

    /// The details on the whole pane, or below the list.
    mutating func toggleDetails() {
        isOpen.toggle()
        details.top = 0
    }

    /// False when the action is none that moves.
    mutating func move(_ action: Action) -> Bool {
        if isOpen {
            var scrolling = ListState()
            scrolling.selected = details.top
            guard scrolling.move(action, count: max(1, details.lines.count), height: details.height) else {
                return false
            }
            details.top = scrolling.selected
            return true
        }
        guard list.move(action, count: count, height: height) else { return false }
        selected = nil
        return true
    }

    mutating func handle(_ mouse: MouseEvent) {
        switch mouse.kind {
        case .wheelUp: scroll(by: -Self.wheelRows)
        case .wheelDown: scroll(by: Self.wheelRows)
        case .press:
            let line = mouse.point.y - rowsArea.y
            guard rowsArea.contains(mouse.point), list.top + line < count else { return }
            list.selected = list.top + line
            selected = nil
        case .release, .drag: break
        }
    }

    private mutating func scroll(by rows: Int) {
        guard !isOpen else {
            details.top = max(0, details.top + rows)
            return
        }
        list.scroll(by: rows, count: count, height: height)
        selected = nil
    }
}
