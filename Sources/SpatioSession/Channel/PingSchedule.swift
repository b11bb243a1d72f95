/// When to send a PING, and which PINGs are still out.
struct PingSchedule: Sendable {
    struct Record: Sendable {
        var id: UInt32
        /// Nanoseconds of the clock.
        var sentAt: Int64
        /// One behind the last message that had gone out on each stream.
        var positions: [UInt32: UInt32]
    }

    private var records: [Record] = []
    private var nextID: UInt32 = 0
    private var lastSentAt: Int64?
    /// Sent since the last answer.
    private var unanswered = 0
    /// RELIABLE messages went out since the last PING.
    private var hasNewReliable = false
    /// Somebody asked for a PING.
    private var isWanted = false
    /// Anything went out since the last PING.
    private var hasNews = false

    /// Answers to PINGs before these are not waited for any more.
    private static let recordLimit = 16
    /// Nanoseconds between two PINGs at least; fewer while the window is closed and only an answer opens it.
    private static let interval: Int64 = 10_000_000
    private static let urgentInterval: Int64 = 1_000_000
    /// Nanoseconds between PINGs while messages are sent that need no acknowledgement: loss is measured by them.
    private static let measuringInterval: Int64 = 1_000_000_000
    /// Nanoseconds between PINGs that ask whether what was missing has come meanwhile.
    private static let patientInterval: Int64 = 100_000_000
    /// Nanoseconds of silence before a PING (profile section 6).
    static let silence: Int64 = 15_000_000_000

    mutating func noteSent(isReliable: Bool) {
        hasNews = true
        if isReliable { hasNewReliable = true }
    }

    /// The next one goes out at once.
    mutating func want() { isWanted = true }

    /// Nanoseconds of the clock when the next PING is due.
    func due(hasUnacknowledged: Bool, isBlocked: Bool, heardAt: Int64, roundTrip: RoundTripEstimator) -> Int64 {
        guard !isWanted else { return heardAt }
        guard let lastSentAt else {
            let silent = heardAt + Self.silence
            if hasNewReliable { return heardAt }
            return hasNews || isBlocked ? min(heardAt + Self.measuringInterval, silent) : silent
        }
        // A PING into the silence may itself be lost: the next ones follow sooner than another silence.
        let again = unanswered == 0 ? Self.silence : min(roundTrip.timeout(afterRepeats: unanswered - 1), Self.silence)
        var due = max(heardAt + Self.silence, lastSentAt + again)
        let patient = max(2 * roundTrip.expectedAnswer, Self.patientInterval)
        if hasNews {
            // Where answers get lost, they are needed most.
            let interval = unanswered == 0 ? Self.measuringInterval : min(patient, Self.measuringInterval)
            due = min(due, lastSentAt + interval)
        }
        // The window may be closed with nothing out: only an answer says that it has opened.
        if isBlocked { due = min(due, lastSentAt + Self.measuringInterval) }
        guard hasUnacknowledged else { return due }
        if unanswered > 1 {
            // Answers stay out: ask less and less often.
            let backOff = roundTrip.expectedAnswer << Int64(min(unanswered - 1, RoundTripEstimator.repeatLimit))
            return min(due, lastSentAt + max(backOff, Self.interval))
        }
        if hasNewReliable {
            let least = isBlocked ? Self.urgentInterval : Self.interval
            return min(due, lastSentAt + max(least, (roundTrip.smoothed ?? 0) / 4))
        }
        return min(due, lastSentAt + patient)
    }

    /// The id of a PING that goes out now.
    mutating func begin(positions: [UInt32: UInt32], at now: Int64) -> UInt32 {
        let id = nextID
        nextID &+= 1
        if records.count == Self.recordLimit { records.removeFirst() }
        records.append(Record(id: id, sentAt: now, positions: positions))
        lastSentAt = now
        unanswered += 1
        isWanted = false
        hasNews = false
        hasNewReliable = false
        return id
    }

    func record(_ id: UInt32) -> Record? { records.last { $0.id == id } }

    /// An answer counts once.
    mutating func end(_ id: UInt32) {
        records.removeAll { $0.id == id }
        unanswered = 0
    }
}
