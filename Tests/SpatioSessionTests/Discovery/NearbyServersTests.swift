import SpatioWire
import Testing

@testable import SpatioSession

/// Somebody who listens to announcements, with a clock that only the test moves.
private struct Listener {
    var servers: NearbyServers
    private(set) var now = Moment(monotonic: 1_000_000_000, wall: 1_800_000_000_000_000)
    private(set) var events: [NearbyServers.Event] = []

    init() { servers = NearbyServers(at: now) }

    static let source = PeerAddress(host: .v4(0xC0A8_0107), port: 40_000)

    mutating func hear(_ announcement: ServerAnnouncement, from source: PeerAddress = source) {
        hear(announcement.datagram(sequence: 0, wall: now.wall), from: source)
    }

    mutating func hear(_ octets: [UInt8], from source: PeerAddress = source) {
        octets.withUnsafeBytes { servers.receive($0, from: source, at: now) }
        take()
    }

    mutating func leave(_ id: UUID, from source: PeerAddress = source) {
        let message = Message(
            header: MessageHeader(type: .peerLeave, streamID: 0, sequence: 9, timestamp: now.wall),
            body: .payload(.peerLeave(PeerLeave(peerID: id, code: .success, reason: ""))))
        hear(message.encoded(), from: source)
    }

    /// What the profile asks of a peer that announces itself, and no more.
    mutating func hear(announcementOf role: PeerRole, at endpoint: String) {
        let peer = PeerConfig(
            peerID: UUID(high: 1, low: 1),
            capabilities: PeerCapabilities(spatialRange: 0, maxConnections: 9, bandwidth: 0, roles: [role]),
            discoveryMode: .broadcast)
        let message = Message(
            header: MessageHeader(type: .peerAnnounce, streamID: 0, sequence: 0, timestamp: 0),
            body: .payload(.peerAnnounce(PeerAnnounce(peer: peer, endpoints: [endpoint]))))
        hear(message.encoded())
    }

    mutating func pass(seconds: Double) {
        now.monotonic += Int64(seconds * 1e9)
        servers.advance(to: now)
        take()
    }

    private mutating func take() { while let event = servers.nextEvent() { events.append(event) } }

    var words: [String] {
        events.map { event in
            switch event {
            case .appeared: "appeared"
            case .changed: "changed"
            case .repeated: "repeated"
            case .left: "left"
            case .lost: "lost"
            }
        }
    }
}

private func announcement(_ number: UInt64, _ endpoints: [String] = ["192.168.1.7:7728"]) -> ServerAnnouncement {
    ServerAnnouncement(serverID: UUID(high: 5, low: number), endpoints: endpoints)
}

@Suite struct NearbyServersTests {
    @Test func `what a server says of itself arrives whole`() throws {
        var listener = Listener()
        var said = announcement(1)
        said.name = "lab"
        said.security = .encrypt
        said.demandsToken = true
        said.spaces = "plaza, park"
        listener.hear(said)
        let server = try #require(listener.servers.servers.first)
        #expect(server.id == said.serverID)
        #expect(server.name == "lab")
        #expect(server.security == .encrypt)
        #expect(server.demandsToken == true)
        #expect(server.spaces == "plaza, park")
        #expect(server.addresses.map(\.description) == ["192.168.1.7:7728"])
        #expect(listener.words == ["appeared"])
    }

    @Test func `a server that says no more than the profile asks for is listed without a name`() throws {
        var listener = Listener()
        listener.hear(announcementOf: .server, at: "[2001:db8::1]:99")
        let server = try #require(listener.servers.servers.first)
        #expect(server.name == nil && server.security == nil && server.demandsToken == nil && server.spaces == nil)
        #expect(server.addresses.map(\.description) == ["[2001:db8::1]:99"])
    }

    @Test func `peers that are no servers are not listed, nor is anything else`() {
        var listener = Listener()
        listener.hear(announcementOf: .participant, at: "192.0.2.1:9")
        listener.hear(NearbyServers.request(peerID: UUID(high: 2, low: 2), sequence: 0, at: listener.now))
        listener.hear([])
        listener.hear([UInt8](repeating: 0xFF, count: 100))
        #expect(listener.events.isEmpty)
    }

    @Test func `every prefix of an announcement, and every octet of it changed, breaks nothing`() {
        var listener = Listener()
        let whole = announcement(1).datagram(sequence: 0, wall: 0)
        for count in whole.indices { listener.hear(Array(whole[..<count])) }
        for place in whole.indices {
            var changed = whole
            changed[place] ^= 0x55
            listener.hear(changed)
            listener.pass(seconds: 0.1)
        }
        #expect(listener.events.isEmpty, "every octet is under a checksum")
    }

    @Test func `the same again is told as such, anything else as a change`() {
        var listener = Listener()
        var said = announcement(1)
        listener.hear(said)
        listener.hear(said)
        said.name = "other"
        listener.hear(said)
        #expect(listener.words == ["appeared", "repeated", "changed"])
    }

