/// Octets a second over about the last two seconds, in 16 octets: what came in the interval at hand, and so much of the
/// interval before as still lies within its length.
package struct OctetRate: Equatable, Sendable {
    /// Nanoseconds of an interval: long enough for what is updated once a second.
    private static let span: Int64 = 2_000_000_000

    /// Where the interval at hand ends; `Int64.min` before there is one.
    private var end = Int64.min
    private var current: UInt32 = 0
    private var previous: UInt32 = 0

    package init() {}

    @inline(__always)
    package mutating func add(_ octets: Int, time: Int64) {
        if time >= end { turn(to: time) }
        current &+= UInt32(truncatingIfNeeded: octets)
    }

    private mutating func turn(to time: Int64) {
        let next = (time / Self.span &+ 1) &* Self.span
        previous = next &- end == Self.span ? current : 0
        current = 0
        end = next
    }

    /// Nil before the first octet.
    package func perSecond(until time: Int64) -> Double? {
        guard end != Int64.min else { return nil }
        // In intervals since the one at hand began; a clock before that has not gone further than its beginning.
        let elapsed = max(0, Double(time &- end) / Double(Self.span) + 1)
        let octets =
            elapsed < 1
            ? Double(current) + Double(previous) * (1 - elapsed) : Double(current) * max(0, 2 - elapsed)
        return octets * 1e9 / Double(Self.span)
    }
}
