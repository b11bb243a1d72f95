/// The way there and back, smoothed, and how long to wait for an answer before it is repeated (RFC 6298 section 2).
public struct RoundTripEstimator: Hashable, Sendable {
    /// Nanoseconds; nil before the first sample.
    public private(set) var smoothed: Int64?
    /// Nanoseconds that samples are away from it.
    public private(set) var variation: Int64 = 0
    /// The last sample in nanoseconds.
    public private(set) var latest: Int64?
    /// Nanoseconds until a message is repeated for the first time.
    public private(set) var timeout: Int64 = Self.smallestTimeout

    /// Rule 2.1 and rule 2.4: a second before the first sample, and never less, so that a path that slows down is not
    /// filled with repeats.
    public static let smallestTimeout: Int64 = 1_000_000_000
    /// Rule 2.5: a minute.
    public static let largestTimeout: Int64 = 60_000_000_000
    /// The clock's granularity G: what is due within it is done at once.
    static let granularity: Int64 = 10_000_000
    /// Repeats before a message is given up (profile section 6).
    public static let repeatLimit = 6

    public init() {}

    /// - Parameter sample: nanoseconds; what is negative, or longer than anything would be waited for, is no sample.
    public mutating func add(_ sample: Int64) {
        guard sample >= 0, sample <= Self.largestTimeout else { return }
        latest = sample
        if let smoothed {
            // alpha = 1/8, beta = 1/4; the variation first, by the old mean (rule 2.3).
            variation += (abs(smoothed - sample) - variation) / 4
            self.smoothed = smoothed + (sample - smoothed) / 8
        } else {
            smoothed = sample
            variation = sample / 2
        }
        let wanted = (smoothed ?? sample) + max(Self.granularity, 4 * variation)
        timeout = min(max(wanted, Self.smallestTimeout), Self.largestTimeout)
    }

    /// Nanoseconds until a message is repeated that has been repeated so often (rule 5.5).
    public func timeout(afterRepeats repeats: Int) -> Int64 {
        min(timeout << Int64(min(repeats, Self.repeatLimit)), Self.largestTimeout)
    }

    /// Nanoseconds from the first sending of a message to giving it up: who has not got it by then never will.
    public var patience: Int64 {
        (0...Self.repeatLimit).reduce(0) { $0 + timeout(afterRepeats: $1) }
    }

    /// Nanoseconds in which a message that was lost once or twice comes again.
    var mixedPatience: Int64 { timeout(afterRepeats: 0) + timeout(afterRepeats: 1) + expectedAnswer }

    /// Nanoseconds after which an answer is late, without the rounding that keeps repeats rare.
    var expectedAnswer: Int64 {
        guard let smoothed else { return Self.smallestTimeout / 4 }
        return min(smoothed + max(Self.granularity, 4 * variation), Self.largestTimeout)
    }
}
