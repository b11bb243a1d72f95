/// What something stood at when an interval ended. Intervals in which nothing happened have none.
package protocol QualityMark: Equatable, Sendable {
    /// Which interval: its beginning since the Unix epoch, in widths.
    var slot: Int64 { get set }
    /// Goes on to what a later mark of the same interval says.
    mutating func absorb(_ later: Self)
}

/// What the counters of a stream, or of everything, stood at when an interval ended: what came in an interval is the
/// difference to the mark before. So the present interval needs no mark; the model knows what its counters stand at.
package struct QualitySample: QualityMark {
    package var slot: Int64
    package internal(set) var counts: QualityCounts
    /// RFC 3550 at the end, milliseconds; NaN before the second message. Of everything: the worst of the streams that
    /// were heard.
    package internal(set) var jitter: Float
    /// The greatest that it was in the interval.
    package internal(set) var jitterPeak: Float

    package mutating func absorb(_ later: QualitySample) {
        counts = later.counts
        jitter = later.jitter
        jitterPeak = Self.worse(jitterPeak, later.jitterPeak)
    }

    @inline(__always)
    static func worse(_ first: Float, _ second: Float) -> Float {
        first.isNaN ? second : second.isNaN ? first : max(first, second)
    }

    package static func == (left: QualitySample, right: QualitySample) -> Bool {
        left.slot == right.slot && left.counts == right.counts
            && left.jitter.bitPattern == right.jitter.bitPattern
            && left.jitterPeak.bitPattern == right.jitterPeak.bitPattern
    }
}

/// Counters as a stream has them, since its beginning. All but the octets begin anew beyond 2^32: what came between two of
/// them is right for days.
package struct QualityCounts: Equatable, Sendable {
    package var octets = 0
    package var messages: UInt32 = 0
    package var lost: UInt32 = 0
    package var duplicates: UInt32 = 0
    package var reordered: UInt32 = 0
    package var retransmits: UInt32 = 0
    package var repeats: UInt32 = 0

    package init() {}

    init(_ stream: borrowing Stream) {
        octets = stream.octets
        messages = UInt32(truncatingIfNeeded: stream.messages)
        lost = UInt32(truncatingIfNeeded: stream.sequences.lost(holdOff: SequenceTracker.holdOff))
        duplicates = UInt32(truncatingIfNeeded: stream.duplicates)
        reordered = UInt32(truncatingIfNeeded: stream.reordered)
        retransmits = UInt32(truncatingIfNeeded: stream.retransmits)
        repeats = UInt32(truncatingIfNeeded: stream.repeats)
    }

    /// Of all streams; what is missing counts at once here.
    init(_ counters: Model.Counters) {
        octets = counters.octets
        messages = UInt32(truncatingIfNeeded: counters.messages)
        lost = UInt32(truncatingIfNeeded: counters.lost)
        duplicates = UInt32(truncatingIfNeeded: counters.duplicates)
        reordered = UInt32(truncatingIfNeeded: counters.reordered)
        retransmits = UInt32(truncatingIfNeeded: counters.retransmits)
        repeats = UInt32(truncatingIfNeeded: counters.repeats)
    }
}

/// Octets of RELIABLE messages that an end of a session had under way.
package struct WindowSample: QualityMark {
    package var slot: Int64
    /// At the end of the interval.
    package internal(set) var octets: UInt32
    package internal(set) var peak: UInt32

    package mutating func absorb(_ later: WindowSample) {
        octets = later.octets
        peak = max(peak, later.peak)
    }
}

/// The marks of one stream in the order of time. Copies share all but the last few.
package struct QualityRun<Mark: Sendable>: Sendable {
    /// Marks in one piece: what a snapshot may have to copy of each stream.
    private static var pieceShift: Int { 6 }

    private var pieces: [[Mark]] = []
    package private(set) var count = 0

    package subscript(place: Int) -> Mark {
        @inline(__always) get { pieces[place >> Self.pieceShift][place & (1 << Self.pieceShift - 1)] }
    }

    /// Calls `body` with each mark of a range.
    @inline(__always)
    package func forEach(_ range: Range<Int>, _ body: (borrowing Mark) -> Void) {
        var place = range.lowerBound
        while place < range.upperBound {
            let piece = pieces[place >> Self.pieceShift]
            let first = place & (1 << Self.pieceShift - 1)
            let last = min(piece.count, first + range.upperBound - place)
            piece.withUnsafeBufferPointer { piece in
                for position in first..<last { body(piece[position]) }
            }
            place += last - first
        }
    }

    fileprivate mutating func add(_ mark: Mark) {
        if count & (1 << Self.pieceShift - 1) == 0 { pieces.append([]) }
        pieces[pieces.count - 1].append(mark)
        count += 1
    }

    fileprivate mutating func changeLast(_ change: (inout Mark) -> Void) {
        change(&pieces[pieces.count - 1][(count - 1) & (1 << Self.pieceShift - 1)])
    }
}

extension QualityRun where Mark: QualityMark {
    /// How many marks lie before an interval.
    package func count(before slot: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].slot < slot { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Adds the mark of an interval that is over. One more of the last interval goes into its mark.
    /// - Returns: whether it is one mark more.
    @discardableResult
    mutating func append(_ mark: Mark) -> Bool {
        if count > 0, self[count - 1].slot == mark.slot {
            changeLast { $0.absorb(mark) }
            return false
        }
        add(mark)
        return true
    }

    /// The interval of the last mark.
    var lastSlot: Int64 { count > 0 ? self[count - 1].slot : .min }

    /// Makes so many intervals one.
    mutating func coarsen(by factor: Int64) {
        var coarse = QualityRun()
        for place in 0..<count {
            var mark = self[place]
            mark.slot = floorDivided(mark.slot, by: factor)
            coarse.append(mark)
        }
        self = coarse
    }
}

/// The quotient rounded down, for times before 1970 as well.
@inline(__always)
func floorDivided(_ value: Int64, by divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
