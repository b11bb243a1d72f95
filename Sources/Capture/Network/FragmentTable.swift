/// The IP packets of which some fragments have come and others not yet.
struct FragmentTable {
    /// RFC 8200 gives up after 60 s, RFC 791 suggests 15 s, Linux takes 30 s; counted in capture time.
    static let lifetime: Int64 = 30 * 1_000_000_000
    /// Packets at a time: more than the reordering of any real network leaves open.
    static let maximumPackets = 1024
    /// Octets held for all of them together.
    static let maximumOctets = 16 * 1024 * 1024
    /// What the 13 bits of offset and a packet's length can reach.
    static let maximumLength = 65_535

    /// What fragments of one packet have in common (RFC 791, RFC 8200 section 4.5).
    struct Key: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var identification: UInt32
        /// The protocol for IPv4; 0 for IPv6, which does not tell packets apart by it.
        var protocolNumber: UInt8
    }

    /// One fragment: where it belongs and what it brings.
    struct Fragment {
        var key: Key
        /// The transport's number, or that of the next IPv6 extension header.
        var next: UInt8
        var offset: Int
        var isLast: Bool
        var payload: IPPayload
    }

    /// A packet put together: the transport's number and what the packet carried.
    struct Whole {
        var next: UInt8
        var octets: [UInt8]
    }

    private struct Partial {
        var start: Int64
        var next: UInt8
        var octets: [UInt8] = []
        /// What of `octets` has come: in order, apart from each other.
        var filled: [Range<Int>] = []
        var length: Int?
        var fragments: UInt64 = 0

        var isWhole: Bool {
            length.map { filled == [0..<$0] } ?? false
        }
    }

    private var partials: [Key: Partial] = [:]
    private var octetsHeld = 0
    /// No partial packet is older than this.
    private var oldest: Int64 = .max

    /// Takes a fragment in.
    ///
    /// - Returns: the packet where this was the last one missing.
    mutating func add(_ fragment: Fragment, _ counters: inout DissectionCounters) -> Whole? {
        counters.fragments &+= 1
        expire(fragment.payload.time, &counters)
        let payload = fragment.payload
        let end = fragment.offset + payload.length
        guard payload.octets.count == payload.length, end <= Self.maximumLength,
            fragment.isLast || (payload.length > 0 && payload.length.isMultiple(of: 8))
        else {
            counters.fragmentsDropped &+= 1
            return nil
        }
        var partial = partials.removeValue(forKey: fragment.key) ?? Partial(start: payload.time, next: fragment.next)
        octetsHeld -= partial.octets.count
        // The header of the first fragment counts (RFC 8200).
        if fragment.offset == 0 { partial.next = fragment.next }
        let reach = partial.filled.last?.upperBound ?? 0
        if fragment.isLast, partial.length == nil, reach <= end { partial.length = end }
        if end > partial.length ?? Self.maximumLength {
            counters.fragmentsDropped &+= 1
        } else {
            partial.fragments += 1
            Self.fill(&partial, at: fragment.offset, payload.octets)
        }
        if partial.isWhole {
            counters.fragmentsReassembled &+= 1
            return Whole(next: partial.next, octets: partial.octets)
        }
        makeRoom(partial.octets.count, &counters)
        octetsHeld += partial.octets.count
        oldest = min(oldest, partial.start)
        partials[fragment.key] = partial
        return nil
    }

    /// Copies what is new of `octets`: where fragments overlap, the first that came wins.
    private static func fill(_ partial: inout Partial, at offset: Int, _ octets: UnsafeRawBufferPointer) {
        let end = offset + octets.count
        if partial.octets.count < end {
            partial.octets += [UInt8](repeating: 0, count: end - partial.octets.count)
        }
        var merged: [Range<Int>] = []
        var start = offset
        var whole = offset..<end
        func copy(to limit: Int) {
            guard start < limit else { return }
            partial.octets.withUnsafeMutableBytes { target in
                target[start..<limit].copyBytes(from: octets[(start - offset)..<(limit - offset)])
            }
        }
        var after: [Range<Int>] = []
        for range in partial.filled {
            if range.upperBound < whole.lowerBound {
                merged.append(range)
            } else if range.lowerBound > whole.upperBound {
                after.append(range)
            } else {
                copy(to: min(range.lowerBound, end))
                start = max(start, range.upperBound)
                whole = min(whole.lowerBound, range.lowerBound)..<max(whole.upperBound, range.upperBound)
            }
        }
        copy(to: end)
        partial.filled = merged + [whole] + after
    }

    private mutating func makeRoom(_ octets: Int, _ counters: inout DissectionCounters) {
        while partials.count >= Self.maximumPackets || octetsHeld + octets > Self.maximumOctets {
            guard let first = partials.min(by: { $0.value.start < $1.value.start })?.key else { return }
            drop(first, &counters)
        }
    }

    private mutating func expire(_ time: Int64, _ counters: inout DissectionCounters) {
        guard !partials.isEmpty else {
            oldest = .max
            return
        }
        let limit = time.subtractingReportingOverflow(Self.lifetime)
        guard !limit.overflow, oldest < limit.partialValue else { return }
        for (key, partial) in partials where partial.start < limit.partialValue { drop(key, &counters) }
        oldest = partials.values.reduce(.max) { min($0, $1.start) }
    }

    /// Gives up everything at the end of the capture.
    mutating func finish(_ counters: inout DissectionCounters) {
        for key in partials.keys { drop(key, &counters) }
    }

    private mutating func drop(_ key: Key, _ counters: inout DissectionCounters) {
        guard let partial = partials.removeValue(forKey: key) else { return }
        counters.fragmentsDropped &+= partial.fragments
        octetsHeld -= partial.octets.count
    }
}