    @Test func `several ways to one server are one server, the shortest first`() {
        var listener = Listener()
        listener.hear(announcement(1, ["[2001:db8::1]:1"]))
        listener.hear(announcement(1, ["192.168.1.7:1"]))
        listener.hear(announcement(1, ["127.0.0.1:1"]), from: PeerAddress(host: .v4(0x7F00_0001), port: 5))
        #expect(
            listener.servers.servers.map { $0.addresses.map(\.description) }
                == [["127.0.0.1:1", "192.168.1.7:1", "[2001:db8::1]:1"]])
    }

    @Test(arguments: [
        "localhost:7728", "192.168.1.7", "192.168.1.7:0", "192.168.1.7:99999", "-i:7", "[::1:7", "::1:7", "",
        "224.0.0.1:7", "255.255.255.255:7", "[ff15::7728]:7728", "[fe80::1]:7728", "127.0.0.1:7728", "1.2.3.4:+7",
        "[fe80::1%eth0]:7",
    ])
    func `no endpoint is believed that is no address in numbers, or not one of another machine`(endpoint: String) {
        var listener = Listener()
        listener.hear(announcement(1, [endpoint]))
        #expect(listener.events.isEmpty)
    }

    @Test func `everywhere, as a server says it, is where it was heard from`() {
        var listener = Listener()
        listener.hear(announcement(1, ["0.0.0.0:7800"]))
        #expect(listener.servers.servers.first?.addresses.map(\.description) == ["192.168.1.7:7800"])
    }

    @Test func `who takes leave is gone at once, but only by who announced it`() {
        var listener = Listener()
        listener.hear(announcement(1))
        listener.leave(UUID(high: 5, low: 1), from: PeerAddress(host: .v4(0x0A00_0001), port: 1))
        #expect(listener.servers.servers.count == 1)
        listener.leave(UUID(high: 5, low: 1))
        #expect(listener.servers.servers.isEmpty)
        #expect(listener.words == ["appeared", "left"])
    }

    @Test func `who is silent for ten intervals is lost, at the deadline`() throws {
        var listener = Listener()
        listener.hear(announcement(1))
        #expect(try #require(listener.servers.deadline) - listener.now.monotonic == 50_000_000_000)
        listener.pass(seconds: 49.9)
        #expect(listener.words == ["appeared"])
        listener.pass(seconds: 0.1)
        #expect(listener.words == ["appeared", "lost"])
        #expect(listener.servers.deadline == nil)
    }

    @Test func `an address that is not announced any more is forgotten`() {
        var listener = Listener()
        listener.hear(announcement(1, ["192.168.1.7:1", "192.168.1.8:1"]))
        for _ in 0..<4 {
            listener.pass(seconds: 5)
            listener.hear(announcement(1, ["192.168.1.8:1"]))
        }
        #expect(listener.servers.servers.first?.addresses.map(\.description) == ["192.168.1.8:1"])
    }

    @Test func `a flood of servers that do not exist is bounded, in all and from one place`() {
        var listener = Listener()
        for number in 0..<100 {
            listener.pass(seconds: 0.01)
            listener.hear(announcement(UInt64(number)))
        }
        #expect(listener.servers.servers.count == NearbyServers.limitPerSource)
        for number in 100..<2000 {
            listener.pass(seconds: 0.01)
            listener.hear(announcement(UInt64(number)), from: PeerAddress(host: .v4(UInt32(number)), port: 1))
        }
        #expect(listener.servers.servers.count == NearbyServers.limit)
        #expect(listener.servers.ignored == 2000 - NearbyServers.limit)
    }

    @Test func `a flood of datagrams is looked at for a part only`() {
        var listener = Listener()
        for _ in 0..<10_000 { listener.hear(announcement(1)) }
        #expect(listener.events.count == NearbyServers.datagramsPerSecond)
        #expect(listener.servers.ignored == 10_000 - NearbyServers.datagramsPerSecond)
    }

    @Test func `a datagram never gets too long for a network, and loses groups before all else`() throws {
        var said = announcement(1)
        said.name = String(repeating: "n", count: 1000)
        said.spaces = String(repeating: "s", count: 1000)
        said.groups = (0..<50).map { number in
            MulticastGroup(
                groupID: UUID(high: 1, low: number), spatialBounds: .sphere(center: .zero, radius: 9), ttl: 1,
                qos: QualityOfService(
                    reliable: true, ordered: false, priority: .critical,
                    flow: FlowControl(windowSize: 1, rateLimit: 1, congestionThreshold: 0)),
                accessControl: AccessControl(mode: .open), endpoint: "239.77.28.9:7728")
        }
        let octets = said.datagram(sequence: 0, wall: 0)
        #expect(octets.count <= ServerAnnouncement.sizeLimit)
        let heard = try #require(ServerAnnouncement(try octets.withUnsafeBytes { try Message.decodeDatagram($0) }))
        #expect(heard.name?.count == ServerAnnouncement.textLimit)
        #expect(heard.endpoints == said.endpoints)
        #expect((1..<50).contains(heard.groups.count))
    }
}

@Suite struct PeerAddressTests {
    @Test(arguments: ["10.7.1.1:401", "[2001:db8::1]:401", "[::]:0", "0.0.0.0:65535", "[::ffff:1.2.3.4]:1"])
    func `an address that is written is read again`(text: String) throws {
        let address = try #require(PeerAddress(parsing: text))
        #expect(PeerAddress(parsing: address.description) == address)
    }
}
