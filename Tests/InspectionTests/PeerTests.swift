import Capture
import Inspection
import Simulation
import SpatioWire
import Testing

/// Who is there, who is in which group, and who relays what: each as of any message.
@Suite struct PeerTests {
    static let group = Sample.id(0x60)
    static let meeting = Sample.endpoint("239.77.28.1:7728")
    static let hall = Sample.endpoint("239.77.28.9:7728")

    static func config(
        _ peer: Int, range: Float = 20, roles: [PeerRole] = [.participant], mode: DiscoveryMode = .broadcast
    ) -> PeerConfig {
        PeerConfig(
            peerID: Sample.id(0x100 + peer),
            capabilities: PeerCapabilities(spatialRange: range, maxConnections: 8, bandwidth: 1000, roles: roles),
            discoveryMode: mode)
    }

    static func multicastGroup(_ members: [Int]? = nil, endpoint: String = "239.77.28.9:7728") -> MulticastGroup {
        MulticastGroup(
            groupID: group, spatialBounds: .sphere(center: .zero, radius: 5), ttl: 1,
            qos: QualityOfService(reliable: false, ordered: false, priority: .low, flow: Sample.flow),
            accessControl: AccessControl(
                mode: members == nil ? .open : .list, members: (members ?? []).map { Sample.id(0x100 + $0) }),
            endpoint: endpoint)
    }

    static func announce(
        _ peer: Int, _ endpoints: [String], _ groups: [MulticastGroup] = [], range: Float = 20
    ) -> Payload {
        .peerAnnounce(PeerAnnounce(peer: config(peer, range: range), endpoints: endpoints, groups: groups))
    }

    /// An update to a group.
    static func speak(_ talk: inout Talk, from source: Endpoint, to group: UUID = group) {
        talk.send(
            Sample.update(1), from: source, to: hall, stream: 1, address: Sample.address(),
            protect: { message in
                var message = message
                message.multicast = MulticastForm(groupID: group, routing: .flood)
                message.header.flags.insert(.multicast)
                return message
            })
    }

    // MARK: Peers

    @Test func `a peer is what it announced last, until then what it said before`() throws {
        var talk = Talk()
        talk.send(.peerDiscover(Self.config(1)), to: Self.meeting)
        talk.send(Self.announce(1, ["10.7.1.1:40001"]), to: Self.meeting)
        talk.send(Self.announce(1, ["10.7.1.1:40001"], range: 30), to: Self.meeting)
        let chronicle = talk.chronicle.peers
        #expect(chronicle.peers(until: 0).isEmpty)
        let first = try #require(chronicle.peers(until: 1).first)
        #expect(first.id == Sample.id(0x101))
        #expect(first.config?.capabilities.spatialRange == 20)
        #expect(first.endpoints == nil && first.searches == 1 && first.announcements == 0 && first.changes == 0)
        let second = try #require(chronicle.peers(until: 2).first)
        #expect(second.endpoints == ["10.7.1.1:40001"] && second.announcements == 1 && second.changes == 0)
        let third = try #require(chronicle.peers(until: 3).first)
        #expect(third.config?.capabilities.spatialRange == 30 && third.changes == 1 && third.announcements == 2)
    }

    @Test func `the interval is the usual time between announcements, and there is none after one`() throws {
        var talk = Talk()
        for time in [0.0, 3000, 6000, 9000] {
            talk.send(Self.announce(1, []), to: Self.meeting, at: time)
        }
        let chronicle = talk.chronicle.peers
        #expect(chronicle.peers(until: 1).first?.interval == nil)
        #expect(chronicle.peers(until: 4).first?.interval == 3)
    }

