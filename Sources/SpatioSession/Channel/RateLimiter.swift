import SpatioWire

/// How much may be sent, by the other end's `rate_limit` and the loss on the way there: a token bucket.
///
/// In no second more than the limit goes out: the bucket holds a share of it, and is filled at the limit without that
/// share. (A limit of less than two datagrams a second holds on the long run only: a datagram goes or it does not.)
struct RateLimiter: Sendable {
    /// Octets per second that the other end takes at most; 0: any.
    private(set) var limit: Double = 0
    /// Octets per second that congestion leaves of it; nil: all.
    private(set) var reduced: Double?
    /// The rate when the congestion began: the limit, or what was sent where there is none.
    private var whole: Double = 0
    private var halvedAt = Int64.min / 2
    private var tokens: Double = 0
    private var filledAt: Int64
    private let largestPiece: Double

    /// Of the rate, what may go out at once.
    private static let burstShare = 0.05
    /// Halved no further than this share of the whole, and than a rate that small updates still get through with: loss
    /// that has other reasons than a jam, as on radio, must not end a session.
    private static let smallestShare = 1.0 / 8
    private static let smallestRate = 16_384.0
    /// Nanoseconds between two halvings: the first has to show before there is another.
    private static let halvingInterval: Int64 = 1_000_000_000
    /// What each measurement without loss gives back, of the whole rate.
    private static let recoveryShare = 1.0 / 8
    private static let nanosecond = 1e-9

    /// - Parameter largestPiece: octets of the largest datagram.
    init(largestPiece: Int, at now: Int64) {
        self.largestPiece = Double(largestPiece)
        filledAt = now
    }

    /// Octets per second; nil: unlimited.
    var rate: Double? { reduced ?? (limit > 0 ? limit : nil) }

    private var burst: Double { max((rate ?? 0) * Self.burstShare, largestPiece) }

    /// Octets per second that fill the bucket.
    private var refill: Double {
        guard let rate else { return .infinity }
        return rate >= 2 * burst ? rate - burst : rate
    }

    mutating func set(limit octetsPerSecond: UInt32, at now: Int64) {
        guard Double(octetsPerSecond) != limit else { return }
        fill(at: now)
        limit = Double(octetsPerSecond)
        if let reduced, limit > 0, reduced >= limit { self.reduced = nil }
        tokens = min(tokens, burst)
    }

    /// Whether a piece may go out now. A piece over the burst may as soon as the bucket is full, which is no more than
    /// the single message that has to be larger than a datagram.
    mutating func permits(_ octets: Int, at now: Int64) -> Bool {
        guard rate != nil else { return true }
        fill(at: now)
        // Rounded sums must not keep a full bucket from being full.
        return tokens + 0.001 >= min(Double(octets), burst)
    }

    mutating func spend(_ octets: Int) {
        guard rate != nil else { return }
        tokens -= Double(octets)
    }

    /// Nanoseconds of the clock when a piece may go out.
    func moment(for octets: Int, after now: Int64) -> Int64 {
        guard rate != nil else { return now }
        let missing = min(Double(octets), burst) - tokens
        guard missing > 0 else { return max(now, filledAt) }
        return filledAt + Int64((missing / refill / Self.nanosecond).rounded(.up))
    }

    /// What a measurement of loss says: over the threshold, the rate is halved; below it, it comes back.
    ///
    /// - Parameter sent: octets per second that were sent meanwhile.
    mutating func observe(loss: Double, threshold: Double, sent: Double, at now: Int64) {
        fill(at: now)
        if loss > threshold {
            guard now - halvedAt >= Self.halvingInterval else { return }
            halvedAt = now
            if reduced == nil { whole = limit > 0 ? limit : sent }
            let floor = min(whole, max(whole * Self.smallestShare, Self.smallestRate))
            reduced = max((reduced ?? whole) / 2, floor)
        } else if let rate = reduced {
            let recovered = rate + whole * Self.recoveryShare
            // Without a limit nothing says how much the path takes now: twice of what it once did shows that it is free.
            reduced = recovered >= (limit > 0 ? limit : 2 * whole) ? nil : recovered
        }
        tokens = min(tokens, burst)
    }

    private mutating func fill(at now: Int64) {
        guard now > filledAt else { return }
        let filled = tokens + Double(now - filledAt) * Self.nanosecond * (rate == nil ? 0 : refill)
        tokens = rate == nil ? burst : min(filled, burst)
        filledAt = now
    }
}
