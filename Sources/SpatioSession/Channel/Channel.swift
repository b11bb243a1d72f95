import SpatioWire

/// One end of one conversation, once the addresses are known (profile sections 3.2, 6 and 8): it numbers, cuts, protects
/// and packs what it sends, repeats it until it is acknowledged, keeps to the other end's window and rate, and hands over
/// what it receives once, opened, whole and in order.
///
/// A value without I/O: octets and the time go in, octets and events come out. After `receive` and `advance`, take the
/// events and call `nextTransmission` until it gives nothing; call both again at `deadline`.
///
/// Nothing that comes in from the other end makes it keep more than the limits named here say.
public struct Channel: Sendable {
    /// Streams that it sends on: as many as one PING and its PONG can speak of.
    public static let outgoingStreamLimit = 100
    /// Streams that it receives on; each may cost the window of received sequences, 8 KiB.
    public static let incomingStreamLimit = 256
    /// Octets that may wait to be sent before nothing more is taken: seconds of a fast session.
    public static let queueLimit = 4 << 20
    /// Nanoseconds without anything heard after which the session is dead (profile section 6).
    public static let longestSilence: Int64 = 45_000_000_000

    /// A message that may go out as soon as the rate permits it.
    struct Ready: Sendable {
        enum Kind {
            case once, reliable, mirrored
            /// A RELIABLE one, repeated.
            case again
            /// The channel's own: nothing that a PING would ask about.
            case own
        }

        /// Empty where it is sent again: the original octets are kept elsewhere.
        var octets: [UInt8]
        var stream: UInt32
        var sequence: UInt32
        var kind: Kind
    }

    /// A PING that has not been answered yet.
    struct PendingPing: Sendable {
        var ping: Ping
        var timestamp: UInt64
        var receivedAt: Int64
    }

    var options: ChannelOptions
    let firstSequence: UInt32
    var epochs: Epochs
    /// The latest time that it was told, in nanoseconds.
    var clock: Int64
    var events = Fifo<ChannelEvent>()
    var refusalsWaiting = 0

    // Out
    var outgoing: [UInt32: OutgoingStream] = [:]
    /// Before everything else: PONGs.
    var urgent = Fifo<Ready>()
    var ready = Fifo<Ready>()
    /// Of a byte stream: octets that go out before anything else.
    var piece: [UInt8] = []
    /// For the window, and behind others of their stream that do.
    var waiting = Fifo<Ready>()
    /// Octets of the RELIABLE messages that are let into the window and not acknowledged.
    var windowUsed = 0
    var limiter: RateLimiter
    var lossMeter = LossMeter()
    var measuredOctets = 0
    var measuredAt: Int64
    /// No message is to be repeated before.
    var nextRepeat: Int64 = .max
    var pings = PingSchedule()
    /// The rate left nothing for a PING behind what was sent: it goes before it.
    var isPingUrgent = false

    // In
    var incoming: [UInt32: IncomingStream<Message>] = [:]
    var framer: StreamFramer
    var assembler: SegmentAssembler
    var heldMessages = 0
    var heldOctets = 0
    var pendingPings: [PendingPing] = []
    var pongTurn = 0
    var mirroredStreams = MirroredStreams()
    var heardAt: Int64

    /// Sends no PING by itself: nobody is there yet who keeps anything of it.
    public var isQuiet = false
    /// Whether `passed` tells of every message.
    public var reportsTraffic = false
    /// What the other end advertised last.
    public var peerFlow = FlowControl.standard {
        didSet { limiter.set(limit: peerFlow.rateLimit, at: clock) }
    }
    public internal(set) var counters = ChannelCounters()
    public internal(set) var roundTrip = RoundTripEstimator()
    /// What waits to be sent, in octets; what is to be repeated does not count.
    public internal(set) var queuedOctets = 0
    /// Closed or dead: what is queued still goes out, and nothing else happens any more.
    public internal(set) var isClosed = false

    public init(_ options: ChannelOptions, at now: Moment) { self.init(options, startingAt: 0, at: now) }

    /// - Parameter first: the first sequence of each stream in both directions, which is 0 in every session: for tests of
    ///   what happens when it wraps.
    package init(_ options: ChannelOptions, startingAt first: UInt32, at now: Moment) {
        self.options = options
        self.options.datagramSize = max(options.datagramSize, ChannelOptions.smallestDatagram)
        firstSequence = first
        epochs = Epochs(options.direction)
        clock = now.monotonic
        limiter = RateLimiter(largestPiece: self.options.datagramSize, at: now.monotonic)
        measuredAt = now.monotonic
        framer = StreamFramer(messageSize: options.maximumMessageSize)
        assembler = SegmentAssembler(largestWhole: options.maximumMessageSize)
        heardAt = now.monotonic
    }

    /// What came of what was received and of the time that passed, in order.
    public mutating func nextEvent() -> ChannelEvent? {
        let event = events.popFirst()
        if case .refused? = event { refusalsWaiting -= 1 }
        return event
    }

