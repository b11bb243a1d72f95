import Histogram

/// Interarrival jitter of RFC 3550 section 6.4.1, from sender's time stamps and capture times, in milliseconds.
///
/// D = (R_j - R_i) - (S_j - S_i), then J += (|D| - J) / 16. It needs no agreement of the clocks.
package struct JitterEstimator: Equatable, Sendable {
    private var lastTransit: Double = .nan
    private var jitter: Double = .nan

    package init() {}

    /// Nil before the second message.
    package var milliseconds: Double? { jitter.isNaN ? nil : jitter }

    /// NaN before the second message.
    @inline(__always)
    var value: Float { Float(jitter) }

    /// - Parameters: capture time in nanoseconds, sender's time in microseconds, both since the Unix epoch.
    @inline(__always)
    package mutating func add(captured: Int64, sent: UInt64) {
        // The difference in whole nanoseconds first: a Double cannot hold the sum of both to the nanosecond.
        let transit = Double(captured &- Int64(truncatingIfNeeded: sent) &* 1000) / 1e6
        if lastTransit.isNaN {
            lastTransit = transit
            return
        }
        let difference = abs(transit - lastTransit)
        let last = jitter.isNaN ? 0 : jitter
        jitter = last + (difference - last) / 16
        lastTransit = transit
    }
}

/// Round-trip time: smoothed by RFC 6298, percentiles by an HDR histogram.
package struct RoundTripFigures: Sendable {
    /// 1 us to 1 hour with 3 digits; some 100 kB, so it is made only for streams that have samples.
    private static let highest: UInt64 = 3_600_000_000

    package private(set) var smoothed: Double = .nan
    package private(set) var variation: Double = .nan
    package private(set) var latest: Double = .nan
    package private(set) var smallest: Double = .nan
    private var histogram = Histogram<UInt32>(
        lowestDiscernibleValue: 1, highestTrackableValue: Self.highest, numberOfSignificantValueDigits: .three)

    package init() {}

    /// Adds one sample in milliseconds.
    package mutating func add(_ milliseconds: Double) {
        latest = milliseconds
        smallest = smallest.isNaN ? milliseconds : min(smallest, milliseconds)
        if smoothed.isNaN {
            smoothed = milliseconds
            variation = milliseconds / 2
        } else {
            // RFC 6298 section 2.3: the variation is updated first, with the old smoothed value.
            variation = 0.75 * variation + 0.25 * abs(smoothed - milliseconds)
            smoothed = 0.875 * smoothed + 0.125 * milliseconds
        }
        histogram.record(min(UInt64(max(1, milliseconds * 1000)), Self.highest))
    }

    package var count: Int { Int(histogram.totalCount) }

    /// The value at a percentile (0...100), nearest rank, in milliseconds.
    package func percentile(_ percentile: Double) -> Double? {
        guard histogram.totalCount > 0 else { return nil }
        return Double(histogram.valueAtPercentile(percentile)) / 1000
    }
}
