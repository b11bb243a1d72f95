@testable import SpatioSession
import SpatioWire
import Testing

/// Window, rate, congestion and keep-alive (profile section 6).
@Suite struct ChannelFlowTests {
    /// The most octets that went out in any interval that long.
    private func most(_ sent: [ChannelPair.Sent], in interval: Int64) -> Int {
        var most = 0
        for (index, first) in sent.enumerated() {
            let octets = sent[index...].prefix { $0.at < first.at + interval }.reduce(0) { $0 + $1.octets.count }
            most = max(most, octets)
        }
        return most
    }

    private func reliableOctets(_ sent: [ChannelPair.Sent]) throws -> Int {
        try sent.filter { $0.from == .client }
            .flatMap { try $0.octets.withUnsafeBytes { try SpatioWire.Message.decodeDatagram($0) } }
            .filter { $0.header.flags.contains(.reliable) && !$0.header.flags.contains(.retransmit) }
            .reduce(0) { $0 + $1.encoded().count }
    }

    @Test("Who gets no answer sends no more RELIABLE octets than the window, and everything else still") func window()
        throws
    {
        var pair = ChannelPair { $0.flow.windowSize = 10_000 }
        pair.keepsSent = true
        pair.passes = { side, _ in side == .client }
        for number in 0..<400 {
            try pair.send(Numbered.payload(number), Delivery(stream: 1, reliable: true))
            try pair.send(Numbered.payload(number), Delivery(stream: 2))
        }
        pair.run(for: 20 * second)
        let octets = try reliableOctets(pair.sent)
        #expect(octets <= 10_000)
        #expect(octets > 9900)
        #expect(pair.serverEvents.numbers(on: 2) == Array(0..<400))
    }

    @Test("The window is never exceeded, however much waits, and all of it arrives", arguments: [1000, 5000, 65_536])
    func windowUnderLoad(size: UInt32) throws {
        var pair = ChannelPair(path: .poor, seed: UInt64(size)) { $0.flow.windowSize = size }
        for number in 0..<100 {
            try pair.send(Numbered.payload(number, size: 300), Delivery(stream: 1, reliable: true, ordered: true))
        }
        for _ in 0..<3000 where pair.client.queuedOctets + pair.client.windowUsed > 0 {
            pair.run(for: 100 * millisecond)
            #expect(pair.client.windowUsed <= Int(size))
        }
        #expect(pair.serverEvents.numbers(on: 1) == Array(0..<100))
    }

    @Test("Nothing overtakes a message of its stream that waits for the window") func noOvertaking() throws {
        var pair = ChannelPair { $0.flow.windowSize = 600 }
        for number in 0..<100 {
            try pair.send(Numbered.payload(number), Delivery(stream: 1, reliable: number % 2 == 0))
        }
        pair.run(for: 10 * second)
        #expect(pair.serverEvents.numbers(on: 1) == Array(0..<100))
    }

    @Test("In no second more octets are sent than the rate limit", arguments: [5000, 40_000, 1_000_000])
    func rate(limit: UInt32) throws {
        for isStream in [false, true] {
            var pair = ChannelPair(isStream: isStream) { $0.flow.rateLimit = limit }
            pair.keepsSent = true
            // A rest saves nothing up.
            pair.run(for: 3 * second)
            // Twice what may be sent in 5 s.
            for _ in 0..<100 {
                for _ in 0..<10 {
                    try? pair.send(Numbered.payload(1, size: Int(limit) / 100), Delivery(stream: 1))
                }
                pair.run(for: 50 * millisecond)
            }
            let sent = pair.sent.filter { $0.from == .client }
            #expect(most(sent, in: second) <= Int(limit))
            #expect(sent.reduce(0) { $0 + $1.octets.count } > Int(limit) * 3)
        }
    }

