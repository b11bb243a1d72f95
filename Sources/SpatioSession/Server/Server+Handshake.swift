import SpatioWire

/// What comes out of the channels of the sessions, and the handshakes.
extension Server {
    /// Wrong credentials that one session may bring before it is ended.
    private static let mostAuthAttempts = 3

    /// Messages of a handshake that are kept for observers.
    private static let mostReported = 32

    mutating func drain(_ slot: Int, at now: Moment) {
        while let phase = sessions[slot]?.phase, phase != .closing, let event = sessions[slot]?.channel.nextEvent() {
            switch event {
            case .message(let message): take(message, slot, at: now)
            case .refused(let code, let reason): refuse(Refusal(code, reason), slot)
            case .roundTrip: break
            case .confirmed(let epoch): confirm(epoch, slot, at: now)
            case .dead(let code, let reason):
                finish(slot, Closing(Refusal(code, reason), byPeer: false), saying: nil, at: now)
            case .passed(let message, let isSent): report(message, isSent ? .fromServer : .toServer, slot)
            }
        }
        guard sessions[slot]?.phase == .open, let handle = sessions[slot]?.handle else { return }
        do throws(Refusal) {
            if let entry = try sessions[slot]?.rekeyIfDue(at: now) { emit(.keys(handle, entry)) }
        } catch {
            refuse(error, slot)
        }
    }

    /// What observers may be told: everything, but nobody's credentials. What passed before the session was open is told
    /// then, so that they know who it is.
    private mutating func report(_ message: Message, _ direction: OriginDirection, _ slot: Int) {
        guard let handle = sessions[slot]?.handle, let phase = sessions[slot]?.phase,
            sessions[slot]?.request?.connect.role != .observer
        else { return }
        var message = message
        switch message.body {
        case .payload(.connect(var connect)):
            connect.auth = nil
            message.body = .payload(.connect(connect))
        case .payload(.authRequest(let auth)):
            message.body = .payload(
                .authRequest(AuthRequest(method: auth.method, credentials: [], timestamp: auth.timestamp)))
        default: break
        }
        if phase == .open || phase == .closing {
            emit(.passed(handle, message, direction))
        } else if let count = sessions[slot]?.passed.count, count < Self.mostReported {
            sessions[slot]?.passed.append((message, direction))
        }
    }

    /// What is left of a channel that was closed.
    mutating func reportRest(_ slot: Int) {
        while let event = sessions[slot]?.channel.nextEvent() {
            if case .passed(let message, let isSent) = event { report(message, isSent ? .fromServer : .toServer, slot) }
        }
    }

    private mutating func refuse(_ refusal: Refusal, _ slot: Int) {
        guard let address = sessions[slot]?.address else { return }
        drop(refusal, address, sessions[slot]?.handle)
    }

    private mutating func take(_ message: Message, _ slot: Int, at now: Moment) {
        guard case .payload(let payload) = message.body else { return }
        do throws(Refusal) {
            switch payload {
            // Answered before the session was begun.
            case .challengeResponse: break
            case .connect(let connect): try take(connect, message.header, slot, at: now)
            case .authRequest(let request): try take(request, slot, at: now)
            case .keyExchange(let exchange): try take(exchange, slot, at: now)
            case .disconnect(let disconnect):
                let closing = Closing(
                    category: disconnect.category, code: disconnect.code, reason: disconnect.reason, byPeer: true)
                finish(slot, closing, saying: nil, at: now)
            default: try deliver(message, payload, slot)
            }
        } catch {
            refuse(error, slot)
        }
    }

    private mutating func deliver(_ message: Message, _ payload: Payload, _ slot: Int) throws(Refusal) {
        guard let handle = sessions[slot]?.handle, sessions[slot]?.phase == .open,
            let role = sessions[slot]?.request?.connect.role
        else { throw Refusal(.protocolError, "\(message.header.type) before the session is open") }
        if let refusal = Permission.refusal(of: payload.type, from: role) { throw refusal }
        guard !message.extensions.contains(where: { $0.extensionID == ExtensionID.origin }) else {
            throw Refusal(.protocolError, "`origin` is the server's to say")
        }
        emit(.message(handle, message))
    }

