import SpatioWire

/// Which sequences of one stream have come: what is lost, came twice, came late.
///
/// Exact by keeping the ranges that are missing between the lowest and the highest sequence seen; a stream without loss
/// has none. Comparison is RFC 1982 serial arithmetic.
package struct SequenceTracker: Equatable, Sendable {
    package enum Arrival: Equatable, Sendable {
        /// The next one, or the first of all.
        case inOrder
        /// Higher than expected: so many sequences are missing before it.
        case ahead(missing: UInt32)
        /// A first arrival below the highest: it was missing until now, or lies before the lowest.
        case late(wasMissing: Bool)
        /// Seen before.
        case again
        /// So far away that the sender must have begun anew.
        case restart

        /// It is the newest of its stream.
        var isForward: Bool {
            switch self {
            case .inOrder, .ahead, .restart: true
            case .late, .again: false
            }
        }
    }

    /// A jump beyond this is a new beginning and no loss: 2^20 messages are hours of a busy stream.
    static let largestJump: Int32 = 1 << 20
    /// Ranges kept; older ones count as lost for good. Bounds what a hostile sender makes us keep.
    static let rangeLimit = 1024

    package struct Missing: Equatable, Sendable {
        package var first: UInt32
        package var count: UInt32
    }

    package private(set) var lowest: UInt32 = 0
    package private(set) var highest: UInt32 = 0
    package private(set) var isEmpty = true
    /// In serial order.
    package private(set) var missing: [Missing] = []
    /// Lost in ranges that are no longer kept.
    private var forgotten = 0
    private var missingCount = 0
    /// What lies below the lowest is settled: nobody can tell any more whether it came.
    private var isSettled = false

    package init() {}

    /// Sequences between the lowest and the highest that never came.
    package var lost: Int { missingCount + forgotten }

    /// Lost, but for what lies within the last `holdOff` sequences, which may still come.
    package func lost(holdOff: UInt32) -> Int {
        var count = lost
        for range in missing.reversed() {
            let last = range.first &+ range.count &- 1
            let distance = highest &- last
            if distance >= holdOff { break }
            count -= Int(min(range.count, holdOff - distance))
        }
        return count
    }

    /// Sequences that are lost when so many have overtaken them (design section 3).
    static let holdOff: UInt32 = 3

    /// Missing ones that may still come.
    @inline(__always)
    var unsettled: Int { lost == 0 ? 0 : lost - lost(holdOff: Self.holdOff) }

    /// Whether `arrive` would find this one in order.
    @inline(__always)
    func isNext(_ sequence: UInt32) -> Bool { !isEmpty && sequence == highest &+ 1 }

    /// The next one has arrived.
    @inline(__always)
    mutating func advance() { highest &+= 1 }

    /// Takes for arrived what lies before a sequence: nobody could see whether it has.
    mutating func skip(to sequence: UInt32) {
        let distance = sequence.serialDistance(from: highest)
        if !isEmpty, distance > 1, distance <= Self.largestJump { highest = sequence &- 1 }
    }

    package mutating func arrive(_ sequence: UInt32) -> Arrival {
        guard !isEmpty else {
            isEmpty = false
            lowest = sequence
            highest = sequence
            return .inOrder
        }
        let distance = sequence.serialDistance(from: highest)
        if distance == 1 {
            highest = sequence
            return .inOrder
        }
        if distance > 1 { return ahead(sequence, distance) }
        if sequence.serialDistance(from: lowest) < 0 { return before(sequence) }
        return fill(sequence) ? .late(wasMissing: true) : .again
    }

    private mutating func ahead(_ sequence: UInt32, _ distance: Int32) -> Arrival {
        guard distance <= Self.largestJump else { return restart(at: sequence) }
        let gap = UInt32(distance) - 1
        missing.append(Missing(first: highest &+ 1, count: gap))
        missingCount += Int(gap)
        trim()
        highest = sequence
        return .ahead(missing: gap)
    }

    private mutating func before(_ sequence: UInt32) -> Arrival {
        let distance = lowest.serialDistance(from: sequence)
        guard distance > 0, distance <= Self.largestJump else { return restart(at: sequence) }
        if isSettled { return .again }
        lowest = sequence
        let gap = UInt32(distance) - 1
        if gap > 0 {
            missing.insert(Missing(first: sequence &+ 1, count: gap), at: 0)
            missingCount += Int(gap)
            trim()
        }
        return .late(wasMissing: false)
    }

    private mutating func restart(at sequence: UInt32) -> Arrival {
        forgotten += missingCount
        missingCount = 0
        missing.removeAll()
        isSettled = false
        lowest = sequence
        highest = sequence
        return .restart
    }

    /// Takes a sequence out of the missing ones; false when it was not among them.
    private mutating func fill(_ sequence: UInt32) -> Bool {
        var low = 0
        var high = missing.count
        while low < high {
            let middle = (low + high) / 2
            let range = missing[middle]
            let offset = sequence.serialDistance(from: range.first)
            if offset < 0 {
                high = middle
            } else if offset >= Int32(bitPattern: range.count) {
                low = middle + 1
            } else {
                remove(UInt32(offset), from: middle)
                return true
            }
        }
        return false
    }

    private mutating func remove(_ offset: UInt32, from index: Int) {
        let range = missing[index]
        missingCount -= 1
        let after = range.count - offset - 1
        switch (offset, after) {
        case (0, 0): missing.remove(at: index)
        case (0, _): missing[index] = Missing(first: range.first &+ 1, count: after)
        case (_, 0): missing[index].count = offset
        default:
            missing[index].count = offset
            missing.insert(Missing(first: range.first &+ offset &+ 1, count: after), at: index + 1)
            trim()
        }
    }

    private mutating func trim() {
        guard missing.count > Self.rangeLimit else { return }
        let range = missing.removeFirst()
        forgotten += Int(range.count)
        missingCount -= Int(range.count)
        // What lies before the first kept range is settled: a copy of it that comes now is no first arrival.
        lowest = range.first &+ range.count
        isSettled = true
    }
}
