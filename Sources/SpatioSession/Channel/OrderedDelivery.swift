/// What holds back the ORDERED messages of one stream until everything before them has arrived. The window of received
/// sequences decides when that is; this holds what it has to wait for, within bounds that its owner keeps.
struct OrderedDelivery<Item: Sendable>: Sendable {
    struct Held: Sendable {
        var sequence: UInt32
        var item: Item
        /// Octets that it takes here.
        var size: Int
        /// Nanoseconds of the clock when it came.
        var since: Int64
    }

    /// By rising sequence.
    private var held: [Held] = []
    /// The highest sequence handed over.
    private(set) var latest: UInt32?

    var isEmpty: Bool { held.isEmpty }

    /// When the one that has waited longest came.
    var oldest: Int64? { held.lazy.map(\.since).min() }

    /// Whether a message comes behind one with a higher sequence.
    func isOvertaken(_ sequence: UInt32) -> Bool { latest.map { sequence.precedes($0) } ?? false }

    mutating func pass(_ sequence: UInt32) {
        if !isOvertaken(sequence) { latest = sequence }
    }

    mutating func hold(_ entry: Held) {
        var place = held.count
        while place > 0, entry.sequence.precedes(held[place - 1].sequence) { place -= 1 }
        held.insert(entry, at: place)
    }

    /// Takes those before a sequence, in order.
    mutating func release(before sequence: UInt32) -> [Held] {
        guard let first = held.first, first.sequence.precedes(sequence) else { return [] }
        let count = held.firstIndex { !$0.sequence.precedes(sequence) } ?? held.count
        let released = Array(held[..<count])
        held.removeFirst(count)
        if let last = released.last { pass(last.sequence) }
        return released
    }

    /// The sequence behind the last that came by a moment: what it waited for is to be given up.
    func end(ofThoseSince moment: Int64) -> UInt32? {
        held.last { $0.since <= moment }.map { $0.sequence &+ 1 }
    }
}
