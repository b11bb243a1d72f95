/// The wall clock of what is watched while it happens. Where the machine's clock is set back, time goes on as if it had not
/// been, for else everything that comes would lie before what is there, until the clock has caught up; a step forward
/// takes that back first, and is a pause otherwise.
package struct WallSteps: Sendable {
    /// Nanoseconds between two looks that are no step: a clock that is adjusted slowly, and the time that a look takes.
    private static let tolerance: Int64 = 1_000_000_000

    /// Wall clock less monotonic clock when it was looked at last.
    private var base: Int64?
    /// Nanoseconds that are added to the wall clock, and those before its last step.
    private var shift: Int64 = 0
    private var shiftBefore: Int64 = 0
    /// The time at the last look, nanoseconds since the Unix epoch.
    package private(set) var now: Int64

    package init(now: Int64 = 0) { self.now = now }

    /// Looks at the clocks.
    ///
    /// - Parameters:
    ///   - wall: nanoseconds since the Unix epoch.
    ///   - monotonic: nanoseconds since some moment, the time included that the machine slept.
    package mutating func look(wall: Int64, monotonic: Int64) {
        let base = wall &- monotonic
        let step = base &- (self.base ?? base)
        if step.magnitude > Self.tolerance.magnitude {
            shiftBefore = shift
            shift = max(0, shift &- step)
        }
        self.base = base
        now = wall &+ shift
    }

    /// The time at which something came that the kernel gave the time of the wall clock. It may have come before the last
    /// step and be read behind it: of both readings the one nearer to now is right.
    package func continued(_ time: Int64) -> Int64 {
        let after = time &+ shift
        guard shift != shiftBefore else { return after }
        let before = time &+ shiftBefore
        return (now &- after).magnitude <= (now &- before).magnitude ? after : before
    }
}
