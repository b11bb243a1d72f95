import SpatioSession
import SpatioWire
import Testing

/// Nothing that anybody sends may do more than be refused.
@Suite struct SessionFuzzTests {
    private static let levels = SecurityLevel.allCases

    /// The datagrams of a whole good session, from which those are made that are not good.
    private func recorded(_ level: SecurityLevel, isStream: Bool = false) -> [(way: Network.Way, octets: [UInt8])] {
        let pair = Pair(isStream: isStream)
        pair.connect(.secured(level))
        pair.run(2)
        try? pair.clients[0].send(numbered(1), promised, at: pair.now)
        pair.clients[0].rekey(at: pair.now)
        pair.run(2)
        pair.clients[0].disconnect(reason: "", at: pair.now)
        pair.run(1)
        return pair.sent
    }

    private func mutated(_ octets: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var changed = octets
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !changed.isEmpty {
            let place = Int.random(in: 0..<changed.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: changed[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 2: changed.removeSubrange(place...)
            case 3: changed.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            default: changed += octets
            }
        }
        return repaired(changed)
    }

    /// Checksums are put right, so that what is wrong is found by what lies behind them.
    private func repaired(_ octets: [UInt8]) -> [UInt8] {
        octets.withUnsafeBytes { octets in
            guard let messages = try? Message.decodeDatagram(octets) else {
                guard let envelope = try? Envelope.decode(octets), let place = envelope.checksumOffset else {
                    return Array(octets)
                }
                let checksum = crc32c(UnsafeRawBufferPointer(rebasing: octets[..<place]))
                var right = Array(octets)
                for index in 0..<4 { right[place + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * index)) }
                return right
            }
            return messages.flatMap { $0.encoded() }
        }
    }

    @Test("Random octets change nothing", arguments: levels) func random(level: SecurityLevel) throws {
        var generator = SeededGenerator(state: 7)
        let pair = Pair()
        pair.connect(.secured(level))
        for round in 0..<400 {
            let noise = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            pair.inject(noise, .toServer(client: 0))
            pair.inject(noise, .toClient(0))
            if round % 4 == 0 { pair.run(0.02) }
        }
        pair.run(2)
        #expect(pair.state() == .ready)
        #expect(pair.opened.count == 1)
        #expect(!pair.serverDropped.isEmpty && !pair.dropped().isEmpty)
    }

    @Test(
        "Changed copies of every datagram, in every state of the handshake, crash nothing and keep nothing",
        arguments: levels)
    func changedCopies(level: SecurityLevel) {
        let good = recorded(level)
        for seed in 0..<UInt64(60) {
            var generator = SeededGenerator(state: seed)
            let pair = Pair(conditions: .good, seed: seed)
            pair.connect(.secured(level))
            for _ in 0..<40 {
                guard let sample = good.randomElement(using: &generator) else { return }
                pair.inject(mutated(sample.octets, &generator), sample.way)
                if generator.next() % 3 == 0 { pair.run(0.01) }
            }
            pair.run(100)
            #expect(pair.server.sessionCount <= 1)
            #expect(pair.serverReceived.count <= 40 && pair.received().count <= 40)
        }
    }

    @Test("In a protected session changed copies do nothing at all", arguments: [SecurityLevel.sign, .encrypt])
    func protected(level: SecurityLevel) throws {
        for seed in 0..<UInt64(30) {
            var generator = SeededGenerator(state: seed)
            let pair = Pair(seed: seed)
            pair.connect(.secured(level))
            pair.run(2)
            #expect(pair.state() == .ready)
            for number in 0..<10 {
                try pair.clients[0].send(numbered(number), promised, at: pair.now)
                try pair.server.send(numbered(number), promised, to: pair.opened[0], at: pair.now)
                pair.pump()
                let recent = pair.sent.suffix(6)
                for _ in 0..<10 {
                    guard let sample = recent.randomElement(using: &generator) else { return }
                    pair.inject(mutated(sample.octets, &generator), sample.way)
                }
                pair.run(0.2)
            }
            pair.run(5)
            #expect(pair.state() == .ready)
            #expect(pair.serverReceived.compactMap { number($0.1) } == Array(0..<10))
            #expect(pair.received().compactMap { number($0) } == Array(0..<10))
        }
    }

    @Test("Valid messages in states that they do not belong to are refused with a reason", arguments: levels)
    func wrongState(level: SecurityLevel) {
        let payloads: [Payload] = [
            .authRequest(AuthRequest(method: .token, credentials: [1], timestamp: 0)),
            .authResponse(AuthResponse(code: .success, token: [], expires: 0, reason: "")),
            .keyExchange(KeyExchange(epoch: 3, cipherSuites: [1], publicKey: KeyAgreement().publicKey)),
            .challenge(Challenge(challengeID: 1, nonce: [1])),
            .challengeResponse(ChallengeResponse(challengeID: 1, proof: [1])), numbered(1),
            .connectAck(
                ConnectAck(
                    code: .success, sessionID: .zero, serverID: .zero, config: ConnectionConfig(capabilities: []),
                    flow: .standard)),
        ]
        for (index, payload) in payloads.enumerated() {
            let pair = Pair()
            pair.connect(.secured(level))
            pair.run(2)
            let message = Message(
                header: MessageHeader(
                    type: payload.type ?? .custom, streamID: 0, sequence: 700 + UInt32(index), timestamp: 0),
                body: .payload(payload))
            pair.inject(message.encoded(), .toServer(client: 0))
            pair.inject(message.encoded(), .toClient(0))
            pair.run(2)
            #expect(pair.state() == .ready)
            #expect(pair.server.sessionCount == 1)
        }
    }

    @Test("A stream of noise ends its connection only") func noisyStream() throws {
        var generator = SeededGenerator(state: 5)
        let pair = Pair(isStream: true)
        pair.connect()
        let noisy = pair.connect()
        pair.run(2)
        for _ in 0..<50 {
            pair.inject((0..<100).map { _ in UInt8.random(in: 0...255, using: &generator) }, .toServer(client: noisy))
        }
        pair.run(10)
        #expect(pair.state() == .ready)
        #expect(pair.server.sessionCount == 1)
        #expect(pair.serverEvents.contains(.finished(pair.address(noisy))))
    }

    @Test("Noise on streams in every state crashes nothing and keeps nothing", arguments: levels)
    func changedStreams(level: SecurityLevel) {
        let good = recorded(level, isStream: true)
        for seed in 0..<UInt64(40) {
            var generator = SeededGenerator(state: seed)
            let pair = Pair(isStream: true, seed: seed)
            pair.connect(.secured(level))
            for _ in 0..<10 {
                guard let sample = good.randomElement(using: &generator) else { return }
                pair.inject(mutated(sample.octets, &generator), sample.way)
                pair.run(0.02)
            }
            pair.run(100)
            #expect(pair.server.sessionCount <= 1)
        }
    }
}
