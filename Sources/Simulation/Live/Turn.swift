import SpatioSession

/// When it is somebody's turn to change the state of a space, by the wall clock.
///
/// Two who write within one round trip claim the same version, which is a conflict only where they mean the same entity.
/// Those who do not want one take turns.
struct Turn: Sendable {
    let number: Int

    /// Of one space.
    static let count = 12
    /// Milliseconds: who calls `Participant.act` in time meets the middle half of it.
    private static let length = 4 * UInt64(Participant.longestInterval / 2_000_000)

    /// Seconds until the middle of the turn; 0: it is now.
    func wait(at now: Moment) -> Double {
        let cycle = Self.length * UInt64(Self.count)
        let middle = Self.length * UInt64(number) + Self.length / 2
        let ahead = (middle + cycle - now.wallMilliseconds % cycle) % cycle
        let isNear = ahead <= Self.length / 4 || ahead >= cycle - Self.length / 4
        return isNear ? 0 : Double(ahead) / 1000
    }
}
