import Histogram

/// How some values lie: the newest, percentiles by nearest rank, and the greatest.
package struct QualityFigures: Equatable, Sendable {
    package var latest, p50, p90, p99, greatest: Double
    package var count: Int

    /// Of the values that there are; nil where there is none.
    package init?(_ values: some Sequence<Double?>) {
        var counter = QualityCounter()
        for value in values { if let value { counter.add(value) } }
        guard let figures = counter.figures else { return nil }
        self = figures
    }

    fileprivate init(latest: Double, p50: Double, p90: Double, p99: Double, greatest: Double, count: Int) {
        self.latest = latest
        self.p50 = p50
        self.p90 = p90
        self.p99 = p99
        self.greatest = greatest
        self.count = count
    }
}

/// Collects values for their percentiles: few of them as they are, many in an HDR histogram, which is off by a
/// thousandth at most.
struct QualityCounter {
    /// So many sort faster than a histogram is made.
    private static let exact = 1024
    /// Thousandths of the unit are told apart, up to this many: 10^9 units, of milliseconds 11 days.
    private static let highest: UInt64 = 1_000_000_000_000

    private var values: [Double] = []
    private var histogram: Histogram<UInt32>?
    private var latest = 0.0
    private var greatest = 0.0
    private(set) var count = 0

    mutating func add(_ value: Double) {
        latest = value
        greatest = count == 0 ? value : max(greatest, value)
        count += 1
        if histogram != nil {
            record(value)
            return
        }
        values.append(value)
        guard values.count > Self.exact else { return }
        histogram = Histogram(
            lowestDiscernibleValue: 1, highestTrackableValue: Self.highest, numberOfSignificantValueDigits: .three)
        for value in values { record(value) }
        values.removeAll()
    }

    private mutating func record(_ value: Double) {
        histogram?.record(min(Self.highest, UInt64(max(0, min(value * 1000, Double(Self.highest))))))
    }

    var figures: QualityFigures? {
        guard count > 0 else { return nil }
        if let histogram {
            func at(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1000 }
            return QualityFigures(
                latest: latest, p50: at(50), p90: at(90), p99: at(99), greatest: greatest, count: count)
        }
        let sorted = values.sorted()
        func at(_ share: Double) -> Double { sorted[max(0, Int((share * Double(count)).rounded(.up)) - 1)] }
        return QualityFigures(
            latest: latest, p50: at(0.5), p90: at(0.9), p99: at(0.99), greatest: greatest, count: count)
    }
}
