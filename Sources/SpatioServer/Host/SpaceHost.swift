import SpatioSession
import SpatioWire

/// A whole server of spaces: sessions and what is told in them, as one value without I/O.
///
/// Octets go in (`receive`) and come out (`nextTransmission`, until it is nil, after every input); time is told with
/// `advance(to:)` when `deadline` has come; `nextEvent()`, until it is nil, gives what is left for a program to do.
public struct SpaceHost: Sendable {
    public enum Event: Sendable {
        case log(ServerEntry)
        /// The secret of a new epoch, for the key log.
        case keys(KeyLog.Entry)
        /// Of connections (TCP): close it, when everything is sent that `nextTransmission` gave before this event.
        case finished(PeerAddress)
    }

    /// Why there can be no server after a plan.
    public enum PlanError: Error, Hashable, Sendable {
        /// The private key is none of Ed25519.
        case identity
        case noSpace
    }

    public private(set) var spaces: SpaceServer
    public private(set) var sessions: Server
    private var events = Fifo<Event>()
    /// Octets that each session had sent when its last message came.
    private var octets: [SessionHandle: Int] = [:]
    /// Dropped messages that may still be logged, and how many were not.
    private var dropEntries: Allowance
    private var unloggedDrops = 0

    /// Anybody can send what is dropped; a log is read by people.
    private static let dropEntriesPerSecond = 5

    /// - Parameters:
    ///   - serverID: where the plan has none
    ///   - secret: 32 octets that nobody else knows; cookies and session ids are made with them
    public init(_ plan: ServerPlan, serverID: UUID, secret: [UInt8], at now: Moment) throws(PlanError) {
        guard !plan.spaces.isEmpty else { throw .noSpace }
        var configuration = ServerConfiguration(serverID: plan.serverID ?? serverID)
        if let key = plan.identity {
            guard let identity = ServerIdentity(privateKey: key) else { throw .identity }
            configuration.identity = identity
        }
        configuration.securityLevel = plan.securityLevel
        configuration.demandsAuthentication = plan.demandsToken
        configuration.tokens = plan.tokens
        configuration.flow = plan.flow
        configuration.refusesSealedObservers = plan.refusesSealedObservers
        configuration.reportsTraffic = true
        configuration.limits.sessions = plan.limits.sessions
        configuration.limits.sessionsPerHost = plan.limits.sessionsPerAddress
        configuration.limits.handshakesPerSecond = plan.limits.handshakesPerSecond
        spaces = SpaceServer(plan, serverID: configuration.serverID, at: now)
        sessions = Server(configuration, secret: secret, at: now)
        dropEntries = Allowance(perSecond: Self.dropEntriesPerSecond, at: now.monotonic)
    }

    // MARK: In

    /// One datagram, or any piece of a connection's stream.
    public mutating func receive(_ octets: UnsafeRawBufferPointer, from address: PeerAddress, at now: Moment) {
        sessions.receive(octets, from: address, at: now)
        settle(at: now)
    }

    /// A connection (TCP) was accepted.
    public mutating func connectionOpened(_ address: PeerAddress, at now: Moment) {
        sessions.connectionOpened(address, at: now)
        settle(at: now)
    }

    /// A connection (TCP) has ended under its session.
    public mutating func connectionClosed(_ address: PeerAddress, at now: Moment) {
        sessions.connectionClosed(address, at: now)
        settle(at: now)
    }

    /// Monotonic nanoseconds at which `advance(to:)` wants to be called; nil: never.
    public var deadline: Int64? {
        guard let first = sessions.deadline, let second = spaces.deadline else {
            return sessions.deadline ?? spaces.deadline
        }
        return min(first, second)
    }

    public mutating func advance(to now: Moment) {
        sessions.advance(to: now)
        if let deadline = spaces.deadline, deadline <= now.monotonic { spaces.advance(to: now) }
        settle(at: now)
    }

    /// Says farewell to every client and takes nobody any more. It is over when `nextTransmission` gives nothing.
    public mutating func close(at now: Moment) {
        spaces.shutDown(at: now)
        settle(at: now)
        sessions.close(reason: "the server closes", at: now)
        settle(at: now)
    }

    // MARK: Out

    /// Octets to be sent, one datagram or a piece of a stream; nil: nothing now.
    public mutating func nextTransmission(at now: Moment) -> (to: PeerAddress, octets: [UInt8])? {
        while true {
            if let transmission = sessions.nextTransmission(at: now) { return transmission }
            // What was sent may have to be mirrored.
            guard let event = sessions.nextEvent() else { return nil }
            take(event, at: now)
            settle(at: now)
        }
    }

