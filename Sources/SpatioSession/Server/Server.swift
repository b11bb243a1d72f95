import Crypto
import SpatioWire

/// The server's end of all its sessions. A machine without I/O and without a clock; it knows nothing of spaces.
///
/// Whatever is done to it, drain `nextEvent` and `nextTransmission` afterwards, and call `advance` at `deadline`.
///
/// It keeps nothing for an address that has not proved, by echoing a cookie or by having made a connection, that it
/// receives what is sent to it, and sends it no more octets than came from there. Everything a client can make it keep
/// is bounded; what a message costs does not depend on how many sessions there are.
public struct Server: Sendable {
    /// Nanoseconds in which a client that is alive answers a PING, one of which may be lost.
    private static let lifeSign: Int64 = 2_000_000_000
    /// Stateless answers, and last words of sessions that ended, that wait to be sent. What does not fit is asked for
    /// again.
    private static let pendingReplies = 1024
    /// Refusals that wait to be taken; what does not fit is counted only.
    private static let pendingRefusals = 1024
    /// A handle is the number of its slot and, above it, how many came before: 2^20 sessions at a time.
    static let slotBits: UInt64 = 20

    let configuration: ServerConfiguration
    let cookie: StatelessCookie
    let identifierKey: SymmetricKey
    var authenticator: Authenticator
    /// Of handshakes: a second's worth at once.
    var handshakes: Allowance

    var sessions: [ServerSession?] = []
    var freeSlots: [Int] = []
    var slots: [PeerAddress: Int] = [:]
    var hosts: [PeerAddress.Host: Int] = [:]
    var begun: UInt64 = 0
    var halfOpen = 0

    /// Sessions move their deadlines with every message, so an entry says only that a session wants to be looked at then,
    /// not what for; whoever takes it asks the session.
    private var deadlines = DueQueue<SessionHandle>()
    /// Slots of the sessions that may have something to send.
    private var senders = Fifo<Int>()
    private var replies = Fifo<(to: PeerAddress, octets: [UInt8])>()
    var farewells = FarewellTable()
    private var events = Fifo<ServerEvent>()
    private var refusalsWaiting = 0
    /// It takes nobody any more.
    var isClosing = false

    /// Messages and datagrams that were refused.
    public private(set) var refusals = 0
    /// Sessions, those in their handshake among them.
    public var sessionCount: Int { slots.count }

