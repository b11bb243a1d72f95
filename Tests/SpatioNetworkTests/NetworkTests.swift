import NIOCore
import NIOPosix
import SpatioSession
import SpatioWire
import Synchronization
import Testing

@testable import SpatioNetwork

/// Sessions through real sockets on the loopback interface.
@Suite struct NetworkTests {
    /// A server of one space that sends every CUSTOM message back.
    static func echo(
        _ address: SocketAddress, _ transport: TransportKind, security: SecurityLevel = .none
    ) async throws -> (server: NetworkServer<Server>, address: SocketAddress) {
        let server = NetworkServer(machine(security, at: .now), on: MultiThreadedEventLoopGroup.singleton.next()) {
            server, _, now in
            while let event = server.nextEvent() {
                switch event {
                case .asked(let session, _): server.accept(session, Welcome(spaces: []), at: now)
                case .message(let session, let message):
                    guard case .payload(let payload) = message.body else { continue }
                    try? server.send(payload, Delivery(stream: 5, reliable: true, ordered: true), to: session, at: now)
                default: continue
                }
            }
        }
        return (server, try await server.listen(at: address, by: transport).get())
    }

    /// A server that knows of no session yet.
    static func machine(_ security: SecurityLevel = .none, at now: Moment) -> Server {
        var configuration = ServerConfiguration(serverID: UUID(high: 1, low: 2))
        configuration.securityLevel = security
        return Server(configuration, secret: [UInt8](repeating: 7, count: 32), at: now)
    }

    static func address(_ transport: TransportKind, isIPv6: Bool) throws -> SocketAddress {
        try SocketAddress(ipAddress: isIPv6 ? "::1" : "127.0.0.1", port: 0)
    }

    @Test(arguments: TransportKind.allCases, [false, true])
    func `what a client sends comes back, over every transport and family`(
        _ transport: TransportKind, isIPv6: Bool
    ) async throws {
        for level in [SecurityLevel.none, .sign, .encrypt] {
            let (server, address) = try await Self.echo(
                try Self.address(transport, isIPv6: isIPv6), transport, security: level)
            let received = AsyncStream<[UInt8]>.makeStream()
            var configuration = ClientConfiguration(clientID: UUID(high: 3, low: 4), name: "echo")
            configuration.securityLevel = level
            let client = NetworkClient(
                configuration, to: address, by: transport, on: MultiThreadedEventLoopGroup.singleton.next()
            ) { event, client, now in
                switch event {
                case .ready:
                    for number in 0..<50 {
                        try? client.send(
                            .custom(type: 1, data: [UInt8(number)]),
                            Delivery(stream: 5, reliable: true, ordered: true), at: now)
                    }
                case .message(let message):
                    if case .payload(.custom(_, let data)) = message.body { received.continuation.yield(data) }
                case .closed: received.continuation.finish()
                default: break
                }
            }
            client.start()
            var echoed: [UInt8] = []
            for await octets in received.stream {
                echoed += octets
                if echoed.count == 50 { break }
            }
            #expect(echoed == (0..<50).map { UInt8($0) })
            try await client.disconnect(reason: "done").get()
            try await server.close(reason: "done").get()
        }
    }
}
