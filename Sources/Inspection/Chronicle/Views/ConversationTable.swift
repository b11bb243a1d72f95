import SpatioSession
import SpatioWire

/// Tells which session on the wire is the one that a server mirrors: by its id where the wire has told it, else by some
/// messages which both have at the same sender's time, because who begins to watch in the middle has not seen the id.
struct ConversationTable {
    /// Messages that have to agree, one after the other: by accident two senders write the same stream, sequence, type and
    /// microsecond once.
    private static let agreements = 3
    /// Sessions that are told apart; beyond it all are looked at anew.
    private static let limit = 65_536
    /// Messages of sessions without an id that are remembered: some seconds of many.
    private static let sightingLimit = 16_384

    private typealias Sighting = ViewTracker.Sighting
    typealias Place = ViewComparison.SessionPlace

    private var numbers: [Place: UInt32] = [:]
    private var byID: [UUID: UInt32] = [:]
    private var next: UInt32 = 0
    /// Conversations of which the wire has been seen.
    private var onWire: [UInt32: Place] = [:]

    /// Messages of sessions whose other view is not known.
    private var strangers: [Sighting: Stranger] = [:]
    private var order: [Sighting] = []
    private var oldest = 0
    private var agreements: [Place: (conversation: UInt32, count: Int)] = [:]

    private struct Stranger {
        var place: Place
        var isMirrored: Bool
        /// Several sessions have such a message.
        var isAmbiguous = false
    }

    /// The number of the conversation that a session on the wire is; nil while that is not known.
    mutating func onWire(_ place: Place, _ sighting: ViewTracker.Sighting, _ model: borrowing Model) -> UInt32? {
        if let known = numbers[place] { return known }
        if let id = model.sessions[place.session].id {
            let number = number(of: id)
            numbers[place] = number
            onWire[number] = place
            return number
        }
        guard let other = meet(place, sighting, isMirrored: false) else { return nil }
        return agree(place, with: other)
    }

    /// The number of the conversation that a mirrored session is; nil while nothing is known of it on the wire.
    mutating func mirrored(_ place: Place, _ sighting: ViewTracker.Sighting, _ model: borrowing Model) -> UInt32? {
        guard let id = model.sessions[place.session].id else { return nil }
        let number = numbers[place] ?? number(of: id)
        if numbers[place] == nil { numbers[place] = number }
        if onWire[number] != nil { return number }
        // Where the wire has told the id, both are in one place of the model.
        if !model.sessions[place.session].isMirrored {
            onWire[number] = place
            return number
        }
        guard let other = meet(place, sighting, isMirrored: true) else { return nil }
        return agree(other, with: place)
    }

    private mutating func number(of id: UUID) -> UInt32 {
        if let known = byID[id] { return known }
        if max(byID.count, numbers.count) >= Self.limit {
            // The numbers go on, so that nothing old is taken for something new.
            let next = next
            self = ConversationTable()
            self.next = next
        }
        defer { next &+= 1 }
        byID[id] = next
        return next
    }

    // MARK: Sessions without an id

    /// The session that has seen the same message the other way; nil where none has, or several.
    private mutating func meet(_ place: Place, _ sighting: Sighting, isMirrored: Bool) -> Place? {
        guard let stranger = strangers[sighting] else {
            remember(Stranger(place: place, isMirrored: isMirrored), sighting)
            return nil
        }
        if stranger.isMirrored == isMirrored {
            if stranger.place != place { strangers[sighting]?.isAmbiguous = true }
            return nil
        }
        return stranger.isAmbiguous ? nil : stranger.place
    }

    private mutating func remember(_ stranger: Stranger, _ sighting: Sighting) {
        strangers[sighting] = stranger
        order.append(sighting)
        guard order.count - oldest > Self.sightingLimit else { return }
        strangers[order[oldest]] = nil
        oldest += 1
        guard oldest > order.count / 2 else { return }
        order.removeFirst(oldest)
        oldest = 0
    }

    /// Counts that a session on the wire has a message of a mirrored one; the conversation that it is from now on, when
    /// enough agree.
    private mutating func agree(_ wire: Place, with mirrored: Place) -> UInt32? {
        guard let number = numbers[mirrored], onWire[number] == nil else { return nil }
        let before = agreements[wire].flatMap { $0.conversation == number ? $0.count : nil } ?? 0
        guard before + 1 >= Self.agreements else {
            if agreements.count >= Self.limit { agreements = [:] }
            agreements[wire] = (number, before + 1)
            return nil
        }
        agreements[wire] = nil
        numbers[wire] = number
        onWire[number] = wire
        return number
    }
}
