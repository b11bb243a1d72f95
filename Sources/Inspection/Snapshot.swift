import Capture
import SpatioWire

/// Everything that the screen shows, as of one moment: a value that nobody changes any more.
package struct Snapshot: Sendable {
    package enum Loading: Equatable, Sendable {
        /// The share that is read, 0...1; nil where a pipe does not tell.
        case reading(Double?)
        /// What happens now is shown as it comes.
        case live
        /// Nothing comes any more.
        case done
        /// The user stopped it.
        case stopped
    }

    package var loading = Loading.reading(0)
    /// Files, as the user named them.
    package var sources: [String] = []
    /// What could not be read, a sentence each.
    package var problems: [String] = []
    /// What the captures call addresses.
    package var hostNames: [IPAddress: String] = [:]
    package var index = MessageIndex()
    /// The model as of the cursor.
    package var model = Model()
    /// Messages up to and with the cursor: `index.start` is before the first that is kept, `index.count` behind the last.
    package var cursor = 0
    /// The time that is shown, nanoseconds since the Unix epoch.
    package var time: Int64 = 0
    /// The cursor goes with the end.
    package var isAtEnd = true
    package var timeline = TimeHistogram()
    package var firstTime: Int64 = 0
    package var lastTime: Int64 = 0
    /// Sessions, streams, spaces and names as of the end of what is read: what indices in records refer to.
    package var whole = Model()
    /// What happened, as far as it is read: take from it what has come by `cursor`.
    package var chronicle = Chronicle()
    package var filter: FilteredMessages?
    /// Messages that somebody picked by hand, ascending: the list shows them instead of what the filter lets through.
    package var picked: [Int]?
    package var packets: UInt64 = 0
    /// Packets and datagrams of other protocols.
    package var otherPackets: UInt64 = 0
    /// Packets that came faster than they could be read, and are not shown.
    package var droppedPackets: UInt64 = 0
    /// Packets of interfaces that were not taken in; nil where nobody counted (`CaptureSource.drops`).
    package var drops: InterfaceCapture.Drops?
    /// When that was, in the order of time.
    package var dropEvents: [DropEvent] = []
    /// How much of what came live is kept to be read again; nil of files.
    package var kept: Spool.Figures?
    /// Messages that are in the index no more, and those that had no room in the model when they came.
    package var evicted = 0
    /// The wall clock of what is live, nanoseconds since the Unix epoch; 0 where nobody has told.
    package var now: Int64 = 0
    /// Connections to servers that are watched.
    package var connections: [Connection] = []
    package var reader = MessageReader(stores: [], sideStore: nil)
    var reassemblies: [Int: MessageBook.Reassembly] = [:]

    package init() {}

    /// What was read of a source so far, with the clock at the end of it.
    package init(_ analysis: Analysis, of source: CaptureSource) {
        let book = analysis.book
        sources = source.files.map(\.name)
        problems = source.problems.map(\.description)
        hostNames = source.hostNames
        index = book.index ?? MessageIndex()
        whole = book.model
        model = book.model
        cursor = book.model.counters.messages
        firstTime = book.model.firstTime ?? 0
        lastTime = book.model.lastTime
        time = lastTime
        timeline = book.timeline
        let counters = analysis.counters
        packets = counters.packets
        otherPackets =
            counters.otherLinkLayer + counters.otherNetwork + counters.otherTransport
            + UInt64(analysis.framing.otherUnits)
        droppedPackets = source.dropped
        drops = source.drops
        dropEvents = source.dropEvents
        evicted = index.start + whole.counters.overflow
        kept = source.kept
        connections = source.feeds.map(\.connection)
        reader = MessageReader(stores: source.files.map(\.store), sideStore: book.sideStore)
        reassemblies = book.reassemblies
        chronicle = book.chronicle
    }

    /// The same with the clock at a model of an earlier time.
    package mutating func moveCursor(to model: Model, time: Int64?) {
        self.model = model
        isAtEnd = false
        cursor = model.counters.messages
        let newest = loading == .live ? Int64.max : lastTime
        self.time = max(firstKeptTime, min(time ?? model.lastTime, newest))
    }

    /// Capture time of the first message that is in the index still: the clock goes no further back.
    package var firstKeptTime: Int64 { index.start > 0 ? index.at(index.start)?.time ?? firstTime : firstTime }

    /// Of what is live the end is now, also when nothing comes.
    ///
    /// - Parameter now: nanoseconds since the Unix epoch.
    package mutating func goOn(to now: Int64) {
        self.now = now
        guard loading == .live, !index.isEmpty else { return }
        lastTime = max(lastTime, now)
        if isAtEnd { time = max(time, lastTime) }
    }

    /// Times without a connection as they are known at the clock; each ends at the clock where it has not ended before.
    /// None where traffic comes from elsewhere, too.
    package var gaps: [(start: Int64, end: Int64)] {
        guard connections.count == 1, sources.count == 1, let log = connections.first?.log else { return [] }
        return log.gaps(until: isAtEnd ? .max : time).map { ($0.start, min($0.end ?? time, time)) }
    }

    /// Sequences that are missing at the clock. At the live end the newest may still come: they count as lost when three
    /// more have overtaken them.
    package var lost: Int {
        loading == .live && isAtEnd ? model.counters.lost - model.unsettled : model.counters.lost
    }

    /// The same of one stream of the model.
    package func lost(_ stream: borrowing Stream) -> Int {
        loading == .live && isAtEnd ? stream.sequences.lost(holdOff: SequenceTracker.holdOff) : stream.lost
    }

    /// Messages that the list shows: all, those that the filter lets through, or those picked.
    package var listCount: Int { picked?.count ?? filter?.numbers.keptCount ?? index.keptCount }

    /// Rows that the list had before its first one, which are gone.
    package var listStart: Int { picked == nil ? filter?.numbers.start ?? index.start : 0 }

    /// The index of the message in row `row` of the list.
    package func listed(_ row: Int) -> Int {
        if let picked { return picked[row] }
        if let filter { return filter.numbers[filter.numbers.start + row] }
        return index.start + row
    }

    /// The row of the list that shows a message, or the next one after it.
    package func row(of message: Int) -> Int {
        guard picked != nil || filter != nil else { return max(0, min(message, index.count) - index.start) }
        var low = 0
        var high = listCount
        while low < high {
            let middle = (low + high) / 2
            if listed(middle) < message { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Every field of a message, read and decoded again; nil when its octets are gone.
    package func fieldMap(of message: Int) -> FieldMap? {
        guard let record = index.at(message), let octets = reader.octets(of: record) else { return nil }
        return fieldMap(octets, record, number: message + 1)
    }

    func fieldMap(_ octets: [UInt8], _ record: MessageRecord, number: Int) -> FieldMap {
        var context = MessageDissector.Context()
        context.schemas = whole.schemas
        if record.marks.contains(.decrypted) { context.opened = whole.opened(octets, record) }
        if let reassembly = reassemblies[number],
            let content = reader.sideStore?.read(at: reassembly.position, count: reassembly.size)
        {
            context.reassembled = (reassembly.segments, .success(content))
        }
        if let stream = whole.stream(of: record) { context.sizeLimit = whole.sessions[stream.session].sizeLimit }
        return MessageDissector.dissect(octets, context: context)
    }
}

/// The messages that a filter lets through, found so far.
package struct FilteredMessages: Sendable {
    package var filter: Filter
    /// Indices of messages, ascending.
    package var numbers = ChunkedArray<Int>()
    /// Messages looked at.
    package var examined = 0

    package init(filter: Filter) { self.filter = filter }

    /// Messages before a place of the index are there no more.
    mutating func removeAll(before place: Int) {
        numbers.removeAll(before: numbers.partitionPoint { $0 < place })
        examined = max(examined, place)
    }
}

extension Model {
    /// The stream of an indexed message; nil where a limit was reached.
    package func stream(of record: MessageRecord) -> Stream? {
        Int(record.stream) < streams.count ? streams[Int(record.stream)] : nil
    }

    /// Opens the payload of a message that was opened before.
    func opened(_ octets: [UInt8], _ record: MessageRecord) -> [UInt8]? {
        guard let stream = stream(of: record) else { return nil }
        return octets.withUnsafeBytes { octets in
            guard let envelope = try? Envelope.decode(octets) else { return nil }
            guard stream.isMirrored else {
                return sessions[stream.session].id.flatMap {
                    security.open(octets, envelope, sessionID: $0, from: stream.direction)
                }
            }
            // Sealed for the observer: by a session of the connection on which it came.
            let source = stream.isForward ? flows[stream.flow].first : flows[stream.flow].second
            for session in sessions where session.flow == stream.flow && !session.isMirrored {
                guard let id = session.id else { continue }
                let direction = session.direction(from: source)
                if let payload = security.open(octets, envelope, sessionID: id, from: direction) { return payload }
            }
            return nil
        }
    }
}