    @Test func `who leaves is gone with code and reason, and back when it announces itself again`() throws {
        var talk = Talk()
        talk.send(Self.announce(1, []), to: Self.meeting)
        talk.send(
            .peerLeave(PeerLeave(peerID: Sample.id(0x101), code: .timeout, reason: "tired")), to: Self.meeting)
        talk.send(Self.announce(1, []), to: Self.meeting)
        let chronicle = talk.chronicle.peers
        #expect(chronicle.peers(until: 1).first?.departure == nil)
        let departure = try #require(chronicle.peers(until: 2).first?.departure)
        #expect(departure.code == .timeout && departure.reason == "tired")
        #expect(chronicle.peers(until: 3).first?.departure == nil)
    }

    @Test func `a handshake tells who is client and server, with name, role and session`() throws {
        var talk = Talk()
        talk.send(Sample.connect(name: "eve", role: .observer))
        talk.send(Sample.accept(), from: Sample.server, to: Sample.client)
        let chronicle = talk.chronicle.peers
        #expect(chronicle.peers(until: 1).count == 1)
        let peers = chronicle.peers(until: 2)
        #expect(peers.map(\.name) == ["eve", nil])
        #expect(peers.map(\.roles) == [[.observer], [.server]])
        #expect(peers.map { $0.ties.map(\.session) } == [[0], [0]])
        #expect(peers.map { $0.ties.map(\.side) } == [[.client], [.server]])
    }

    @Test func `a refusal makes nobody a server`() {
        var talk = Talk()
        talk.send(Sample.connect())
        talk.send(Sample.accept(code: .unauthorized), from: Sample.server, to: Sample.client)
        #expect(talk.chronicle.peers.peers(until: 2).count == 1)
    }

    @Test func `an announcement that lists where it comes from tells whose that is, one passed on does not`() {
        var talk = Talk()
        talk.send(Self.announce(1, ["10.7.1.1:40001"]), from: Sample.client, to: Self.meeting)
        talk.send(Self.announce(2, ["10.9.9.9:7728"]), from: Sample.client, to: Self.meeting)
        let source = PeerSource(session: 99, direction: .client, endpoint: Sample.client)
        let chronicle = talk.chronicle.peers
        #expect(chronicle.peer(of: source, until: 0) == nil)
        #expect(chronicle.peer(of: source, until: 1) == Sample.id(0x101))
        #expect(chronicle.peer(of: source, until: 2) == Sample.id(0x101))
    }

    @Test func `thousands of invented peers are counted and not all kept`() {
        var talk = Talk()
        for peer in 0..<PeerChronicle.Limits.peers + 10 { talk.send(Self.announce(peer, []), to: Self.meeting) }
        let chronicle = talk.chronicle.peers
        // The oldest quarter goes at once.
        let gone = PeerChronicle.Limits.peers / 4 + 1
        #expect(chronicle.peers(until: Int.max).count == PeerChronicle.Limits.peers - gone + 10)
        #expect(chronicle.overflow == gone)
        let place = PeerChronicle.Limits.peers + 9
        #expect(chronicle.peer(Sample.id(0x100 + place), until: .max) != nil)
        #expect(chronicle.peer(Sample.id(0x100), until: .max) == nil)
    }

    @Test func `an endless reason and endless endpoints are cut`() throws {
        var talk = Talk()
        let long = String(repeating: "x", count: 5_000)
        talk.send(Self.announce(1, [String](repeating: long, count: 100)), to: Self.meeting)
        talk.send(.peerLeave(PeerLeave(peerID: Sample.id(0x101), code: .success, reason: long)), to: Self.meeting)
        let peer = try #require(talk.chronicle.peers.peers(until: 2).first)
        #expect(peer.endpoints?.count == PeerChronicle.Limits.endpoints)
        #expect(peer.endpoints?.allSatisfy { $0.count == PeerChronicle.Limits.textLength } == true)
        #expect(peer.departure?.reason.count == PeerChronicle.Limits.textLength)
    }

    // MARK: Groups

