import Inspection
import Screen
import SpatioWire

/// Sessions as a tree of streams, with their figures.
package struct StreamsPane {
    package enum Column: Int, CaseIterable, Sendable {
        case order, rate, octets, lost, jitter, roundTrip, messages

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

    package private(set) var list = ListState()
    package private(set) var sort = Column.order
    package private(set) var isReversed = false
    private var rows: [Row] = []
    private var height = 1

    package init() {}

    package var selectedRow: Row? { rows.indices.contains(list.selected) ? rows[list.selected] : nil }

    // MARK: Rows

    private static func rows(_ model: Model, sort: Column, isReversed: Bool, time: Int64) -> [Row] {
        var rows: [Row] = []
        if sort == .order {
            let sessions = Array(model.sessions.indices)
            for session in isReversed ? sessions.reversed() : sessions {
                rows.append(.session(session))
                for stream in model.sessions[session].streams where model.streams[stream].streamID != nil {
                    rows.append(.stream(stream))
                }
            }
            return rows
        }
        let streams = model.streams.indices.filter { model.streams[$0].streamID != nil }
        let keyed = streams.map { ($0, value(of: model.streams[$0], model, sort, time)) }
        // Equal values in order of appearance, so that rows do not jump about.
        let ordered = keyed.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
        rows = ordered.map { .stream($0.0) }
        return isReversed ? rows.reversed() : rows
    }

    private static func value(of stream: Inspection.Stream, _ model: Model, _ column: Column, _ time: Int64) -> Double {
        switch column {
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
        let sorted = sort == .order ? "" : "by \(sort.title)\(isReversed ? ", least first" : "")"
        buffer.drawBox(
            area, style: context.borderStyle, title: "1 Streams", titleStyle: context.titleStyle, trailing: sorted,
            trailingStyle: context.style(.dim))
        let inside = area.inset()
        rows = Self.rows(model, sort: sort, isReversed: isReversed, time: time)
        guard !rows.isEmpty else {
            EmptyPane.draw(into: &buffer, inside, context, Self.reasonForEmptiness(context.snapshot))
            return
        }
        let layout = Layout(width: inside.width)
        layout.drawHeader(into: &buffer, inside, context)
        height = max(0, inside.height - 1)
        list.settle(count: rows.count, height: height)
        for line in 0..<min(height, rows.count - list.top) {
            let row = rows[list.top + line]
            let place = Point(x: inside.x, y: inside.y + 1 + line)
            let isSelected = list.top + line == list.selected
            switch row {
            case .session(let session): layout.draw(model.sessions[session], model, at: place, into: &buffer, context)
            case .stream(let stream):
                layout.draw(model.streams[stream], model, time, isTree: sort == .order, at: place, into: &buffer, context)
            }
            if isSelected {
                buffer.restyle(Rect(x: inside.x, y: place.y, width: inside.width, height: 1)) { $0 = context.selected($0) }
            }
        }
    }

    private static func reasonForEmptiness(_ snapshot: Snapshot) -> [String] {
        if case .reading = snapshot.loading { return ["Reading ..."] }
        if snapshot.cursor == 0, !snapshot.index.isEmpty { return ["Nothing yet at this time.", "] steps on, > goes to the end."] }
        return [
            "No Spatio message in \(Format.thousands(snapshot.packets)) packets.",
            "Other ports than 7728: --port N.",
        ]
    }

    /// Which columns fit, and where they stand.
    private struct Layout {
        let width: Int
        let nameWidth: Int
        let showsSpark: Bool
        let showsMessages: Bool

        /// Columns to the right of the name: title and width with the space before it.
        static let columns: [(title: String, width: Int)] = [
            ("msg/s", 7), ("kB/s", 7), ("lost", 6), ("jitter", 7), ("rtt ms", 8),
        ]

        init(width: Int) {
            self.width = width
            let fixed = Self.columns.reduce(0) { $0 + $1.width }
            showsMessages = width >= fixed + 28 + 9
            showsSpark = width >= fixed + 28 + 9 + 9
            nameWidth = max(8, width - fixed - (showsMessages ? 9 : 0) - (showsSpark ? 9 : 0))
        }

        func drawHeader(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
            let style = context.style(.header)
            buffer.fill(Rect(x: inside.x, y: inside.y, width: inside.width, height: 1), style: style)
            buffer.write("session / stream", at: inside.origin, style: style, maxWidth: nameWidth)
            var x = inside.x + nameWidth
            for column in Self.columns {
                x += column.width
                buffer.write(column.title, endingAt: Point(x: x, y: inside.y), style: style, maxWidth: column.width)
            }
            if showsMessages {
                x += 9
                buffer.write("messages", endingAt: Point(x: x, y: inside.y), style: style)
            }
        }

        func draw(
            _ session: Session, _ model: Model, at place: Point, into buffer: inout Buffer, _ context: PaneContext
        ) {
            var text = "\(session.client) > \(session.server)"
            if session.transport == .tcp { text += " tcp" }
            let end = place.x + width
            var x = place.x
            x += buffer.write(text, at: place, style: context.style(.text).adding(.bold), maxWidth: width)
            x += 1
            for (note, role) in notes(session) where x < end {
                x += buffer.write(note, at: Point(x: x, y: place.y), style: context.style(role), maxWidth: end - x) + 1
            }
        }

        private func notes(_ session: Session) -> [(String, Role)] {
            var notes: [(String, Role)] = []
            if !session.name.isEmpty { notes.append((session.name, .dim)) }
            if session.role == .observer { notes.append(("observer", .dim)) }
            if session.security != .none { notes.append((session.security.name, .typeSecurity)) }
            switch session.state {
            case .refused(let code): notes.append(("refused: \(code)", .error))
            case .closed: notes.append(("closed", .dim))
            case .connecting: notes.append(("connecting", .warning))
            case .joined, .open: break
            }
            return notes
        }

        func draw(
            _ stream: Inspection.Stream, _ model: Model, _ time: Int64, isTree: Bool, at place: Point,
            into buffer: inout Buffer, _ context: PaneContext
        ) {
            drawName(stream, model, isTree: isTree, at: place, into: &buffer, context)
            let rate = stream.rate.perSecond(until: time, since: stream.firstTime)
            let roundTrip = model.roundTrip(of: stream)?.smoothed
            let figures: [(String, Role)] = [
                (Format.fixed(rate?.messages, decimals: 1), .text),
                (Format.fixed(rate.map { $0.octets / 1000 }, decimals: 1), .text),
                ("\(stream.lost)", stream.lost > 0 ? .warning : .text),
                (Format.fixed(stream.jitter.milliseconds, decimals: 2), .text),
                (Format.fixed(roundTrip, decimals: 1), .text),
            ]
            var x = place.x + nameWidth
            for (column, figure) in zip(Self.columns, figures) {
                x += column.width
                buffer.write(
                    figure.0, endingAt: Point(x: x, y: place.y), style: context.style(figure.1),
                    maxWidth: column.width - 1)
            }
            if showsMessages {
                x += 9
                buffer.write(
                    Format.thousands(stream.messages), endingAt: Point(x: x, y: place.y), style: context.style(.text))
            }
            if showsSpark {
                let line = sparkline(
                    values: stream.rate.history(until: time, since: stream.firstTime), width: 8, glyphs: buffer.glyphs)
                buffer.write(line, at: Point(x: x + 1, y: place.y), style: context.style(.timeline))
            }
        }

        private func drawName(
            _ stream: Inspection.Stream, _ model: Model, isTree: Bool, at place: Point, into buffer: inout Buffer,
            _ context: PaneContext
        ) {
            let ends = model.endpoints(of: stream)
            let arrow = stream.direction == .client ? ">" : "<"
            var text = isTree ? "  \(arrow) \(stream.streamID ?? 0) " : "\(stream.streamID ?? 0) "
            if !isTree { text += "\(ends.source) > \(ends.destination) " }
            let used = buffer.write(text, at: place, style: context.style(.text), maxWidth: nameWidth)
            let kind = MessageFamily(stream.lastType)
            buffer.write(
                kind.name + (stream.isMirrored ? " mirrored" : ""), at: Point(x: place.x + used, y: place.y),
                style: context.style(kind.role), maxWidth: nameWidth - used)
        }
    }

    // MARK: Keys

    /// Returns true when the selection moved.
    package mutating func handle(_ action: Action) -> Bool {
        switch action {
        case .sortNext: sort = Column(rawValue: (sort.rawValue + 1) % Column.allCases.count) ?? .order
        case .sortReverse: isReversed.toggle()
        default: return list.move(action, count: rows.count, height: height)
        }
        return true
    }

    package mutating func scroll(by amount: Int) { list.scroll(by: amount, count: rows.count, height: height) }

    /// Selects the row under a point of the pane; false when there is none.
    package mutating func click(_ point: Point, area: Rect) -> Bool {
        let line = point.y - area.y - 2
        guard line >= 0, line < height, list.top + line < rows.count else { return false }
        list.selected = list.top + line
        return true
    }

    package static let help = [
        "Who talks to whom: each session, and under it its streams in both directions.",
        "> is sent by the client, < by the server. lost: sequences that never came.",
        "jitter (ms): RFC 3550, between the sender's time stamps and the capture's clock.",
        "rtt (ms): PING to PONG at the capture point, less the time the other side held it.",
        "- means that nothing was measured; it is never 0 then.",
    ]
}

/// The families of message types that share a colour.
package enum MessageFamily: Sendable {
    case connection, spatial, state, peer, security, `extension`, unknown

    package init(_ type: MessageType) {
        guard type.isKnown else {
            self = .unknown
            return
        }
        switch type.rawValue {
        case 0x00...0x0F: self = .connection
        case 0x10...0x1F: self = .spatial
        case 0x20...0x2F: self = .state
        case 0x30...0x3F: self = .peer
        case 0x40...0x4F: self = .security
        default: self = .extension
        }
    }

    package var name: String {
        switch self {
        case .connection: "control"
        case .spatial: "spatial"
        case .state: "state"
        case .peer: "peers"
        case .security: "security"
        case .extension: "extension"
        case .unknown: "unknown"
        }
    }

    package var role: Role {
        switch self {
        case .connection: .typeConnection
        case .spatial: .typeSpatial
        case .state: .typeState
        case .peer: .typePeer
        case .security: .typeSecurity
        case .extension: .typeExtension
        case .unknown: .typeUnknown
        }
    }
}

/// A pane without content says why, and what would fill it.
enum EmptyPane {
    static func draw(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext, _ lines: [String]) {
        let top = area.y + max(0, (area.height - lines.count) / 2)
        for (place, line) in lines.enumerated() where top + place < area.maxY {
            let width = min(buffer.glyphs.columns(of: line), area.width)
            buffer.write(
                line, at: Point(x: area.x + (area.width - width) / 2, y: top + place), style: context.style(.dim),
                maxWidth: area.width)
        }
    }
}
