import Inspection
import Screen

/// Sessions as a tree of streams, with their figures.
package struct StreamsPane {
    package enum Column: Int, CaseIterable, Sendable {
        case order, rate, octets, lost, jitter, roundTrip, messages

        /// What the rows are sorted by, for the title.
        var title: String {
            switch self {
            case .order: "as they came"
            case .rate: "msg/s"
            case .octets: "kB/s"
            case .lost: "lost"
            case .jitter: "jitter"
            case .roundTrip: "rtt"
            case .messages: "messages"
            }
        }
    }

    package enum Row: Equatable, Sendable {
        case session(Int)
        case stream(Int)
    }

    /// What the rows were made from: as long as it is the same, so are they.
    private struct Basis: Equatable {
        var sort = Column.order
        var isReversed = false
        var closings = 0
        var sessions = 0
        var streams = 0
        /// Another session or stream may be in the place of one.
        var identities = 0
        /// Figures change all the time; rows are put in order again once a second of the capture.
        var second: Int64 = 0

        /// Whether rows made from `older` can stay for the rest of a second: they are of the same kind, and none is of what
        /// is not there.
        func continues(_ older: Basis) -> Bool {
            sort == older.sort && isReversed == older.isReversed && closings == older.closings
                && sessions >= older.sessions && streams >= older.streams && second == older.second
        }
    }

    /// With more rows than these, new ones wait for the next second: in a flood each frame has some, and it takes
    /// milliseconds to go through all.
    private static let restlessRows = 4096

    package private(set) var list = ListState()
    package private(set) var sort = Column.order
    package private(set) var isReversed = false
    private var rows: [Row] = []
    private var basis = Basis()
    /// Sessions whose streams are hidden, by their index.
    private var closed: Set<Int> = []
    /// How often sessions were opened or closed.
    private var closings = 0
    private var height = 1
    private var counted = (all: 0, streams: 0)

    package init() {}

    package var selectedRow: Row? { rows.indices.contains(list.selected) ? rows[list.selected] : nil }

    /// Selects a row, if it is there.
    mutating func select(_ row: Row) {
        if let place = rows.firstIndex(of: row) { list.selected = place }
    }

    /// The streams of a model, without the collections of messages that have no header; counted when there are more.
    mutating func count(in model: Model) -> Int {
        if model.streams.count != counted.all {
            counted = (model.streams.count, model.streams.count { $0.streamID != nil })
        }
        return counted.streams
    }

    /// What the selected row stands for in other panes.
    var scope: Selection.Scope {
        switch selectedRow {
        case .session(let index): .session(index)
        case .stream(let index): .stream(index)
        case nil: .everything
        }
    }

    /// The filter for the messages of the selected row.
    func filter(_ model: Model) -> String? {
        switch selectedRow {
        case .stream(let index)? where model.streams.indices.contains(index):
            return Self.filter(model.streams[index], model)
        case .session(let index)? where model.sessions.indices.contains(index):
            return Self.filter(model.sessions[index])
        default: return nil
        }
    }

    /// The filter for the messages of one session.
    static func filter(_ session: Session) -> String {
        if let id = session.id { return "session == \"\(id)\"" }
        return "endpoint == \"\(session.client)\" && endpoint == \"\(session.server)\""
    }

    /// The filter for the messages of one stream.
    static func filter(_ stream: Inspection.Stream, _ model: Model) -> String {
        let ends = model.endpoints(of: stream)
        let filter = "source == \"\(ends.source)\" && destination == \"\(ends.destination)\""
        return stream.streamID.map { filter + " && stream == \($0)" } ?? filter
    }

    // MARK: Rows

    private mutating func update(_ model: Model, time: Int64) {
        var basis = Basis(
            sort: sort, isReversed: isReversed, closings: closings, sessions: model.sessions.count,
            streams: model.streams.count, identities: model.identities)
        if sort != .order || rows.count > Self.restlessRows { basis.second = time / 1_000_000_000 }
        guard basis != self.basis, rows.count <= Self.restlessRows || !basis.continues(self.basis) else { return }
        // The selection stays with what it is on.
        let selected = basis.sort == self.basis.sort && basis.isReversed == self.basis.isReversed ? selectedRow : nil
        self.basis = basis
        rows = sort == .order ? treeRows(model) : sortedRows(model, time: time)
        if let selected, selectedRow != selected, let place = rows.firstIndex(of: selected) { list.selected = place }
    }

    private func treeRows(_ model: Model) -> [Row] {
        var rows: [Row] = []
        rows.reserveCapacity(model.sessions.count + model.streams.count)
        for place in model.sessions.indices {
            let session = isReversed ? model.sessions.count - 1 - place : place
            rows.append(.session(session))
            guard !closed.contains(session) else { continue }
            for stream in model.sessions[session].streams where model.streams[stream].streamID != nil {
                rows.append(.stream(stream))
            }
        }
        return rows
    }

    private func sortedRows(_ model: Model, time: Int64) -> [Row] {
        let streams = model.streams.indices.filter { model.streams[$0].streamID != nil }
        let keyed = streams.map { ($0, value(of: model.streams[$0], model, time)) }
        // Equal values in order of appearance, so that rows do not jump about.
        let ordered = keyed.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.map { Row.stream($0.0) }
        return isReversed ? ordered.reversed() : ordered
    }

    private func value(of stream: Inspection.Stream, _ model: Model, _ time: Int64) -> Double {
        switch sort {
        case .order: 0
        case .rate: stream.rate.perSecond(until: time, since: stream.firstTime)?.messages ?? -1
        case .octets: stream.rate.perSecond(until: time, since: stream.firstTime)?.octets ?? -1
        case .lost: Double(stream.lost)
        case .jitter: stream.jitter.milliseconds ?? -1
        case .roundTrip: model.roundTrip(of: stream)?.smoothed ?? -1
        case .messages: Double(stream.messages)
        }
    }

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        let model = context.snapshot.model
        let time = context.snapshot.time
        let order = sort == .order ? "" : "by \(sort.title)\(isReversed ? ", least first" : "")"
        buffer.drawBox(
            area, style: context.borderStyle, title: "1 Streams", titleStyle: context.titleStyle, trailing: order,
            trailingStyle: context.style(.dim))
        let inside = area.inset()
        update(model, time: time)
        guard !rows.isEmpty else {
            EmptyPane.draw(
                into: &buffer, inside, context,
                EmptyPane.reason(context.snapshot, ["No stream yet: a message that can be read makes one."]))
            return
        }
        let columns = StreamColumns(width: inside.width)
        columns.drawHeader(into: &buffer, inside, context)
        height = max(0, inside.height - 1)
        list.settle(count: rows.count, height: height)
        for line in 0..<min(height, rows.count - list.top) {
            let place = Point(x: inside.x, y: inside.y + 1 + line)
            switch rows[list.top + line] {
            case .session(let session):
                columns.draw(session, model, time, isOpen: !closed.contains(session), at: place, into: &buffer, context)
            case .stream(let stream):
                columns.draw(
                    model.streams[stream], model, time, isTree: sort == .order, at: place, into: &buffer, context)
            }
            if list.top + line == list.selected {
                buffer.restyle(Rect(x: inside.x, y: place.y, width: inside.width, height: 1)) {
                    $0 = context.selected($0)
                }
            }
        }
    }

    // MARK: Keys

    /// Returns true when the selection or the rows changed.
    package mutating func handle(_ action: Action) -> Bool {
        switch action {
        case .sortNext: sort = Column(rawValue: (sort.rawValue + 1) % Column.allCases.count) ?? .order
        case .sortReverse: isReversed.toggle()
        case .left: close()
        case .right: if case .session(let session) = selectedRow { setOpen(session, true) }
        default: return list.move(action, count: rows.count, height: height)
        }
        return true
    }

    /// Hides the streams of the selected session; from a stream the selection goes up to its session.
    private mutating func close() {
        guard sort == .order else { return }
        switch selectedRow {
        case .session(let session): setOpen(session, false)
        case .stream:
            let above = rows[..<list.selected].lastIndex { if case .session = $0 { true } else { false } }
            if let above { list.selected = above }
        case nil: break
        }
    }

    private mutating func setOpen(_ session: Int, _ isOpen: Bool) {
        if isOpen { closed.remove(session) } else { closed.insert(session) }
        closings += 1
    }

    package mutating func scroll(by amount: Int) { list.scroll(by: amount, count: rows.count, height: height) }

    /// Selects the row under a point of the pane, or sorts by the column whose head is there; one on a session that is selected opens or closes it. False when there
    /// is no row.
    package mutating func click(_ point: Point, area: Rect) -> Bool {
        if point.y == area.y + 1 {
            sort(byColumnAt: point.x - area.x - 1, width: area.width - 2)
            return false
        }
        let line = point.y - area.y - 2
        guard line >= 0, line < height, list.top + line < rows.count else { return false }
        if list.selected == list.top + line, case .session(let session) = selectedRow {
            setOpen(session, closed.contains(session))
        }
        list.selected = list.top + line
        return true
    }

    /// A click on the head of a column sorts by it, and another one the other way round.
    private mutating func sort(byColumnAt x: Int, width: Int) {
        let column = StreamColumns(width: width).column(at: x)
        isReversed = column == sort ? !isReversed : false
        sort = column
    }

    package static let help = [
        "Who talks to whom: each session, and under it its streams in both directions.",
        "> is sent by the client, < by the server. The line of a session sums up its streams.",
        "msg/s and kB/s: over the last 4 seconds before the clock. lost: sequences that never came;",
        "with a * the capture itself dropped packets meanwhile, so the network may not be to blame.",
        "jitter (ms): RFC 3550, between the sender's time stamps and the capture's clock.",
        "rtt (ms): PING to PONG at the capture point, less the time the other side held it.",
        "- means that nothing was measured; it is never 0 then. The bars are messages in each of the last 16 seconds.",
        "A click on the head of a column sorts by it. What is selected is what Quality shows.",
    ]
}
