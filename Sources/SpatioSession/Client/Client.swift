import SpatioWire

/// The client's end of a session: participant, observer or relay. A machine without I/O and without a clock.
///
/// Whatever is done to it, drain `nextEvent` and `nextTransmission` afterwards, and call `advance` at `deadline`.
///
/// It is `ready` when the server has accepted it and, with security above NONE, the first message protected with the
/// exchanged keys has come back: whoever changed anything of the handshake on its way has made other keys, and that
/// message never comes.
public struct Client: Sendable {
    public enum State: Hashable, Sendable {
        /// Nobody has answered CONNECT.
        case connecting
        /// The server asked for credentials.
        case authenticating
        case exchangingKeys
        /// The keys are there; that they are the server's, too, is not proved yet.
        case confirming
        case ready
        case closed
    }

    /// Messages that are kept while CONNECT_ACK is missing, which a network may deliver behind them.
    private static let heldMessages = 256
    /// CHALLENGEs that are answered: one for each CONNECT that is repeated, and some more.
    private static let answeredChallenges = 16
    /// Nanoseconds between PINGs while nothing protected has come from the server.
    private static let confirmationInterval: Int64 = 1_000_000_000

    public private(set) var state = State.connecting
    /// Once the server has accepted; proved once `ready`.
    public private(set) var session: SessionSummary?

    private let configuration: ClientConfiguration
    private let connect: Connect
    private var channel: Channel
    private var security: SessionSecurity?
    private var events = Fifo<ClientEvent>()
    private var held: [Message] = []
    private var challenges = 0
    /// When the handshake is given up.
    private let patience: Int64
    private var nextConfirmation: Int64?
    private var lastTransmission: [UInt8] = []
    private var farewell: Farewell?
    private var pendingFarewell: [UInt8]?

    /// A client that wants to connect now.
    public init(_ configuration: ClientConfiguration, at now: Moment) {
        self.configuration = configuration
        let config = configuration.connectionConfig
        connect = Connect(
            config: config, clientID: configuration.clientID, role: configuration.role, name: configuration.name,
            spaces: configuration.spaces, extensions: configuration.extensions,
            auth: configuration.authenticatesWhenAsked ? nil : configuration.auth(config.securityLevel, at: now))
        var options = ChannelOptions(
            direction: .client, isStream: configuration.isStream, flow: configuration.flow)
        options.datagramSize = configuration.datagramSize
        options.checksums = configuration.checksums
        options.acceptsMirrored = configuration.role == .observer
        channel = Channel(options, at: now)
        // A server that has not proved our address answers CONNECT only.
        channel.isQuiet = !configuration.isStream
        patience =
            now.monotonic + min(max(configuration.handshakeTimeout, 0), ClientConfiguration.longestHandshake)
        ask(.connect(connect), at: now)
    }

    public var counters: ChannelCounters { channel.counters }
    public var roundTrip: RoundTripEstimator { channel.roundTrip }
    /// What the server advertised last.
    public var serverFlow: FlowControl { channel.peerFlow }
    /// Octets that wait to go out.
    public var queuedOctets: Int { channel.queuedOctets }

    /// When `advance` wants to be called, in monotonic nanoseconds; it may have passed already.
    public var deadline: Int64? {
        guard state != .closed else { return channel.deadline }
        let handshake = state == .ready ? nil : patience
        return [channel.deadline, handshake, nextConfirmation, security?.deadline(channel)].compactMap { $0 }.min()
    }

    public mutating func nextEvent() -> ClientEvent? { events.popFirst() }

    /// One datagram, or a piece of the stream; nil when there is nothing to send now.
    public mutating func nextTransmission(at now: Moment) -> [UInt8]? {
        if let octets = channel.nextTransmission(at: now) {
            if state == .closed { lastTransmission = octets }
            return octets
        }
        if state == .closed, !lastTransmission.isEmpty {
            if !configuration.isStream { farewell = Farewell(lastTransmission, at: now) }
            lastTransmission = []
        }
        return pendingFarewell.take()
    }

    // MARK: What the application does

    /// Sends a message, once the session is ready.
    public mutating func send(_ payload: Payload, _ delivery: Delivery, at now: Moment) throws(SessionError) {
        guard state != .closed else { throw .closed }
        guard state == .ready else { throw .notReady }
        if let refusal = Permission.refusal(of: payload.type, from: configuration.role) {
            throw .notPermitted(refusal.reason)
        }
        do throws(SendError) {
            try channel.send(payload, delivery, at: now)
        } catch {
            throw SessionError(error)
        }
    }

    /// Changes to new keys as soon as that is possible; without security there is nothing to change.
    public mutating func rekey(at now: Moment) {
        guard state == .ready else { return }
        security?.wantRekey()
        rekeyIfDue(at: now)
    }

    /// Asks whether the server is still there, with what goes out next; any answer is heard.
    public mutating func ping(at now: Moment) {
        guard state == .ready else { return }
        channel.ping(at: now)
    }

