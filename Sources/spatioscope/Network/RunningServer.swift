import NIOCore
import NIOPosix
import SpatioNetwork
import SpatioServer
import SpatioSession
import SpatioWire

/// The reference server on sockets of this machine, with its log and its key log.
final class RunningServer: Sendable {
    /// UDP and TCP of each address.
    let addresses: [SocketAddress]
    private let group: MultiThreadedEventLoopGroup
    private let server: NetworkServer<SpaceHost>
    private let announcing: AnnouncingServer?

    /// - Parameters:
    ///   - addresses: to listen at, by UDP and TCP; with port 0 both get the same free one.
    ///   - announces: to those who look for servers, where the plan has it.
    ///   - log: nil: nothing is told.
    /// - Throws: `Failure` in words for people.
    init(_ plan: ServerPlan, at addresses: [SocketAddress], announces: Bool = false, log: ServerLog?) throws {
        var plan = plan
        let id = plan.serverID ?? .random()
        plan.serverID = id
        let keyLog: KeyLogFile?
        do { keyLog = try KeyLogFile.ofEnvironment() } catch { throw Failure("\(error)") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server: NetworkServer<SpaceHost>
        do throws(SpaceHost.PlanError) {
            server = try NetworkServer(plan, on: group.next(), keyLog: keyLog) { log?.write($0) }
        } catch {
            try? group.syncShutdownGracefully()
            switch error {
            case .identity: throw Failure("the identity is no private Ed25519 key of 32 octets")
            case .noSpace: throw Failure("the plan has no space")
            }
        }
        self.group = group
        self.server = server
        do {
            self.addresses = try addresses.map { try Self.listen(server, at: $0) }
        } catch {
            try? server.close(reason: "the server cannot begin").wait()
            try? group.syncShutdownGracefully()
            throw error
        }
        let isAnnounced = announces && plan.isAnnounced
        if let key = plan.identity.flatMap({ ServerIdentity(privateKey: $0) })?.publicKey {
            // Who attaches pins it.
            log?.write(ServerEntry(.info, "identity", ["server_key": hexadecimalText(key)]))
        }
        for address in self.addresses {
            log?.write(ServerEntry(.info, "listening", ["address": Self.text(address), "transports": "udp tcp"]))
        }
        if announces, !isAnnounced { log?.write(ServerEntry(.info, "not announced", [:])) }
        announcing =
            isAnnounced
            ? AnnouncingServer(plan, serverID: id, listening: self.addresses.compactMap { PeerAddress($0) }) {
                log?.write($0)
            } : nil
    }

    private static func listen(_ server: NetworkServer<SpaceHost>, at address: SocketAddress) throws -> SocketAddress {
        do { return try server.listen(at: address).wait() } catch {
            throw Failure("\(text(address)): \(SocketFailure.text(error))")
        }
    }

    static func text(_ address: SocketAddress) -> String { PeerAddress(address).map { "\($0)" } ?? "\(address)" }

    /// Tells its clients, and returns when the sockets are closed.
    func stop() {
        announcing?.stop()
        try? server.close(reason: "the server closes").wait()
        try? group.syncShutdownGracefully()
    }
}
