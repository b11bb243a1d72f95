import SpatioWire

/// Which sequences of one stream have arrived: a window of one bit each, behind which everything counts as arrived. It
/// is what tells duplicates and replays, and what a PONG acknowledges by.
struct ReceivedSequences: Sendable {
    /// Every lower one has arrived, or has been given up.
    private(set) var next: UInt32
    /// One behind the highest that has arrived.
    private(set) var end: UInt32
    /// The bit of a sequence in the window lies at the sequence modulo the number of bits.
    private var words = [UInt64](repeating: 0, count: 4)

    /// Sequences in the window: 16 s of 4,000 messages a second, in 8 KiB.
    static let windowSize: UInt32 = 65_536
    /// A sequence so far ahead is no gap that a living session could have: 45 s at 20,000 messages a second, lost.
    static let jumpLimit: UInt32 = 1 << 20

    enum Standing {
        case new
        /// It arrived before, or lies before the window.
        case known
        /// Further ahead than any loss explains.
        case tooFar
    }

    init(startingAt first: UInt32 = 0) {
        next = first
        end = first
    }

    func standing(of sequence: UInt32) -> Standing {
        let standing = Self.standing(of: sequence, ifFirstIs: next)
        return standing == .new && sequence.precedes(end) && bit(sequence) ? .known : standing
    }

    /// The standing on a stream of which nothing has arrived yet.
    static func standing(of sequence: UInt32, ifFirstIs first: UInt32) -> Standing {
        let ahead = sequence &- first
        if ahead >= 1 << 31 { return .known }
        return ahead >= jumpLimit ? .tooFar : .new
    }

    /// Takes a sequence whose standing is new.
    mutating func insert(_ sequence: UInt32) {
        if sequence == next, next == end {
            next &+= 1
            end = next
            return
        }
        if sequence &- next >= Self.windowSize { forget(below: sequence &- (Self.windowSize - 1)) }
        while sequence &- next >= capacity { grow() }
        words[word(sequence)] |= 1 << UInt64(sequence & 63)
        if !sequence.precedes(end) { end = sequence &+ 1 }
        if sequence == next { skipArrived() }
    }

    /// Gives up what has not arrived before a sequence: it counts as arrived from now on.
    mutating func forget(below sequence: UInt32) {
        guard next.precedes(sequence) else { return }
        if sequence &- next >= capacity {
            for index in words.indices { words[index] = 0 }
        } else {
            while next != sequence {
                words[word(next)] &= ~(1 << UInt64(next & 63))
                next &+= 1
            }
        }
        next = sequence
        if end.precedes(next) { end = next }
        skipArrived()
    }

    /// The holes below a sequence, lowest first, in at most `most` ranges.
    ///
    /// Where there are more holes, neighbours are reported as one range with what arrived between them: what is not
    /// acknowledged now will be another time, but nothing is ever acknowledged that has not arrived. The newer half is
    /// exact always; of the older ones, another part each `turn`.
    func missing(below limit: UInt32, most: Int, turn: Int) -> [Pong.SequenceRange] {
        guard next.precedes(limit) else { return [] }
        var holes: [Pong.SequenceRange] = []
        let stop = end.precedes(limit) ? end : limit
        var place = next
        while place != stop {
            let first = find(arrived: false, from: place, to: stop)
            guard first != stop else { break }
            place = find(arrived: true, from: first, to: stop)
            holes.append(Pong.SequenceRange(first: first, count: place &- first))
        }
        if end.precedes(limit) { holes.append(Pong.SequenceRange(first: end, count: limit &- end)) }
        guard holes.count > most else { return holes }
        let newest = most / 2
        let older = holes.count - newest
        let part = max(most - newest - 2, 1)
        let start = (turn % ((older + part - 1) / part)) * part
        let exact = start..<min(start + part, older)
        return Self.joined(holes[..<exact.lowerBound]) + holes[exact] + Self.joined(holes[exact.upperBound..<older])
            + holes[older...]
    }

    private static func joined(_ holes: ArraySlice<Pong.SequenceRange>) -> [Pong.SequenceRange] {
        guard let first = holes.first, let last = holes.last else { return [] }
        return [Pong.SequenceRange(first: first.first, count: last.first &+ last.count &- first.first)]
    }

    private var capacity: UInt32 { UInt32(words.count * 64) }

    @inline(__always)
    private func word(_ sequence: UInt32) -> Int { Int(sequence >> 6) & (words.count - 1) }

    private func bit(_ sequence: UInt32) -> Bool { words[word(sequence)] >> UInt64(sequence & 63) & 1 == 1 }

    /// The first sequence from one place to another that has arrived or not, or else the other place.
    private func find(arrived: Bool, from start: UInt32, to stop: UInt32) -> UInt32 {
        var place = start
        while place.precedes(stop) {
            let rest = words[word(place)] >> UInt64(place & 63)
            // Zeros come in from above, so that a search for them ends at the word's end at the latest.
            let run = min((arrived ? rest : ~rest).trailingZeroBitCount, 64 - Int(place & 63))
            place &+= UInt32(run)
            if run < 64 - Int((place &- UInt32(run)) & 63) { break }
        }
        return place.precedes(stop) ? place : stop
    }

    private mutating func skipArrived() {
        let arrived = find(arrived: false, from: next, to: end)
        while next != arrived {
            words[word(next)] &= ~(1 << UInt64(next & 63))
            next &+= 1
        }
    }

    private mutating func grow() {
        var grown = [UInt64](repeating: 0, count: words.count * 2)
        var place = next
        while place.precedes(end) {
            if bit(place) { grown[Int(place >> 6) & (grown.count - 1)] |= 1 << UInt64(place & 63) }
            place &+= 1
        }
        words = grown
    }
}
