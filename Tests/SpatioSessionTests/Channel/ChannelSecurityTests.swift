@testable import SpatioSession
import SpatioWire
import Testing

/// Epochs, and what comes from somebody else than the other end.
@Suite struct ChannelSecurityTests {
    private static func keys(_ epoch: UInt16) -> SessionKeys {
        SessionKeys(secret: (0..<32).map { UInt8($0) ^ UInt8(truncatingIfNeeded: epoch) }, suite: .aes256GCM)
    }

    /// Everything of a channel that a message from outside could change, but its counters and events.
    private func state(_ channel: Channel) -> String {
        let streams = channel.incoming.map { "\($0.key): \($0.value)" }.sorted()
        let outgoing = channel.outgoing.map { "\($0.key): \($0.value)" }.sorted()
        return "\(streams) \(outgoing) \(channel.windowUsed) \(channel.heldMessages) \(channel.heardAt) "
            + "\(channel.peerFlow) \(channel.roundTrip) \(channel.pendingPings) \(channel.assembler.pendingSegments) "
            + "\(channel.isClosed) \(channel.queuedOctets)"
    }

    /// What a client says when it is asked to send these payloads.
    private func datagrams(
        isStream: Bool = false, protection: Protection = .none, _ sends: [(Payload, Delivery)]
    ) throws -> [[UInt8]] {
        var options = ChannelOptions(direction: .client, isStream: isStream)
        options.compression = .lz4
        var client = Channel(options, at: ChannelPair.moment(0))
        if protection != .none { client.install(Self.keys(0), epoch: 0, protection: protection) }
        for (payload, delivery) in sends { try client.send(payload, delivery, at: ChannelPair.moment(0)) }
        var datagrams: [[UInt8]] = []
        while let octets = client.nextTransmission(at: ChannelPair.moment(0)) { datagrams.append(octets) }
        return datagrams
    }

    private func server(isStream: Bool = false, protection: Protection = .none) -> Channel {
        var server = Channel(ChannelOptions(direction: .server, isStream: isStream), at: ChannelPair.moment(0))
        if protection != .none { server.install(Self.keys(0), epoch: 0, protection: protection) }
        return server
    }

    private func receive(_ octets: [UInt8], _ channel: inout Channel, at now: Int64 = 1) -> [ChannelEvent] {
        octets.withUnsafeBytes { channel.receive($0, at: ChannelPair.moment(now)) }
        var events: [ChannelEvent] = []
        while let event = channel.nextEvent() { events.append(event) }
        return events
    }

    private let sends: [(Payload, Delivery)] = [
        (Numbered.payload(1), Delivery(stream: 1, reliable: true)),
        (Numbered.payload(2), Delivery(stream: 2, ordered: true)),
        (Numbered.payload(3, size: 3000), Delivery(stream: 3, reliable: true, ordered: true)),
        (Numbered.payload(4, size: 3000), Delivery(stream: 3, reliable: true, compresses: true)),
    ]

    @Test("What was sent under an epoch is read under it, under the next, and no longer") func epochs() throws {
        var pair = ChannelPair()
        pair.client.install(Self.keys(0), epoch: 0, protection: .encrypt)
        pair.server.install(Self.keys(0), epoch: 0, protection: .encrypt)
        try pair.send(Numbered.payload(1), Delivery(stream: 1))
        pair.run(for: second)
        pair.server.install(Self.keys(1), epoch: 1, protection: .encrypt)
        try pair.send(Numbered.payload(2), Delivery(stream: 1))
        // The client does not know the new keys yet, but is prepared.
        pair.client.prepareReceiving(Self.keys(1), epoch: 1, protection: .encrypt)
        try pair.send(Numbered.payload(3), Delivery(stream: 1), from: .server)
        pair.run(for: second)
        #expect(pair.serverEvents.numbers(on: 1) == [1, 2])
        #expect(pair.clientEvents.numbers(on: 1) == [3])
        pair.server.install(Self.keys(2), epoch: 2, protection: .encrypt)
        try pair.send(Numbered.payload(4), Delivery(stream: 1))
        pair.run(for: second)
        #expect(pair.serverEvents.numbers(on: 1) == [1, 2])
        #expect(pair.serverEvents.refusals.last?.code == .encryptionError)
        pair.client.install(Self.keys(2), epoch: 2, protection: .encrypt)
        try pair.send(Numbered.payload(5), Delivery(stream: 1))
        pair.run(for: second)
        #expect(pair.serverEvents.numbers(on: 1) == [1, 2, 5])
        #expect(pair.client.epoch == 2)
    }

