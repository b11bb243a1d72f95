import SpatioWire

/// Puts segmented messages together again (profile section 3.2), in whatever order their segments arrive.
///
/// Segments of one whole have consecutive sequences, so those that are here form runs of neighbours. A run knows its
/// two ends only: joining a segment to its neighbours takes the same time however long the run is.
public struct SegmentAssembler: Sendable {
    /// A whole, as it was before it was cut.
    public struct Assembled: Hashable, Sendable {
        public var segments: Int
        /// The sequence of its first segment.
        public var firstSequence: UInt32
        /// Still compressed.
        public var octets: [UInt8]
        public var compression: Compression
    }

    public struct Counters: Hashable, Sendable {
        public var assembled = 0
        /// Segments that were here already, or belong to a whole that was put together a short while ago.
        public var duplicates = 0
        /// Runs whose segments contradict each other.
        public var contradictions = 0
        /// Runs given up, the oldest first, because others needed the room.
        public var evictions = 0
    }

    /// Octets held: four of the largest wholes that a session can negotiate.
    public static let octetLimit = 4 * WireLimits.largestMessage
    /// Segments held: the largest whole in segments of 64 octets; below that the bookkeeping outweighs the octets.
    public static let segmentLimit = WireLimits.largestMessage / 64
    /// Segments held however small the largest whole is.
    private static let leastSegmentLimit = 1024
    /// Wholes remembered of each stream, so that late duplicates of their segments are known as such.
    private static let rememberedWholes = 8
    /// Streams that wholes are remembered of. Beyond it all are forgotten, which costs no more than that a whole whose
    /// every segment is repeated late comes out twice.
    private static let rememberedStreams = 4096

    private struct Key: Hashable, Sendable {
        var stream: UInt64
        var sequence: UInt32
    }

    private struct Segment: Sendable {
        var octets: [UInt8]
        var form: DataForm
        var type: MessageType
        /// Of the first and the last segment of a run: the sequence of the other one.
        var otherEnd: UInt32
        /// Its number among all arrivals.
        var arrival: UInt64

        /// What this and the segment with the next sequence are to each other.
        func relation(to next: Segment) -> Relation {
            switch (form.lastSegment, next.form.segmentOffset == 0) {
            case (true, true): return .separate
            case (true, false), (false, true): return .contradictory
            case (false, false):
                let agree =
                    type == next.type && form.compression == next.form.compression
                    && form.totalSize == next.form.totalSize
                    && UInt64(form.segmentOffset) + UInt64(octets.count) == UInt64(next.form.segmentOffset)
                return agree ? .joined : .contradictory
            }
        }
    }

    private enum Relation {
        /// Parts of one whole.
        case joined
        /// The last of one whole and the first of the next.
        case separate
        case contradictory
    }

    private struct Arrival: Sendable {
        var key: Key
        var number: UInt64
    }

    private struct Run: Sendable {
        var first: UInt32
        var last: UInt32

        func contains(_ sequence: UInt32) -> Bool { sequence &- first <= last &- first }
    }

    private var segments: [Key: Segment] = [:]
    private var octets = 0
    /// Oldest first from `oldest` on. Those that are no longer held stay until there are more of them than of others.
    private var arrivals: [Arrival] = []
    private var oldest = 0
    private var nextArrival: UInt64 = 0
    private var wholes: [UInt64: [Run]] = [:]
    public private(set) var counters = Counters()

    private let octetLimit: Int
    private let segmentLimit: Int

    /// - Parameter largestWhole: octets of the largest whole that can come; four of them are held at most.
    public init(largestWhole: Int = WireLimits.largestMessage) {
        octetLimit = min(4 * largestWhole, Self.octetLimit)
        segmentLimit = max(min(largestWhole, WireLimits.largestMessage) / 64, Self.leastSegmentLimit)
    }

    public var pendingSegments: Int { segments.count }
    public var pendingOctets: Int { octets }

    /// Takes one segment; returns the whole that it completes. An unsegmented whole comes back at once and leaves no
    /// trace.
    ///
    /// - Parameters:
    ///   - stream: names one stream of one sender; sequences are compared within it.
    ///   - octets: the payload of the message, opened if it was sealed.
    public mutating func add(
        stream: UInt64, sequence: UInt32, form: DataForm, type: MessageType, octets: [UInt8]
    ) -> Assembled? {
        guard form.totalSize <= WireLimits.largestMessage, octets.count == Int(form.segmentSize),
            Self.isWithinWhole(form)
        else {
            counters.contradictions += 1
            return nil
        }
        if form.isWhole {
            counters.assembled += 1
            return Assembled(segments: 1, firstSequence: sequence, octets: octets, compression: form.compression)
        }
        let key = Key(stream: stream, sequence: sequence)
        guard segments[key] == nil, !(wholes[stream] ?? []).contains(where: { $0.contains(sequence) }) else {
            counters.duplicates += 1
            return nil
        }
        let segment = Segment(octets: octets, form: form, type: type, otherEnd: sequence, arrival: nextArrival)
        guard let run = join(segment, key) else { return nil }
        if let whole = complete(run, stream) { return whole }
        makeRoom()
        return nil
    }

