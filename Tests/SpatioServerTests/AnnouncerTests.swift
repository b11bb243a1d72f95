import SpatioSession
import SpatioWire
import Testing

@testable import SpatioServer

/// An announcer on a link, with a clock that only the test moves, and everything that it said.
private struct Link {
    var announcer: Announcer
    private(set) var now = Moment(monotonic: 1_000_000_000, wall: 1_800_000_000_000_000)
    private(set) var said: [(time: Int64, messages: [Message])] = []

    init(_ plan: ServerPlan = Stage.plan) {
        announcer = Announcer(plan.announcement(serverID: Stage.serverID, at: ["192.0.2.1:7728"]), at: now)
        work()
    }

    /// Lets time pass, from deadline to deadline.
    mutating func pass(seconds: Double) {
        let end = now.monotonic + Int64(seconds * 1e9)
        while let deadline = announcer.deadline, deadline <= end {
            now.monotonic = max(now.monotonic, deadline)
            work()
        }
        now.monotonic = end
    }

    mutating func ask(_ id: UUID = uuid(7), roles: [PeerRole] = [.server]) {
        let config = PeerConfig(
            peerID: id,
            capabilities: PeerCapabilities(spatialRange: 0, maxConnections: 0, bandwidth: 0, roles: roles),
            discoveryMode: .broadcast)
        let message = Message(
            header: MessageHeader(type: .peerDiscover, streamID: 0, sequence: 0, timestamp: 0),
            body: .payload(.peerDiscover(config)))
        hear(message.encoded())
    }

    mutating func hear(_ octets: [UInt8]) {
        octets.withUnsafeBytes { announcer.receive($0, at: now) }
        work()
    }

    mutating func close() {
        announcer.close(at: now)
        work()
    }

    private mutating func work() {
        while let octets = announcer.nextTransmission(at: now) {
            let messages = octets.withUnsafeBytes { try? Message.decodeDatagram($0) }
            said.append((now.monotonic, messages ?? []))
        }
    }

    /// The first that was made.
    var announcement: ServerAnnouncement? { said.first.flatMap { ServerAnnouncement($0.messages) } }

    /// Seconds from the start at which something was said.
    var times: [Double] { said.map { Double($0.time - 1_000_000_000) / 1e9 } }
}

@Suite struct AnnouncerTests {
    @Test func `a server announces itself at once, and every five seconds`() {
        var link = Link()
        link.pass(seconds: 12)
        #expect(link.times == [0, 5, 10])
        #expect(link.said.allSatisfy { ServerAnnouncement($0.messages)?.serverID == Stage.serverID })
    }

    @Test func `its messages are numbered through, each with a checksum`() {
        var link = Link()
        link.pass(seconds: 12)
        let headers = link.said.flatMap(\.messages).map(\.header)
        #expect(headers.map(\.sequence) == [0, 1, 2, 3, 4, 5])
        #expect(headers.allSatisfy { $0.flags.contains(.checksum) && $0.streamID == 0 })
    }

    @Test func `who asks is answered soon`() throws {
        var link = Link()
        link.pass(seconds: 2)
        link.ask()
        link.pass(seconds: 1)
        #expect(link.times.count == 2)
        #expect((2.02...2.12).contains(try #require(link.times.last)))
    }

    @Test func `however many ask, there is one answer a second`() {
        var link = Link()
        for _ in 0..<1000 {
            link.pass(seconds: 0.01)
            for _ in 0..<5 { link.ask() }
        }
        #expect((9...11).contains(link.times.count))
        #expect(zip(link.times, link.times.dropFirst()).allSatisfy { $1 - $0 >= 1 })
    }

    @Test func `who looks for other peers, itself, or sends anything else is not answered`() {
        var link = Link()
        link.pass(seconds: 1)
        link.ask(roles: [.relay])
        link.ask(Stage.serverID)
        link.hear([])
        link.hear([UInt8](repeating: 1, count: 5000))
        link.hear(Stage.plan.announcement(serverID: uuid(3), at: []).datagram(sequence: 0, wall: 0))
        link.pass(seconds: 3)
        #expect(link.times == [0])
        link.ask(roles: [])
        link.pass(seconds: 0.5)
        #expect(link.times.count == 2)
    }

    @Test func `at the end the announcement is taken back, and nothing said any more`() {
        var link = Link()
        link.close()
        link.close()
        link.ask()
        link.pass(seconds: 20)
        #expect(link.said.count == 2)
        guard case .payload(.peerLeave(let leave))? = link.said.last?.messages.first?.body else {
            Issue.record("no PEER_LEAVE")
            return
        }
        #expect(leave.peerID == Stage.serverID)
        #expect(link.announcer.deadline == nil)
    }

    @Test func `it says what the plan has, and of what is behind a token nothing`() throws {
        var plan = Stage.plan
        plan.name = "lab"
        plan.securityLevel = .sign
        let open = try #require(Link(plan).announcement)
        #expect(open.name == "lab" && open.security == .sign && open.demandsToken == false)
        #expect(open.spaces == "plaza, park")
        #expect(open.endpoints == ["192.0.2.1:7728"])
        plan.demandsToken = true
        plan.endpoints = ["198.51.100.1:99"]
        let closed = try #require(Link(plan).announcement)
        #expect(closed.demandsToken == true && closed.spaces == nil && closed.groups.isEmpty)
        #expect(closed.endpoints == ["198.51.100.1:99"])
    }
}
