import Histogram

/// How values lie that may be below 0: the newest, percentiles by nearest rank in HDR histograms, and the greatest.
package struct ViewFigures: Sendable {
    /// Thousandths of the unit are told apart with two digits, up to an hour in milliseconds or 3,600 km in metres; some
    /// 10 kB each.
    private static let highest: UInt64 = 3_600_000_000

    package private(set) var latest: Double?
    package private(set) var greatest: Double?
    package private(set) var count = 0
    /// Of those from 0 on, and of the others what they are below 0; each is made with its first value.
    private var above: Histogram<UInt32>?
    private var below: Histogram<UInt32>?

    package init() {}

    mutating func add(_ value: Double) {
        latest = value
        greatest = greatest.map { max($0, value) } ?? value
        count += 1
        if value < 0 { Self.record(-value, &below) } else { Self.record(value, &above) }
    }

    private static func record(_ value: Double, _ histogram: inout Histogram<UInt32>?) {
        if histogram == nil {
            histogram = Histogram(
                lowestDiscernibleValue: 1, highestTrackableValue: highest, numberOfSignificantValueDigits: .two)
        }
        histogram?.record(UInt64(min(value * 1000, Double(highest)).rounded()))
    }

    /// The value at a percentile (0...100); nil where there is none.
    package func percentile(_ percentile: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = max(1, Int((percentile / 100 * Double(count)).rounded(.up)))
        let least = Int(below?.totalCount ?? 0)
        if rank <= least { return below.map { -Self.value(rank: least - rank + 1, of: $0) } }
        return above.map { Self.value(rank: rank - least, of: $0) }
    }

    /// - Parameter rank: from 1, the smallest.
    private static func value(rank: Int, of histogram: Histogram<UInt32>) -> Double {
        // Half a rank less, so that rounding does not go one too far.
        let share = (Double(rank) - 0.5) / Double(histogram.totalCount) * 100
        return Double(histogram.valueAtPercentile(share)) / 1000
    }
}
