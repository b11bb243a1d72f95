import Inspection
import Screen
import SpatioWire

/// Which columns of the streams fit, where they stand, and how a session or a stream fills them.
struct StreamColumns {
    let width: Int
    let nameWidth: Int
    let showsMessages: Bool
    let showsSpark: Bool

    /// Columns to the right of the name: title and width with the space before it.
    private static let columns: [(title: String, width: Int)] = [
        ("msg/s", 8), ("kB/s", 8), ("lost", 6), ("jitter", 7), ("rtt ms", 8),
    ]
    private static let messagesWidth = 11
    private static let sparkWidth = 9
    /// So much a name needs before a further column is worth its place.
    private static let leastName = 28
    /// Of a session with more streams than this the sum would take longer than all else in a frame; such a session is an
    /// attack.
    private static let summedStreams = 4096

    init(width: Int) {
        self.width = width
        let figures = Self.columns.reduce(0) { $0 + $1.width }
        showsMessages = width >= figures + Self.leastName + Self.messagesWidth
        showsSpark = width >= figures + Self.leastName + Self.messagesWidth + Self.sparkWidth
        nameWidth = max(
            8, width - figures - (showsMessages ? Self.messagesWidth : 0) - (showsSpark ? Self.sparkWidth : 0))
    }

    /// What rows are sorted by with a click on a column of the head.
    func column(at x: Int) -> StreamsPane.Column {
        var end = nameWidth
        let sorts: [StreamsPane.Column] = [.rate, .octets, .lost, .jitter, .roundTrip]
        if x < end { return .order }
        for (column, sort) in zip(Self.columns, sorts) {
            end += column.width
            if x < end { return sort }
        }
        return showsMessages ? .messages : .roundTrip
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
            x += Self.messagesWidth
            buffer.write("messages", endingAt: Point(x: x, y: inside.y), style: style)
        }
    }

    // MARK: A session

    func draw(
        _ index: Int, _ model: Model, _ time: Int64, isOpen: Bool, at place: Point, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let session = model.sessions[index]
        let isOver = session.state == .closed
        let base = context.style(isOver ? .dim : .text)
        let end = place.x + nameWidth
        var x = place.x + buffer.write(isOpen ? "- " : "+ ", at: place, style: context.style(.dim))
        let hosts = context.snapshot.hostNames
        let names = PeerNames.text(of: session, model, hosts, width: end - x, buffer.glyphs)
        x += 1 + buffer.write(names, at: Point(x: x, y: place.y), style: base.adding(.bold), maxWidth: end - x)
        for (note, role) in notes(index, session, context.snapshot) where x + buffer.glyphs.columns(of: note) <= end {
            x += 1 + buffer.write(note, at: Point(x: x, y: place.y), style: context.style(role))
        }
        let addresses = "\(session.client) > \(session.server)"
        if PeerNames.isNamed(session, hosts), x + buffer.glyphs.columns(of: addresses) <= end {
            buffer.write(addresses, at: Point(x: x, y: place.y), style: context.style(.dim))
        }
        let sum = sum(of: session, context.snapshot)
        draw(
            Figures(
                messages: sum.messages, octets: sum.octets, lost: sum.lost,
                isDropped: context.snapshot.drops(from: session.firstTime, to: session.lastTime) != nil,
                count: session.messages),
            at: place, into: &buffer, context, base)
    }

    private func notes(_ index: Int, _ session: Session, _ snapshot: Snapshot) -> [(String, Role)] {
        var notes: [(String, Role)] = []
        if session.isMirrored { notes.append(("mirrored", .dim)) }
        if let view = snapshot.comparisons(of: index).last {
            // The one that an observer is told of is called so.
            if view.wire != view.mirrored, !session.isMirrored {
                notes.append(("= \(view.sessionID.description.prefix(8))", .dim))
            }
            if let delay = view.delay.percentile(50) {
                notes.append(("observer \(ViewWords.signed(delay)) ms", .dim))
            }
        }
        switch session.state {
        case .refused(let code): notes.append(("refused: \(code)", .error))
        case .closed: notes.append(("closed", .dim))
        case .connecting: notes.append(("connecting", .warning))
        case .joined, .open: break
        }
        if session.security != .none { notes.append((session.security.name, .typeSecurity)) }
        if session.transport == .tcp { notes.append(("tcp", .dim)) }
        if session.role == .observer { notes.append(("observer", .dim)) }
        return notes
    }

    private func sum(of session: Session, _ snapshot: Snapshot) -> (
        messages: Double?, octets: Double?, lost: Int?
    ) {
        var sum: (messages: Double?, octets: Double?, lost: Int?) = (nil, nil, nil)
        guard session.streams.count <= Self.summedStreams else { return sum }
        for index in session.streams {
            let stream = snapshot.model.streams[index]
            sum.lost = (sum.lost ?? 0) + snapshot.lost(stream)
            guard let rate = stream.rate.perSecond(until: snapshot.time, since: stream.firstTime) else { continue }
            sum.messages = (sum.messages ?? 0) + rate.messages
            sum.octets = (sum.octets ?? 0) + rate.octets
        }
        return sum
    }

    // MARK: A stream

    func draw(
        _ stream: Inspection.Stream, _ model: Model, _ time: Int64, isTree: Bool, at place: Point,
        into buffer: inout Buffer, _ context: PaneContext
    ) {
        let base = context.style(.text)
        drawName(stream, model, isTree: isTree, at: place, into: &buffer, context, base)
        let rate = stream.rate.perSecond(until: time, since: stream.firstTime)
        draw(
            Figures(
                messages: rate?.messages, octets: rate?.octets, lost: context.snapshot.lost(stream),
                isDropped: context.snapshot.drops(from: stream.firstTime, to: stream.lastTime) != nil,
                jitter: stream.jitter.milliseconds,
                roundTrip: model.roundTrip(of: stream)?.smoothed, count: stream.messages),
            at: place, into: &buffer, context, base)
        if showsSpark {
            let line = sparkline(
                values: stream.rate.history(until: time, since: stream.firstTime), width: Self.sparkWidth - 1,
                glyphs: buffer.glyphs)
            buffer.write(
                line, at: Point(x: place.x + width - Self.sparkWidth + 1, y: place.y), style: context.style(.timeline))
        }
    }

    private func drawName(
        _ stream: Inspection.Stream, _ model: Model, isTree: Bool, at place: Point, into buffer: inout Buffer,
        _ context: PaneContext, _ base: Style
    ) {
        let kind = MessageFamily(stream.lastType)
        let kindText = kind.name + (stream.isMirrored ? " mirrored" : "")
        var text = "\(stream.streamID ?? 0) "
        if isTree {
            text = "    \(stream.direction == .client ? ">" : "<") " + text
        } else {
            let room = nameWidth - text.count - buffer.glyphs.columns(of: kindText) - 2
            let hosts = context.snapshot.hostNames
            text = PeerNames.ends(of: stream, model, hosts, width: max(10, room), buffer.glyphs) + "  " + text
        }
        let used = buffer.write(text, at: place, style: base, maxWidth: nameWidth)
        buffer.write(
            kindText, at: Point(x: place.x + used, y: place.y), style: context.style(kind.role),
            maxWidth: nameWidth - used)
    }

    // MARK: Figures

    private struct Figures {
        var messages: Double?
        var octets: Double?
        var lost: Int?
        /// The capture dropped packets meanwhile.
        var isDropped = false
        var jitter: Double?
        var roundTrip: Double?
        var count = 0
    }

    private func draw(
        _ figures: Figures, at place: Point, into buffer: inout Buffer, _ context: PaneContext, _ base: Style
    ) {
        let texts: [(String, Style)] = [
            (Format.fixed(figures.messages, decimals: 1), base),
            (Format.fixed(figures.octets.map { $0 / 1000 }, decimals: 1), base),
            (
                figures.lost.map { Format.thousands($0) + (figures.isDropped && $0 > 0 ? "*" : "") } ?? Format.noData,
                figures.lost ?? 0 > 0 ? context.style(.warning) : base
            ),
            (Format.fixed(figures.jitter, decimals: 2), base),
            (Format.fixed(figures.roundTrip, decimals: 1), base),
        ]
        var x = place.x + nameWidth
        for (column, text) in zip(Self.columns, texts) {
            x += column.width
            buffer.write(text.0, endingAt: Point(x: x, y: place.y), style: text.1, maxWidth: column.width - 1)
        }
        if showsMessages {
            x += Self.messagesWidth
            buffer.write(Format.thousands(figures.count), endingAt: Point(x: x, y: place.y), style: base)
        }
    }
}