    /// Says good bye. The session is closed at once; what waits to be transmitted says so to the server.
    public mutating func disconnect(_ code: ErrorCode = .success, reason: String, at now: Moment) {
        close(Closing(Refusal(code, reason), byPeer: false), saying: true, at: now)
    }

    /// The TCP connection has ended under the session.
    public mutating func connectionClosed(at now: Moment) {
        let refusal = Refusal(.connectionFailed, "the connection ended")
        close(Closing(refusal, byPeer: false), saying: false, at: now)
    }

    // MARK: What happens to it

    /// Takes one datagram, or any piece of the stream.
    public mutating func receive(_ octets: UnsafeRawBufferPointer, at now: Moment) {
        guard state != .closed else {
            pendingFarewell = farewell?.answer(at: now)
            return
        }
        if state == .connecting, !configuration.isStream { answerChallenge(octets, at: now) }
        channel.receive(octets, at: now)
        drain(at: now)
    }

    /// Tells it what time it is.
    public mutating func advance(to now: Moment) {
        channel.advance(to: now)
        if channel.sequencesNearWrap { security?.wantRekey() }
        drain(at: now)
        guard state != .closed, state != .ready else { return }
        if now.monotonic >= patience {
            close(Closing(lateness, byPeer: false), saying: state != .connecting, at: now)
        } else if let next = nextConfirmation, now.monotonic >= next {
            nextConfirmation = now.monotonic + Self.confirmationInterval
            channel.ping(at: now)
        }
    }

    private var lateness: Refusal {
        switch state {
        case .connecting: Refusal(.timeout, "nobody answered CONNECT")
        case .authenticating: Refusal(.timeout, "the server did not answer AUTH_REQUEST")
        case .exchangingKeys: Refusal(.timeout, "the server did not answer KEY_EXCHANGE")
        case .confirming, .ready, .closed:
            Refusal(
                session?.config.securityLevel == .sign ? .invalidSignature : .encryptionError,
                "the server has other keys than we: somebody changed the handshake on its way")
        }
    }

    private mutating func drain(at now: Moment) {
        while state != .closed, let event = channel.nextEvent() {
            switch event {
            case .message(let message): take(message, at: now)
            case .refused(let code, let reason): events.append(.dropped(Refusal(code, reason)))
            case .roundTrip(let duration): events.append(.roundTrip(duration))
            case .passed: break
            case .confirmed(let epoch): confirm(epoch, at: now)
            case .dead(let code, let reason):
                close(Closing(Refusal(code, reason), byPeer: false), saying: false, at: now)
            }
        }
        rekeyIfDue(at: now)
    }

    private mutating func rekeyIfDue(at now: Moment) {
        guard state == .ready else { return }
        do throws(Refusal) {
            if let entry = try security?.rekeyIfDue(&channel, at: now) { events.append(.keys(entry)) }
        } catch {
            events.append(.dropped(error))
        }
    }

    private mutating func take(_ message: Message, at now: Moment) {
        guard case .payload(let payload) = message.body else { return }
        do throws(Refusal) {
            guard !isMirrored(message) else { return try deliver(message) }
            switch payload {
            // Answered before the channel saw it: its sequence tells nothing.
            case .challenge: break
            case .connectAck(let ack): try take(ack, at: now)
            case .authResponse(let response): try take(response, at: now)
            case .keyExchange(let exchange): try take(exchange, at: now)
            case .disconnect(let disconnect):
                let closing = Closing(
                    category: disconnect.category, code: disconnect.code, reason: disconnect.reason, byPeer: true)
                close(closing, saying: false, at: now)
            case .connect, .authRequest, .challengeResponse:
                throw Refusal(.protocolError, "\(message.header.type) is a client's")
            default: try deliver(message)
            }
        } catch {
            events.append(.dropped(error))
        }
    }

    /// Whether it was said in another session, and to somebody else.
    private func isMirrored(_ message: Message) -> Bool {
        guard configuration.role == .observer,
            let header = message.extensions.first(where: { $0.extensionID == ExtensionID.origin })
        else { return false }
        return (try? Origin.decode(header.data)) != nil
    }

    private mutating func deliver(_ message: Message) throws(Refusal) {
        if state == .ready {
            events.append(.message(message))
            return
        }
        guard state == .connecting || state == .authenticating, connect.config.securityLevel == .none,
            held.count < Self.heldMessages
        else { throw Refusal(.protocolError, "\(message.header.type) before the session is ready") }
        held.append(message)
    }

    /// Says something that the server has to answer.
    private mutating func ask(_ payload: Payload, at now: Moment) {
        do throws(SendError) {
            try channel.send(payload, Delivery(reliable: true, priority: .critical), at: now)
        } catch {
            let refusal = Refusal(.invalidMessage, "\(payload.type?.description ?? "") cannot be sent: \(error)")
            close(Closing(refusal, byPeer: false), saying: false, at: now)
        }
    }

    // MARK: The handshake

