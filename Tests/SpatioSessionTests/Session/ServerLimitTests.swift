import SpatioSession
import SpatioWire
import Testing

@Suite struct ServerLimitTests {
    private func connectMessage(sequence: UInt32 = 0) -> Message {
        let connect = Connect(
            config: ConnectionConfig(capabilities: .all), clientID: UUID(high: 3, low: 3), role: .participant, name: "")
        return Message(
            header: MessageHeader(type: .connect, streamID: 0, sequence: sequence, timestamp: 0),
            body: .payload(.connect(connect)))
    }

    private func response(_ cookie: Challenge) -> Message {
        Message(
            header: MessageHeader(type: .challengeResponse, streamID: 0, sequence: 1, timestamp: 0),
            body: .payload(
                .challengeResponse(ChallengeResponse(challengeID: cookie.challengeID, proof: cookie.nonce))))
    }

    private func challenge(_ pair: Pair) -> Challenge? {
        pair.sent.last.flatMap { pair.messages($0.octets).first }.flatMap { message in
            if case .payload(.challenge(let challenge)) = message.body { challenge } else { nil }
        }
    }

    /// A pair whose clients are the test itself.
    private func stage(_ configuration: ServerConfiguration = .plain, clients: Int = 2) -> Pair {
        let pair = Pair(configuration)
        for _ in 0..<clients {
            pair.clients.append(Client(.plain, at: pair.now))
            pair.clientEvents.append([])
        }
        for index in pair.clients.indices { while pair.clients[index].nextTransmission(at: pair.now) != nil {} }
        return pair
    }

    @Test("An address that has proved nothing costs no memory, and gets no more octets than it sent") func stateless() {
        let pair = stage()
        let smallest = connectMessage().encoded()
        for _ in 0..<1000 { pair.inject(smallest, .toServer(client: 0)) }
        #expect(pair.server.sessionCount == 0)
        #expect(pair.asks(.toClient(0)).allSatisfy { $0 == .challenge })
        #expect(pair.sent.allSatisfy { $0.octets.count <= smallest.count })
        #expect(pair.server.deadline == nil)
    }

    @Test("A cookie is good for its address only, and not for long") func cookies() throws {
        let pair = stage()
        pair.inject(connectMessage().encoded(), .toServer(client: 0))
        let cookie = try #require(challenge(pair))
        let proof = response(cookie).encoded() + connectMessage().encoded()
        pair.inject(proof, .toServer(client: 1))
        #expect(pair.asked.isEmpty)
        #expect(challenge(pair) != nil)
        var wrong = cookie
        wrong.nonce[0] ^= 1
        pair.inject(response(wrong).encoded() + connectMessage().encoded(), .toServer(client: 0))
        #expect(pair.asked.isEmpty)
        let later = Pair()
        later.run(70)
        later.clients = pair.clients
        later.clientEvents = [[], []]
        later.inject(proof, .toServer(client: 0))
        #expect(later.asked.isEmpty)
        pair.inject(proof, .toServer(client: 0))
        #expect(pair.asked.count == 1)
    }

    @Test("A client of somewhere else cannot take part by knowing the session's octets") func strangers() {
        let pair = Pair()
        pair.connect()
        pair.run(1)
        pair.clients.append(Client(.plain, at: pair.now))
        pair.clientEvents.append([])
        while pair.clients[1].nextTransmission(at: pair.now) != nil {}
        for parcel in pair.sent where parcel.way == .toServer(client: 0) {
            pair.inject(parcel.octets, .toServer(client: 1))
        }
        #expect(pair.asked.count == 1)
        #expect(pair.server.sessionCount == 1)
    }

    @Test("Sessions are limited in all, and the one too many is told so") func inAll() {
        var configuration = ServerConfiguration.plain
        configuration.limits.sessions = 3
        let pair = Pair(configuration)
        for _ in 0..<4 { pair.connect() }
        pair.run(3)
        #expect((0..<4).filter { pair.state($0) == .ready }.count == 3)
        #expect((0..<4).compactMap { pair.closing($0)?.code } == [.rateLimited])
        pair.clients[0].disconnect(reason: "", at: pair.now)
        pair.run(10)
        let next = pair.connect()
        pair.run(3)
        #expect(pair.state(next) == .ready)
    }

    @Test("Sessions are limited for each host") func perHost() {
        var configuration = ServerConfiguration.plain
        configuration.limits.sessionsPerHost = 2
        let pair = Pair(configuration)
        for _ in 0..<3 { pair.connect() }
        pair.run(3)
        #expect((0..<3).filter { pair.state($0) == .ready }.count == 2)
        #expect((0..<3).compactMap { pair.closing($0)?.code } == [.rateLimited])
    }

