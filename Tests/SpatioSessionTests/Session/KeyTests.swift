import SpatioSession
import SpatioWire
import Testing

/// A man in the middle, another server, and new epochs.
@Suite struct KeyTests {
    private let identity = ServerIdentity()

    private func pinned(_ level: SecurityLevel = .encrypt, key: [UInt8]? = nil) -> ClientConfiguration {
        var configuration = ClientConfiguration.secured(level)
        configuration.serverKey = key ?? identity.publicKey
        return configuration
    }

    private func proved() -> ServerConfiguration {
        var configuration = ServerConfiguration.plain
        configuration.identity = identity
        return configuration
    }

    @Test(
        "A server with the pinned key is taken; a pinned key asks for SIGN at least", arguments: SecurityLevel.allCases)
    func rightKey(level: SecurityLevel) {
        let pair = Pair(proved())
        pair.connect(pinned(level))
        pair.run(5)
        #expect(pair.state() == .ready)
        #expect(pair.clients[0].session?.isServerProved == true)
        #expect(pair.clients[0].session?.config.securityLevel == (level == .encrypt ? .encrypt : .sign))
    }

    @Test("A server with another key is refused") func anotherKey() {
        let pair = Pair(proved())
        pair.connect(pinned(key: ServerIdentity().publicKey))
        pair.run(5)
        #expect(pair.closing()?.code == .invalidSignature)
        #expect(pair.closing()?.byPeer == false)
        #expect(pair.clientKeys().isEmpty)
        #expect(pair.opened.isEmpty)
    }

    @Test("A server that proves nothing is refused where a key is pinned") func noKey() {
        let pair = Pair()
        pair.connect(pinned())
        pair.run(5)
        #expect(pair.closing()?.code == .invalidSignature)
        #expect(pair.opened.isEmpty)
    }

    @Test("A server that wants no client of another suite refuses") func noCommonSuite() {
        let pair = Pair(.secured(.none, [.aes256GCM]))
        pair.connect(.secured(.encrypt, [.chaCha20Poly1305]))
        pair.run(5)
        #expect(pair.closing()?.code == .encryptionError)
        #expect(pair.closing()?.byPeer == true)
    }

    // MARK: Somebody changes the handshake on its way

    /// Changes messages of datagrams that are not sealed or signed.
    private func tampering(_ change: @escaping (inout Payload) -> Void) -> Pair.Tamper {
        { _, octets in
            let messages = octets.withUnsafeBytes { (try? Message.decodeDatagram($0)) ?? [] }
            return messages.flatMap { message in
                guard case .payload(var payload) = message.body, message.signature == nil else {
                    return message.encoded()
                }
                change(&payload)
                var changed = message
                changed.body = .payload(payload)
                return changed.encoded()
            }
        }
    }

