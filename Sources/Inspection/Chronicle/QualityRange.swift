/// A stretch of time in equal steps, for a graph.
package struct QualityRange: Hashable, Sendable {
    /// Capture times, nanoseconds since the Unix epoch: a whole number of steps, and of every width below a step.
    package var start: Int64
    /// Nanoseconds.
    package var step: Int64
    package var count: Int

    package var end: Int64 { start &+ step &* Int64(count) }

    /// Steps that people can say: of each, every width of an interval that is not above it is a part without remainder.
    private static let steps: [Int64] =
        [100_000_000, 200_000_000, 500_000_000]
        + [
            1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400, 604_800, 2_592_000, 31_536_000,
            315_360_000, 3_153_600_000,
        ].map { $0 * 1_000_000_000 }

    /// Covers a time in the shortest steps of which there are about `points` at most.
    ///
    /// - Parameter width: of the chronicle's intervals, below which there is nothing to show.
    package init(covering first: Int64, to last: Int64, points: Int, width: Int64) {
        let span = last > first ? UInt64(bitPattern: last &- first) : 0
        let least = max(UInt64(width), span / UInt64(max(1, points)))
        let last = max(first, last)
        step = Self.steps.first { UInt64($0) >= least && $0 % width == 0 } ?? (Self.steps.last ?? width)
        start = floorDivided(first, by: step) &* step
        count = Int(clamping: floorDivided(last, by: step) &- floorDivided(first, by: step)) + 1
    }

    /// The step that a time lies in; it may be outside.
    @inline(__always)
    func place(of time: Int64) -> Int { Int(floorDivided(time &- start, by: step)) }

    func contains(_ place: Int) -> Bool { place >= 0 && place < count }
}
