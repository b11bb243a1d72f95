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

    /// - Parameters:
    ///   - addresses: to listen at, by UDP and TCP; with port 0 both get the same free one.
    ///   - log: nil: nothing is told.
    /// - Throws: `Failure` in words for people.
    init(_ plan: ServerPlan, at addresses: [SocketAddress], log: ServerLog?) throws {
        let keyLog: KeyLogFile?
        do { keyLog = try KeyLogFile.ofEnvironment() } catch { throw Failure("\(error)") }
        let host: SpaceHost
        do throws(SpaceHost.PlanError) {
            host = try SpaceHost(plan, serverID: UUID.random(), secret: randomOctets(32), at: .now)
        } catch {
            switch error {
            case .identity: throw Failure("the identity is no private Ed25519 key of 32 octets")
            case .noSpace: throw Failure("the plan has no space")
            }
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = NetworkServer(host, on: group.next()) { host, connections, _ in
            while let event = host.nextEvent() {
                switch event {
                case .log(let entry): log?.write(entry)
                case .keys(let entry): keyLog?.write(entry)
                case .finished(let address): connections.close(address)
                }
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
        for address in self.addresses {
            log?.write(ServerEntry(.info, "listening", ["address": Self.text(address), "transports": "udp tcp"]))
        }
    }

    /// Tries for a port that is free for both UDP and TCP, where any will do.
    private static let portTries = 20

    private static func listen(_ server: NetworkServer<SpaceHost>, at address: SocketAddress) throws -> SocketAddress {
        for isLast in (0..<portTries).map({ $0 == portTries - 1 }) {
            var bound = address
            do {
                bound = try server.listen(at: address, by: .tcp).wait()
                return try server.listen(at: bound, by: .udp).wait()
            } catch {
                guard address.port == 0, bound.port != 0, !isLast else {
                    throw Failure("\(text(address)): \(SocketFailure.text(error))")
                }
            }
        }
        throw Failure("\(text(address)): no port is free")
    }

    static func text(_ address: SocketAddress) -> String { PeerAddress(address).map { "\($0)" } ?? "\(address)" }

    /// Tells its clients, and returns when the sockets are closed.
    func stop() {
        try? server.close(reason: "the server closes").wait()
        try? group.syncShutdownGracefully()
    }
}
