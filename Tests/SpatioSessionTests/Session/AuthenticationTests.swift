import SpatioSession
import SpatioWire
import Testing

@Suite struct AuthenticationTests {
    private static let secret = Array("correct horse battery staple".utf8)
    private static let wall: UInt64 = 1_793_000_000_000

    private func server(
        _ level: SecurityLevel = .none, expires: UInt64? = nil, _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) -> ServerConfiguration {
        var configuration = ServerConfiguration.secured(level)
        configuration.demandsAuthentication = true
        configuration.tokens = [
            TokenGrant(name: "bob", secret: Array("another".utf8)),
            TokenGrant(name: "alice", secret: Self.secret, expires: expires, spaces: [UUID(high: 7, low: 7)]),
        ]
        change(&configuration)
        return configuration
    }

    private func client(
        _ level: SecurityLevel = .none, _ credentials: ClientConfiguration.Credentials = .token(secret),
        whenAsked: Bool = false
    ) -> ClientConfiguration {
        var configuration = ClientConfiguration.secured(level)
        configuration.credentials = credentials
        configuration.authenticatesWhenAsked = whenAsked
        return configuration
    }

    private func session(_ server: ServerConfiguration, _ client: ClientConfiguration) -> Pair {
        let pair = Pair(server)
        pair.connect(client)
        pair.run(5)
        return pair
    }

    @Test(
        "The right token opens, in CONNECT or when asked for", arguments: SecurityLevel.allCases, [false, true])
    func right(level: SecurityLevel, whenAsked: Bool) throws {
        let pair = session(server(level), client(level, whenAsked: whenAsked))
        #expect(pair.state() == .ready)
        #expect(pair.asked.map(\.grant?.name) == ["alice"])
        #expect(pair.asked[0].grant?.spaces == [UUID(high: 7, low: 7)])
        let said = pair.sent.map(\.octets).contains { datagram in
            datagram.indices.contains { datagram[$0...].starts(with: Self.secret) }
        }
        #expect(said == (level == .none))
        #expect(pair.types(.toServer(client: 0)).contains(.authRequest) == whenAsked)
    }

    @Test("A client that asks for less than the server demands proves its token in AUTH_REQUEST") func raised() {
        let pair = session(server(.encrypt), client(.none, whenAsked: true))
        #expect(pair.state() == .ready)
        #expect(pair.clients[0].session?.config.securityLevel == .encrypt)
    }

    @Test("A token sent in clear where its proof is demanded is refused, and its proof is still taken")
    func clear() {
        let pair = session(server(.encrypt), client(.none))
        #expect(pair.serverDropped.contains { $0.code == .unauthorized && $0.reason.contains("replace it") })
        #expect(pair.state() == .ready)
        #expect(pair.asks(.toClient(0)).filter { $0 == .connectAck }.count == 2)
    }

    @Test("A wrong token is refused", arguments: SecurityLevel.allCases, [false, true])
    func wrong(level: SecurityLevel, whenAsked: Bool) {
        let pair = session(server(level), client(level, .token(Array("guess".utf8)), whenAsked: whenAsked))
        #expect(pair.closing()?.byPeer == true)
        #expect(pair.closing()?.code == (whenAsked ? .authFailed : .unauthorized))
        #expect(pair.closing()?.reason == "wrong token")
        #expect(pair.asked.isEmpty)
    }

    @Test("An expired token is refused as that", arguments: SecurityLevel.allCases, [false, true])
    func expired(level: SecurityLevel, whenAsked: Bool) {
        let pair = session(server(level, expires: Self.wall - 1), client(level, whenAsked: whenAsked))
        #expect(pair.closing()?.code == .tokenExpired)
        #expect(pair.asked.isEmpty)
    }

    @Test("No token where one is demanded is UNAUTHORIZED") func none() {
        let pair = session(server(), client(.none, .none))
        #expect(pair.closing()?.code == .unauthorized)
    }

    @Test("Where nothing is demanded nobody has to say who it is, but a wrong token is refused") func optional() {
        let open = server { $0.demandsAuthentication = false }
        let anonymous = session(open, client(.none, .none))
        #expect(anonymous.state() == .ready)
        #expect(anonymous.asked.map(\.grant) == [nil])
        #expect(session(open, client(.none, .token([1, 2, 3]))).closing()?.code == .unauthorized)
    }

