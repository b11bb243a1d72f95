import SpatioSession
import SpatioWire

/// Finds the messages that were seen twice, on the wire and by an observer, whichever came first.
///
/// They are the same by session, direction, stream, sequence and type, the first of each: what is repeated counts once.
/// It costs nothing before an observer joins, or the first mirrored message comes.
struct ViewTracker {
    /// Nanoseconds after which what only one has seen is taken for what the other has not: as long as a stopped link or a
    /// busy server may well take, and not so long that memory tells.
    static let holdOff: Int64 = 3_000_000_000
    /// Messages that wait or are remembered for their twins; beyond it the oldest is not compared. Some 100 octets each.
    private static let limit = 65_536
    /// Observers of one session that are told apart.
    private static let observerLimit = 8

    /// Somebody observes.
    private(set) var isWatching = false
    private var conversations = ConversationTable()
    private var wires: [Key: OnWire] = [:]
    private var mirrors: [Key: [Mirrored]] = [:]
    /// All of them in the order in which they came; those before `oldest` are gone.
    private var order: [(key: Key, time: Int64, isMirrored: Bool)] = []
    private var oldest = 0
    /// Places of the comparisons of each conversation, one an observer.
    private var comparisons: [UInt32: [Followed]] = [:]
    /// When each observer was heard last, by the ordinal of its flow.
    private var heard: [UInt32: Int64] = [:]

    private struct Key: Hashable {
        var conversation: UInt32
        var stream: UInt32
        var sequence: UInt32
        var type: UInt8
        var direction: Direction

        init(_ conversation: UInt32, _ sighting: Sighting) {
            self.conversation = conversation
            stream = sighting.stream
            sequence = sighting.sequence
            type = sighting.type
            direction = sighting.direction
        }
    }

    private struct OnWire {
        var number: Int
        var time: Int64
        var place: ViewComparison.SessionPlace
        var space: Int?
        /// What may have been sent before says nothing where its twin does not come.
        var isRepeat: Bool
        /// The observers that have seen it, a bit each, in the order of the conversation's comparisons.
        var observers: UInt8 = 0
    }

    private struct Mirrored {
        var number: Int
        var time: Int64
        var place: ViewComparison.SessionPlace
        var stream: Int
        var space: Int?
        var observer: Int
        var ordinal: UInt32
        var moves: [(entity: Int, metres: Double)]
    }

    /// A comparison that goes on.
    private struct Followed {
        var ordinal: UInt32
        var place: Int
        var begun: Int64
        /// What the observer is shown: only of such messages it can be said that one is missing.
        var kinds: Set<Kind> = []
    }

    private struct Kind: Hashable {
        var type: UInt8
        var direction: Direction
        var space: Int?
    }

    /// Kinds of messages of one session; one with more is an attack.
    private static let kindLimit = 256

