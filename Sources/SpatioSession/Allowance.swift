/// How much of something may still be done: it grows with time up to what can be saved.
package struct Allowance: Sendable {
    /// A second's worth; 0: without limit.
    private let perSecond: Double
    private let most: Double
    private var left: Double
    private var time: Int64

    /// - Parameters:
    ///   - seconds: what may be saved is so many seconds' worth.
    ///   - now: monotonic nanoseconds, here and below.
    package init(perSecond: Int, seconds: Double = 2, at now: Int64) {
        self.perSecond = Double(perSecond)
        most = self.perSecond * seconds
        left = most
        time = now
    }

    /// How much there is now.
    package mutating func left(at now: Int64) -> Int {
        guard perSecond > 0 else { return .max }
        grow(to: now)
        return Int(left)
    }

    private mutating func grow(to now: Int64) {
        guard now > time else { return }
        left = min(most, left + Double(now - time) / 1e9 * perSecond)
        time = now
    }

    /// Takes some of it; false, and takes nothing, where there is not so much.
    package mutating func take(_ amount: Int = 1, at now: Int64) -> Bool {
        guard perSecond > 0 else { return true }
        grow(to: now)
        // What is larger than all that can be saved would never pass: it takes everything.
        let wanted = min(Double(amount), most)
        guard left >= wanted else { return false }
        left -= wanted
        return true
    }
}
