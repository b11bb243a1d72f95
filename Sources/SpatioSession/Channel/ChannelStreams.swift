/// What a channel keeps of one stream that it sends.
struct OutgoingStream: Sendable {
    /// The sequence of the next message.
    var next: UInt32
    /// One behind the last that has gone out: what a PING says.
    var position: UInt32
    /// Messages that wait for the window; nothing of the stream overtakes them.
    var waiting = 0
    var unacknowledged = Unacknowledged()
    /// Where loss has been measured up to, and the position that the last PING said: what is measured next, once the
    /// answer to another PING shows that it had time to arrive.
    var measured: UInt32
    var settled: UInt32
    /// The first sequence under the installed epoch.
    var epochStart: UInt32

    init(startingAt first: UInt32) {
        next = first
        position = first
        measured = first
        settled = first
        epochStart = first
    }

    mutating func beginEpoch() { epochStart = next }

    /// A new epoch is wanted so many messages before the sequence wraps: minutes at any rate.
    static let wrapMargin: UInt32 = 1 << 24

    /// Whether a new epoch is wanted: the sequence comes near its wrap, or, in an epoch that began there, once round.
    var isNearWrap: Bool {
        let round = UInt64(1) << 32
        let untilWrap = round - UInt64(epochStart)
        let margin = UInt64(Self.wrapMargin)
        return UInt64(next &- epochStart) + margin >= (untilWrap > margin ? untilWrap : round)
    }

    /// Whether so many more messages would use a sequence twice under the same keys.
    func isExhausted(by count: Int) -> Bool { UInt64(next &- epochStart) + UInt64(count) > UInt64(UInt32.max) }

    /// Notes that a message has gone out; one that is sent first may still be behind others that overtook it.
    mutating func noteSent(_ sequence: UInt32) {
        if !sequence.precedes(position) { position = sequence &+ 1 }
    }

    /// What the answer to a PING says of the messages that had gone out before the PING ahead of it: those had the time
    /// to arrive, whatever the order.
    mutating func measure(_ missing: MissingSequences, _ position: UInt32) -> (sent: Int, lost: Int)? {
        guard settled.precedes(position) else { return nil }
        let sent = serialDistance(from: measured, to: settled)
        let lost = missing.count(from: measured, to: settled)
        measured = settled
        settled = position
        return (sent, lost)
    }

    /// Leaves one sequence out: it was sent elsewhere.
    mutating func skip() {
        next &+= 1
        position = next
    }
}

/// What a channel keeps of one stream that it receives.
struct IncomingStream<Item: Sendable>: Sendable {
    var received: ReceivedSequences
    var ordered = OrderedDelivery<Item>()
    var hasReliable = false
    var hasUnreliable = false
    /// What had arrived when, so that holes can be forgotten that nobody repeats any more.
    var markedEnd: UInt32
    var markedAt: Int64

    init(startingAt first: UInt32, at now: Int64) {
        received = ReceivedSequences(startingAt: first)
        markedEnd = first
        markedAt = now
    }

    /// Nanoseconds for which an ORDERED message waits for those before it. Where everything is RELIABLE, what is missing
    /// is on its way until its sender gives up; on a mixed stream it may as well never come.
    private func patience(_ roundTrip: RoundTripEstimator) -> Int64 {
        hasUnreliable ? roundTrip.mixedPatience : roundTrip.patience
    }

    /// When the wait of the message that has waited longest is over; nil when none waits.
    func waitingEnds(_ roundTrip: RoundTripEstimator) -> Int64? {
        ordered.oldest.map { $0 + patience(roundTrip) }
    }

    /// Gives up the holes that messages have waited for long enough.
    mutating func giveUpHoles(at now: Int64, _ roundTrip: RoundTripEstimator) {
        if let end = ordered.end(ofThoseSince: now - patience(roundTrip)) { received.forget(below: end) }
    }

    /// Forgets the holes that were there a `patience` ago, so that they do not fill every PONG.
    mutating func forgetOldHoles(at now: Int64, patience: Int64) {
        guard now - markedAt >= patience else { return }
        received.forget(below: markedEnd)
        markedEnd = received.end
        markedAt = now
    }
}