    @Test("Each message goes out under the protection that was installed when it was sent") func orderOfCalls() throws {
        var client = Channel(ChannelOptions(direction: .client, isStream: false), at: ChannelPair.moment(0))
        try client.send(Numbered.payload(1), Delivery(), at: ChannelPair.moment(0))
        client.install(Self.keys(0), epoch: 0, protection: .sign)
        try client.send(Numbered.payload(2), Delivery(), at: ChannelPair.moment(0))
        client.install(Self.keys(1), epoch: 1, protection: .encrypt)
        try client.send(Numbered.payload(3), Delivery(), at: ChannelPair.moment(0))
        let datagram = client.nextTransmission(at: ChannelPair.moment(0)) ?? []
        let messages = try datagram.withUnsafeBytes { try SpatioWire.Message.decodeDatagram($0) }
        #expect(messages.map { $0.header.flags.contains(.signed) } == [false, true, false])
        #expect(messages.map { $0.header.flags.contains(.encrypted) } == [false, false, true])
    }

    @Test("What lacks the agreed protection, has another key or was changed is dropped with its reason")
    func unprotected() throws {
        for (protection, code) in [(Protection.sign, ErrorCode.invalidSignature), (.encrypt, .encryptionError)] {
            let before = state(server(protection: protection))
            for other in [Protection.none, .sign, .encrypt] where other != protection {
                var server = server(protection: protection)
                for datagram in try datagrams(protection: other, sends) {
                    #expect(!receive(datagram, &server).refusals.isEmpty)
                }
                #expect(state(server) == before)
            }
            var stranger = Channel(ChannelOptions(direction: .server, isStream: false), at: ChannelPair.moment(0))
            stranger.install(Self.keys(9), epoch: 0, protection: protection)
            for datagram in try datagrams(protection: protection, sends) {
                #expect(receive(datagram, &stranger).refusals.allSatisfy { $0.code == code })
            }
            #expect(state(stranger) == before)
        }
    }

    @Test("Before any key, protected messages are dropped: their sender repeats them") func tooEarly() throws {
        for protection in [Protection.sign, .encrypt] {
            var server = server()
            for datagram in try datagrams(protection: protection, sends) {
                #expect(receive(datagram, &server).messages.isEmpty)
            }
            #expect(state(server) == state(self.server()))
        }
    }

