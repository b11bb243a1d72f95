import Glibc

/// The clocks of this machine, in nanoseconds.
package enum SystemClock {
    /// Since the Unix epoch. It may be set back.
    package static var wall: Int64 { now(CLOCK_REALTIME) }

    /// Since some moment, and never back.
    package static var monotonic: Int64 { now(CLOCK_MONOTONIC) }

    private static func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