    @Test func `a group has those who announce it, send to it, are listed or were told, each once`() throws {
        var talk = Talk()
        let list = Self.multicastGroup([1, 3])
        talk.send(Self.announce(1, ["10.7.1.1:40001"], [list]), to: Self.meeting)
        Self.speak(&talk, from: Sample.client)
        Self.speak(&talk, from: Sample.otherClient)
        let chronicle = talk.chronicle.peers
        #expect(chronicle.groups(until: 0).isEmpty)
        let announced = try #require(chronicle.groups(until: 1).first)
        #expect(announced.members.map(\.ties) == [[.announces, .listed], .listed])
        #expect(announced.announcedBy == Sample.id(0x101))
        let group = try #require(chronicle.groups(until: 3).first)
        #expect(group.members.map(\.peer) == [Sample.id(0x101), nil, Sample.id(0x103)])
        #expect(group.members.map(\.ties) == [[.announces, .sends, .listed], .sends, .listed])
        #expect(group.members.map { $0.isIntruder(in: group.group) } == [false, true, false])
        #expect(group.members[0].traffic?.latest(until: 3)?.messages == 1)
    }

    @Test func `who sent before it said who it is, is known from then on`() throws {
        var talk = Talk()
        talk.send(Self.announce(1, [], [Self.multicastGroup([2])]), to: Self.meeting)
        Self.speak(&talk, from: Sample.otherClient)
        talk.send(Self.announce(2, ["10.7.1.2:40002"]), from: Sample.otherClient, to: Self.meeting)
        let chronicle = talk.chronicle.peers
        let before = try #require(chronicle.groups(until: 2).first)
        #expect(before.members.contains { $0.peer == nil && $0.isIntruder(in: before.group) })
        let after = try #require(chronicle.groups(until: 3).first)
        #expect(!after.members.contains { $0.isIntruder(in: after.group) })
        #expect(after.members.first { $0.peer == Sample.id(0x102) }?.ties == [.sends, .listed])
    }

    @Test func `a server tells a client of a group`() throws {
        var talk = Talk()
        talk.send(Sample.connect())
        guard case .connectAck(var ack) = Sample.accept() else { return }
        ack.groups = [Self.multicastGroup()]
        talk.send(.connectAck(ack), from: Sample.server, to: Sample.client)
        let group = try #require(talk.chronicle.peers.groups(until: 2).first)
        #expect(group.announcedBy == Sample.id(0x200))
        #expect(group.members.map(\.peer) == [Sample.id(0x101)])
        #expect(group.members.map(\.ties) == [.told])
        #expect(group.members[0].session == 0 && group.members[0].direction == .client)
    }

    @Test func `a group is as it was announced last, and one that nobody announced is apart`() throws {
        var talk = Talk()
        Self.speak(&talk, from: Sample.client)
        talk.send(Self.announce(1, [], [Self.multicastGroup()]), to: Self.meeting)
        talk.send(Self.announce(1, [], [Self.multicastGroup(endpoint: "elsewhere")]), to: Self.meeting)
        let chronicle = talk.chronicle.peers
        #expect(chronicle.groups(until: 1).isEmpty)
        #expect(chronicle.unannouncedGroups(until: 0).isEmpty)
        #expect(chronicle.unannouncedGroups(until: 1).map(\.id) == [Self.group])
        #expect(chronicle.unannouncedGroups(until: 2).isEmpty)
        #expect(chronicle.groups(until: 2).first?.group.endpoint == "239.77.28.9:7728")
        #expect(chronicle.groups(until: 3).first?.group.endpoint == "elsewhere")
    }

    // MARK: Relays

    static func request(_ number: UInt32, _ payload: [UInt8], ttl: UInt8 = 4) -> Payload {
        .relayRequest(
            RelayRequest(
                requestID: number, source: Sample.id(0x101), target: Sample.id(0x105), ttl: ttl, payload: payload))
    }

    static func response(_ number: UInt32, _ code: ErrorCode = .success) -> Payload {
        .relayResponse(RelayResponse(requestID: number, code: code, relayID: Sample.id(0x103), hops: 2))
    }

