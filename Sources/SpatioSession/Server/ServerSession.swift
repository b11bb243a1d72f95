import SpatioWire

/// One session at the server, from the CONNECT of a proved address to its last datagram.
struct ServerSession: Sendable {
    enum Phase: Hashable, Sendable {
        /// A connection without CONNECT so far.
        case fresh
        /// CONNECT came without credentials that are enough; the last answer to AUTH_REQUEST, if there was one.
        case unauthorized
        /// The application has to say whether it takes this client.
        case asked
        case exchangingKeys
        case open
        /// Nothing is taken any more; what is queued still goes out.
        case closing
    }

    let handle: SessionHandle
    let address: PeerAddress
    let sessionID: UUID
    var phase = Phase.fresh
    var channel: Channel
    var request: ConnectRequest?
    /// Of the CONNECT that began it.
    var connectHeader: MessageHeader?
    /// The last answer to CONNECT.
    var ack: ConnectAck?
    var authAttempts = 0
    var security: SessionSecurity?
    /// For observers, while the session is not open.
    var passed: [(Message, OriginDirection)] = []
    /// The application knows of it, and has to be told of its end.
    var isKnown = false
    /// When it ends by itself: a handshake that takes too long, a farewell that cannot be sent.
    var patience: Int64?
    /// The earliest entry of this session in the queue of deadlines.
    var scheduled = Int64.max
    /// It is in the queue of those that may have something to send.
    var isQueued = false
    /// When something of the client's was last taken.
    var lastHeard: Int64
    /// When somebody else at its address wanted to connect, and it was asked whether it is still there.
    var askedForLife: Int64?
    var lastTransmission: [UInt8] = []

    var isHalfOpen: Bool { phase != .open && phase != .closing }

    /// Monotonic nanoseconds; nil: nothing is to happen by itself.
    var deadline: Int64? {
        var earliest = channel.deadline
        for other in [patience, security?.deadline(channel)] {
            guard let other else { continue }
            earliest = min(earliest ?? other, other)
        }
        return earliest
    }

    var summary: SessionSummary? {
        guard let ack, ack.code == .success else { return nil }
        return SessionSummary(ack, keys: security?.current)
    }

    mutating func send(_ payload: Payload, reliable: Bool = true, at now: Moment) throws(Refusal) {
        do throws(SendError) {
            try channel.send(payload, Delivery(reliable: reliable, priority: .critical), at: now)
        } catch {
            throw Refusal(.outOfMemory, "\(payload.type?.description ?? "") cannot be sent: \(error)")
        }
    }

    mutating func rekeyIfDue(at now: Moment) throws(Refusal) -> KeyLog.Entry? {
        try security?.rekeyIfDue(&channel, at: now)
    }

    mutating func receiveKeys(_ exchange: KeyExchange, at now: Moment) throws(Refusal) -> KeyLog.Entry? {
        try security?.receive(exchange, &channel, at: now)
    }

    mutating func confirm(_ epoch: UInt16, at now: Moment) { security?.confirm(epoch, &channel, at: now) }
}