    /// Uses what CONNECT and CONNECT_ACK agreed on, from now on.
    public mutating func negotiate(maximumMessageSize: Int, compression: Compression) {
        options.maximumMessageSize = min(maximumMessageSize, WireLimits.largestMessage)
        options.compression = compression
        framer.set(messageSize: options.maximumMessageSize)
        assembler = SegmentAssembler(largestWhole: options.maximumMessageSize)
    }

    /// Protects everything that is sent from now on; what comes may be under these keys, under those before, and under
    /// prepared ones.
    public mutating func install(_ keys: SessionKeys, epoch: UInt16, protection: Protection) {
        epochs.install(Epochs.Epoch(keys: keys, number: epoch, protection: protection))
        for stream in outgoing.keys { outgoing[stream]?.beginEpoch() }
    }

    /// What comes may be under these keys already: the other end changes first.
    public mutating func prepareReceiving(_ keys: SessionKeys, epoch: UInt16, protection: Protection) {
        epochs.prepare(Epochs.Epoch(keys: keys, number: epoch, protection: protection))
    }

    /// The epoch that is sent with; nil before one is installed.
    public var epoch: UInt16? { epochs.current?.number }

    /// Whether a stream's sequences get few under these keys, so that a new epoch is wanted.
    public var sequencesNearWrap: Bool { epochs.current != nil && outgoing.values.contains { $0.isNearWrap } }

    /// Whether everything RELIABLE has arrived that was sent under keys before the installed ones: with the next epoch
    /// the other end forgets them.
    public var isOldEpochAcknowledged: Bool {
        outgoing.values.allSatisfy { stream in
            stream.unacknowledged.oldest.map { !$0.precedes(stream.epochStart) } ?? true
        }
    }

    // MARK: Time

    /// Nanoseconds of the clock when `advance` and `nextTransmission` want to be called next; nil once there is nothing
    /// left to do. What may go out at once has a deadline that is over.
    public var deadline: Int64? {
        var next = nextTransmissionSize.map { limiter.moment(for: $0, after: clock) }
        if isClosed { return next }
        func consider(_ moment: Int64) { next = min(next ?? .max, moment) }
        consider(heardAt + Self.longestSilence)
        // Where a piece of a stream waits, the next PING goes behind it.
        if piece.isEmpty { consider(max(pingDue, limiter.moment(for: pingSize, after: clock))) }
        if nextRepeat != .max { consider(nextRepeat) }
        if heldMessages > 0 {
            for stream in incoming.values { stream.waitingEnds(roundTrip).map(consider) }
        }
        return next
    }

    /// Does what the time asks for: repeats, gives up waiting, finds the other end dead.
    public mutating func advance(to now: Moment) {
        clock = max(clock, now.monotonic)
        guard !isClosed else { return }
        if clock - heardAt >= Self.longestSilence {
            die(.timeout, "nothing was heard for 45 s", at: now)
            return
        }
        if clock + RoundTripEstimator.granularity >= nextRepeat { repeatLate(at: now) }
        if heldMessages > 0 { giveUpHoles(at: now) }
    }

    // MARK: The end

    /// Ends the conversation: what may go out already still does, then the DISCONNECT. Nothing is repeated, received or
    /// sent any more, and there are no more events of it.
    public mutating func close(_ disconnect: Disconnect?, at now: Moment) {
        guard !isClosed else { return }
        clock = max(clock, now.monotonic)
        if let disconnect { sendLast(disconnect, at: now) }
        stop()
    }

    mutating func die(_ code: ErrorCode, _ reason: String, at now: Moment) {
        guard !isClosed else { return }
        urgent.removeAll()
        ready.removeAll()
        queuedOctets = 0
        sendLast(Disconnect(category: .streamError, code: code, reason: reason), at: now)
        stop()
        events.append(.dead(code, reason: reason))
    }

    private mutating func sendLast(_ disconnect: Disconnect, at now: Moment) {
        guard let item = stamped(.disconnect(disconnect), at: now) else { return }
        queuedOctets += item.octets.count
        ready.append(item)
    }

    private mutating func stop() {
        isClosed = true
        while let item = waiting.popFirst() { queuedOctets -= item.octets.count }
        for stream in outgoing.keys { outgoing[stream]?.unacknowledged = Unacknowledged() }
        incoming = [:]
        heldMessages = 0
        heldOctets = 0
        pendingPings = []
        assembler = SegmentAssembler(largestWhole: 0)
        framer = StreamFramer(messageSize: 0)
    }

    /// A bound on what nobody may have taken yet: more refusals at once than this say nothing new.
    private static let refusalLimit = 64

    mutating func refuse(_ code: ErrorCode, _ reason: @autoclosure () -> String) {
        counters.refused += 1
        guard refusalsWaiting < Self.refusalLimit else { return }
        refusalsWaiting += 1
        events.append(.refused(code, reason: reason()))
    }
}