    struct Attack: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Payload) -> Void
    }

    static let attacks: [Attack] = [
        Attack(testDescription: "CONNECT asks for NONE") { payload in
            guard case .connect(var connect) = payload else { return }
            connect.config.securityLevel = .none
            payload = .connect(connect)
        },
        Attack(testDescription: "CONNECT asks for SIGN") { payload in
            guard case .connect(var connect) = payload else { return }
            connect.config.securityLevel = .sign
            payload = .connect(connect)
        },
        Attack(testDescription: "CONNECT has another name") { payload in
            guard case .connect(var connect) = payload else { return }
            connect.name = "mallory"
            payload = .connect(connect)
        },
        Attack(testDescription: "CONNECT has another role") { payload in
            guard case .connect(var connect) = payload else { return }
            connect.role = .observer
            connect.config.capabilities.insert(.observer)
            payload = .connect(connect)
        },
        Attack(testDescription: "CONNECT_ACK gives NONE") { payload in
            guard case .connectAck(var ack) = payload else { return }
            ack.config.securityLevel = .none
            payload = .connectAck(ack)
        },
        Attack(testDescription: "CONNECT asks for NONE, CONNECT_ACK is put right") { payload in
            switch payload {
            case .connect(var connect):
                connect.config.securityLevel = .none
                payload = .connect(connect)
            case .connectAck(var ack):
                ack.config.securityLevel = .encrypt
                payload = .connectAck(ack)
            default: break
            }
        },
        Attack(testDescription: "CONNECT_ACK has fewer capabilities") { payload in
            guard case .connectAck(var ack) = payload else { return }
            ack.config.capabilities = []
            payload = .connectAck(ack)
        },
        Attack(testDescription: "CONNECT_ACK has another session") { payload in
            guard case .connectAck(var ack) = payload else { return }
            ack.sessionID = UUID(high: 9, low: 9)
            payload = .connectAck(ack)
        },
        Attack(testDescription: "CONNECT_ACK has other spaces") { payload in
            guard case .connectAck(var ack) = payload else { return }
            ack.spaces = []
            payload = .connectAck(ack)
        },
        Attack(testDescription: "KEY_EXCHANGE has another key") { payload in
            guard case .keyExchange(var exchange) = payload else { return }
            exchange.publicKey = KeyAgreement().publicKey
            payload = .keyExchange(exchange)
        },
        Attack(testDescription: "KEY_EXCHANGE has another epoch") { payload in
            guard case .keyExchange(var exchange) = payload else { return }
            exchange.epoch = 5
            payload = .keyExchange(exchange)
        },
        Attack(testDescription: "KEY_EXCHANGE has a key that makes the same secret with every other") { payload in
            guard case .keyExchange(var exchange) = payload else { return }
            exchange.publicKey = [UInt8](repeating: 0, count: 32)
            payload = .keyExchange(exchange)
        },
        Attack(testDescription: "KEY_EXCHANGE has no suite") { payload in
            guard case .keyExchange(var exchange) = payload else { return }
            exchange.cipherSuites = []
            payload = .keyExchange(exchange)
        },
    ]

    @Test("Whatever is changed in the handshake, neither end is ready", arguments: attacks, [false, true])
    func changed(attack: Attack, isPinned: Bool) {
        let pair = Pair(proved())
        pair.tamper = tampering(attack.change)
        pair.connect(isPinned ? pinned() : .secured(.encrypt))
        pair.run(40)
        #expect(pair.state() == .closed)
        #expect(!pair.clientEvents[0].contains { if case .ready = $0 { true } else { false } })
        // A server that was asked for NONE opens a session of NONE; nothing ever comes of it.
        #expect(pair.serverReceived.isEmpty)
        pair.run(60)
        #expect(pair.server.sessionCount == 0)
    }

    @Test("The answer with another suite than the server uses is found out", arguments: [SecurityLevel.encrypt])
    func anotherSuite(level: SecurityLevel) {
        let pair = Pair()
        pair.tamper = { way, octets in
            guard way == .toClient(0) else { return octets }
            return self.tampering { payload in
                guard case .keyExchange(var exchange) = payload else { return }
                exchange.cipherSuites = [CipherSuite.aes256GCM.rawValue]
                payload = .keyExchange(exchange)
            }(way, octets)
        }
        pair.connect(.secured(level))
        pair.run(40)
        #expect(pair.closing()?.code == .encryptionError)
        #expect(pair.opened.isEmpty)
    }

    @Test("Without protection nothing is taken after the exchange", arguments: [SecurityLevel.sign, .encrypt])
    func stripped(level: SecurityLevel) {
        let pair = Pair()
        pair.connect(.secured(level))
        pair.run(2)
        let plain = Message(
            header: MessageHeader(type: .custom, streamID: 1, sequence: 0, timestamp: 0), body: .payload(numbered(1)))
        let goodbye = Message(
            header: MessageHeader(type: .disconnect, streamID: 0, sequence: 900, timestamp: 0),
            body: .payload(.disconnect(Disconnect(category: .none, code: .success, reason: "bye"))))
        let code: ErrorCode = level == .sign ? .invalidSignature : .encryptionError
        for message in [plain, goodbye] {
            pair.inject(message.encoded(), .toServer(client: 0))
            pair.inject(message.encoded(), .toClient(0))
            #expect(pair.serverDropped.last?.code == code)
            #expect(pair.dropped().last?.code == code)
        }
        #expect(pair.state() == .ready)
        #expect(pair.server.sessionCount == 1)
        #expect(pair.serverReceived.isEmpty && pair.received().isEmpty)
    }

    @Test("A message with one octet changed is dropped with its code", arguments: [SecurityLevel.sign, .encrypt])
    func tampered(level: SecurityLevel) throws {
        let pair = Pair()
        var client = ClientConfiguration.secured(level)
        client.checksums = false
        pair.connect(client)
        pair.run(2)
        pair.tamper = { way, octets in
            guard case .toServer = way else { return octets }
            var changed = octets
            // In the payload of the first message.
            changed[WireLimits.headerSize + 4] ^= 1
            return changed
        }
        try pair.clients[0].send(numbered(1), Delivery(stream: 1), at: pair.now)
        pair.run(0.1)
        #expect(pair.serverReceived.isEmpty)
        #expect(pair.serverDropped.contains { $0.code == (level == .sign ? .invalidSignature : .encryptionError) })
    }

    @Test("A replayed message arrives once", arguments: SecurityLevel.allCases)
    func replayed(level: SecurityLevel) throws {
        let pair = Pair()
        pair.connect(.secured(level))
        pair.run(2)
        let before = pair.sent.count
        try pair.clients[0].send(numbered(1), Delivery(stream: 1), at: pair.now)
        pair.run(1)
        for (way, octets) in pair.sent[before...] where way == .toServer(client: 0) { pair.inject(octets, way) }
        #expect(pair.serverReceived.compactMap { number($0.1) } == [1])
    }

    // MARK: Epochs

    @Test("Either end, or both at once, begins a new epoch", arguments: [(true, false), (false, true), (true, true)])
    func rekey(client: Bool, server: Bool) throws {
        let pair = Pair(proved())
        pair.connect(pinned())
        pair.run(2)
        if client { pair.clients[0].rekey(at: pair.now) }
        if server { pair.server.rekey(pair.opened[0], at: pair.now) }
        pair.run(3)
        #expect(pair.clientKeys().map(\.epoch) == [0, 1])
        #expect(pair.serverKeys == pair.clientKeys())
        #expect(Set(pair.serverKeys.map(\.secret)).count == 2)
        #expect(pair.clients[0].session?.epoch == 1)
        #expect(pair.server.summary(of: pair.opened[0])?.epoch == 1)
        try pair.clients[0].send(numbered(1), promised, at: pair.now)
        try pair.server.send(numbered(2), promised, to: pair.opened[0], at: pair.now)
        pair.run(1)
        #expect(pair.serverReceived.compactMap { number($0.1) } == [1])
        #expect(pair.received().compactMap { number($0) } == [2])
    }

    @Test("An epoch lasts a second at least, however often another one is wanted") func notTooOften() {
        let pair = Pair()
        pair.connect(.secured(.encrypt))
        pair.run(2)
        for _ in 0..<100 {
            pair.clients[0].rekey(at: pair.now)
            pair.server.rekey(pair.opened[0], at: pair.now)
            pair.run(0.05)
        }
        #expect((4...7).contains(pair.serverKeys.count))
        #expect(pair.serverKeys == pair.clientKeys())
    }

    @Test("A second key for an epoch under way changes nothing") func secondKey() throws {
        let pair = Pair()
        pair.connect(.secured(.encrypt))
        pair.run(until: { $0.serverKeys.count == 1 })
        let forged = Message(
            header: MessageHeader(type: .keyExchange, streamID: 0, sequence: 500, timestamp: 0),
            body: .payload(.keyExchange(KeyExchange(epoch: 0, cipherSuites: [1], publicKey: KeyAgreement().publicKey))))
        pair.inject(forged.encoded(), .toServer(client: 0))
        pair.run(3)
        #expect(pair.serverDropped.contains { $0.code == .protocolError })
        #expect(pair.state() == .ready)
        #expect(pair.serverKeys == pair.clientKeys())
    }
}
