/// A scale with round numbers on it: steps of 1, 2 or 5 times a power of ten.
package struct Axis: Equatable, Sendable {
    package let lowest: Double
    package let highest: Double
    /// The distance between two ticks.
    package let step: Double
    package let ticks: [Double]

    /// The round scale that covers a range with at most so many ticks.
    ///
    /// Nil for a range without extent or beyond reason (not finite, more than 2^53 steps from zero).
    package init?(covering range: ClosedRange<Double>, maximumTicks: Int = 5) {
        let extent = range.upperBound - range.lowerBound
        guard extent.isFinite, extent > 0, maximumTicks >= 2 else { return nil }
        var step = Self.niceStep(atLeast: extent / Double(maximumTicks - 1))
        var first = (range.lowerBound / step).rounded(.down)
        var last = (range.upperBound / step).rounded(.up)
        // The ends reach out to round numbers, which can take one tick more.
        if last - first > Double(maximumTicks - 1) {
            step = Self.niceStep(atLeast: step * 1.01)
            first = (range.lowerBound / step).rounded(.down)
            last = (range.upperBound / step).rounded(.up)
        }
        let exact = 0x1p53
        guard step > 0, step.isFinite, abs(first) < exact, abs(last) < exact else { return nil }
        self.step = step
        lowest = first * step
        highest = last * step
        // From the count, not by adding up: 0.1 added ten times is not 1.
        ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
    }

    /// The smallest 1, 2 or 5 times a power of ten that is at least as big; 1 for what is not positive or not finite.
    package static func niceStep(atLeast value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        while power > value { power /= 10 }
        // A denormal number, where there is no tenth left.
        guard power > 0 else { return value }
        for factor in [1.0, 2, 5] where power * factor >= value { return power * factor }
        return power * 10
    }
}
