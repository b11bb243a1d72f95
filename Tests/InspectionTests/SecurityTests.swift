import Inspection
import SpatioSession
import SpatioWire
import Testing

/// Sealed and signed messages, with a key log and without (profile section 8).
struct SecurityTests {
    private static func entry(_ session: UUID, epoch: UInt16, _ octet: UInt8) -> KeyLog.Entry {
        KeyLog.Entry(
            sessionID: session, epoch: epoch, suite: .chaCha20Poly1305, secret: [UInt8](repeating: octet, count: 32))
    }

    private static func log(_ entries: KeyLog.Entry...) -> KeyLog {
        KeyLog(parsing: Array(entries.map { KeyLog.line(for: $0) + "\n" }.joined().utf8))
    }

    private let first = entry(Sample.session, epoch: 0, 1)
    private let second = entry(Sample.session, epoch: 1, 2)
    private let foreign = entry(Sample.id(0x77), epoch: 0, 3)

    /// Sends a sealed state message of the server.
    @discardableResult
    private func seal(
        _ talk: inout Talk, _ entry: KeyLog.Entry, version: UInt64, by direction: Direction = .server
    ) -> MessageOutcome {
        let keys = SessionKeys(entry)
        let fields = ["score": Value.int(Int64(version))]
        let payload = Sample.full(version, Sample.entry(.added, 1, version: version, fields))
        let isServer = direction == .server
        return talk.send(
            payload, from: isServer ? Sample.server : Sample.client, to: isServer ? Sample.client : Sample.server,
            stream: 2, protect: { keys.seal($0, from: direction) })
    }

    @Test("Without a key a sealed message counts in its stream and keeps its secret")
    func noKey() {
        var talk = Talk()
        talk.open(security: .encrypt)
        let outcome = seal(&talk, first, version: 1)
        #expect(outcome.marks.contains(.undecrypted))
        #expect(outcome.opened == nil)
        #expect(talk.model.counters.undecrypted == 1)
        #expect(talk.model.counters.malformed == 0)
        #expect(talk.model.entities.isEmpty)
        #expect(talk.stream(2, .server)?.messages == 1)
    }

    @Test("With its key it is opened and means what it says")
    func opened() {
        var talk = Talk(keyLog: Self.log(first))
        talk.open(security: .encrypt)
        let outcome = seal(&talk, first, version: 1)
        #expect(outcome.marks.contains(.decrypted))
        #expect(outcome.opened != nil)
        #expect(talk.state(1) == ["score": .int(1)])
        #expect(talk.model.counters.undecrypted == 0)
    }

    @Test("Whatever the epoch and the order of the messages, the key that fits is found")
    func epochs() {
        var talk = Talk(keyLog: Self.log(first, second))
        talk.open(security: .encrypt)
        for (entry, version) in zip([first, second, first, second, second], UInt64(1)...) {
            #expect(seal(&talk, entry, version: version).marks.contains(.decrypted))
            #expect(talk.state(1) == ["score": .int(Int64(version))])
        }
    }

    @Test("A session joined in the middle is found by the key that opens it, and gets its id")
    func joined() {
        var talk = Talk(keyLog: Self.log(foreign, first))
        #expect(seal(&talk, first, version: 1).marks.contains(.decrypted))
        #expect(talk.model.sessions.map(\.id) == [Sample.session])
        #expect(talk.model.sessions.map(\.security) == [.encrypt])
        #expect(talk.state(1) == ["score": .int(1)])
    }

    @Test("Joined in the middle with the ends taken the wrong way round, the key turns them")
    func turned() throws {
        // Neither port is a server's, and the true server speaks first.
        let client = Sample.client
        let server = Sample.endpoint("10.7.0.1:9000")
        let keys = SessionKeys(first)
        var talk = Talk(keyLog: Self.log(first))
        talk.send(Sample.ping, from: server, to: client, stream: 0)
        #expect(talk.model.sessions.map(\.client) == [server])
        let payload = Sample.full(1, Sample.entry(.added, 1, version: 1, ["score": .int(1)]))
        let outcome = talk.send(
            payload, from: server, to: client, stream: 2, protect: { keys.seal($0, from: .server) })
        #expect(outcome.marks.contains(.decrypted))
        let session = try #require(talk.model.sessions.first)
        #expect((session.client, session.server) == (client, server))
        #expect(talk.model.streams.map(\.direction) == [.server, .server])
        // Its streams are found again under their new direction.
        talk.send(Sample.ping, from: server, to: client, stream: 0)
        talk.send(Sample.ping, from: client, to: server, stream: 0)
        #expect(talk.model.streams.map(\.messages) == [2, 1, 1])
        #expect(talk.model.streams.allSatisfy { $0.duplicates == 0 && $0.lost == 0 })
    }

