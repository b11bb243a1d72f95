import Capture
import Inspection
import SpatioSession
import SpatioWire
import Testing

/// What peers do that they should not.
struct ConductTests {
    private static let secret = Array("correct horse battery staple".utf8)
    private static let proof = [UInt8](repeating: 7, count: 32)

    private func connect(
        _ credentials: [UInt8]?, _ level: SecurityLevel = .none, method: AuthMethod = .token
    ) -> Payload {
        .connect(
            Connect(
                config: ConnectionConfig(capabilities: [], securityLevel: level), clientID: Sample.id(0x101),
                role: .participant, name: "alice",
                auth: credentials.map { AuthRequest(method: method, credentials: $0, timestamp: 1) }))
    }

    private func request(_ credentials: [UInt8]) -> Payload {
        .authRequest(AuthRequest(method: .token, credentials: credentials, timestamp: 1))
    }

    private func answer(_ code: UInt8, token: [UInt8] = [], reason: String = "") -> Payload {
        .authResponse(AuthResponse(code: ErrorCode(rawValue: code), token: token, expires: 0, reason: reason))
    }

    @discardableResult
    private func reply(_ talk: inout Talk, _ payload: Payload) -> [FindingRule] {
        talk.send(payload, from: Sample.server, to: Sample.client).findings.map(\.rule)
    }

    // MARK: Authentication

