import SpatioSession
import SpatioWire
import Testing

/// Sessions from CONNECT to DISCONNECT over networks that lose, delay, repeat and reorder.
@Suite struct WholeSessionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var level: SecurityLevel
        var suite: CipherSuite
        var isStream: Bool

        var testDescription: String { "\(level.name) \(suite.name) \(isStream ? "stream" : "datagrams")" }

        /// Without security there is no suite.
        static let all = SecurityLevel.allCases.flatMap { level in
            CipherSuite.allCases.prefix(level == .none ? 1 : 2).flatMap { suite in
                [false, true].map { Case(level: level, suite: suite, isStream: $0) }
            }
        }
    }

    private static let seeds: ClosedRange<UInt64> = 1...6

    @Test("Every promised message arrives once and in order, both ways", arguments: Case.all)
    func promises(kind: Case) throws {
        for seed in Self.seeds {
            let pair = Pair(conditions: .bad, isStream: kind.isStream, seed: seed)
            pair.connect(.secured(kind.level, [kind.suite]))
            #expect(pair.run(30, until: { $0.state() == .ready && $0.opened.count == 1 }), "seed \(seed)")
            let handle = try #require(pair.opened.first, "seed \(seed)")
            for number in 0..<40 {
                try pair.clients[0].send(numbered(number), promised, at: pair.now)
                try pair.server.send(numbered(1000 + number), promised, to: handle, at: pair.now)
                pair.run(0.02)
            }
            pair.run(60, until: { $0.serverReceived.count == 40 && $0.received().count == 40 })
            #expect(pair.serverReceived.compactMap { number($0.1) } == Array(0..<40), "seed \(seed)")
            #expect(pair.received().compactMap { number($0) } == Array(1000..<1040), "seed \(seed)")
            #expect(pair.clientKeys() == pair.serverKeys, "seed \(seed)")
            pair.clients[0].disconnect(reason: "", at: pair.now)
            pair.run(60, until: { $0.server.sessionCount == 0 })
            #expect(pair.server.sessionCount == 0, "seed \(seed)")
        }
    }

    @Test("Epochs change under traffic and nothing promised is lost", arguments: Case.all.filter { $0.level != .none })
    func epochs(kind: Case) throws {
        for seed in Self.seeds {
            let pair = Pair(conditions: .bad, isStream: kind.isStream, seed: seed)
            pair.connect(.secured(kind.level, [kind.suite]))
            #expect(pair.run(30, until: { $0.state() == .ready && $0.opened.count == 1 }), "seed \(seed)")
            let handle = try #require(pair.opened.first, "seed \(seed)")
            for number in 0..<60 {
                try pair.clients[0].send(numbered(number), promised, at: pair.now)
                try pair.server.send(numbered(1000 + number), promised, to: handle, at: pair.now)
                if number % 10 == Int(seed) % 10 { pair.clients[0].rekey(at: pair.now) }
                if number % 15 == Int(seed) % 15 { pair.server.rekey(handle, at: pair.now) }
                pair.run(0.1)
            }
            pair.run(90, until: { $0.serverReceived.count == 60 && $0.received().count == 60 })
            #expect(pair.serverReceived.compactMap { number($0.1) } == Array(0..<60), "seed \(seed)")
            #expect(pair.received().compactMap { number($0) } == Array(1000..<1060), "seed \(seed)")
            #expect(pair.serverKeys.count >= 2, "seed \(seed)")
            #expect(Set(pair.clientKeys()).symmetricDifference(pair.serverKeys).count <= 1, "seed \(seed)")
        }
    }

    @Test("Many clients at a time, each with its own session") func crowd() throws {
        let pair = Pair(conditions: .bad, seed: 3)
        for number in 0..<40 { pair.connect(.secured(SecurityLevel.allCases[number % 3])) }
        #expect(pair.run(30, until: { $0.opened.count == 40 && $0.clients.allSatisfy { $0.state == .ready } }))
        for index in pair.clients.indices {
            try pair.clients[index].send(numbered(index), promised, at: pair.now)
        }
        for (index, handle) in pair.opened.enumerated() {
            try pair.server.send(numbered(index), promised, to: handle, at: pair.now)
        }
        pair.run(30)
        #expect(pair.serverReceived.compactMap { number($0.1) }.sorted() == Array(0..<40))
        #expect((0..<40).allSatisfy { pair.received($0).count == 1 })
        #expect(Set(pair.opened.compactMap { pair.server.summary(of: $0)?.sessionID }).count == 40)
    }

    @Test("An observer sees what passes in other sessions, as it was", arguments: SecurityLevel.allCases)
    func mirror(level: SecurityLevel) throws {
        var server = ServerConfiguration.plain
        server.reportsTraffic = true
        server.tokens = [TokenGrant(name: "alice", secret: [1, 2, 3])]
        let pair = Pair(server)
        var alice = ClientConfiguration.secured(level)
        alice.credentials = .token([1, 2, 3])
        pair.connect(alice)
        pair.run(3)
        var watching = ClientConfiguration.secured(level)
        watching.role = .observer
        pair.connect(watching)
        pair.run(3)
        #expect(pair.opened.count == 2)
        let observer = pair.opened[1]
        let participant = try #require(pair.server.summary(of: pair.opened[0])).sessionID
        try pair.clients[0].send(numbered(5), promised, at: pair.now)
        pair.run(2)
        let passed = pair.serverEvents.compactMap { event in
            if case .passed(let handle, let message, let direction) = event {
                (handle: handle, message: message, direction: direction)
            } else {
                nil
            }
        }
        #expect(passed.allSatisfy { $0.handle == pair.opened[0] })
        let types = passed.map(\.message.header.type)
        #expect(types.contains(.connect) && types.contains(.connectAck) && types.contains(.ping))
        for case .payload(.connect(let connect)) in passed.map(\.message.body) { #expect(connect.auth == nil) }
        for (_, message, direction) in passed {
            var mirrored = message
            let origin = Origin(sessionID: participant, direction: direction, seen: pair.now.wall)
            mirrored.extensions.append(ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded()))
            mirrored.header.flags.insert(.extensions)
            pair.server.forward(mirrored, to: observer, at: pair.now)
        }
        pair.run(2)
        let seen = pair.received(1)
        #expect(seen.count == passed.count)
        #expect(seen.map(\.header.sequence) == passed.map(\.message.header.sequence))
        #expect(seen.compactMap { number($0) } == [5])
    }
}