    @Test("The rate is halved while more is lost than the threshold, and comes back") func congestion() throws {
        var pair = ChannelPair { $0.flow.rateLimit = 200_000 }
        func load(_ time: Int64) {
            let end = pair.now + time
            while pair.now < end {
                for _ in 0..<3 { try? pair.send(Numbered.payload(1, size: 1000), Delivery(stream: 1)) }
                pair.run(for: 10 * millisecond)
            }
        }
        load(3 * second)
        #expect(pair.client.limiter.rate == 200_000)
        pair.path.loss = 0.3
        while pair.now < 20 * second, pair.client.limiter.rate == 200_000 { load(100 * millisecond) }
        #expect(pair.client.limiter.rate == 100_000)
        load(5 * second)
        let jammed = try #require(pair.client.limiter.rate)
        #expect(jammed < 100_000 && jammed >= 25_000)
        pair.path.loss = 0.01
        load(12 * second)
        #expect(pair.client.limiter.rate == 200_000)
    }

    @Test("Without a limit, loss brings one, and its end takes it away") func congestionWithoutLimit() throws {
        var pair = ChannelPair()
        func load(_ time: Int64) {
            let end = pair.now + time
            while pair.now < end {
                for _ in 0..<3 { try? pair.send(Numbered.payload(1, size: 1000), Delivery(stream: 1)) }
                pair.run(for: 10 * millisecond)
            }
        }
        load(2 * second)
        #expect(pair.client.limiter.rate == nil)
        pair.path.loss = 0.3
        load(3 * second)
        let jammed = try #require(pair.client.limiter.rate)
        #expect(jammed <= 160_000 && jammed >= 16_384)
        pair.path.loss = 0
        load(24 * second)
        #expect(pair.client.limiter.rate == nil)
    }

    @Test("Round trips are measured without the time that the other end held the PING") func roundTrip() throws {
        var pair = ChannelPair(path: ChannelPair.Path(latency: 35 * millisecond))
        for number in 0..<20 {
            try pair.send(Numbered.payload(number), Delivery(stream: 1, reliable: true))
            pair.run(for: 100 * millisecond)
        }
        #expect(pair.clientEvents.roundTrips.count >= 15)
        #expect(pair.clientEvents.roundTrips.allSatisfy { abs($0 - 70 * millisecond) <= 1000 })
        #expect(pair.client.roundTrip.timeout == second)
    }

    @Test("An acknowledged message leaves the window within one round trip; PINGs stop when nothing is out")
    func acknowledgement() throws {
        var pair = ChannelPair()
        try pair.send(Numbered.payload(1), Delivery(stream: 1, reliable: true))
        pair.run(for: 45 * millisecond)
        #expect(pair.client.windowUsed == 0)
        #expect(pair.client.counters.datagramsSent == 1)
        let before = pair.client.counters.messagesSent
        pair.run(for: 10 * second)
        #expect(pair.client.counters.messagesSent == before)
        #expect(pair.client.counters.messagesRepeated == 0)
    }

    @Test("After 15 s of silence there is a PING, and the conversation lives on") func keepAlive() {
        var pair = ChannelPair()
        pair.run(until: 15 * second - 1)
        #expect(pair.client.counters.messagesSent == 0)
        pair.run(until: 16 * second)
        #expect(pair.client.counters.messagesSent > 0)
        pair.run(until: 500 * second)
        #expect(pair.clientEvents.death == nil && pair.serverEvents.death == nil)
        #expect(pair.client.counters.messagesSent < 200)
    }

    @Test("After 45 s without anything heard it is dead, says so once, and sends nothing more") func death() {
        var pair = ChannelPair()
        pair.passes = { _, _ in false }
        pair.run(until: 45 * second - 1)
        #expect(pair.clientEvents.death == nil)
        pair.run(until: 45 * second)
        #expect(pair.clientEvents == [.dead(.timeout, reason: "nothing was heard for 45 s")])
        let sent = pair.client.counters.messagesSent
        pair.run(until: 500 * second)
        #expect(pair.clientEvents.count == 1)
        #expect(pair.client.counters.messagesSent == sent)
        #expect(pair.client.deadline == nil)
    }

    @Test("What waits for the window goes on when the other end opens it") func closedWindow() throws {
        var pair = ChannelPair { $0.flow.windowSize = 0 }
        try pair.send(Numbered.payload(1), Delivery(stream: 1, reliable: true))
        pair.run(for: 14 * second)
        #expect(pair.serverEvents.messages.isEmpty)
        pair.server.options.flow.windowSize = 1000
        pair.run(for: 2 * second)
        #expect(pair.serverEvents.numbers(on: 1) == [1])
    }
}