    // MARK: Messages

    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout ViewChronicle
    ) {
        guard let stream = outcome.stream, let session = outcome.session, let direction = outcome.direction,
            let header = outcome.header
        else { return }
        let isMirrored = model.streams[stream].isMirrored
        if case .connect(let connect)? = outcome.payload, connect.role == .observer { isWatching = true }
        guard isWatching || isMirrored, outcome.marks.isDisjoint(with: [.malformed, .duplicate]) else { return }
        let place = ViewComparison.SessionPlace(session: session, since: model.sessions[session].since)
        expire(arrival, &chronicle)
        let sighting = Sighting(
            stream: header.streamID, sequence: header.sequence, type: header.type.rawValue, direction: direction,
            sent: header.timestamp)
        if isMirrored {
            isWatching = true
            let flow = model.streams[stream].flow
            let mirrored = Mirrored(
                number: arrival.number, time: arrival.time, place: place, stream: stream, space: outcome.space,
                observer: flow, ordinal: model.flows[flow].ordinal, moves: Self.moves(outcome, model))
            outcome.view = see(mirrored, sighting, model, &chronicle)
        } else {
            let wire = OnWire(
                number: arrival.number, time: arrival.time, place: place, space: outcome.space,
                isRepeat: header.flags.contains(.retransmit))
            outcome.view = see(wire, sighting, model, &chronicle)
        }
    }

    /// A message that went the short way is new, and on the wire.
    mutating func takePlain(
        _ arrival: borrowing MessageArrival, _ outcome: borrowing PlainOutcome, _ model: borrowing Model,
        _ chronicle: inout ViewChronicle
    ) -> ViewMatch? {
        expire(arrival, &chronicle)
        let stream = model.streams[outcome.stream]
        let place = ViewComparison.SessionPlace(
            session: stream.session, since: model.sessions[stream.session].since)
        let sighting = Sighting(
            stream: outcome.message.streamID, sequence: outcome.message.sequence,
            type: MessageType.spatialUpdate.rawValue, direction: stream.direction, sent: outcome.message.sent)
        let wire = OnWire(
            number: arrival.number, time: arrival.time, place: place, space: outcome.space, isRepeat: false)
        return see(wire, sighting, model, &chronicle)
    }

    private mutating func see(
        _ wire: OnWire, _ sighting: Sighting, _ model: borrowing Model, _ chronicle: inout ViewChronicle
    ) -> ViewMatch? {
        // What an observer itself says is mirrored to nobody.
        guard model.sessions[wire.place.session].role != .observer,
            let conversation = conversations.onWire(wire.place, sighting, model)
        else { return nil }
        let key = Key(conversation, sighting)
        guard wires[key] == nil else { return nil }
        var wire = wire
        var match: ViewMatch?
        for mirrored in mirrors.removeValue(forKey: key) ?? [] {
            match = join(&wire, mirrored, key, model, &chronicle) ?? match
        }
        wires[key] = wire
        remember(key, wire.time, isMirrored: false)
        return match
    }

    private mutating func see(
        _ mirrored: Mirrored, _ sighting: Sighting, _ model: borrowing Model, _ chronicle: inout ViewChronicle
    ) -> ViewMatch? {
        if heard[mirrored.ordinal] == nil, heard.count >= ViewChronicle.Limits.comparisons { heard = [:] }
        heard[mirrored.ordinal] = mirrored.time
        guard let conversation = conversations.mirrored(mirrored.place, sighting, model) else { return nil }
        let key = Key(conversation, sighting)
        if var wire = wires[key] {
            let match = join(&wire, mirrored, key, model, &chronicle)
            wires[key] = wire
            return match
        }
        let waiting = mirrors[key] ?? []
        guard waiting.count < Self.observerLimit, !waiting.contains(where: { $0.ordinal == mirrored.ordinal }) else {
            return nil
        }
        mirrors[key] = waiting + [mirrored]
        if waiting.isEmpty { remember(key, mirrored.time, isMirrored: true) }
        return nil
    }

    /// Both have come; nil where this observer has seen it before.
    private mutating func join(
        _ wire: inout OnWire, _ mirrored: Mirrored, _ key: Key, _ model: borrowing Model,
        _ chronicle: inout ViewChronicle
    ) -> ViewMatch? {
        let begun = min(wire.time, mirrored.time)
        guard let (number, place) = comparison(key.conversation, wire, mirrored, begun, model, &chronicle),
            wire.observers & 1 << number == 0
        else { return nil }
        wire.observers |= 1 << number
        let kind = Kind(type: key.type, direction: key.direction, space: mirrored.space)
        if comparisons[key.conversation]?[number].kinds.count ?? 0 < Self.kindLimit {
            comparisons[key.conversation]?[number].kinds.insert(kind)
        }
        let metres = mirrored.moves.map(\.metres).max()
        let match = ViewMatch(
            wire: UInt32(clamping: wire.number), mirrored: UInt32(clamping: mirrored.number),
            stream: UInt32(clamping: mirrored.stream), comparison: UInt32(clamping: place),
            milliseconds: Float(Double(mirrored.time &- wire.time) / 1e6),
            metresOrNone: metres.map { Float($0) } ?? .nan)
        chronicle.add(match, mirrored.moves)
        return match
    }

    /// The comparison of a session with what an observer sees of it: its number in the conversation and its place in the
    /// chronicle.
    private mutating func comparison(
        _ conversation: UInt32, _ wire: OnWire, _ mirrored: Mirrored, _ begun: Int64, _ model: borrowing Model,
        _ chronicle: inout ViewChronicle
    ) -> (number: Int, place: Int)? {
        let known = comparisons[conversation] ?? []
        if let number = known.firstIndex(where: { $0.ordinal == mirrored.ordinal }) {
            return (number, known[number].place)
        }
        guard known.count < Self.observerLimit, let id = model.sessions[mirrored.place.session].id else { return nil }
        let place = chronicle.add(
            ViewComparison(
                sessionID: id, wire: wire.place, mirrored: mirrored.place, observer: mirrored.observer, begun: begun))
        if comparisons.count >= ViewChronicle.Limits.comparisons, known.isEmpty { comparisons = [:] }
        comparisons[conversation, default: []].append(
            Followed(ordinal: mirrored.ordinal, place: place, begun: begun))
        return (known.count, place)
    }

    // MARK: What only one has seen

    private mutating func remember(_ key: Key, _ time: Int64, isMirrored: Bool) {
        order.append((key, time, isMirrored))
        guard order.count - oldest > Self.limit else { return }
        forget(order[oldest])
        oldest += 1
        compact()
    }

    private mutating func forget(_ entry: (key: Key, time: Int64, isMirrored: Bool)) {
        if entry.isMirrored {
            if mirrors[entry.key]?.first?.time == entry.time { mirrors[entry.key] = nil }
        } else if wires[entry.key]?.time == entry.time {
            wires[entry.key] = nil
        }
    }

    /// Gives the room of what is gone back, seldom.
    private mutating func compact() {
        guard oldest > 1024, oldest > order.count / 2 else { return }
        order.removeFirst(oldest)
        oldest = 0
    }

    private mutating func expire(_ arrival: borrowing MessageArrival, _ chronicle: inout ViewChronicle) {
        while oldest < order.count, arrival.time &- order[oldest].time > Self.holdOff {
            let entry = order[oldest]
            oldest += 1
            if entry.isMirrored {
                for mirrored in mirrors[entry.key] ?? [] {
                    tell(of: mirrored, entry.key, known: arrival.number, &chronicle)
                }
            } else if let wire = wires[entry.key], wire.time == entry.time, !wire.isRepeat {
                tell(of: wire, entry.key, known: arrival.number, &chronicle)
            }
            forget(entry)
        }
        compact()
    }

    private func tell(of mirrored: Mirrored, _ key: Key, known: Int, _ chronicle: inout ViewChronicle) {
        guard let followed = comparisons[key.conversation]?.first(where: { $0.ordinal == mirrored.ordinal }),
            mirrored.time >= followed.begun
        else { return }
        chronicle.add(
            LoneMessage(
                message: UInt32(clamping: mirrored.number), known: UInt32(clamping: known),
                comparison: UInt32(clamping: followed.place), isMirrored: true))
    }

    private func tell(of wire: OnWire, _ key: Key, known: Int, _ chronicle: inout ViewChronicle) {
        let kind = Kind(type: key.type, direction: key.direction, space: wire.space)
        for (number, followed) in (comparisons[key.conversation] ?? []).enumerated()
        where wire.observers & 1 << number == 0 && wire.time >= followed.begun && followed.kinds.contains(kind) {
            // An observer that has gone since misses nothing.
            guard let last = heard[followed.ordinal], last >= wire.time else { continue }
            chronicle.add(
                LoneMessage(
                    message: UInt32(clamping: wire.number), known: UInt32(clamping: known),
                    comparison: UInt32(clamping: followed.place), isMirrored: false))
        }
    }
}