    private static func isWithinWhole(_ form: DataForm) -> Bool {
        let end = UInt64(form.segmentOffset) + UInt64(form.segmentSize)
        return form.lastSegment ? end == UInt64(form.totalSize) : end <= UInt64(form.totalSize)
    }

    /// Stores a segment and joins it to the runs before and behind it; nil when one of them contradicts it, which
    /// drops them all.
    private mutating func join(_ segment: Segment, _ key: Key) -> Run? {
        var run = Run(first: key.sequence, last: key.sequence)
        var contradicted = false
        if let before = segments[Key(stream: key.stream, sequence: key.sequence &- 1)] {
            let relation = before.relation(to: segment)
            if relation != .separate { run.first = before.otherEnd }
            contradicted = relation == .contradictory
        }
        if let behind = segments[Key(stream: key.stream, sequence: key.sequence &+ 1)] {
            let relation = segment.relation(to: behind)
            if relation != .separate { run.last = behind.otherEnd }
            contradicted = contradicted || relation == .contradictory
        }
        guard !contradicted else {
            drop(run, key.stream)
            counters.contradictions += 1
            return nil
        }
        segments[key] = segment
        arrivals.append(Arrival(key: key, number: nextArrival))
        nextArrival += 1
        octets += segment.octets.count
        segments[Key(stream: key.stream, sequence: run.first)]?.otherEnd = run.last
        segments[Key(stream: key.stream, sequence: run.last)]?.otherEnd = run.first
        return run
    }

    private mutating func complete(_ run: Run, _ stream: UInt64) -> Assembled? {
        guard let first = segments[Key(stream: stream, sequence: run.first)], first.form.segmentOffset == 0,
            segments[Key(stream: stream, sequence: run.last)]?.form.lastSegment == true
        else { return nil }
        let count = Int(run.last &- run.first) + 1
        var whole: [UInt8] = []
        whole.reserveCapacity(Int(first.form.totalSize))
        for step in 0..<UInt32(count) {
            whole += segments[Key(stream: stream, sequence: run.first &+ step)]?.octets ?? []
        }
        drop(run, stream)
        remember(run, stream)
        counters.assembled += 1
        return Assembled(
            segments: count, firstSequence: run.first, octets: whole, compression: first.form.compression)
    }

    private mutating func remember(_ run: Run, _ stream: UInt64) {
        if wholes[stream] == nil, wholes.count >= Self.rememberedStreams { wholes.removeAll(keepingCapacity: true) }
        var runs = wholes[stream] ?? []
        if runs.count == Self.rememberedWholes { runs.removeFirst() }
        runs.append(run)
        wholes[stream] = runs
    }

    private mutating func drop(_ run: Run, _ stream: UInt64) {
        var sequence = run.first
        while true {
            if let segment = segments.removeValue(forKey: Key(stream: stream, sequence: sequence)) {
                octets -= segment.octets.count
            }
            if sequence == run.last { break }
            sequence &+= 1
        }
        // Keys without a segment must not outgrow those with one.
        if arrivals.count > 2 * segments.count + 64 {
            arrivals.removeAll { segments[$0.key]?.arrival != $0.number }
            oldest = 0
        }
    }

    /// Gives up the runs with the oldest segments until the rest is within the limits.
    private mutating func makeRoom() {
        while octets > octetLimit || segments.count > segmentLimit, oldest < arrivals.count {
            let arrival = arrivals[oldest]
            if segments[arrival.key]?.arrival == arrival.number {
                evict(runOf: arrival.key)
                counters.evictions += 1
            } else {
                oldest += 1
            }
        }
    }

    private mutating func evict(runOf key: Key) {
        func neighbour(of sequence: UInt32, _ step: UInt32) -> UInt32? {
            let next = sequence &+ step
            guard let here = segments[Key(stream: key.stream, sequence: sequence)],
                let there = segments[Key(stream: key.stream, sequence: next)]
            else { return nil }
            return (step == 1 ? here.relation(to: there) : there.relation(to: here)) == .joined ? next : nil
        }
        var run = Run(first: key.sequence, last: key.sequence)
        while let next = neighbour(of: run.first, 0 &- 1) { run.first = next }
        while let next = neighbour(of: run.last, 1) { run.last = next }
        drop(run, key.stream)
    }
}
