import Glibc
import Synchronization

/// The clocks of this machine, in nanoseconds.
package enum SystemClock {
    private static let steps = Mutex(WallSteps())

    /// Since the Unix epoch, going on where the machine's clock is set back.
    package static var wall: Int64 { wallSteps.now }

    /// The same, with what it takes to tell when something came.
    package static var wallSteps: WallSteps {
        steps.withLock { steps in
            steps.look(wall: now(CLOCK_REALTIME), monotonic: now(CLOCK_BOOTTIME))
            return steps
        }
    }

    /// Since some moment, and never back.
    package static var monotonic: Int64 { now(CLOCK_MONOTONIC) }

    private static func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