    /// - Parameter secret: 32 octets that nobody else knows; cookies and session ids are made with them.
    public init(_ configuration: ServerConfiguration, secret: [UInt8], at now: Moment) {
        self.configuration = configuration
        let root = SymmetricKey(data: secret)
        func derived(_ purpose: String) -> [UInt8] {
            Array(HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8), using: root))
        }
        cookie = StatelessCookie(secret: derived("cookie"))
        identifierKey = SymmetricKey(data: derived("session id"))
        authenticator = Authenticator(
            tokens: configuration.tokens, verifier: configuration.certificateVerifier,
            isDemanded: configuration.demandsAuthentication, at: now)
        // One at least: of none there would be no limit.
        handshakes = Allowance(
            perSecond: max(1, configuration.limits.handshakesPerSecond), seconds: 1, at: now.monotonic)
    }

    // MARK: Asking

    public func address(of handle: SessionHandle) -> PeerAddress? { self[handle]?.address }
    /// Nil before the session is accepted.
    public func summary(of handle: SessionHandle) -> SessionSummary? { self[handle]?.summary }
    public func counters(of handle: SessionHandle) -> ChannelCounters? { self[handle]?.channel.counters }
    public func roundTrip(of handle: SessionHandle) -> RoundTripEstimator? { self[handle]?.channel.roundTrip }
    /// What this client advertised last.
    public func flow(of handle: SessionHandle) -> FlowControl? { self[handle]?.channel.peerFlow }
    /// Octets that wait for this client: what is only worth something now is better left out while there are many.
    public func queuedOctets(of handle: SessionHandle) -> Int { self[handle]?.channel.queuedOctets ?? 0 }

    private subscript(handle: SessionHandle) -> ServerSession? {
        slot(of: handle).flatMap { sessions[$0] }
    }

    func slot(of handle: SessionHandle) -> Int? {
        let slot = Int(truncatingIfNeeded: handle.number & (1 << Self.slotBits - 1))
        guard slot < sessions.count, sessions[slot]?.handle == handle else { return nil }
        return slot
    }

    /// When `advance` wants to be called, in monotonic nanoseconds; it may have passed already.
    public var deadline: Int64? { deadlines.first }

    public mutating func nextEvent() -> ServerEvent? {
        let event = events.popFirst()
        if case .dropped = event { refusalsWaiting -= 1 }
        return event
    }

    // MARK: Time and octets

    /// Tells it what time it is.
    public mutating func advance(to now: Moment) {
        while let entry = deadlines.next(at: now.monotonic) {
            guard let slot = slot(of: entry.element), sessions[slot]?.scheduled == entry.time else { continue }
            sessions[slot]?.scheduled = .max
            sessions[slot]?.channel.advance(to: now)
            if sessions[slot]?.channel.sequencesNearWrap == true { sessions[slot]?.security?.wantRekey() }
            drain(slot, at: now)
            if let patience = sessions[slot]?.patience, patience <= now.monotonic {
                expire(slot, at: now)
            }
            settle(slot)
        }
        farewells.forget(at: now)
    }

    /// One datagram, or a piece of a stream, and where it goes; nil when there is nothing to send now.
    ///
    /// With `reportsTraffic`, there may be events behind it.
    public mutating func nextTransmission(at now: Moment) -> (to: PeerAddress, octets: [UInt8])? {
        if let reply = replies.popFirst() { return reply }
        while let slot = senders.popFirst() {
            guard sessions[slot]?.isQueued == true else { continue }
            if let octets = sessions[slot]?.channel.nextTransmission(at: now), let address = sessions[slot]?.address {
                // Everybody in turn.
                senders.append(slot)
                if sessions[slot]?.phase == .closing { sessions[slot]?.lastTransmission = octets }
                return (address, octets)
            }
            sessions[slot]?.isQueued = false
            // PINGs and PONGs are made while they are sent.
            if configuration.reportsTraffic { drain(slot, at: now) }
            if sessions[slot]?.phase == .closing, sessions[slot]?.channel.deadline == nil {
                remove(slot, at: now)
            } else {
                schedule(slot)
            }
        }
        return nil
    }

    /// Takes one datagram, or any piece of a stream.
    public mutating func receive(_ octets: UnsafeRawBufferPointer, from address: PeerAddress, at now: Moment) {
        guard let slot = slots[address], !isReplaced(slot, by: octets, at: now) else {
            receive(octets, fromStranger: address, at: now)
            return
        }
        take(octets, slot, at: now)
    }

    /// A connection (TCP) was accepted; what comes of one that was not told of is refused.
    public mutating func connectionOpened(_ address: PeerAddress, at now: Moment) {
        guard address.isStream, slots[address] == nil else { return }
        do throws(Refusal) {
            try admit(at: now)
        } catch {
            drop(error, address)
            emit(.finished(address))
            return
        }
        settle(begin(address, at: now))
    }

    /// A connection has ended under its session.
    public mutating func connectionClosed(_ address: PeerAddress, at now: Moment) {
        guard let slot = slots[address] else { return }
        tellEnd(slot, Closing(Refusal(.connectionFailed, "the connection ended"), byPeer: false))
        remove(slot, at: now)
    }

    mutating func take(_ octets: UnsafeRawBufferPointer, _ slot: Int, at now: Moment) {
        guard let before = sessions[slot]?.channel.counters.messagesReceived else { return }
        sessions[slot]?.channel.receive(octets, at: now)
        if sessions[slot]?.channel.counters.messagesReceived != before { sessions[slot]?.lastHeard = now.monotonic }
        drain(slot, at: now)
        settle(slot)
    }

    /// Whether a datagram is a CONNECT of a client that was started anew on the port of the one before.
    ///
    /// A CONNECT with the sequence of the one that began the session and another time is no repetition of it. Where the
    /// session is protected that is not enough, because anybody on the way could end it so: there the old client is
    /// asked first, by a PING that only it can answer.
    private mutating func isReplaced(_ slot: Int, by octets: UnsafeRawBufferPointer, at now: Moment) -> Bool {
        let type = MessageHeader.peek(octets)?.type
        guard type == .connect || type == .challengeResponse, sessions[slot]?.address.isStream == false,
            let messages = try? Message.decodeDatagram(octets),
            let header = messages.first(where: { $0.header.type == .connect })?.header,
            let known = sessions[slot]?.connectHeader, let lastHeard = sessions[slot]?.lastHeard,
            header.sequence == known.sequence, header.timestamp != known.timestamp
        else { return false }
        guard sessions[slot]?.security?.current != nil else { return true }
        if let asked = sessions[slot]?.askedForLife, lastHeard <= asked {
            return now.monotonic - asked > Self.lifeSign
        }
        sessions[slot]?.askedForLife = now.monotonic
        sessions[slot]?.channel.ping(at: now)
        settle(slot)
        return false
    }

    // MARK: Bookkeeping

    mutating func emit(_ event: ServerEvent) { events.append(event) }

    mutating func drop(_ refusal: Refusal, _ address: PeerAddress, _ session: SessionHandle? = nil) {
        refusals += 1
        guard refusalsWaiting < Self.pendingRefusals else { return }
        refusalsWaiting += 1
        events.append(.dropped(address, session, refusal))
    }

    mutating func reply(_ octets: [UInt8], to address: PeerAddress) {
        guard replies.count < Self.pendingReplies else { return }
        replies.append((address, octets))
    }

    /// After anything was done to a session: `nextTransmission` asks it for what it has to send, and for its deadline
    /// then.
    mutating func settle(_ slot: Int) {
        guard sessions[slot]?.isQueued == false else { return }
        sessions[slot]?.isQueued = true
        senders.append(slot)
    }

    private mutating func schedule(_ slot: Int) {
        guard let deadline = sessions[slot]?.deadline, let scheduled = sessions[slot]?.scheduled,
            let handle = sessions[slot]?.handle, deadline < scheduled
        else { return }
        sessions[slot]?.scheduled = deadline
        deadlines.add(handle, at: deadline)
    }

    /// Changes what a session is about, and counts the handshakes that are not over.
    mutating func enter(_ phase: ServerSession.Phase, _ slot: Int) {
        guard let before = sessions[slot]?.isHalfOpen else { return }
        sessions[slot]?.phase = phase
        guard before, sessions[slot]?.isHalfOpen == false else { return }
        halfOpen -= 1
        sessions[slot]?.patience = nil
    }

    /// The session takes nothing any more; what it has to send, with DISCONNECT as the last of it, still goes out.
    mutating func finish(_ slot: Int, _ closing: Closing, saying disconnect: Disconnect?, at now: Moment) {
        guard let phase = sessions[slot]?.phase, phase != .closing else { return }
        sessions[slot]?.channel.close(disconnect, at: now)
        if phase == .open { reportRest(slot) }
        enter(.closing, slot)
        sessions[slot]?.patience = now.monotonic + Farewell.patience
        tellEnd(slot, closing)
        settle(slot)
    }

    mutating func tellEnd(_ slot: Int, _ closing: Closing) {
        guard let handle = sessions[slot]?.handle, sessions[slot]?.isKnown == true else { return }
        sessions[slot]?.isKnown = false
        emit(.closed(handle, closing))
    }

    mutating func remove(_ slot: Int, at now: Moment) {
        guard let session = sessions[slot] else { return }
        if session.isHalfOpen { halfOpen -= 1 }
        sessions[slot] = nil
        freeSlots.append(slot)
        slots[session.address] = nil
        let host = session.address.host.counted
        let others = hosts[host, default: 1] - 1
        hosts[host] = others > 0 ? others : nil
        if session.address.isStream {
            emit(.finished(session.address))
        } else if !session.lastTransmission.isEmpty {
            farewells.add(session.lastTransmission, for: session.address, at: now)
        }
    }

    /// The time of a handshake, or of a farewell, is over.
    private mutating func expire(_ slot: Int, at now: Moment) {
        switch sessions[slot]?.phase {
        case .closing: remove(slot, at: now)
        case .fresh where sessions[slot]?.address.isStream == true:
            finish(slot, Closing(Refusal(.timeout, "no CONNECT"), byPeer: false), saying: nil, at: now)
        case .fresh, .unauthorized, .asked, .exchangingKeys:
            let refusal = Refusal(.timeout, "the handshake took too long")
            finish(
                slot, Closing(refusal, byPeer: false), saying: Disconnect(refusal), at: now)
        case .open, nil: break
        }
    }
}

extension Disconnect {
    init(_ refusal: Refusal) {
        self.init(category: ErrorCategory(of: refusal.code), code: refusal.code, reason: refusal.reason)
    }
}