    // MARK: CONNECT

    private mutating func take(
        _ connect: Connect, _ header: MessageHeader, _ slot: Int, at now: Moment
    ) throws(Refusal) {
        guard let phase = sessions[slot]?.phase, let address = sessions[slot]?.address else { return }
        guard phase == .fresh else {
            guard connect == sessions[slot]?.request?.connect else {
                throw Refusal(.protocolError, "another CONNECT in a session that has one")
            }
            // The client did not get the answer, and asks in a new message.
            if let ack = sessions[slot]?.ack, phase != .asked { try sessions[slot]?.send(.connectAck(ack), at: now) }
            return
        }
        sessions[slot]?.connectHeader = header
        let config: ConnectionConfig
        do throws(Refusal) {
            if let crowding = crowding(address) { throw crowding }
            config = try Negotiation.negotiate(connect, configuration.offer)
        } catch {
            turnAway(slot, error, at: now)
            return
        }
        let request = ConnectRequest(connect: connect, address: address, config: config)
        sessions[slot]?.request = request
        do throws(Refusal) {
            let grant = try authenticator.authenticate(
                connect.auth, clientID: connect.clientID, level: config.securityLevel, at: now)
            ask(slot, request, grant)
        } catch {
            switch error.code {
            case .unauthorized, .authFailed: try demandAuthentication(slot, error.reason, at: now)
            default: turnAway(slot, error, at: now)
            }
        }
    }

    /// CONNECT_ACK with UNAUTHORIZED, which AUTH_REQUEST may follow.
    private mutating func demandAuthentication(_ slot: Int, _ reason: String, at now: Moment) throws(Refusal) {
        guard let request = sessions[slot]?.request, let sessionID = sessions[slot]?.sessionID else { return }
        var ack = acknowledgement(.unauthorized, config: request.config, reason: reason)
        ack.sessionID = sessionID
        sessions[slot]?.ack = ack
        enter(.unauthorized, slot)
        try sessions[slot]?.send(.connectAck(ack), at: now)
        refuse(Refusal(.unauthorized, reason), slot)
    }

    private mutating func ask(_ slot: Int, _ request: ConnectRequest, _ grant: TokenGrant?) {
        guard let handle = sessions[slot]?.handle else { return }
        var request = request
        request.grant = grant
        sessions[slot]?.request = request
        sessions[slot]?.isKnown = true
        enter(.asked, slot)
        emit(.asked(handle, request))
    }

    private func acknowledgement(
        _ code: ErrorCode, config: ConnectionConfig? = nil, reason: String
    ) -> ConnectAck {
        ConnectAck(
            code: code, sessionID: .zero, serverID: configuration.serverID,
            config: config
                ?? ConnectionConfig(
                    capabilities: configuration.capabilities,
                    maxMessageSize: UInt32(clamping: configuration.maximumMessageSize),
                    securityLevel: configuration.securityLevel), flow: configuration.flow, reason: reason)
    }

    /// CONNECT_ACK with a refusal; nothing is kept but for the few seconds in which it may have to be said again.
    private mutating func turnAway(_ slot: Int, _ refusal: Refusal, at now: Moment) {
        let ack = acknowledgement(refusal.code, config: sessions[slot]?.request?.config, reason: refusal.reason)
        do throws(Refusal) {
            try sessions[slot]?.send(.connectAck(ack), reliable: false, at: now)
        } catch {
            refuse(error, slot)
        }
        refuse(refusal, slot)
        finish(slot, Closing(refusal, byPeer: false), saying: nil, at: now)
    }