    /// Echoes what a stateless server asks, and repeats CONNECT behind it in the same datagram.
    private mutating func answerChallenge(_ octets: UnsafeRawBufferPointer, at now: Moment) {
        guard challenges < Self.answeredChallenges, MessageHeader.peek(octets)?.type == .challenge,
            let message = try? Message.decode(octets).message, case .payload(.challenge(let challenge)) = message.body
        else { return }
        challenges += 1
        let response = ChallengeResponse(challengeID: challenge.challengeID, proof: challenge.nonce)
        do throws(SendError) {
            try channel.send(.challengeResponse(response), Delivery(priority: .critical), at: now)
            channel.repeatUnacknowledged(at: now)
        } catch {
            events.append(.dropped(Refusal(.invalidMessage, "a CHALLENGE that cannot be answered: \(error)")))
        }
    }

    private mutating func take(_ ack: ConnectAck, at now: Moment) throws(Refusal) {
        guard state == .connecting || state == .authenticating else {
            throw Refusal(.protocolError, "CONNECT_ACK in a session that has one")
        }
        channel.isQuiet = false
        switch ack.code {
        case .success: try accept(ack, at: now)
        case .unauthorized where state == .connecting && mayAuthenticate(ack):
            let level = max(ack.config.securityLevel, connect.config.securityLevel)
            guard let auth = configuration.auth(level, at: now) else { return }
            state = .authenticating
            ask(.authRequest(auth), at: now)
        default: close(Closing(Refusal(ack.code, ack.reason), byPeer: true), saying: false, at: now)
        }
    }

    /// Whether there is something to say that the server has not turned down already.
    private func mayAuthenticate(_ ack: ConnectAck) -> Bool {
        guard configuration.credentials != .none else { return false }
        return connect.auth == nil
            || connect.config.securityLevel == .none && ack.config.securityLevel > .none
    }

    private mutating func accept(_ ack: ConnectAck, at now: Moment) throws(Refusal) {
        do throws(Refusal) {
            try Negotiation.check(ack, asked: connect.config)
        } catch {
            close(Closing(error, byPeer: false), saying: true, at: now)
            return
        }
        session = SessionSummary(ack, keys: nil)
        channel.negotiate(maximumMessageSize: Int(ack.config.maxMessageSize), compression: ack.config.compression)
        channel.peerFlow = ack.flow
        events.append(.accepted(ack))
        guard ack.config.securityLevel > .none else {
            becomeReady()
            return
        }
        held = []
        let exchange = EpochExchange(
            side: .client, sessionID: ack.sessionID,
            transcript: KeyAgreement.transcript(
                connect: Payload.connect(connect).encoded(), connectAck: Payload.connectAck(ack).encoded()),
            suites: configuration.cipherSuites, pinnedKey: configuration.serverKey)
        var security = SessionSecurity(exchange, ack.config.securityLevel)
        security.begin(&channel, at: now)
        self.security = security
        state = .exchangingKeys
    }

    private mutating func take(_ response: AuthResponse, at now: Moment) throws(Refusal) {
        guard state == .authenticating else { throw Refusal(.protocolError, "AUTH_RESPONSE to no AUTH_REQUEST") }
        // After SUCCESS comes a new CONNECT_ACK.
        guard response.code != .success else { return }
        close(Closing(Refusal(response.code, response.reason), byPeer: true), saying: false, at: now)
    }

    private mutating func take(_ exchange: KeyExchange, at now: Moment) throws(Refusal) {
        guard security != nil else { throw Refusal(.protocolError, "KEY_EXCHANGE before it is due") }
        let entry: KeyLog.Entry?
        do throws(Refusal) {
            entry = try security?.receive(exchange, &channel, at: now)
        } catch {
            guard state == .exchangingKeys else { throw error }
            // A server that cannot answer rightly now cannot later.
            close(Closing(error, byPeer: false), saying: true, at: now)
            return
        }
        guard let entry else { return }
        events.append(.keys(entry))
        if state == .exchangingKeys {
            state = .confirming
            nextConfirmation = now.monotonic + Self.confirmationInterval
        }
    }

    private mutating func confirm(_ epoch: UInt16, at now: Moment) {
        security?.confirm(epoch, &channel, at: now)
        session?.epoch = security?.current?.epoch
        session?.suite = security?.current?.suite
        if state == .confirming {
            session?.isServerProved = configuration.serverKey != nil
            becomeReady()
        }
    }

    private mutating func becomeReady() {
        guard let session else { return }
        state = .ready
        nextConfirmation = nil
        events.append(.ready(session))
        for message in held { events.append(.message(message)) }
        held = []
    }

    /// - Parameter saying: the server is told by DISCONNECT.
    private mutating func close(_ closing: Closing, saying: Bool, at now: Moment) {
        guard state != .closed else { return }
        state = .closed
        held = []
        nextConfirmation = nil
        let disconnect = Disconnect(category: closing.category, code: closing.code, reason: closing.reason)
        channel.close(saying ? disconnect : nil, at: now)
        events.append(.closed(closing))
    }
}
