@testable import SpatioSession
import SpatioWire
import Testing

/// What is promised of messages, whatever the path does.
@Suite struct ChannelDeliveryTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var seed: UInt64
        var protection: Protection
        var first: UInt32 = 0
        var suite = CipherSuite.chaCha20Poly1305
        var isStream = false
        var testDescription: String { "seed \(seed), \(protection), from \(first), stream \(isStream)" }
    }

    static let cases: [Case] =
        (1...4).map { Case(seed: $0, protection: .none) }
        + (5...6).map { Case(seed: $0, protection: .sign) }
        + [
            Case(seed: 7, protection: .encrypt), Case(seed: 8, protection: .encrypt, suite: .aes256GCM),
            Case(seed: 9, protection: .none, first: .max - 40), Case(seed: 10, protection: .encrypt, first: .max - 100),
            Case(seed: 11, protection: .none, isStream: true), Case(seed: 12, protection: .sign, isStream: true),
            Case(seed: 13, protection: .encrypt, first: .max - 30, isStream: true),
        ]

    @Test("Every RELIABLE message arrives once, and in order where ORDERED; any other at most once", arguments: cases)
    func promises(_ which: Case) throws {
        var pair = ChannelPair(
            isStream: which.isStream, path: .poor, seed: which.seed, startingAt: which.first
        ) {
            $0.compression = .zstd
        }
        if which.protection != .none { pair.install(epoch: 0, which.protection, suite: which.suite) }
        var generator = SeededGenerator(state: which.seed)
        let count = 120
        for number in 0..<count {
            for side in [ChannelPair.Side.client, .server] {
                try pair.send(Numbered.payload(number), Delivery(stream: 1), from: side)
                try pair.send(Numbered.payload(number), Delivery(stream: 2, reliable: true, ordered: true), from: side)
                try pair.send(Numbered.payload(number), Delivery(stream: 3, reliable: true), from: side)
                try pair.send(Numbered.payload(number), Delivery(stream: 4, ordered: true), from: side)
                if number % 30 == 7 {
                    let size = Int.random(in: 2000...20_000, using: &generator)
                    try pair.send(
                        Numbered.payload(number, size: size),
                        Delivery(stream: 5, reliable: true, ordered: true, compresses: number == 37), from: side)
                }
            }
            if number == count / 2, which.protection != .none {
                pair.install(epoch: 1, which.protection, suite: which.suite)
            }
            pair.run(for: Int64.random(in: 0...40 * millisecond, using: &generator))
        }
        pair.run(for: 60 * second)
        for events in [pair.clientEvents, pair.serverEvents] {
            #expect(events.death == nil)
            #expect(events.numbers(on: 2) == Array(0..<count))
            #expect(events.numbers(on: 3).sorted() == Array(0..<count))
            #expect(events.numbers(on: 5) == [7, 37, 67, 97])
            let plain = events.numbers(on: 1)
            #expect(Set(plain).count == plain.count)
            #expect(plain.count > count / 2)
            let ordered = events.numbers(on: 4)
            #expect(ordered == ordered.sorted() && Set(ordered).count == ordered.count)
            #expect(ordered.count > count / 4)
            #expect(events.refusals.isEmpty)
        }
        for channel in [pair.client, pair.server] {
            #expect(channel.windowUsed == 0)
            #expect(channel.queuedOctets == 0)
            #expect(channel.heldMessages == 0 && channel.heldOctets == 0)
            #expect(channel.assembler.pendingOctets == 0)
            #expect(which.isStream ? channel.counters.messagesRepeated == 0 : channel.counters.messagesRepeated > 0)
        }
    }

    @Test("On a mixed stream RELIABLE ORDERED messages arrive once, and nothing waits for long", arguments: 1...4)
    func mixed(seed: UInt64) throws {
        var pair = ChannelPair(path: .poor, seed: seed)
        for number in 0..<100 {
            try pair.send(Numbered.payload(number), Delivery(stream: 1, reliable: number % 5 == 0, ordered: true))
            pair.run(for: 50 * millisecond)
        }
        pair.run(for: 20 * second)
        let numbers = pair.serverEvents.numbers(on: 1)
        #expect(numbers.filter { $0 % 5 == 0 }.sorted() == Array(stride(from: 0, to: 100, by: 5)))
        #expect(Set(numbers).count == numbers.count)
        let lateOnes = zip(numbers, numbers.dropFirst()).filter { $0 > $1 }.count
        #expect(lateOnes <= pair.server.counters.late)
        #expect(pair.server.heldMessages == 0)
    }

    @Test("Unreliable ORDERED messages wait for nothing: an older one is dropped") func newestWins() throws {
        var pair = ChannelPair(path: ChannelPair.Path(latency: 20 * millisecond, jitter: 60 * millisecond), seed: 3)
        for number in 0..<200 {
            try pair.send(Numbered.payload(number), Delivery(stream: 4, ordered: true))
            pair.run(for: 5 * millisecond)
        }
        pair.run(for: second)
        let numbers = pair.serverEvents.numbers(on: 4)
        #expect(numbers == numbers.sorted())
        #expect(pair.server.counters.overtaken > 0)
        #expect(numbers.count + pair.server.counters.overtaken == 200)
    }

    @Test(
        "A message is repeated after 1, 3, 7, 15... s, with the same octets but for RETRANSMIT and the checksum, then given up"
    )
    func repeats() throws {
        for protection in [Protection.none, .sign, .encrypt] {
            var pair = ChannelPair()
            pair.keepsSent = true
            if protection != .none { pair.install(epoch: 0, protection) }
            pair.passes = { side, octets in
                side == .server || octets.withUnsafeBytes { MessageHeader.peek($0)?.streamID } != 9
            }
            try pair.send(Numbered.payload(1), Delivery(stream: 9, reliable: true))
            pair.run(for: 200 * second)
            let copies = pair.sent.filter {
                $0.from == .client && $0.octets.withUnsafeBytes { MessageHeader.peek($0)?.streamID } == 9
            }
            #expect(copies.count == 7)
            let gaps = zip(copies, copies.dropFirst()).map { ($1.at - $0.at + second / 4) / second }
            #expect(gaps == [1, 2, 4, 8, 16, 32])
            let first = try #require(copies.first).octets.withUnsafeBytes { try SpatioWire.Message.decode($0) }
            for copy in copies.dropFirst() {
                var again = try copy.octets.withUnsafeBytes { try SpatioWire.Message.decode($0) }.message
                #expect(again.header.flags.contains(.retransmit))
                again.header.flags.remove(.retransmit)
                #expect(again == first.message)
            }
            #expect(pair.clientEvents.death == .timeout)
            // The other end was told.
            let farewell = try #require(pair.serverEvents.messages.last)
            guard case .payload(.disconnect(let disconnect)) = farewell.body else {
                Issue.record("\(farewell)")
                return
            }
            #expect(disconnect.code == .timeout)
        }
    }

    @Test("Messages come as they were sent: address, extensions, group, type, time; a large one says how it was cut")
    func content() throws {
        var pair = ChannelPair { $0.compression = .lz4 }
        let space = UUID(high: 1, low: 2)
        let address = SpatialAddress(
            spaceID: space, coordinateSystem: .cartesian(nil), position: Vector3(1, 2, 3), orientation: nil,
            precision: 0.1, confidence: 1, timestamp: 5, referenceFrame: nil)
        let delivery = Delivery(
            stream: 1, reliable: true, ordered: true, priority: .critical, address: address,
            extensions: [ExtensionHeader(extensionID: 9, data: [1, 2])],
            multicast: MulticastForm(groupID: space, routing: .flood))
        try pair.send(Numbered.payload(1), delivery)
        try pair.send(Numbered.payload(2, size: 5000), delivery)
        var compressing = delivery
        compressing.compresses = true
        try pair.send(.custom(type: 7, data: [UInt8](repeating: 65, count: 9000)), compressing)
        try pair.send(.custom(type: 7, data: [UInt8](repeating: 65, count: 900_000)), compressing)
        pair.run(for: second)
        let messages = pair.serverEvents.messages
        #expect(messages.count == 4)
        for message in messages {
            #expect(message.address == address)
            #expect(message.extensions == delivery.extensions)
            #expect(message.multicast == delivery.multicast)
            #expect(message.header.flags.priority == .critical)
            #expect(message.header.flags.isSuperset(of: [.reliable, .ordered]))
            #expect(message.header.timestamp == 1_793_000_000_000_000)
        }
        #expect(messages.map(\.header.sequence) == [0, 1, 6, 7])
        #expect(messages[0].data == nil)
        #expect(messages[1].data?.compression == Compression.none)
        #expect(messages[1].data?.totalSize == 5002)
        #expect(messages[2].data?.compression == .lz4)
        #expect(messages[2].body == .payload(.custom(type: 7, data: [UInt8](repeating: 65, count: 9000))))
        #expect(messages[3].body == .payload(.custom(type: 7, data: [UInt8](repeating: 65, count: 900_000))))
    }

    @Test("Small messages share datagrams, none over the size that was set") func batching() throws {
        var pair = ChannelPair { $0.datagramSize = 1000 }
        pair.keepsSent = true
        for number in 0..<100 { try pair.send(Numbered.payload(number), Delivery(stream: 1)) }
        for number in 100..<110 { try pair.send(Numbered.payload(number, size: 3000), Delivery(stream: 2)) }
        pair.run(for: 10 * millisecond)
        #expect(pair.sent.allSatisfy { $0.octets.count <= 1000 })
        #expect(pair.sent.count < 50)
        let messages = try pair.sent.map { try $0.octets.withUnsafeBytes { try SpatioWire.Message.decodeDatagram($0) } }
        #expect(messages.joined().count == 100 + 10 * 4)
    }

    @Test("What cannot be sent is refused, and says why") func sendErrors() throws {
        var pair = ChannelPair()
        #expect(throws: SendError.tooLarge) {
            try pair.send(Numbered.payload(1, size: WireLimits.defaultMessageSize), Delivery(stream: 1))
        }
        let crowded = Delivery(
            stream: 1, extensions: [ExtensionHeader(extensionID: 9, data: .init(repeating: 0, count: 1180))])
        #expect(throws: SendError.tooLarge) { try pair.send(Numbered.payload(1), crowded) }
        for stream in 0..<UInt32(Channel.outgoingStreamLimit) {
            try pair.send(Numbered.payload(1), Delivery(stream: stream))
        }
        #expect(throws: SendError.tooManyStreams) { try pair.send(Numbered.payload(1), Delivery(stream: 4000)) }
        #expect(throws: SendError.queueFull) {
            for _ in 0..<10 { try pair.send(Numbered.payload(1, size: 1_000_000), Delivery(stream: 1)) }
        }
        pair.client.close(nil, at: pair.moment)
        #expect(throws: SendError.closed) { try pair.send(Numbered.payload(1), Delivery(stream: 1)) }
        #expect(pair.server.counters.messagesReceived == 0)
    }

    @Test("Closing lets out what is queued, then the DISCONNECT, and then nothing") func closing() throws {
        var pair = ChannelPair()
        try pair.send(Numbered.payload(1), Delivery(stream: 1))
        pair.client.close(Disconnect(category: .none, code: .success, reason: "done"), at: pair.moment)
        pair.run(for: 100 * second)
        #expect(pair.serverEvents.numbers(on: 1) == [1])
        #expect(pair.serverEvents.messages.count == 2)
        #expect(pair.client.deadline == nil)
        #expect(pair.clientEvents.isEmpty)
    }

    @Test("After a challenge, the first message follows the answer in one datagram") func repeatAtOnce() throws {
        var pair = ChannelPair()
        pair.keepsSent = true
        pair.passes = { _, _ in false }
        try pair.send(Numbered.payload(1), Delivery(reliable: true))
        pair.run(for: 50 * millisecond)
        try pair.send(.challengeResponse(ChallengeResponse(challengeID: 1, proof: [1, 2, 3])), Delivery())
        pair.client.repeatUnacknowledged(at: pair.moment)
        pair.run(for: millisecond)
        let last = try #require(pair.sent.last)
        let messages = try last.octets.withUnsafeBytes { try SpatioWire.Message.decodeDatagram($0) }
        #expect(messages.prefix(2).map(\.header.type) == [.challengeResponse, .custom])
        #expect(messages[1].header.flags.contains(.retransmit))
        #expect(messages[1].header.sequence == 0)
    }

    @Test("A sequence that was used elsewhere is left out") func takenSequence() throws {
        var pair = ChannelPair()
        #expect(pair.client.takeSequence(on: 0) == 0)
        try pair.send(Numbered.payload(1), Delivery(reliable: true))
        pair.run(for: second)
        #expect(pair.serverEvents.messages.first?.header.sequence == 1)
        #expect(pair.client.windowUsed == 0)
    }
}
