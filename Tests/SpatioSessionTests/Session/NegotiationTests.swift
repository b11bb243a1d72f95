import SpatioSession
import SpatioWire
import Testing

@Suite struct NegotiationTests {
    private func session(_ server: ServerConfiguration, _ client: ClientConfiguration) -> Pair {
        let pair = Pair(server)
        pair.connect(client)
        pair.run(3)
        return pair
    }

    @Test("The session has the lower size, the common capabilities and the client's compression")
    func agreed() throws {
        var server = ServerConfiguration.plain
        server.capabilities = [.lz4, .spatialQuery, .relay]
        server.maximumMessageSize = 10_000
        var client = ClientConfiguration.plain
        client.capabilities = [.lz4, .spatialQuery, .stateSync]
        client.compression = .lz4
        let config = try #require(session(server, client).clients[0].session).config
        #expect(config.capabilities == [.lz4, .spatialQuery])
        #expect(config.maxMessageSize == 10_000)
        #expect(config.compression == .lz4)
        #expect(config.version == 1)
    }

    @Test("A compression that the server has not becomes NONE") func compression() {
        var server = ServerConfiguration.plain
        server.capabilities = [.lz4]
        var client = ClientConfiguration.plain
        client.compression = .zstd
        #expect(session(server, client).clients[0].session?.config.compression == Compression.none)
    }

    @Test("The higher level of security counts", arguments: SecurityLevel.allCases, SecurityLevel.allCases)
    func security(server: SecurityLevel, client: SecurityLevel) {
        let pair = session(.secured(server), .secured(client))
        #expect(pair.state() == .ready)
        #expect(
            pair.clients[0].session?.config.securityLevel.rawValue == max(server.rawValue, client.rawValue))
    }

    struct Misfit: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: ErrorCode
        var server: @Sendable (inout ServerConfiguration) -> Void = { _ in }
        var client: @Sendable (inout ClientConfiguration) -> Void = { _ in }
    }

    static let misfits: [Misfit] = [
        Misfit(testDescription: "tiny messages", code: .protocolError, client: { $0.maximumMessageSize = 10 }),
        Misfit(
            testDescription: "SIGN demanded of who cannot", code: .unauthorized, server: { $0.securityLevel = .sign },
            client: { $0.capabilities = [] }),
        Misfit(
            testDescription: "ENCRYPT asked of who cannot", code: .encryptionError, server: { $0.capabilities = [] },
            client: { $0.securityLevel = .encrypt }),
        Misfit(
            testDescription: "no observers", code: .unauthorized, server: { $0.capabilities.remove(.observer) },
            client: { $0.role = .observer }),
        Misfit(
            testDescription: "no observers under ENCRYPT", code: .unauthorized,
            server: { $0.refusesSealedObservers = true },
            client: {
                $0.role = .observer
                $0.securityLevel = .encrypt
            }),
        Misfit(
            testDescription: "no relays", code: .unauthorized, server: { $0.capabilities.remove(.relay) },
            client: { $0.role = .relay }),
        Misfit(testDescription: "a server as client", code: .protocolError, client: { $0.role = .server }),
    ]

    @Test("What does not fit is refused with its code, and nothing is kept", arguments: misfits)
    func refused(misfit: Misfit) {
        var server = ServerConfiguration.plain
        var client = ClientConfiguration.plain
        misfit.server(&server)
        misfit.client(&client)
        let pair = session(server, client)
        #expect(pair.closing()?.code == misfit.code)
        #expect(pair.closing()?.byPeer == true)
        #expect(pair.closing()?.reason.isEmpty == false)
        #expect(pair.asked.isEmpty)
        pair.run(10)
        #expect(pair.server.sessionCount == 0)
    }

    @Test("Version 0 is a VERSION_MISMATCH") func version() throws {
        let pair = Pair()
        pair.tamper = { way, octets in
            guard case .toServer = way else { return octets }
            return pair.messages(octets).flatMap { message in
                guard case .payload(.connect(var connect)) = message.body else { return message.encoded() }
                connect.config.version = 0
                var changed = message
                changed.body = .payload(.connect(connect))
                return changed.encoded()
            }
        }
        pair.connect()
        pair.run(3)
        #expect(pair.closing()?.code == .versionMismatch)
    }

    @Test("The application refuses with a code and reason of its own") func application() {
        let pair = Pair()
        pair.decide = { _ in .failure(Refusal(.outOfBounds, "no such space")) }
        pair.connect()
        pair.run(3)
        #expect(pair.closing() == Closing(Refusal(.outOfBounds, "no such space"), byPeer: true))
        #expect(pair.opened.isEmpty)
        #expect(pair.serverClosings.count == 1)
    }

    @Test("An observer and a relay say that they are") func roles() {
        for role in [PeerRole.observer, .relay] {
            var client = ClientConfiguration.plain
            client.role = role
            let pair = session(.plain, client)
            #expect(pair.state() == .ready)
            #expect(pair.asked.map(\.connect.role) == [role])
        }
    }
}