    @Test("A replay changes nothing", arguments: [Protection.none, .sign, .encrypt]) func replay(
        _ protection: Protection
    )
        throws
    {
        var server = server(protection: protection)
        let datagrams = try datagrams(protection: protection, sends)
        var messages: [SpatioWire.Message] = []
        for datagram in datagrams { messages += receive(datagram, &server).messages }
        #expect(messages.count == 4)
        // The PING is answered, so that nothing of it is left.
        while server.nextTransmission(at: ChannelPair.moment(1)) != nil {}
        let before = state(server)
        for datagram in datagrams { #expect(receive(datagram, &server, at: 2).isEmpty) }
        #expect(state(server) == before)
        #expect(server.counters.duplicates > 0)
    }

    @Test("A new epoch is wanted before a stream's sequence wraps, and once there is one no longer") func nearWrap()
        throws
    {
        let first = UInt32.max - OutgoingStream.wrapMargin - 20
        var client = Channel(
            ChannelOptions(direction: .client, isStream: false), startingAt: first, at: ChannelPair.moment(0))
        func send(_ count: Int) throws {
            for _ in 0..<count { try client.send(Numbered.payload(1), Delivery(stream: 1), at: ChannelPair.moment(0)) }
        }
        try send(1)
        client.install(Self.keys(0), epoch: 0, protection: .encrypt)
        try send(10)
        #expect(!client.sequencesNearWrap)
        try send(20)
        #expect(client.sequencesNearWrap)
        client.install(Self.keys(1), epoch: 1, protection: .encrypt)
        #expect(!client.sequencesNearWrap)
        try send(20)
        #expect(!client.sequencesNearWrap)
    }

    @Test("No sequence is ever used twice under the same keys") func exhausted() {
        var stream = OutgoingStream(startingAt: 7)
        stream.next = 7 &- 3
        #expect(stream.isNearWrap)
        #expect(!stream.isExhausted(by: 2))
        #expect(stream.isExhausted(by: 3))
        stream.beginEpoch()
        #expect(!stream.isExhausted(by: 1000) && !stream.isNearWrap)
    }

    // MARK: Hostile input

    @Test("Random octets change nothing but counters", arguments: 1...20) func noise(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var server = server()
        let before = state(server)
        for _ in 0..<300 {
            let count = Int.random(in: 0...200, using: &generator)
            var octets = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if Bool.random(using: &generator), count > 4 { octets.replaceSubrange(0..<2, with: [1, 3]) }
            #expect(receive(octets, &server).messages.isEmpty)
        }
        #expect(state(server) == before)
        #expect(server.counters.refused > 0)
    }

    @Test(
        "Every prefix of a datagram gives the messages that are whole in it, and one refusal",
        arguments: [
            Protection.none, .sign, .encrypt,
        ])
    func prefixes(_ protection: Protection) throws {
        let datagram = try #require(datagrams(protection: protection, Array(sends.prefix(2))).first)
        var ends: [Int] = []
        var offset = 0
        while offset < datagram.count {
            offset += try datagram[offset...].withUnsafeBytes { try Envelope.decode($0).size }
            ends.append(offset)
        }
        for count in 0..<datagram.count {
            var server = server(protection: protection)
            let events = receive(Array(datagram.prefix(count)), &server)
            // The third message is a PING.
            #expect(events.messages.count == min(ends.count { $0 <= count }, 2))
            #expect(events.refusals.count == (ends.contains(count) ? 0 : 1))
        }
    }

    @Test(
        "A changed octet of a checked, signed or sealed message changes nothing",
        arguments: [
            Protection.none, .sign, .encrypt,
        ])
    func mutations(_ protection: Protection) throws {
        var generator = SeededGenerator(state: 4)
        let before = state(server(protection: protection))
        for datagram in try datagrams(protection: protection, [sends[0]]) {
            let size = try datagram.withUnsafeBytes { try Envelope.decode($0).size }
            let message = Array(datagram.prefix(size))
            for place in message.indices {
                var server = server(protection: protection)
                var changed = message
                changed[place] ^= UInt8.random(in: 1...255, using: &generator)
                #expect(receive(changed, &server).messages.isEmpty, "octet \(place)")
                #expect(state(server) == before, "octet \(place)")
            }
        }
    }

    @Test("Mutations of unchecked datagrams, in any number, stop nobody", arguments: 1...10) func fuzz(seed: UInt64)
        throws
    {
        var generator = SeededGenerator(state: seed)
        var options = ChannelOptions(direction: .client, isStream: false)
        options.checksums = false
        var client = Channel(options, at: ChannelPair.moment(0))
        for (payload, delivery) in sends { try client.send(payload, delivery, at: ChannelPair.moment(0)) }
        var datagrams: [[UInt8]] = []
        while let octets = client.nextTransmission(at: ChannelPair.moment(0)) { datagrams.append(octets) }
        var server = server()
        for step in 0..<2000 {
            var octets = try #require(datagrams.randomElement(using: &generator))
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                octets[Int.random(in: 0..<octets.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            _ = receive(octets, &server, at: Int64(step) * millisecond)
            while server.nextTransmission(at: ChannelPair.moment(Int64(step) * millisecond)) != nil {}
        }
        #expect(server.incoming.count <= Channel.incomingStreamLimit)
        #expect(!server.isClosed)
    }

    @Test("Endless stream ids, waiting messages, segments and PINGs fill a bounded room") func floods() throws {
        var pair = ChannelPair()
        func message(
            _ stream: UInt32, _ sequence: UInt32, _ payload: Payload, _ flags: MessageFlags = [], data: DataForm? = nil
        ) -> [UInt8] {
            let body: SpatioWire.Message.Body = data == nil ? .payload(payload) : .segment(payload.encoded())
            return Message(
                header: MessageHeader(
                    type: payload.type ?? .custom, flags: flags, streamID: stream, sequence: sequence, timestamp: 0),
                data: data, body: body
            ).encoded()
        }
        for stream in 0..<2000 as Range<UInt32> {
            _ = receive(message(stream, 0, Numbered.payload(1)), &pair.server)
        }
        #expect(pair.server.incoming.count == Channel.incomingStreamLimit)
        // The first one never comes.
        for sequence in 2..<40_000 as Range<UInt32> {
            _ = receive(message(1, sequence, Numbered.payload(1), [.reliable, .ordered]), &pair.server)
        }
        #expect(pair.server.heldMessages <= 16_384)
        #expect(pair.server.heldOctets <= 4 << 20)
        for sequence in 1..<8000 as Range<UInt32> {
            let payload = Numbered.payload(1, size: 1000)
            let form = DataForm(
                compression: .none, totalSize: 1_000_000, segmentOffset: 5000, segmentSize: 1002, lastSegment: false)
            _ = receive(message(2, sequence * 2, payload, data: form), &pair.server)
        }
        #expect(pair.server.assembler.pendingOctets <= 4 * WireLimits.defaultMessageSize)
        for sequence in 1..<1000 as Range<UInt32> {
            let streams = (0..<1000).map { Ping.StreamPosition(streamID: $0, nextSequence: .max - $0) }
            _ = receive(message(0, sequence, .ping(Ping(pingID: sequence, streams: streams))), &pair.server)
        }
        #expect(pair.server.pendingPings.count <= 8)
        #expect(pair.server.counters.pingsIgnored > 900)
        while let octets = pair.server.nextTransmission(at: ChannelPair.moment(2)) { #expect(octets.count <= 1200) }
    }

    @Test("A PONG that acknowledges what was never sent, or says nonsense, changes nothing") func wrongPongs() throws {
        let flow = FlowControl(windowSize: 5, rateLimit: 1, congestionThreshold: 0)
        let wrong: [[Pong.StreamAck]] = [
            [Pong.StreamAck(streamID: 1, cumulative: 5000)],
            [Pong.StreamAck(streamID: 1, cumulative: .max / 2)],
            [Pong.StreamAck(streamID: 77, cumulative: 1)],
            [Pong.StreamAck(streamID: 1, cumulative: 1), Pong.StreamAck(streamID: 1, cumulative: 2)],
            [
                Pong.StreamAck(
                    streamID: 1, cumulative: 0, missing: .init(repeating: .init(first: 1, count: 1), count: 10_000))
            ],
        ]
        for acks in wrong {
            var client = Channel(ChannelOptions(direction: .client, isStream: false), at: ChannelPair.moment(0))
            for number in 0..<10 {
                try client.send(
                    Numbered.payload(number), Delivery(stream: 1, reliable: true), at: ChannelPair.moment(0))
            }
            while client.nextTransmission(at: ChannelPair.moment(0)) != nil {}
            let used = client.windowUsed
            let pong = Pong(pingID: 0, pingTimestamp: 0, holdTime: 0, flow: flow, acks: acks)
            let octets = Message(
                header: MessageHeader(type: .pong, streamID: 0, sequence: 0, timestamp: 0), body: .payload(.pong(pong))
            ).encoded()
            #expect(receive(octets, &client).refusals.count == 1)
            #expect(client.windowUsed == used)
            #expect(client.peerFlow == .standard)
            #expect(client.roundTrip.smoothed == nil)
        }
    }

    @Test("Whatever ranges a PONG says are missing, nothing breaks", arguments: 1...30) func oddRanges(seed: UInt64)
        throws
    {
        var generator = SeededGenerator(state: seed)
        var client = Channel(ChannelOptions(direction: .client, isStream: false), at: ChannelPair.moment(0))
        for number in 0..<50 {
            try client.send(Numbered.payload(number), Delivery(stream: 1, reliable: true), at: ChannelPair.moment(0))
        }
        while client.nextTransmission(at: ChannelPair.moment(0)) != nil {}
        let missing = (0..<20).map { _ in
            Pong.SequenceRange(
                first: Bool.random(using: &generator)
                    ? UInt32.random(in: 0...60, using: &generator) : UInt32.random(in: 0 ... .max, using: &generator),
                count: Bool.random(using: &generator)
                    ? UInt32.random(in: 0...5, using: &generator) : UInt32.random(in: 0 ... .max, using: &generator))
        }
        let pong = Pong(
            pingID: 0, pingTimestamp: 0, holdTime: .max, flow: .standard,
            acks: [Pong.StreamAck(streamID: 1, cumulative: 10, missing: missing)])
        let octets = Message(
            header: MessageHeader(type: .pong, streamID: 0, sequence: 0, timestamp: 0), body: .payload(.pong(pong))
        ).encoded()
        _ = receive(octets, &client)
        let kept = client.outgoing[1]?.unacknowledged.entries.map(\.sequence) ?? []
        // Half of all sequences lie before the one that everything has arrived before.
        let expected = (10..<50).filter { sequence in
            missing.contains { range in
                let first = Int(Int32(bitPattern: range.first &- 10)) + 10
                return first <= sequence && sequence < first + Int(range.count)
            }
        }
        #expect(kept == expected.map { UInt32($0) })
    }

    @Test("A byte stream that is no messages ends the conversation; one that is cut anywhere does not")
    func brokenStream() throws {
        var server = server(isStream: true)
        let octets = try datagrams(isStream: true, sends).flatMap { $0 }
        var messages: [SpatioWire.Message] = []
        for octet in octets { messages += receive([octet], &server).messages }
        #expect(messages.count == 4)
        #expect(server.framer.pendingOctets == 0)
        let events = receive([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], &server)
        #expect(events.death == .invalidMessage)
        #expect(server.isClosed)
        #expect(receive(octets, &server).isEmpty)
    }

    // MARK: Mirrored messages

    private func mirrored(_ number: Int, _ session: UInt64, sequence: UInt32, size: Int = 20) -> SpatioWire.Message {
        let origin = Origin(sessionID: UUID(high: session, low: 0), direction: .toServer, seen: 4)
        return Message(
            header: MessageHeader(
                type: .custom, flags: [.reliable, .ordered], streamID: 1, sequence: sequence, timestamp: 3),
            extensions: [ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded())],
            body: .payload(Numbered.payload(number, size: size)))
    }

    @Test(
        "An observer gets mirrored messages of many sessions as they were, beside its own",
        arguments: [
            Protection.none, .sign, .encrypt,
        ])
    func mirroring(_ protection: Protection) throws {
        var pair = ChannelPair { if $0.direction == .client { $0.acceptsMirrored = true } }
        if protection != .none { pair.install(epoch: 0, protection) }
        try pair.send(Numbered.payload(100), Delivery(stream: 1, reliable: true, ordered: true), from: .server)
        for session in 0..<3 as Range<UInt64> {
            pair.server.forward(mirrored(Int(session), session, sequence: 40), at: pair.moment)
        }
        var large = mirrored(50, 1, sequence: 41, size: 4000)
        large.header.flags.insert(.data)
        large.data = DataForm(
            compression: .zstd, totalSize: 0, segmentOffset: 0, segmentSize: 600, lastSegment: false)
        pair.server.forward(large, at: pair.moment)
        pair.server.forward(mirrored(51, 2, sequence: 41, size: 150_000), at: pair.moment)
        pair.run(for: second)
        let messages = pair.clientEvents.messages
        #expect(pair.clientEvents.numbers(on: 1) == [100, 0, 1, 2, 50, 51])
        #expect(messages.dropFirst().map(\.header.sequence) == [40, 40, 40, 41, 41])
        #expect(messages.dropFirst().allSatisfy { $0.header.timestamp == 3 && !$0.extensions.isEmpty })
        #expect(pair.client.incoming[1]?.received.next == 1)
        #expect(pair.server.windowUsed == 0)
        #expect(pair.clientEvents.refusals.isEmpty)
    }

    @Test("Who is no observer takes `origin` for any other extension") func noObserver() throws {
        var pair = ChannelPair()
        pair.server.forward(mirrored(1, 1, sequence: 0), at: pair.moment)
        pair.server.forward(mirrored(2, 2, sequence: 0), at: pair.moment)
        pair.run(for: second)
        #expect(pair.clientEvents.numbers(on: 1) == [1])
        #expect(pair.client.counters.duplicates == 1)
    }
}
