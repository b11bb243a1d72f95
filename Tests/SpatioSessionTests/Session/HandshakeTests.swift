import SpatioSession
import SpatioWire
import Testing

@Suite struct HandshakeTests {
    @Test("A client is challenged, accepted and ready") func plainSession() throws {
        let pair = Pair()
        pair.connect()
        #expect(pair.run(until: { $0.state() == .ready }))
        // No PING, which a server without a session would drop, leaves a gap in the sequences.
        #expect(pair.types(.toServer(client: 0)).prefix(3) == [.connect, .challengeResponse, .connect])
        #expect(pair.asks(.toClient(0)) == [.challenge, .connectAck])
        #expect(pair.opened.count == 1)
        let session = try #require(pair.clients[0].session)
        #expect(session.spaces.map(\.name) == ["plaza"])
        #expect(session.config.securityLevel == .none)
        #expect(pair.dropped().isEmpty && pair.serverDropped.isEmpty)
    }

    @Test(
        "With security both ends have the same keys before anything is said",
        arguments: [SecurityLevel.sign, .encrypt], CipherSuite.allCases)
    func securedSession(level: SecurityLevel, suite: CipherSuite) throws {
        let pair = Pair()
        pair.connect(.secured(level, [suite]))
        #expect(pair.run(until: { $0.state() == .ready && $0.opened.count == 1 }))
        #expect(pair.clientKeys() == pair.serverKeys)
        #expect(pair.clientKeys().map(\.epoch) == [0])
        #expect(pair.clients[0].session?.suite == suite)
        #expect(pair.clients[0].session?.epoch == 0)
        try pair.clients[0].send(numbered(1), promised, at: pair.now)
        try pair.server.send(numbered(2), promised, to: pair.opened[0], at: pair.now)
        pair.run(1)
        #expect(pair.serverReceived.compactMap { number($0.1) } == [1])
        #expect(pair.received().compactMap { number($0) } == [2])
    }

    @Test(
        "What answers a PING overtakes no step of the handshake: whoever looks on sees nothing lost or reordered",
        arguments: [SecurityLevel.sign, .encrypt])
    func inOrder(level: SecurityLevel) throws {
        let pair = Pair()
        pair.connect(.secured(level))
        #expect(pair.run(until: { $0.state() == .ready && $0.opened.count == 1 }))
        pair.run(3)
        for way in [Network.Way.toServer(client: 0), .toClient(0)] {
            let sequences = pair.sent.filter { $0.way == way }.flatMap { pair.messages($0.octets) }
                .map(\.header).filter { $0.streamID == 0 && $0.type != .connect }.map(\.sequence)
            #expect(sequences.count > 2)
            #expect(sequences == sequences.sorted())
        }
    }

    @Test("Over a stream nobody is challenged", arguments: [SecurityLevel.none, .sign, .encrypt])
    func stream(level: SecurityLevel) throws {
        let pair = Pair(isStream: true)
        pair.connect(.secured(level))
        #expect(pair.run(until: { $0.state() == .ready && $0.opened.count == 1 }))
        try pair.clients[0].send(numbered(1), promised, at: pair.now)
        pair.run(1)
        #expect(pair.serverReceived.compactMap { number($0.1) } == [1])
    }
}

@Suite struct HandshakeLossTests {
    @Test("CONNECT is repeated until somebody answers") func repeated() {
        let pair = Pair()
        pair.isServerSilent = true
        pair.connect()
        pair.run(4)
        #expect(pair.types(.toServer(client: 0)).filter { $0 == .connect }.count == 3)
        pair.isServerSilent = false
        #expect(pair.run(10, until: { $0.state() == .ready }))
    }

    @Test("A server that stays silent is given up with TIMEOUT") func silent() {
        let pair = Pair()
        pair.isServerSilent = true
        pair.connect()
        pair.run(40)
        #expect(pair.closing()?.code == .timeout)
        #expect(pair.closing()?.byPeer == false)
        #expect(pair.serverEvents.isEmpty)
        #expect(pair.server.sessionCount == 0)
    }

    @Test("The loss of any one datagram of the handshake is survived", arguments: 0..<16)
    func anyLoss(lost: Int) {
        for level in [SecurityLevel.none, .sign, .encrypt] {
            var server = ServerConfiguration.secured(level)
            server.tokens = [TokenGrant(name: "alice", secret: Array("secret".utf8))]
            server.demandsAuthentication = true
            var client = ClientConfiguration.secured(level)
            client.credentials = .token(Array("secret".utf8))
            client.authenticatesWhenAsked = true
            let pair = Pair(server)
            var number = 0
            pair.tamper = { _, octets in
                defer { number += 1 }
                return number == lost ? nil : octets
            }
            pair.connect(client)
            #expect(pair.run(20, until: { $0.state() == .ready && $0.opened.count == 1 }), "\(level)")
            #expect(pair.asked.count == 1)
        }
    }

    @Test("Every datagram twice makes one session") func duplicated() {
        let pair = Pair(conditions: Conditions(duplication: 1))
        pair.connect(.secured(.encrypt))
        pair.run(3)
        #expect(pair.state() == .ready)
        #expect(pair.opened.count == 1)
        #expect(pair.asked.count == 1)
        #expect(pair.serverKeys.count == 1)
        #expect(pair.clientKeys().count == 1)
        #expect(pair.server.sessionCount == 1)
    }

    @Test("CONNECT in a new message is answered as the first one was") func askedAgain() throws {
        let pair = Pair()
        pair.connect()
        pair.run(2)
        let first = try #require(pair.sent.last { pair.messages($0.octets).contains { $0.header.type == .connect } })
        var connect = try #require(pair.messages(first.octets).first { $0.header.type == .connect })
        connect.header.sequence = 900
        pair.inject(connect.encoded(), .toServer(client: 0))
        pair.run(1)
        #expect(pair.asks(.toClient(0)) == [.challenge, .connectAck, .connectAck])
        #expect(pair.opened.count == 1)
        #expect(pair.state() == .ready)
    }

    @Test("What the server says before its CONNECT_ACK arrives is kept for later") func overtaken() throws {
        let pair = Pair()
        var held: [UInt8]?
        pair.tamper = { way, octets in
            guard way == .toClient(0), held == nil,
                pair.messages(octets).contains(where: { $0.header.type == .connectAck })
            else { return octets }
            held = octets
            return nil
        }
        pair.connect()
        pair.run(1, until: { !$0.opened.isEmpty })
        try pair.server.send(numbered(1), promised, to: pair.opened[0], at: pair.now)
        pair.run(0.2)
        #expect(pair.state() == .connecting)
        pair.inject(try #require(held), .toClient(0))
        #expect(pair.state() == .ready)
        #expect(pair.received().compactMap { number($0) } == [1])
    }
}