    /// Takes a client that asked.
    ///
    /// - Parameter welcome: the spaces are those that it may see of those that it wants.
    public mutating func accept(_ handle: SessionHandle, _ welcome: Welcome, at now: Moment) {
        guard let slot = slot(of: handle), sessions[slot]?.phase == .asked, let request = sessions[slot]?.request,
            let sessionID = sessions[slot]?.sessionID
        else { return }
        let config = request.config
        let ack = ConnectAck(
            code: .success, sessionID: sessionID, serverID: configuration.serverID, config: config,
            flow: configuration.flow, spaces: welcome.spaces, groups: welcome.groups, extensions: welcome.extensions)
        do throws(Refusal) {
            try sessions[slot]?.send(.connectAck(ack), at: now)
        } catch {
            refuse(handle, error, at: now)
            return
        }
        sessions[slot]?.ack = ack
        sessions[slot]?.channel.negotiate(
            maximumMessageSize: Int(config.maxMessageSize), compression: config.compression)
        if config.securityLevel == .none {
            open(slot)
        } else {
            let exchange = EpochExchange(
                side: .server, sessionID: sessionID,
                transcript: KeyAgreement.transcript(
                    connect: Payload.connect(request.connect).encoded(),
                    connectAck: Payload.connectAck(ack).encoded()),
                suites: configuration.cipherSuites, identity: configuration.identity)
            sessions[slot]?.security = SessionSecurity(exchange, config.securityLevel)
            enter(.exchangingKeys, slot)
        }
        settle(slot)
    }

    /// Turns a client away that asked.
    public mutating func refuse(_ handle: SessionHandle, _ refusal: Refusal, at now: Moment) {
        guard let slot = slot(of: handle), sessions[slot]?.phase == .asked else { return }
        turnAway(slot, refusal, at: now)
    }

    private mutating func open(_ slot: Int) {
        guard let handle = sessions[slot]?.handle, let request = sessions[slot]?.request else { return }
        enter(.open, slot)
        emit(.opened(handle, request))
        let passed = sessions[slot]?.passed ?? []
        sessions[slot]?.passed = []
        guard request.connect.role != .observer else {
            sessions[slot]?.channel.reportsTraffic = false
            return
        }
        for (message, direction) in passed { emit(.passed(handle, message, direction)) }
    }

    // MARK: Authentication and keys

    private mutating func take(_ auth: AuthRequest, _ slot: Int, at now: Moment) throws(Refusal) {
        guard let request = sessions[slot]?.request, sessions[slot]?.phase == .unauthorized else {
            throw Refusal(.protocolError, "AUTH_REQUEST where none was asked for")
        }
        do throws(Refusal) {
            let grant = try authenticator.authenticate(
                auth, clientID: request.connect.clientID, level: request.config.securityLevel, at: now)
            try sessions[slot]?.send(
                .authResponse(AuthResponse(code: .success, token: [], expires: grant?.expires ?? 0, reason: "")),
                at: now)
            ask(slot, request, grant)
        } catch {
            sessions[slot]?.authAttempts += 1
            try sessions[slot]?.send(
                .authResponse(AuthResponse(code: error.code, token: [], expires: 0, reason: error.reason)), at: now)
            if let attempts = sessions[slot]?.authAttempts, attempts >= Self.mostAuthAttempts {
                let last = Refusal(.unauthorized, "\(attempts) wrong credentials")
                finish(slot, Closing(last, byPeer: false), saying: Disconnect(last), at: now)
            }
            throw error
        }
    }

    private mutating func take(_ exchange: KeyExchange, _ slot: Int, at now: Moment) throws(Refusal) {
        guard let handle = sessions[slot]?.handle, sessions[slot]?.security != nil else {
            throw Refusal(.protocolError, "KEY_EXCHANGE in a session without security")
        }
        let entry: KeyLog.Entry?
        do throws(Refusal) {
            entry = try sessions[slot]?.receiveKeys(exchange, at: now)
        } catch {
            // Before there are keys anybody may have said it, so it costs the handshake only where no other can succeed.
            if error.code == .encryptionError, sessions[slot]?.phase == .exchangingKeys {
                finish(slot, Closing(error, byPeer: false), saying: Disconnect(error), at: now)
            }
            throw error
        }
        if let entry { emit(.keys(handle, entry)) }
    }

    private mutating func confirm(_ epoch: UInt16, _ slot: Int, at now: Moment) {
        sessions[slot]?.confirm(epoch, at: now)
        if sessions[slot]?.phase == .exchangingKeys { open(slot) }
    }
}
