/// How many messages, and how bad, over the time of a capture: a fixed number of buckets whose width doubles when
/// the capture outgrows them, so that neither a long capture nor a gap of years costs memory.
package struct TimeHistogram: Equatable, Sendable {
    package static let buckets = 2048
    /// Nanoseconds of the narrowest bucket: 1 ms.
    static let narrowest: Int64 = 1_000_000

    package struct Bucket: Equatable, Sendable {
        package var messages: UInt32 = 0
        package var severity = Severity.none

        package init() {}
    }

    package private(set) var start: Int64 = 0
    package private(set) var width = Self.narrowest
    package private(set) var end: Int64 = 0
    private var buckets: [Bucket] = []

    package init() {}

    package mutating func add(time: Int64, severity: Severity) {
        if buckets.isEmpty {
            buckets = [Bucket](repeating: Bucket(), count: Self.buckets)
            start = time
            end = time
        }
        if time < start { shift(to: time) }
        end = max(end, time)
        while (time - start) / width >= Int64(Self.buckets) { widen() }
        let place = Int((time - start) / width)
        buckets[place].messages &+= 1
        if severity > buckets[place].severity { buckets[place].severity = severity }
    }

    private mutating func widen() {
        width *= 2
        for place in 0..<Self.buckets / 2 { buckets[place] = Self.merge(buckets[2 * place], buckets[2 * place + 1]) }
        for place in Self.buckets / 2..<Self.buckets { buckets[place] = Bucket() }
    }

    private static func merge(_ first: Bucket, _ second: Bucket) -> Bucket {
        var bucket = first
        bucket.messages &+= second.messages
        bucket.severity = max(first.severity, second.severity)
        return bucket
    }

    /// A message from before the first: the buckets move to make room.
    private mutating func shift(to time: Int64) {
        while (end - time) / width >= Int64(Self.buckets) - 1 { widen() }
        let steps = Int((start - time + width - 1) / width)
        buckets.insert(contentsOf: repeatElement(Bucket(), count: steps), at: 0)
        buckets.removeLast(steps)
        start -= Int64(steps) * width
    }

    /// The same in `count` columns from the first message to the last, or to a time behind it; nil where no time has
    /// passed.
    package func columns(_ count: Int, until last: Int64? = nil) -> [Bucket] {
        guard count > 0, !buckets.isEmpty else { return [] }
        var result = [Bucket](repeating: Bucket(), count: count)
        let span = max(end, last ?? end) - start
        for (place, bucket) in buckets.enumerated() where bucket.messages > 0 {
            let first = Int64(place) * width
            let middle = Double(first) + Double(min(width, span - first)) / 2
            let column = min(count - 1, Int(middle / Double(max(1, span)) * Double(count)))
            result[column] = Self.merge(result[column], bucket)
        }
        return result
    }
}
