import SpatioWire

/// What a PONG says is missing on one stream, made safe to use whatever it says: sorted, without overlaps, as distances
/// from `base`, before which nothing is missing.
struct MissingSequences: Sendable {
    var base: UInt32
    private(set) var ranges: [Range<Int>] = []

    /// More holes than a window of 65,536 sequences can report within one message of the default size have no use.
    static let rangeLimit = 8192

    init(_ ack: Pong.StreamAck) {
        base = ack.cumulative
        var places = ack.missing.map { range in
            let first = serialDistance(from: ack.cumulative, to: range.first)
            return max(first, 0)..<max(first + Int(range.count), 0)
        }
        places.sort { $0.lowerBound < $1.lowerBound }
        for place in places where !place.isEmpty {
            if let last = ranges.last, place.lowerBound <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, place.upperBound)
            } else {
                ranges.append(place)
            }
        }
    }

    /// How many of the sequences from one to another are missing.
    func count(from first: UInt32, to end: UInt32) -> Int {
        let start = serialDistance(from: base, to: first)
        let stop = serialDistance(from: base, to: end)
        guard start < stop else { return 0 }
        return ranges.reduce(0) { $0 + $1.clamped(to: start..<stop).count }
    }
}