    public mutating func nextEvent() -> Event? { events.popFirst() }

    // MARK: Between

    /// Lets each half know what the other has to say, until neither has more.
    private mutating func settle(at now: Moment) {
        carryOut(at: now)
        while let event = sessions.nextEvent() {
            take(event, at: now)
            carryOut(at: now)
        }
    }

    private mutating func take(_ event: ServerEvent, at now: Moment) {
        switch event {
        case .asked(let handle, let request): answer(request, handle, at: now)
        case .opened(let handle, let request): open(request, handle, at: now)
        case .message(let handle, let message):
            let total = sessions.octetsReceived(of: handle)
            let count = total - (octets.updateValue(total, forKey: handle) ?? 0)
            spaces.received(message, octets: max(count, 0), from: handle, at: now)
        case .passed(let handle, let message, let direction):
            spaces.passed(message, direction, of: handle, at: now)
        case .closed(let handle, let closing):
            octets[handle] = nil
            spaces.closed(handle, closing.code, reason: closing.reason, at: now)
        case .dropped(let address, let handle, let refusal): note(refusal, address, handle, at: now)
        case .keys(_, let entry): events.append(.keys(entry))
        case .finished(let address): events.append(.finished(address))
        }
    }

    private mutating func answer(_ request: ConnectRequest, _ handle: SessionHandle, at now: Moment) {
        switch spaces.admission(of: request.agreed, granted: request.grant?.spaces) {
        case .accepted(let open, let groups, let extensions):
            sessions.accept(handle, Welcome(spaces: open, groups: groups, extensions: extensions), at: now)
        case .refused(let code, let reason):
            events.append(
                .log(
                    ServerEntry(
                        .warning, "client refused",
                        ["address": "\(request.address)", "code": code.description, "reason": reason])))
            sessions.refuse(handle, Refusal(code, reason), at: now)
        }
    }

    private mutating func open(_ request: ConnectRequest, _ handle: SessionHandle, at now: Moment) {
        guard let summary = sessions.summary(of: handle) else { return }
        if request.connect.role == .observer, request.config.securityLevel == .encrypt {
            events.append(
                .log(
                    ServerEntry(
                        .warning, "observer of a sealed session: messages of two sessions may share a nonce",
                        ["session": "\(summary.sessionID)"])))
        }
        spaces.opened(
            handle, sessionID: summary.sessionID, connect: request.agreed, granted: request.grant?.spaces,
            hasToken: request.grant != nil, at: now)
    }

    private mutating func note(_ refusal: Refusal, _ address: PeerAddress, _ handle: SessionHandle?, at now: Moment) {
        guard dropEntries.take(at: now.monotonic) else {
            unloggedDrops += 1
            return
        }
        let session = handle.flatMap { sessions.summary(of: $0)?.sessionID.description } ?? "-"
        events.append(
            .log(
                ServerEntry(
                    .warning, "message dropped",
                    [
                        "address": "\(address)", "session": session, "code": refusal.code.description,
                        "reason": refusal.reason, "unlogged": "\(unloggedDrops)",
                    ])))
        unloggedDrops = 0
    }

    private mutating func carryOut(at now: Moment) {
        while let command = spaces.nextCommand() {
            switch command {
            case .send(let payload, let delivery, let handle): send(payload, delivery, to: handle, at: now)
            case .forward(let message, let handle): sessions.forward(message, to: handle, at: now)
            case .disconnect(let handle, _, let code, let reason):
                sessions.disconnect(handle, Refusal(code, reason), at: now)
            case .log(let entry): events.append(.log(entry))
            }
        }
    }

    private mutating func send(_ payload: Payload, _ delivery: Delivery, to handle: SessionHandle, at now: Moment) {
        do throws(SessionError) {
            try sessions.send(payload, delivery, to: handle, at: now)
        } catch {
            // Positions are told again; a version that is missing has to be made up for.
            if payload.makesVersion { spaces.lost(handle) }
            guard error != .closed, let address = sessions.address(of: handle) else { return }
            note(Refusal(.bandwidthExceeded, "not sent: \(error)"), address, handle, at: now)
        }
    }
}

extension Payload {
    /// A client that has missed it has another state than the server believes.
    fileprivate var makesVersion: Bool {
        switch self {
        case .stateSync, .stateResponse, .deltaUpdate, .conflictResolve: true
        default: false
        }
    }
}

extension ConnectRequest {
    /// What the client asked for with what was agreed in the place of what it offered.
    fileprivate var agreed: Connect {
        var agreed = connect
        agreed.config = config
        return agreed
    }
}
