import NIOCore
import NIOPosix
import SpatioSession
import SpatioWire
import Synchronization
import Testing

@testable import SpatioNetwork

/// A client that comes back.
@Suite struct PersistentClientTests {
    /// Short, so that nobody waits for the real ones.
    private static let patience = PersistentClient.Patience(
        inquiry: 300_000_000, silence: 3_000_000_000, abandonment: 5_000_000_000)

    private final class Reports: Sendable {
        private let stream = AsyncStream<String>.makeStream()

        func add(_ report: PersistentClient.Report) {
            let word: String? =
                switch report {
                case .event(.ready): "ready"
                case .event(.closed(let closing)): "closed \(closing.code)"
                case .silent: "silent"
                case .heard: "heard"
                case .unreachable: "unreachable"
                case .waiting: "waiting"
                case .finished: "finished"
                default: nil
                }
            if let word { stream.continuation.yield(word) }
        }

        /// The reports up to one, and with it.
        func take(until last: String) async -> [String] {
            var words: [String] = []
            for await word in stream.stream {
                words.append(word)
                if word == last { break }
            }
            return words
        }
    }

    private func join(_ address: SocketAddress, host: String = "127.0.0.1", _ reports: Reports) -> PersistentClient {
        PersistentClient(
            ClientKeeper.Plan(
                host: host, port: UInt16(address.port ?? 0), transport: .udp, patience: Self.patience,
                configuration: {
                    ClientConfiguration(clientID: UUID(high: 3, low: 4), name: "watcher", role: .observer)
                },
                traffic: nil, handler: { report, _, _ in reports.add(report) }),
            on: MultiThreadedEventLoopGroup.singleton.next())
    }

    @Test func `a server that has nothing to say is not silent, for it answers`() async throws {
        let (server, address) = try await NetworkTests.echo(try NetworkTests.address(.udp, isIPv6: false), .udp)
        let reports = Reports()
        let client = join(address, reports)
        client.start()
        #expect(await reports.take(until: "ready") == ["ready"])
        // Longer than a silence would be.
        try await Task.sleep(nanoseconds: UInt64(Self.patience.silence + 1_000_000_000))
        try await client.stop(reason: "done").get()
        let rest = await reports.take(until: "closed SUCCESS")
        #expect(rest == ["closed SUCCESS"])
        try await server.close(reason: "done").get()
    }

    @Test func `a server that was started anew is joined again, though it never said good-bye`() async throws {
        let (server, address) = try await NetworkTests.echo(try NetworkTests.address(.udp, isIPv6: false), .udp)
        let reports = Reports()
        let client = join(address, reports)
        client.start()
        #expect(await reports.take(until: "ready") == ["ready"])
        server.perform { machine, now in machine = NetworkTests.machine(at: now) }
        #expect(await reports.take(until: "ready") == ["silent", "closed TIMEOUT", "waiting", "ready"])
        try await client.stop(reason: "done").get()
        try await server.close(reason: "done").get()
    }

    @Test func `each address of a name is tried before anything is waited for`() async throws {
        let addresses = try HostAddresses.resolve("localhost", port: 7)
        #expect(addresses.contains(try SocketAddress(ipAddress: "127.0.0.1", port: 7)))
        #expect(Set(addresses.map(\.description)).count == addresses.count)
        #expect(throws: HostAddresses.Failure.self) { try HostAddresses.resolve("no.such.host.invalid", port: 7) }
    }
}
