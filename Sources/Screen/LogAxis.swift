import Glibc

/// A scale of powers of ten: what is small is still seen beside what is large. Zero lies on its lower edge.
package struct LogAxis: Equatable, Sendable {
    package let lowest: Double
    package let highest: Double
    /// Powers of ten, so many of them apart that there are not too many.
    package let ticks: [Double]

    /// Covers positive numbers; nil where none is, or one is not finite.
    package init?(covering range: ClosedRange<Double>, maximumTicks: Int = 5) {
        guard range.lowerBound > 0, range.upperBound.isFinite, maximumTicks >= 2 else { return nil }
        let first = Int(log10(range.lowerBound).rounded(.down))
        // At least one whole decade.
        let last = max(first + 1, Int(log10(range.upperBound).rounded(.up)))
        let distance = (last - first + maximumTicks - 2) / (maximumTicks - 1)
        lowest = pow(10, Double(first))
        highest = pow(10, Double(last))
        ticks = stride(from: first, through: last, by: distance).map { pow(10, Double($0)) }
    }

    /// Where a value lies, 0 at the lowest and 1 at the highest; zero and what is below the lowest at 0.
    package func share(of value: Double) -> Double {
        guard value > lowest else { return 0 }
        return log10(value / lowest) / log10(highest / lowest)
    }
}

/// The scale of a plot.
package enum PlotScale: Equatable, Sendable {
    case linear(Axis)
    case logarithmic(LogAxis)

    package var ticks: [Double] {
        switch self {
        case .linear(let axis): axis.ticks
        case .logarithmic(let axis): axis.ticks
        }
    }

    /// Where a value lies, 0 at the lower end and 1 at the upper one.
    package func share(of value: Double) -> Double {
        switch self {
        case .linear(let axis): (value - axis.lowest) / (axis.highest - axis.lowest)
        case .logarithmic(let axis): axis.share(of: value)
        }
    }
}