    @Test("A key of the session that does not open it is a forgery or the wrong key log, and is said")
    func wrongKey() {
        var talk = Talk(keyLog: Self.log(first))
        talk.open(security: .encrypt)
        let outcome = seal(&talk, second, version: 1)
        #expect(outcome.marks.isSuperset(of: [.undecrypted, .badSignature]))
        #expect(outcome.severity == .error)
        #expect(talk.count(of: .signature) == 1)
        #expect(talk.model.entities.isEmpty)
    }

    @Test("Keys of other sessions only are no keys at all")
    func foreignKey() {
        var talk = Talk(keyLog: Self.log(foreign))
        talk.open(security: .encrypt)
        let outcome = seal(&talk, first, version: 1)
        #expect(outcome.marks.contains(.undecrypted))
        #expect(!outcome.marks.contains(.badSignature))
        #expect(talk.count(of: .signature) == 0)
    }

    @Test("A message that was changed on its way is not opened")
    func changed() {
        var talk = Talk(keyLog: Self.log(first))
        talk.open(security: .encrypt)
        let keys = SessionKeys(first)
        let message = talk.message(Sample.full(1), from: Sample.server, to: Sample.client, stream: 2)
        var octets = keys.seal(message, from: .server).encoded()
        octets[12] ^= 1
        #expect(talk.pass(octets, from: Sample.server, to: Sample.client).marks.contains(.badSignature))
    }

    @Test("A sealed retransmission is opened as the original was")
    func retransmitted() {
        var talk = Talk(keyLog: Self.log(first))
        talk.open(security: .encrypt)
        let keys = SessionKeys(first)
        var message = keys.seal(
            talk.message(Sample.full(1), from: Sample.server, to: Sample.client, stream: 2), from: .server)
        message.header.flags.insert(.retransmit)
        let outcome = talk.pass(message.encoded(), from: Sample.server, to: Sample.client)
        #expect(outcome.marks.isSuperset(of: [.decrypted, .retransmit]))
    }

    @Test("A sealed payload that is no payload is malformed, though authentic")
    func sealedRubbish() {
        var talk = Talk(keyLog: Self.log(first))
        talk.open(security: .encrypt)
        let keys = SessionKeys(first)
        var message = talk.message(Sample.full(1), from: Sample.server, to: Sample.client, stream: 2)
        message.body = .segment([1, 2, 3])
        let outcome = talk.pass(
            keys.seal(message, from: .server).encoded(), from: Sample.server, to: Sample.client)
        #expect(outcome.marks.isSuperset(of: [.decrypted, .malformed]))
        #expect(talk.model.counters.malformed == 1)
        #expect(talk.stream(2, .server)?.messages == 1)
    }

    @Test("A right signature is taken, a wrong one is found and its message means nothing")
    func signed() {
        var talk = Talk(keyLog: Self.log(first))
        talk.open(security: .sign)
        let right = SessionKeys(first)
        let wrong = SessionKeys(second)
        let good = talk.send(
            Sample.update(1, at: Vector3(1, 0, 0)), stream: 1, address: Sample.address(stamp: 1),
            protect: { right.sign($0, from: .client) })
        #expect(good.findings.isEmpty)
        let bad = talk.send(
            Sample.update(1, at: Vector3(9, 0, 0)), stream: 1, address: Sample.address(stamp: 2),
            protect: { wrong.sign($0, from: .client) })
        #expect(bad.marks.contains(.badSignature))
        #expect(talk.entity(1)?.position?.x == 1)
        #expect(talk.count(of: .signature) == 1)
    }

    @Test("Without a key a signature is believed, and the message means what it says")
    func unverified() {
        var talk = Talk()
        talk.open(security: .sign)
        let keys = SessionKeys(first)
        talk.send(
            Sample.update(1, at: Vector3(1, 0, 0)), stream: 1, address: Sample.address(),
            protect: { keys.sign($0, from: .client) })
        #expect(talk.entity(1)?.position?.x == 1)
    }
}
