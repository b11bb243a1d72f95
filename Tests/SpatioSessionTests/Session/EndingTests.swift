import SpatioSession
import SpatioWire
import Testing

@Suite struct EndingTests {
    private func ready(
        _ level: SecurityLevel = .none, conditions: Conditions = .good, isStream: Bool = false
    ) -> Pair {
        let pair = Pair(conditions: conditions, isStream: isStream)
        pair.connect(.secured(level))
        pair.run(20, until: { $0.state() == .ready && $0.opened.count == 1 })
        return pair
    }

    @Test("A client that leaves is gone at once", arguments: SecurityLevel.allCases, [false, true])
    func clientLeaves(level: SecurityLevel, isStream: Bool) {
        let pair = ready(level, isStream: isStream)
        pair.clients[0].disconnect(reason: "good bye", at: pair.now)
        pair.run(1)
        #expect(pair.closing()?.byPeer == false)
        #expect(pair.serverClosings == [Closing(Refusal(.success, "good bye"), byPeer: true)])
        #expect(pair.server.sessionCount == 0)
        #expect(pair.clients[0].state == .closed)
        #expect(throws: SessionError.closed) { try pair.clients[0].send(numbered(1), promised, at: pair.now) }
    }

    @Test("The server ends one session and says why", arguments: SecurityLevel.allCases, [false, true])
    func serverEnds(level: SecurityLevel, isStream: Bool) {
        let pair = ready(level, isStream: isStream)
        pair.server.disconnect(pair.opened[0], Refusal(.bandwidthExceeded, "too much"), at: pair.now)
        pair.run(1)
        #expect(pair.closing() == Closing(Refusal(.bandwidthExceeded, "too much"), byPeer: true))
        #expect(pair.serverClosings.map(\.byPeer) == [false])
        #expect(pair.server.sessionCount == 0)
        #expect(pair.serverEvents.contains(.finished(pair.address(0))) == isStream)
    }

    @Test("A server that closes tells every client and takes nobody any more") func serverCloses() {
        let pair = Pair()
        for level in SecurityLevel.allCases { pair.connect(.secured(level)) }
        pair.run(3)
        pair.server.close(reason: "maintenance", at: pair.now)
        pair.run(1)
        #expect((0..<3).allSatisfy { pair.closing($0)?.reason == "maintenance" })
        #expect(pair.server.sessionCount == 0)
        pair.connect()
        pair.run(40)
        #expect(pair.closing(3)?.code == .timeout)
    }

    @Test("A lost DISCONNECT is said again to who goes on talking", arguments: [false, true])
    func lostGoodbye(byServer: Bool) throws {
        let pair = ready(.encrypt)
        pair.tamper = { _, _ in nil }
        if byServer {
            pair.server.disconnect(pair.opened[0], Refusal(.success, "bye"), at: pair.now)
        } else {
            pair.clients[0].disconnect(reason: "bye", at: pair.now)
        }
        pair.run(0.2)
        pair.tamper = { $1 }
        if byServer {
            try pair.clients[0].send(numbered(1), promised, at: pair.now)
        } else {
            try pair.server.send(numbered(1), promised, to: pair.opened[0], at: pair.now)
        }
        pair.run(2)
        #expect(pair.closing()?.reason == "bye")
        #expect(pair.serverClosings.map(\.reason) == ["bye"])
    }

    @Test("Two silent ends keep each other alive") func keepAlive() {
        let pair = ready(.encrypt)
        pair.run(300)
        #expect(pair.state() == .ready)
        #expect(pair.server.sessionCount == 1)
    }

    @Test("An end that is heard no more is dead after 45 s", arguments: [false, true])
    func dead(isStream: Bool) {
        let pair = ready(isStream: isStream)
        let start = pair.now.monotonic
        pair.tamper = { _, _ in nil }
        pair.run(60, until: { $0.state() == .closed && $0.serverClosings.count == 1 })
        #expect(pair.closing()?.code == .timeout)
        #expect(pair.serverClosings.map(\.code) == [.timeout])
        #expect((40_000_000_000...46_000_000_000).contains(pair.now.monotonic - start))
        pair.run(10)
        #expect(pair.server.sessionCount == 0)
    }

    @Test("A connection that ends under its session ends it") func connectionEnds() {
        let pair = ready(isStream: true)
        pair.server.connectionClosed(pair.address(0), at: pair.now)
        pair.clients[0].connectionClosed(at: pair.now)
        pair.pump()
        #expect(pair.serverClosings.map(\.code) == [.connectionFailed])
        #expect(pair.closing()?.code == .connectionFailed)
        #expect(pair.server.sessionCount == 0)
    }
}
