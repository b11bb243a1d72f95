/// The share of messages that did not arrive, from what PONGs say.
struct LossMeter: Sendable {
    private var sent = 0
    private var lost = 0
    private var since: Int64?

    /// Fewer would make one lost message look like a jam.
    static let smallestSample = 32
    /// Nanoseconds that a measurement takes at least: what is done about one has to show in the next.
    static let shortestTime: Int64 = 250_000_000

    /// Takes what is known of some more messages; gives the loss once there are enough of them.
    mutating func add(sent: Int, lost: Int, at now: Int64, _ roundTrip: RoundTripEstimator) -> Double? {
        let start = since ?? now
        since = start
        self.sent += sent
        self.lost += min(lost, sent)
        let time = max(Self.shortestTime, roundTrip.expectedAnswer)
        guard self.sent >= Self.smallestSample, now - start >= time else { return nil }
        defer {
            self = LossMeter()
            since = now
        }
        return Double(self.lost) / Double(self.sent)
    }
}
