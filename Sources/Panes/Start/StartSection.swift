import Screen

/// The parts of the start page, in the order in which they stand there.
enum StartSection: Int, CaseIterable, Hashable {
    case interfaces, servers
    /// There only where there is something in it.
    case unfinished
    case captures, demo

    var title: String {
        switch self {
        case .interfaces: "Interfaces"
        case .servers: "Servers nearby"
        case .unfinished: "Unfinished: what was watched when the program was cut off"
        case .captures: "Recent captures"
        case .demo: "Demo"
        }
    }

    /// What Enter does with a row, for the hint line.
    var verb: String {
        switch self {
        case .interfaces: "watch"
        case .servers: "attach"
        case .unfinished, .captures: "open"
        case .demo: "start"
        }
    }

    /// Of its table; captures have columns of their own.
    var columns: [PaneTable.Column] {
        switch self {
        case .interfaces:
            [
                PaneTable.Column("", 1), PaneTable.Column("interface", 9, ample: 16),
                PaneTable.Column("state", 7), PaneTable.Column("packets/s", 9, isRight: true),
                PaneTable.Column("octets/s", 9, isRight: true),
                PaneTable.Column("traffic", 11, ample: 30, rank: 2),
                PaneTable.Column("addresses", 15, ample: 64, rank: 1),
            ]
        case .servers:
            [
                PaneTable.Column("", 1), PaneTable.Column("server", 14, ample: 32),
                PaneTable.Column("address", 21, ample: 28), PaneTable.Column("security", 14),
                PaneTable.Column("heard", 8, isRight: true, rank: 1),
                PaneTable.Column("spaces", 10, ample: 64, rank: 2),
            ]
        case .unfinished:
            [
                PaneTable.Column("", 1), PaneTable.Column("watched", 24, ample: 80),
                PaneTable.Column("until", 12, isRight: true), PaneTable.Column("size", 9, isRight: true),
            ]
        case .captures, .demo: []
        }
    }

    /// Whether its rows have a line of titles above them.
    var hasHeader: Bool { self != .demo }
    /// The column of the interfaces' table that has their traffic drawn.
    static let plotColumn = 5
}

/// Where the sections are on a screen, with a border around each that it shares with its neighbours.
struct StartLayout {
    /// What a section has to show, lines each.
    struct Need {
        var rows: Int
        /// Below the rows, and never left out.
        var notes = 0
    }

    private(set) var boxes: [StartSection: Rect] = [:]
    /// Where the traffic of one interface is drawn large; empty where there is no room.
    private(set) var plot = Rect.zero

    /// From here on there are two columns.
    private static let wide = 150

    /// Columns of the text in every section.
    static func innerWidth(of area: Rect) -> Int { (area.width >= wide ? area.width / 2 : area.width) - 4 }

    /// - Parameter needs: of the sections that are there.
    init(_ area: Rect, _ needs: [StartSection: Need]) {
        let sections = StartSection.allCases.filter { needs[$0] != nil }
        guard area.width >= Self.wide else {
            stack(sections, in: area, needs)
            return
        }
        let (left, right) = area.splitHorizontally(at: area.width / 2)
        let network: [StartSection] = [.interfaces, .servers]
        // The columns share their border, too.
        stack(network, in: Rect(x: left.x, y: left.y, width: left.width + 1, height: left.height), needs)
        cutPlot(from: .servers, needs)
        stack(sections.filter { !network.contains($0) }, in: right, needs)
    }

    /// What a section has and does not need.
    private mutating func cutPlot(from section: StartSection, _ needs: [StartSection: Need]) {
        guard let box = boxes[section] else { return }
        let needed = 3 + max(Self.ampleList, needs[section]?.rows ?? 0)
        guard box.height - needed >= TrafficPlot.leastHeight else { return }
        let (list, rest) = box.splitVertically(at: needed)
        boxes[section] = list
        plot = Rect(x: rest.x, y: rest.y - 1, width: rest.width, height: rest.height + 1)
    }

    /// Rows that a list has where there is room, so that what comes next has a place.
    private static let ampleList = 6

    /// One below the other: each gets what it needs where there is room, else all give up rows alike, the longest first.
    /// What is left over goes to the last list.
    private mutating func stack(_ sections: [StartSection], in area: Rect, _ needs: [StartSection: Need]) {
        func fixed(_ section: StartSection) -> Int {
            1 + (section.hasHeader ? 1 : 0) + (needs[section]?.notes ?? 0)
        }
        var room = area.height - 1 - sections.reduce(0) { $0 + fixed($1) }
        var rows = Dictionary(uniqueKeysWithValues: sections.map { ($0, 0) })
        // The one row that is always there is never left out.
        if room > 0, sections.contains(.demo) {
            rows[.demo] = 1
            room -= 1
        }
        var isChanged = true
        while room > 0, isChanged {
            isChanged = false
            for section in sections where room > 0 && (rows[section] ?? 0) < max(1, needs[section]?.rows ?? 0) {
                rows[section, default: 0] += 1
                room -= 1
                isChanged = true
            }
        }
        let last = sections.last { $0 != .demo } ?? .demo
        rows[last, default: 0] += max(0, room)
        var y = area.y
        for section in sections {
            let height = min(fixed(section) + (rows[section] ?? 0) + 1, max(0, area.maxY - y))
            boxes[section] = Rect(x: area.x, y: y, width: area.width, height: height)
            y += max(0, height - 1)
        }
    }
}