    @Test(
        "A refusal says whose and why",
        arguments: [
            (0x40, "AUTH_FAILED"), (0x41, "UNAUTHORIZED"), (0x43, "INVALID_SIGNATURE"), (0x44, "TOKEN_EXPIRED"),
        ] as [(UInt8, String)])
    func refused(code: UInt8, name: String) {
        var talk = Talk()
        talk.send(connect(nil))
        #expect(reply(&talk, answer(code, reason: "go\u{1B}away")) == [.authenticationFailure])
        #expect(
            talk.chronicle.findings.kept(0, of: .authenticationFailure).text
                == "alice (10.7.1.1:40001) was refused with \(name): \"go\u{241B}away\"")
    }

    @Test("A CONNECT_ACK refuses credentials, but to who brought none it only says that some are needed")
    func refusedConnect() {
        var talk = Talk()
        talk.send(connect(Self.proof, .sign))
        #expect(reply(&talk, Sample.accept(code: .unauthorized)) == [.authenticationFailure])
        var naked = Talk()
        naked.send(connect(nil))
        #expect(reply(&naked, Sample.accept(code: .unauthorized)) == [])
        var joined = Talk()
        #expect(reply(&joined, Sample.accept(code: .unauthorized)) == [.authenticationFailure])
    }

    @Test("Other refusals and a success are none of credentials", arguments: [0x00, 0x04, 0x53, 0x33] as [UInt8])
    func otherCodes(code: UInt8) {
        var talk = Talk()
        talk.send(connect(Self.proof, .sign))
        reply(&talk, answer(code))
        #expect(talk.count(of: .authenticationFailure) == 0)
    }

    // MARK: Credentials in clear

    @Test("A token without any security is found, once a message type, and its text is nowhere")
    func clearToken() {
        var talk = Talk()
        let first = talk.send(connect(Self.secret))
        #expect(first.findings.map(\.rule) == [.clearTextCredentials])
        #expect(first.severity == .error)
        // Behind a CHALLENGE the client says it again.
        #expect(talk.send(connect(Self.secret)).findings.isEmpty)
        #expect(talk.send(request(Self.secret)).findings.map(\.rule) == [.clearTextCredentials])
        #expect(talk.send(request(Self.secret + [1])).findings.map(\.rule) == [.clearTextCredentials])
        let texts = (0..<3).map { talk.chronicle.findings.kept($0, of: .clearTextCredentials).text }
        #expect(texts[0] == "the token of alice (10.7.1.1:40001) stands in CONNECT for everybody to read (28 octets)")
        #expect(texts.allSatisfy { !$0.contains("horse") })
    }

    @Test("A proof, a certificate and no credentials are no token in clear")
    func noToken() {
        var talk = Talk()
        talk.send(connect(Self.proof, .sign))
        talk.send(connect(Self.proof, .encrypt))
        talk.send(connect([], .none))
        talk.send(connect(Self.secret, .none, method: .certificate))
        #expect(talk.count(of: .clearTextCredentials) == 0)
    }

    @Test("Joined in the middle, 32 octets may be a proof; what is of another length is a token")
    func joined() {
        var talk = Talk()
        talk.send(request(Self.proof))
        #expect(talk.count(of: .clearTextCredentials) == 0)
        talk.send(request(Self.secret))
        #expect(talk.count(of: .clearTextCredentials) == 1)
    }

    @Test("A token that a server gives away in clear is found, a sealed one is not")
    func givenToken() {
        let entry = KeyLog.Entry(
            sessionID: Sample.session, epoch: 0, suite: .chaCha20Poly1305, secret: [UInt8](repeating: 1, count: 32))
        var talk = Talk(keyLog: KeyLog(parsing: Array(KeyLog.line(for: entry).utf8)))
        talk.open(security: .encrypt)
        let keys = SessionKeys(entry)
        let sealed = talk.send(
            answer(0, token: Self.secret), from: Sample.server, to: Sample.client,
            protect: { keys.seal($0, from: .server) })
        #expect(sealed.marks.contains(.decrypted))
        #expect(talk.count(of: .clearTextCredentials) == 0)
        #expect(reply(&talk, answer(0, token: Self.secret)) == [.clearTextCredentials])
    }

    // MARK: Replay

    @Test("A proof that is used in a second session is found with the message that used it first")
    func proofAgain() {
        var talk = Talk()
        talk.send(connect(Self.proof, .sign))
        // Behind a CHALLENGE the same is no second use.
        talk.send(connect(Self.proof, .sign))
        #expect(talk.count(of: .replay) == 0)
        let again = talk.send(connect(Self.proof, .sign), from: Sample.otherClient, to: Sample.server)
        #expect(again.findings.map(\.rule) == [.replay])
        #expect(again.findings.first?.text.contains("message 1 ") == true)
    }

    /// A signed message that comes again after some milliseconds.
    private func again(after milliseconds: Double, flags: MessageFlags = [], isSigned: Bool = true) -> [FindingRule] {
        let keys = SessionKeys(secret: [UInt8](repeating: 4, count: 32), suite: .aes256GCM)
        var talk = Talk()
        talk.open(security: .sign)
        let sign = { (message: Message) in isSigned ? keys.sign(message, from: .client) : message }
        for step in 0..<20 {
            talk.send(Sample.ping, stream: 3, sequence: UInt32(step), at: 1000 + Double(step), protect: sign)
        }
        return talk.send(
            Sample.ping, stream: 3, sequence: 4, flags: flags, at: 1004 + milliseconds, sent: 1_004_000, protect: sign
        ).findings.map(\.rule)
    }

    @Test("A protected message that comes again is a replay when no network takes so long")
    func replay() {
        #expect(again(after: 30) == [])
        #expect(again(after: 990) == [])
        #expect(again(after: 1010) == [.replay])
        #expect(again(after: 3000, flags: .retransmit) == [])
        #expect(again(after: 3000, isSigned: false) == [])
    }

    @Test("A recording that is played again is one finding a second")
    func recording() {
        let keys = SessionKeys(secret: [UInt8](repeating: 4, count: 32), suite: .aes256GCM)
        var talk = Talk()
        for round in 0..<2 {
            for step in 0..<300 {
                talk.send(
                    Sample.ping, stream: 3, sequence: UInt32(step), at: Double(round * 9000 + step * 10),
                    sent: Int64(step) * 10_000, protect: { keys.sign($0, from: .client) })
            }
        }
        #expect(talk.count(of: .replay) == 3)
    }

    // MARK: Rates

    /// Sends so many octets a second for some seconds where 10,000 are allowed; returns the findings.
    private func send(_ octets: Int, seconds: Int, limit: UInt32 = 10_000) -> Talk {
        var talk = Talk()
        talk.send(Sample.connect(), at: 0)
        talk.send(
            .connectAck(
                ConnectAck(
                    code: .success, sessionID: Sample.session, serverID: Sample.id(2),
                    config: ConnectionConfig(capabilities: []),
                    flow: FlowControl(windowSize: 65_536, rateLimit: limit, congestionThreshold: 0.1))),
            from: Sample.server, to: Sample.client, at: 1)
        let payload = Payload.custom(type: 1, data: [UInt8](repeating: 0, count: octets / 10 - 24))
        for step in 0..<seconds * 10 {
            talk.send(payload, stream: UInt32(step % 2) + 4, at: 1000 + Double(step) * 100)
        }
        talk.send(Sample.ping, at: 1000 + Double(seconds) * 1000)
        return talk
    }

    @Test("More than is allowed is found when it is a tenth more in two seconds in a row, and once")
    func rate() {
        #expect(send(10_900, seconds: 6).count(of: .rateLimit) == 0)
        #expect(send(11_200, seconds: 1).count(of: .rateLimit) == 0)
        let talk = send(11_200, seconds: 6)
        #expect(talk.count(of: .rateLimit) == 1)
        let finding = talk.chronicle.findings.kept(0, of: .rateLimit)
        #expect(finding.time == Sample.start + 3_000_000_000)
        #expect(finding.text.hasPrefix("alice (10.7.1.1:40001) sent 112"))
        #expect(send(11_200, seconds: 6, limit: 0).count(of: .rateLimit) == 0)
    }

    @Test("A peer that says so is heard, once a second", arguments: [0x32, 0x53] as [UInt8])
    func told(code: UInt8) {
        var talk = Talk()
        talk.open()
        let goodbye = Payload.disconnect(
            Disconnect(category: ErrorCategory(rawValue: 5), code: ErrorCode(rawValue: code), reason: "slow down"))
        let response = Payload.spatialResponse(
            SpatialResponse(queryID: 1, code: ErrorCode(rawValue: code), truncated: false, results: []))
        talk.send(response, from: Sample.server, to: Sample.client, at: 1000)
        talk.send(response, from: Sample.server, to: Sample.client, at: 1100)
        #expect(talk.count(of: .rateLimit) == 1)
        talk.send(goodbye, from: Sample.server, to: Sample.client, at: 2200)
        #expect(talk.count(of: .rateLimit) == 2)
        #expect(
            talk.chronicle.findings.kept(0, of: .rateLimit).text
                == "the server 10.7.0.1:7728 says \(ErrorCode(rawValue: code)) to alice (10.7.1.1:40001)")
    }
}
