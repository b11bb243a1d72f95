import Screen

/// The heights that a colour ramp stands for: round numbers, and only ever wider, so that colours do not jump.
struct HeightScale: Equatable {
    /// Metres.
    private(set) var lowest: Double
    private(set) var highest: Double

    init(_ heights: ClosedRange<Double>) {
        lowest = heights.lowerBound
        highest = heights.upperBound
        round()
    }

    mutating func widen(to heights: ClosedRange<Double>) {
        guard heights.lowerBound < lowest || heights.upperBound > highest else { return }
        lowest = min(lowest, heights.lowerBound)
        highest = max(highest, heights.upperBound)
        round()
    }

    private mutating func round() {
        // All at one height, or beyond reason: a metre around it is as good as anything.
        guard let axis = Axis(covering: lowest...highest) else {
            highest = lowest + 1
            return
        }
        lowest = axis.lowest
        highest = axis.highest
    }

    /// 0...1
    func fraction(_ height: Double) -> Double { (height - lowest) / (highest - lowest) }
}
