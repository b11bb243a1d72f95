/// How long to wait before the next try to connect: doubled each time, with a random part so that many clients of a
/// server that comes back do not come at once ("equal jitter").
public struct Backoff: Sendable {
    /// Nanoseconds: quick enough for a server that was only restarted.
    public static let first: Int64 = 500_000_000
    /// Nanoseconds: a user who looks at the screen sees that it goes on.
    public static let longest: Int64 = 30_000_000_000

    /// Tries since the last that succeeded.
    public private(set) var attempts = 0

    public init() {}

    /// Counts a try that failed.
    ///
    /// - Returns: nanoseconds to wait: between the half and the whole of 0.5 s, 1 s, 2 s, ..., 30 s.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Int64 {
        let whole = min(Self.longest, Self.first << Int64(min(attempts, 20)))
        attempts += 1
        return Int64.random(in: whole / 2...whole, using: &generator)
    }

    /// It succeeded.
    public mutating func reset() { attempts = 0 }
}