    @Test func `requests are joined with their answers, and an answer is there when it has come`() throws {
        var talk = Talk()
        let inner = Message(
            header: MessageHeader(type: .ping, flags: [], streamID: 0, sequence: 0, timestamp: 0),
            body: .payload(Sample.ping))
        talk.send(Self.request(7, inner.encoded()), at: 0)
        talk.send(Self.request(8, [1, 2, 3]), at: 10)
        talk.send(Self.response(7), from: Sample.server, to: Sample.client, at: 25)
        talk.send(Self.response(8, .timeout), from: Sample.server, to: Sample.client, at: 60)
        talk.send(Self.response(9), from: Sample.server, to: Sample.client, at: 70)
        let chronicle = talk.chronicle.peers
        let asked = try #require(chronicle.relayLegs(until: 2).first)
        #expect(asked.requests == 2 && asked.passed + asked.refused == 0)
        #expect(asked.responseTime == nil && asked.relays.isEmpty)
        #expect(asked.types == [.ping, nil])
        #expect(chronicle.relayRequests(of: asked.place, until: 2, limit: 9).map { $0.answer == nil } == [true, true])
        let answered = try #require(chronicle.relayLegs(until: 5).first)
        #expect(answered.passed == 1 && answered.refused == 1)
        #expect(abs((answered.responseTime ?? 0) - 0.0375) < 1e-6)
        #expect(answered.relays == [Sample.id(0x103)])
        let requests = chronicle.relayRequests(of: asked.place, until: 3, limit: 9)
        #expect(requests.map(\.requestID) == [8, 7])
        #expect(requests.map { $0.answer?.hops } == [nil, 2])
        #expect(requests.map(\.ttl) == [4, 4])
        #expect(Set(chronicle.peers(until: 5).map(\.id)) == [Sample.id(0x101), Sample.id(0x103), Sample.id(0x105)])
    }

    @Test func `a request that is passed on is a way of its own`() {
        var talk = Talk()
        talk.send(Self.request(1, []))
        talk.send(Self.request(1, [], ttl: 3), from: Sample.server, to: Sample.otherClient)
        talk.send(Self.response(1), from: Sample.server, to: Sample.client)
        let legs = talk.chronicle.peers.relayLegs(until: 3)
        #expect(legs.map(\.requests) == [1, 1])
        #expect(legs.map(\.passed) == [1, 0])
    }

    @Test func `requests without end do not fill the memory`() {
        var talk = Talk()
        for number in 0..<10_000 { talk.send(Self.request(UInt32(number), [])) }
        #expect(talk.chronicle.peers.relayLegs(until: Int.max).first?.requests ?? 0 > 9_990)
    }

    // MARK: As of the clock

    @Test(
        "what is shown at a message is what an analysis knows that was stopped there",
        arguments: [Scenario.peers, .strangers, .extension, .plaza])
    func prefix(scenario: Scenario) throws {
        let passage = try Passage(scenario)
        for (cursor, chronicle) in passage.stopped {
            #expect(Self.text(passage.whole.peers, cursor) == Self.text(chronicle.peers, cursor))
            #expect(Self.text(chronicle.peers, cursor) == Self.text(chronicle.peers, Int.max))
        }
        #expect(Self.text(passage.whole.peers, passage.count).count > 100)
    }

    /// Everything that the views say.
    private static func text(_ peers: PeerChronicle, _ cursor: Int) -> String {
        var out = "\(peers.peers(until: cursor))"
        let groups = peers.groups(until: cursor).map { ($0.id, $0.members, "\($0.group) \($0.announcedBy)") }
        for (id, members, what) in groups + peers.unannouncedGroups(until: cursor).map({ ($0.id, $0.members, "") }) {
            out += "\n\(id) \(what)"
            for var member in members {
                out += "\n  \(member.traffic?.latest(until: cursor) as Any)"
                member.traffic = nil
                out += "\(member)"
            }
        }
        for leg in peers.relayLegs(until: cursor) {
            out += "\n\(leg) \(peers.relayRequests(of: leg.place, until: cursor, limit: 100))"
        }
        return out
    }
}