    @Test("Handshakes are limited each second; who is left out comes later") func perSecond() {
        var configuration = ServerConfiguration.plain
        configuration.limits.handshakesPerSecond = 5
        let pair = Pair(configuration)
        for _ in 0..<20 { pair.connect() }
        pair.run(0.9)
        #expect((5...9).contains(pair.asked.count))
        #expect(pair.serverDropped.contains { $0.code == .rateLimited })
        pair.run(20)
        #expect((0..<20).allSatisfy { pair.state($0) == .ready })
    }

    @Test("Handshakes that are not over are limited and expire") func halfOpen() {
        var configuration = ServerConfiguration.secured(.encrypt)
        configuration.limits.halfOpen = 4
        let pair = Pair(configuration)
        // Nobody goes on after CONNECT_ACK.
        pair.tamper = { way, octets in
            if case .toServer = way, !pair.messages(octets).contains(where: { $0.header.type == .connect }) {
                return nil
            }
            return octets
        }
        for _ in 0..<8 { pair.connect(.secured(.encrypt)) }
        pair.run(2)
        #expect(pair.server.sessionCount == 4)
        pair.run(60)
        #expect(pair.server.sessionCount == 0)
        #expect(pair.opened.isEmpty)
        #expect(pair.serverClosings.allSatisfy { $0.code == .timeout })
    }

    @Test("A connection without CONNECT ends, and the socket's owner is told") func silentConnection() {
        let pair = Pair(isStream: true)
        pair.clients.append(Client(.plain, at: pair.now))
        pair.clientEvents.append([])
        while pair.clients[0].nextTransmission(at: pair.now) != nil {}
        pair.server.connectionOpened(pair.address(0), at: pair.now)
        pair.inject([1], .toServer(client: 0))
        #expect(pair.server.sessionCount == 1)
        pair.run(40)
        #expect(pair.server.sessionCount == 0)
        #expect(pair.serverEvents.contains(.finished(pair.address(0))))
    }

    @Test("What an observer may not say is refused at both ends") func observer() throws {
        let pair = Pair()
        var configuration = ClientConfiguration.plain
        configuration.role = .observer
        pair.connect(configuration)
        pair.run(1)
        let request = Payload.stateRequest(
            StateRequest(requestID: 1, spaceID: .zero, knownVersion: 0, mode: .full))
        #expect(throws: SessionError.self) { try pair.clients[0].send(request, promised, at: pair.now) }
        let smuggled = Message(
            header: MessageHeader(type: .stateRequest, streamID: 2, sequence: 0, timestamp: 0), body: .payload(request))
        pair.inject(smuggled.encoded(), .toServer(client: 0))
        #expect(pair.serverDropped.last?.code == .protocolError)
        #expect(pair.serverReceived.isEmpty)
    }

    @Test("Nobody but the server says whose a message was") func origin() {
        let pair = Pair()
        pair.connect()
        pair.run(1)
        let origin = Origin(sessionID: .zero, direction: .toServer, seen: 0)
        let message = Message(
            header: MessageHeader(type: .custom, streamID: 2, sequence: 0, timestamp: 0),
            extensions: [ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded())],
            body: .payload(numbered(1)))
        pair.inject(message.encoded(), .toServer(client: 0))
        #expect(pair.serverReceived.isEmpty)
        #expect(pair.serverDropped.last?.code == .protocolError)
    }

    @Test("What comes of a connection that nobody told of, or that is over, is refused") func unknownConnection() {
        let pair = Pair(isStream: true)
        pair.clients.append(Client(.plain, at: pair.now))
        pair.clientEvents.append([])
        pair.inject(connectMessage().encoded(), .toServer(client: 0))
        #expect(pair.asked.isEmpty)
        #expect(pair.server.sessionCount == 0)
    }

    @Test("A living protected client is not replaced by a CONNECT that somebody sends in its name")
    func impostor() {
        let pair = Pair()
        pair.connect(.secured(.sign))
        pair.run(2)
        for _ in 0..<10 {
            pair.inject(connectMessage().encoded(), .toServer(client: 0))
            pair.run(1)
            if let cookie = challenge(pair) {
                pair.inject(response(cookie).encoded() + connectMessage().encoded(), .toServer(client: 0))
            }
        }
        #expect(pair.state() == .ready)
        #expect(pair.opened.count == 1)
        #expect(pair.serverClosings.isEmpty)
    }

    @Test("A client that was started anew on its port is taken", arguments: SecurityLevel.allCases)
    func anew(level: SecurityLevel) {
        let pair = Pair()
        pair.connect(.secured(level))
        pair.run(2)
        pair.clients[0] = Client(.secured(level), at: pair.now)
        pair.run(29, until: { $0.opened.count == 2 && $0.state() == .ready })
        #expect(pair.state() == .ready)
        #expect(pair.opened.count == 2)
        #expect(pair.serverClosings.map(\.code) == [.timeout])
        #expect(pair.server.sessionCount == 1)
    }
}
