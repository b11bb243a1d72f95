import Glibc
import SpatioServer
import SpatioSession
import SpatioWire
import Testing

@testable import SpatioNetwork

/// Announcements through real sockets, on the loopback interface.
@Suite struct DiscoveryTests {
    private static func loopback() throws -> LinkInterface {
        try #require(LinkInterface.all().first { $0.name == "lo" && !$0.isIPv6 })
    }

    /// Who listens on a link, to one server.
    private struct Ear {
        let link: DiscoveryLink
        let id: UUID
        private var servers = NearbyServers(at: .now)

        init(_ id: UUID) throws {
            link = try DiscoveryLink(try loopback())
            self.id = id
        }

        /// What is heard of the server next; nil when nothing comes for long.
        mutating func next() -> NearbyServers.Event? {
            let end = Moment.now.monotonic + 30_000_000_000
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
            defer { buffer.deallocate() }
            while Moment.now.monotonic < end {
                while let event = servers.nextEvent() {
                    switch event {
                    case .appeared(let server), .changed(let server), .repeated(let server), .left(let server),
                        .lost(let server):
                        if server.id == id { return event }
                    }
                }
                var waiting = pollfd(fd: link.descriptor, events: Int16(POLLIN), revents: 0)
                poll(&waiting, 1, 1000)
                if let (count, source) = link.receive(into: buffer) {
                    servers.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]), from: source, at: .now)
                }
            }
            return nil
        }
    }

    @Test func `a server on the loopback interface is heard there, answers, and takes leave`() throws {
        let id = UUID.random()
        var plan = ServerPlan.standard
        plan.name = "here"
        var ear = try Ear(id)
        let address = PeerAddress(host: .v4(0x7F00_0001), port: 7999)
        let server = AnnouncingServer(plan, serverID: id, listening: [address])
        guard case .appeared(let heard)? = ear.next() else {
            Issue.record("it was not heard")
            return
        }
        #expect(heard.name == "here" && heard.addresses == [address])
        ear.link.send(NearbyServers.request(peerID: .random(), sequence: 0, at: .now))
        guard case .repeated(let again)? = ear.next() else {
            Issue.record("it has not answered")
            return
        }
        #expect(again.heard - heard.heard < ServerAnnouncement.interval)
        server.stop()
        guard case .left? = ear.next() else {
            Issue.record("it has not taken leave")
            return
        }
    }

    @Test func `what listens everywhere is announced by the addresses of each interface`() throws {
        let id = UUID.random()
        var ear = try Ear(id)
        let server = AnnouncingServer(
            .standard, serverID: id, listening: [PeerAddress(host: .v4(0), port: 7999)])
        let event = ear.next()
        server.stop()
        guard case .appeared(let heard)? = event else {
            Issue.record("it was not heard")
            return
        }
        #expect(heard.addresses.map(\.description) == ["127.0.0.1:7999"])
    }
}
