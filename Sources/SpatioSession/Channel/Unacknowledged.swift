import SpatioWire

/// The RELIABLE messages of one stream that the other end has not acknowledged, by rising sequence.
struct Unacknowledged: Sendable {
    struct Entry: Sendable {
        var sequence: UInt32
        /// As it was sent; empty where nothing is ever repeated.
        var octets: [UInt8]
        /// What it takes of the window.
        var size: Int
        /// Nanoseconds of the clock when it is to be repeated; nil while it is queued.
        var due: Int64?
        var isSent = false
        var repeats = 0
    }

    private(set) var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }
    var oldest: UInt32? { entries.first?.sequence }

    mutating func append(_ entry: Entry) { entries.append(entry) }

    /// Notes that a message has been sent, or sent again.
    mutating func note(_ sequence: UInt32, due: Int64) {
        guard let index = index(of: sequence) else { return }
        entries[index].due = due
        entries[index].isSent = true
    }

    /// The message as it was sent first; nil when it has been acknowledged meanwhile.
    func octets(of sequence: UInt32) -> [UInt8]? { index(of: sequence).map { entries[$0].octets } }

    func repeats(of sequence: UInt32) -> Int { index(of: sequence).map { entries[$0].repeats } ?? 0 }

    /// Takes the messages whose time has come by `moment`; their next one is set when they are sent again.
    /// `isGivenUp` where one has been repeated as often as it may be.
    mutating func takeDue(by moment: Int64) -> (sequences: [UInt32], isGivenUp: Bool) {
        var sequences: [UInt32] = []
        for index in entries.indices {
            guard let due = entries[index].due, due <= moment else { continue }
            guard entries[index].repeats < RoundTripEstimator.repeatLimit else { return ([], true) }
            entries[index].repeats += 1
            entries[index].due = nil
            sequences.append(entries[index].sequence)
        }
        return (sequences, false)
    }

    /// Takes every message that has been sent and is not on its way again; it is no repeat that counts towards giving up.
    mutating func takeSent() -> [UInt32] {
        var sequences: [UInt32] = []
        for index in entries.indices where entries[index].due != nil {
            entries[index].due = nil
            sequences.append(entries[index].sequence)
        }
        return sequences
    }

    /// When the next message is to be repeated.
    var nextDue: Int64? {
        var earliest: Int64?
        for entry in entries {
            if let due = entry.due, due < earliest ?? .max { earliest = due }
        }
        return earliest
    }

    /// Takes what a PONG says: everything before `end`, the position of the stream when the PING was sent, has arrived
    /// but what is missing. Gives back the octets of the window that this frees.
    mutating func acknowledge(before end: UInt32, _ missing: MissingSequences) -> Int {
        var freed = 0
        var range = 0
        entries.removeAll { entry in
            // What is waiting to be sent first cannot have arrived, whatever the other end says.
            guard entry.sequence.precedes(end), entry.isSent else { return false }
            let place = serialDistance(from: missing.base, to: entry.sequence)
            while range < missing.ranges.count, missing.ranges[range].upperBound <= place { range += 1 }
            guard range == missing.ranges.count || place < missing.ranges[range].lowerBound else { return false }
            freed += entry.size
            return true
        }
        return freed
    }

    private func index(of sequence: UInt32) -> Int? {
        guard let base = entries.first?.sequence else { return nil }
        let wanted = serialDistance(from: base, to: sequence)
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if serialDistance(from: base, to: entries[middle].sequence) < wanted {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < entries.count && entries[low].sequence == sequence ? low : nil
    }
}
