/// The time as the machines of this library are told it: they never look at a clock themselves.
public struct Moment: Hashable, Sendable {
    /// Nanoseconds of a clock that never goes back; timeouts are counted by it.
    public var monotonic: Int64
    /// Microseconds since the Unix epoch by the wall clock; it goes into the headers of messages.
    public var wall: UInt64

    public init(monotonic: Int64, wall: UInt64) {
        self.monotonic = monotonic
        self.wall = wall
    }

    /// Milliseconds since the Unix epoch, as addresses, states and authentication have it.
    public var wallMilliseconds: UInt64 { wall / 1000 }
}
