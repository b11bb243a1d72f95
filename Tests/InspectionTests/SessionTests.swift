import Capture
import Inspection
import SpatioSession
import SpatioWire
import Testing

/// What makes a session, and which messages belong to it (design section 3, profile section 6).
struct SessionTests {
    private let other = Sample.otherClient

    @Test("CONNECT and CONNECT_ACK on a flow make one session, with what both say of it")
    func opened() throws {
        var talk = Talk()
        talk.send(Sample.connect(name: "alice", role: .observer))
        #expect(talk.model.sessions.map(\.state) == [.connecting])
        talk.send(Sample.accept(security: .sign, largest: 4096), from: Sample.server, to: Sample.client)
        let session = try #require(talk.model.sessions.first)
        #expect(talk.model.sessions.count == 1)
        #expect(session.state == .open)
        #expect(session.id == Sample.session)
        #expect((session.client, session.server) == (Sample.client, Sample.server))
        #expect(session.name == "alice")
        #expect(session.role == .observer)
        #expect(session.security == .sign)
        #expect(session.sizeLimit == 4096)
        #expect(session.allowances.client == Sample.flow)
        #expect(session.messages == 2)
    }

    @Test("A CONNECT repeated behind a CHALLENGE is the same session")
    func challenged() {
        var talk = Talk()
        talk.send(Sample.connect())
        talk.send(.challenge(Challenge(challengeID: 1, nonce: [1, 2])), from: Sample.server, to: Sample.client)
        talk.send(.challengeResponse(ChallengeResponse(challengeID: 1, proof: [1, 2])))
        talk.send(Sample.connect())
        talk.send(Sample.accept(), from: Sample.server, to: Sample.client)
        #expect(talk.model.sessions.map(\.state) == [.open])
        #expect(talk.model.sessions.first?.messages == 5)
    }

    @Test("A retransmitted CONNECT does not begin another session")
    func repeatedConnect() {
        var talk = Talk()
        talk.send(Sample.connect())
        talk.send(Sample.accept(), from: Sample.server, to: Sample.client)
        talk.send(Sample.connect(), sequence: 0, flags: .retransmit)
        #expect(talk.model.sessions.count == 1)
    }

    @Test("After DISCONNECT the next CONNECT on the same flow is another session with streams of its own")
    func reconnected() {
        var talk = Talk()
        talk.open(Sample.id(1))
        talk.move(7)
        talk.send(Sample.goodbye)
        #expect(talk.model.sessions.map(\.state) == [.closed])
        talk.send(Sample.connect(), sequence: 0)
        talk.send(Sample.accept(Sample.id(2)), from: Sample.server, to: Sample.client, sequence: 0)
        talk.move(7, sequence: 0)
        #expect(talk.model.sessions.map(\.id) == [Sample.id(1), Sample.id(2)])
        #expect(talk.model.sessions.map(\.state) == [.closed, .open])
        // Sequences begin anew without a duplicate, and nothing is lost.
        #expect(talk.model.streams.allSatisfy { $0.duplicates == 0 && $0.lost == 0 })
        #expect(talk.model.streams.filter { $0.streamID == 1 }.map(\.session) == [0, 1])
    }

    @Test("A client that died and connects again without DISCONNECT begins another session")
    func crashed() {
        var talk = Talk()
        talk.open(Sample.id(1))
        talk.send(Sample.connect(client: 2), sequence: 0)
        talk.send(Sample.accept(Sample.id(2)), from: Sample.server, to: Sample.client)
        #expect(talk.model.sessions.map(\.id) == [Sample.id(1), Sample.id(2)])
    }

    @Test("A refused CONNECT may be followed by one that is accepted, in the same session")
    func refused() {
        var talk = Talk()
        talk.send(Sample.connect())
        talk.send(Sample.accept(code: .unauthorized), from: Sample.server, to: Sample.client)
        #expect(talk.model.sessions.map(\.state) == [.refused(.unauthorized)])
        #expect(talk.model.sessions.first?.id == nil)
        talk.send(Sample.connect())
        talk.send(Sample.accept(), from: Sample.server, to: Sample.client)
        #expect(talk.model.sessions.map(\.state) == [.open])
    }

    @Test("Joined in the middle, the flow itself is the session and the server's port tells the server")
    func joined() throws {
        var talk = Talk()
        talk.send(Sample.full(4), from: Sample.server, to: Sample.client, stream: 2)
        talk.move(1)
        let session = try #require(talk.model.sessions.first)
        #expect(talk.model.sessions.count == 1)
        #expect(session.state == .joined)
        #expect(session.id == nil)
        #expect((session.client, session.server) == (Sample.client, Sample.server))
        #expect(talk.stream(1, .client)?.messages == 1)
        #expect(talk.stream(2, .server)?.messages == 1)
    }

    @Test("Between two ports that are no server's, the first to speak is the client")
    func noServerPort() {
        var talk = Talk()
        talk.send(Sample.ping, from: other, to: Sample.client)
        #expect(talk.model.sessions.first?.client == other)
    }

