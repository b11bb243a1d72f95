/// How often something may happen: so many times a second, and as often at once.
struct OccurrenceLimiter: Sendable {
    private let perSecond: Double
    private var left: Double
    private var last: Int64

    init(perSecond: Int, at now: Moment) {
        self.perSecond = Double(max(perSecond, 1))
        left = self.perSecond
        last = now.monotonic
    }

    mutating func take(at now: Moment) -> Bool {
        left = min(perSecond, left + Double(max(now.monotonic - last, 0)) / 1e9 * perSecond)
        last = now.monotonic
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