    @Test("A certificate without a verifier is refused with the reason", arguments: [false, true])
    func certificate(whenAsked: Bool) {
        let pair = session(server(), client(.none, .certificate([1, 2], signature: nil), whenAsked: whenAsked))
        #expect(pair.closing()?.code == (whenAsked ? .authFailed : .unauthorized))
        #expect(pair.closing()?.reason.contains("certificates") == true)
    }

    @Test("A verifier decides about certificates") func verifier() {
        let configuration = server { configuration in
            configuration.certificateVerifier = { (request: CertificateRequest) throws(Refusal) -> TokenGrant in
                guard request.auth.credentials == [1, 2] else { throw Refusal(.authFailed, "unknown issuer") }
                return TokenGrant(name: "carol", secret: [])
            }
        }
        let known = session(configuration, client(.encrypt, .certificate([1, 2], signature: [3])))
        #expect(known.asked.map(\.grant?.name) == ["carol"])
        let unknown = session(configuration, client(.encrypt, .certificate([9], signature: nil)))
        #expect(unknown.closing()?.reason == "unknown issuer")
    }

    @Test("A proof is taken once only") func replayed() throws {
        let pair = session(server(.encrypt), client(.encrypt))
        let connect = try #require(
            pair.sent.flatMap { pair.messages($0.octets) }.first { $0.header.type == .connect })
        // Another address repeats what it heard, and answers the challenge with its own cookie.
        pair.clients.append(Client(.plain, at: pair.now))
        pair.clientEvents.append([])
        while pair.clients[1].nextTransmission(at: pair.now) != nil {}
        pair.inject(connect.encoded(), .toServer(client: 1))
        let answer = try #require(pair.sent.last)
        let challenge = try #require(pair.messages(answer.octets).first)
        guard case .payload(.challenge(let cookie)) = challenge.body else {
            Issue.record("no challenge")
            return
        }
        let response = Message(
            header: MessageHeader(type: .challengeResponse, streamID: 0, sequence: 1, timestamp: 0),
            body: .payload(
                .challengeResponse(ChallengeResponse(challengeID: cookie.challengeID, proof: cookie.nonce))))
        pair.inject(response.encoded() + connect.encoded(), .toServer(client: 1))
        #expect(pair.serverDropped.last?.code == .unauthorized)
        #expect(pair.serverDropped.last?.reason.contains("used before") == true)
        #expect(pair.asked.count == 1)
    }

    @Test("A proof over 30 s away from the server's clock is refused", arguments: [-31_000, 31_000])
    func untimely(milliseconds: Int64) {
        let pair = Pair(server(.encrypt))
        pair.connectLater(client(.encrypt), clockAhead: milliseconds)
        pair.run(5)
        #expect(pair.closing()?.code == .unauthorized)
        #expect(pair.closing()?.reason.contains("30 s") == true)
    }

    @Test("A proof 29 s away from the server's clock is taken", arguments: [-29_000, 29_000])
    func timely(milliseconds: Int64) {
        let pair = Pair(server(.encrypt))
        pair.connectLater(client(.encrypt), clockAhead: milliseconds)
        pair.run(5)
        #expect(pair.asked.count == 1)
    }

    @Test("After three wrong AUTH_REQUESTs the session is over") func guesses() {
        let pair = Pair(server())
        pair.connect(client(.none, .none))
        pair.run(0.09)
        for guess in 0..<5 {
            let auth = AuthRequest(method: .token, credentials: [UInt8(guess)], timestamp: 0)
            let message = Message(
                header: MessageHeader(type: .authRequest, streamID: 0, sequence: 50 + UInt32(guess), timestamp: 0),
                body: .payload(.authRequest(auth)))
            pair.inject(message.encoded(), .toServer(client: 0))
        }
        #expect(pair.serverDropped.filter { $0.code == .authFailed }.count == 3)
        #expect(pair.asks(.toClient(0)).last == .disconnect)
    }
}