    @Test("A CONNECT on a flow that was joined in the middle begins a session; a DISCONNECT leaves the joined one open")
    func joinedThenConnected() {
        var talk = Talk()
        talk.send(Sample.goodbye)
        #expect(talk.model.sessions.map(\.state) == [.joined])
        talk.open()
        #expect(talk.model.sessions.map(\.state) == [.joined, .open])
    }

    @Test("Two clients of one server are two sessions")
    func twoClients() {
        var talk = Talk()
        talk.open(Sample.id(1))
        talk.open(Sample.id(2), from: other)
        #expect(talk.model.sessions.map(\.client) == [Sample.client, other])
        #expect(talk.model.sessions.map(\.id) == [Sample.id(1), Sample.id(2)])
    }

    @Test("What a multicast group gets belongs to the sender's session, whose server is the group")
    func multicast() {
        var talk = Talk()
        let group = Sample.endpoint("239.77.28.1:7728")
        talk.send(Sample.ping, from: Sample.server, to: group)
        #expect(talk.model.sessions.first?.client == Sample.server)
        #expect(talk.model.sessions.first?.server == group)
    }

    @Test("Both directions and each stream id are streams of their own, each with its octets")
    func streams() {
        var talk = Talk()
        talk.open()
        let size = talk.move(1).size
        talk.move(1)
        talk.send(Sample.update(2), from: Sample.server, to: Sample.client, stream: 1, address: Sample.address())
        talk.tell(Sample.full(1))
        #expect(talk.stream(1)?.messages == 2)
        #expect(talk.stream(1)?.octets == 2 * size)
        #expect(talk.stream(1, .server)?.messages == 1)
        #expect(talk.stream(2, .server)?.messages == 1)
        #expect(talk.model.streams.count == 5)
        #expect(talk.model.sessions.first?.streams == [0, 1, 2, 3, 4])
    }
}

/// Mirrored messages belong to the session and direction of their `origin`.
struct MirrorTests {
    private let observer = Sample.otherClient

    private func origin(_ direction: OriginDirection, of session: UUID = Sample.session) -> ExtensionHeader {
        ExtensionHeader(
            extensionID: ExtensionID.origin,
            data: Origin(sessionID: session, direction: direction, seen: 0).encoded())
    }

    private func mirror(
        _ talk: inout Talk, _ direction: OriginDirection, sequence: UInt32, of session: UUID = Sample.session,
        to observer: Endpoint = Sample.otherClient
    ) {
        talk.send(
            Sample.update(1, at: Vector3(Double(sequence), 0, 0)), from: Sample.server, to: observer, stream: 1,
            sequence: sequence, address: Sample.address(stamp: Int(sequence)),
            extensions: [origin(direction, of: session)])
    }

    @Test("A mirrored message is of the session that it names, in the direction that it had")
    func knownSession() throws {
        var talk = Talk()
        talk.open()
        talk.open(Sample.id(9), from: observer)
        mirror(&talk, .toServer, sequence: 0)
        mirror(&talk, .fromServer, sequence: 5)
        #expect(talk.model.sessions.count == 2)
        let mirrored = talk.model.streams.filter(\.isMirrored)
        #expect(mirrored.map(\.session) == [0, 0])
        #expect(mirrored.map(\.direction) == [.client, .server])
        #expect(mirrored.allSatisfy { $0.lost == 0 && $0.messages == 1 })
    }

    @Test("What was seen on the wire and what was mirrored of it are counted apart")
    func seenTwice() {
        var talk = Talk()
        talk.open()
        talk.open(Sample.id(9), from: observer)
        talk.move(1, stamp: 0, sequence: 0)
        mirror(&talk, .toServer, sequence: 0)
        #expect(talk.stream(1)?.duplicates == 0)
        #expect(talk.model.streams.filter { $0.streamID == 1 }.map(\.messages) == [1, 1])
    }

    @Test("A session that is known from mirrored messages only is one, with the id that they name")
    func unknownSession() throws {
        var talk = Talk()
        talk.open(Sample.id(9), from: observer)
        mirror(&talk, .toServer, sequence: 0)
        mirror(&talk, .toServer, sequence: 1)
        let session = try #require(talk.model.sessions.last)
        #expect(talk.model.sessions.count == 2)
        #expect(session.isMirrored)
        #expect(session.id == Sample.session)
        #expect(session.messages == 2)
    }

    @Test("Two observers of one session get copies, not duplicates")
    func twoObservers() {
        var talk = Talk()
        let second = Sample.endpoint("10.7.1.3:40003")
        talk.open(Sample.id(8), from: observer)
        talk.open(Sample.id(9), from: second)
        for sequence in 0..<UInt32(3) {
            mirror(&talk, .toServer, sequence: sequence, to: observer)
            mirror(&talk, .toServer, sequence: sequence, to: second)
        }
        let mirrored = talk.model.streams.filter(\.isMirrored)
        #expect(mirrored.map(\.messages) == [3, 3])
        #expect(mirrored.allSatisfy { $0.duplicates == 0 && $0.lost == 0 })
        #expect(Set(mirrored.map(\.session)).count == 1)
    }
}
