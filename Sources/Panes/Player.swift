/// The clock that replays a capture: a state machine; time comes in as a parameter.
package struct Player: Equatable, Sendable {
    package static let speeds: [Double] = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]

    package private(set) var isPlaying = false
    package private(set) var speed = 1.0
    /// It plays again and again, from mark A to mark B or, without them, from the first message to the last.
    package var loops = false
    /// Times without messages are passed over.
    package var skipsGaps = false
    /// Where a loop begins (A) and ends (B), capture times.
    package private(set) var loopStart: Int64?
    package private(set) var loopEnd: Int64?
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
        guard isPlaying else { return nil }
        let (time, isBeyond) = anchor.addingReportingOverflow(Int64(Double(wall - anchorWall) * speed))
        return isBeyond ? .max : time
    }

    /// One step faster (`+1`) or slower (`-1`); the clock goes on from where it is.
    package mutating func change(by step: Int, wall: Int64) {
        let above = Self.speeds.firstIndex { $0 >= speed } ?? Self.speeds.count - 1
        // A speed that was typed lies between two of the steps.
        let isStep = Self.speeds[above] == speed
        let place = step > 0 && !isStep ? above : above + step
        set(speed: Self.speeds[max(0, min(place, Self.speeds.count - 1))], wall: wall)
    }

    /// Any speed from the slowest to the fastest.
    package mutating func set(speed: Double, wall: Int64) {
        if let time = time(wall: wall) { play(from: time, wall: wall) }
        self.speed = max(Self.speeds[0], min(speed, Self.speeds[Self.speeds.count - 1]))
    }

    /// "x1", "x0.5".
    package var speedText: String {
        speed == speed.rounded() ? "x\(Int(speed))" : "x\(speed)"
    }

    // MARK: The loop

    /// Sets mark A, then B, which begins the loop, then takes both away.
    package mutating func mark(_ time: Int64) {
        if let start = loopStart, loopEnd == nil {
            guard time != start else { return }
            setLoop(from: min(start, time), to: max(start, time))
        } else if loopStart == nil {
            loopStart = time
        } else {
            clearLoop()
        }
    }

    package mutating func setLoop(from start: Int64, to end: Int64) {
        loopStart = start
        loopEnd = end
        loops = true
    }

    /// Takes the marks away.
    package mutating func clearLoop() {
        loopStart = nil
        loopEnd = nil
    }

    /// What is played again and again in a capture from `first` to `last`; nil when nothing is, or no time passes in it.
    package func loop(first: Int64, last: Int64) -> Range<Int64>? {
        let start = max(first, loopStart ?? first)
        let end = min(last, loopEnd ?? last)
        return loops && start < end ? start..<end : nil
    }
}
