import Glibc
import NIOCore
import SpatioSession

extension Moment {
    /// Now: by the monotonic clock that event loops count by, and by the wall clock.
    public static var now: Moment {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        return Moment(
            monotonic: Int64(clamping: NIODeadline.now().uptimeNanoseconds),
            wall: UInt64(clamping: wall.tv_sec) * 1_000_000 + UInt64(clamping: wall.tv_nsec) / 1000)
    }
}

extension Moment {
    /// Milliseconds to wait for a monotonic time, as poll takes them. Rounded up: a little too late is once, a little too
    /// early is a busy loop.
    package func milliseconds(until time: Int64) -> Int32 {
        Int32(clamping: max(0, time - monotonic + 999_999) / 1_000_000)
    }
}

extension NIODeadline {
    /// The deadline of a machine, which counts by the same clock.
    init(monotonic: Int64) { self = .uptimeNanoseconds(UInt64(clamping: max(0, monotonic))) }
}
