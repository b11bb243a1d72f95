import SpatioSession
import SpatioWire
import Testing

@Suite struct HandshakeTests {
    @Test("A client is challenged, accepted and ready") func plainSession() throws {
        let pair = Pair()
        pair.connect()
        #expect(pair.run(until: { $0.state() == .ready }))
        #expect(pair.asks(.toServer(client: 0)) == [.connect, .challengeResponse, .connect])
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
