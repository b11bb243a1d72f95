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

extension NIODeadline {
    /// The deadline of a machine, which counts by the same clock.
    init(monotonic: Int64) { self = .uptimeNanoseconds(UInt64(clamping: max(0, monotonic))) }
}
