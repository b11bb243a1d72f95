/// The clock that replays a capture: a state machine; time comes in as a parameter.
package struct Player: Equatable, Sendable {
    package static let speeds: [Double] = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]

    package private(set) var isPlaying = false
    package private(set) var speed = 1.0
    /// Where the clock stood, and when that was on the wall.
    private var anchor: Int64 = 0
    private var anchorWall: Int64 = 0

    package init() {}

    /// Starts at a capture time. All times are nanoseconds; `wall` is monotonic.
    package mutating func play(from time: Int64, wall: Int64) {
        isPlaying = true
        anchor = time
        anchorWall = wall
    }

    package mutating func pause() { isPlaying = false }

    /// The capture time at a moment; nil when the clock stands.
    package func time(wall: Int64) -> Int64? {
        isPlaying ? anchor + Int64(Double(wall - anchorWall) * speed) : nil
    }

    /// One step faster (`+1`) or slower (`-1`); the clock goes on from where it is.
    package mutating func change(by step: Int, wall: Int64) {
        if let time = time(wall: wall) { play(from: time, wall: wall) }
        let current = Self.speeds.firstIndex(of: speed) ?? 3
        speed = Self.speeds[max(0, min(current + step, Self.speeds.count - 1))]
    }

    /// "x1", "x0.5".
    package var speedText: String {
        speed < 1 ? "x\(speed)" : "x\(Int(speed))"
    }
}
