@testable import Capture
import Inspection
import SpatioWire
import Testing

/// Feeds octets to a framer as a transport would, and keeps what it hands on.
private struct Feed {
    var framer = MessageFramer(ports: [7728])
    var messages: [[UInt8]] = []
    var leftOvers = 0
    var times: [Int64] = []

    /// - Parameter port: of the server.
    mutating func send(
        _ octets: [UInt8], _ transport: Transport = .udp, port: UInt16 = 7728, gap: Int = 0, isStart: Bool = false,
        isEnd: Bool = false, time: Int64 = 0, from: UInt16 = 40001
    ) {
        let source = Endpoint(address: Sample.client.address, port: from)
        let destination = Endpoint(address: Sample.server.address, port: port)
        octets.withUnsafeBytes { octets in
            let unit = TransportUnit(
                time: time, source: source, destination: destination, transport: transport, octets: octets,
                origin: .assembled, gap: gap, isStart: isStart, isEnd: isEnd)
            framer.frame(unit) { message in
                let size = message.isLeftOver ? nil : try? Envelope.decode(message.octets).size
                messages.append(Array(message.octets.prefix(size ?? message.octets.count)))
                times.append(message.time)
                if message.isLeftOver { leftOvers += 1 }
                return size ?? message.octets.count
            }
        }
    }

    /// A whole TCP direction in pieces of some size.
    mutating func stream(_ octets: [UInt8], pieces: Int, port: UInt16 = 7728) {
        for start in stride(from: 0, to: octets.count, by: pieces) {
            let piece = Array(octets[start..<min(start + pieces, octets.count)])
            send(piece, .tcp, port: port, isStart: start == 0, time: Int64(start))
        }
    }
}

/// Messages of every form, one after the other.
private func sampleMessages(_ count: Int, flags: MessageFlags = .checksum) -> [[UInt8]] {
    var talk = Talk()
    return (0..<count).map { number in
        let payloads: [Payload] = [
            Sample.update(number, at: Vector3(1, 2, 3)), Sample.ping, Sample.connect(),
            Sample.full(UInt64(number), Sample.entry(.added, 1, version: 1, ["a": .bytes([1, 0, 0, 1, 1, 0, 0])])),
        ]
        let payload = payloads[number % payloads.count]
        return talk.message(payload, flags: flags, address: number % 4 == 0 ? Sample.address() : nil).encoded()
    }
}

/// Which datagrams are Spatio, and the messages in them (profile section 2).
struct DatagramTests {
    @Test("Every message of a datagram is handed on")
    func batch() {
        var feed = Feed()
        let messages = sampleMessages(5)
        feed.send(Array(messages.joined()))
        #expect(feed.messages == messages)
        #expect(feed.framer.counters == FramingCounters())
    }

    @Test("What is left behind whole messages and too short for one is a left-over", arguments: [1, 10, 19])
    func leftOver(count: Int) {
        var feed = Feed()
        let messages = sampleMessages(2)
        feed.send(Array(messages.joined()) + [UInt8](repeating: 7, count: count))
        #expect(feed.messages.count == 3)
        #expect(feed.leftOvers == 1)
        #expect(feed.messages.last?.count == count)
    }

    @Test("A datagram that begins with rubbish on a known port is one malformed message")
    func rubbish() {
        var feed = Feed()
        feed.send([9, 9, 9])
        #expect(feed.messages == [[9, 9, 9]])
        #expect(feed.leftOvers == 0)
    }

    @Test("An empty datagram holds nothing")
    func empty() {
        var feed = Feed()
        feed.send([])
        #expect(feed.messages.isEmpty)
    }

    @Test("On another port messages that fill their datagram to the last octet are recognised")
    func recognised() {
        var feed = Feed()
        let messages = sampleMessages(3)
        feed.send(Array(messages.joined()), port: 5555)
        #expect(feed.messages == messages)
    }

    @Test("On another port everything else is another protocol's")
    func foreign() {
        let good = sampleMessages(1)[0]
        var unknownType = good
        unknownType[1] = 0x77
        var reserved = good
        reserved[2] |= 0x10
        var version = good
        version[0] = 2
        var feed = Feed()
        for octets in [good + [0], Array(good.dropLast()), unknownType, reserved, version, [], [1]] {
            feed.send(octets, port: 5555)
        }
        #expect(feed.messages.isEmpty)
        #expect(feed.framer.counters.otherUnits == 7)
    }

    @Test("A flow that showed Spatio three times is taken at its word: then rubbish in it is malformed")
    func trusted() {
        var feed = Feed()
        let good = sampleMessages(1)[0]
        feed.send(good, port: 5555)
        feed.send([1, 2, 3], port: 5555)
        #expect(feed.messages.count == 1)
        feed.send(good, port: 5555)
        feed.send(good, port: 5555)
        feed.send([1, 2, 3], port: 5555)
        #expect(feed.messages.count == 4)
        // Another flow on the same port has to show it by itself.
        feed.send([1, 2, 3], port: 5555, from: 40_002)
        #expect(feed.messages.count == 4)
    }
}

/// Messages in a TCP stream, however it is cut and damaged.
struct StreamFramingTests {
    @Test("Pieces of every size give the same messages", arguments: Array(1...40) + [99, 100, 101, 1000, 100_000])
    func pieces(size: Int) {
        var feed = Feed()
        let messages = sampleMessages(12)
        feed.stream(Array(messages.joined()), pieces: size)
        #expect(feed.messages == messages)
        #expect(feed.framer.counters == FramingCounters())
    }

    @Test("A message has the time of the piece that completes it")
    func time() {
        var feed = Feed()
        let message = sampleMessages(1)[0]
        feed.stream(message, pieces: 10)
        #expect(feed.times == [Int64((message.count - 1) / 10 * 10)])
    }

    @Test("Pieces of random sizes give the same messages")
    func randomPieces() {
        var generator = SeededGenerator(seed: 11)
        let messages = sampleMessages(40)
        let octets = Array(messages.joined())
        for _ in 0..<20 {
            var feed = Feed()
            var start = 0
            while start < octets.count {
                let end = min(octets.count, start + Int.random(in: 1...300, using: &generator))
                feed.send(Array(octets[start..<end]), .tcp, isStart: start == 0)
                start = end
            }
            #expect(feed.messages == messages)
        }
    }

    @Test("Directions do not mix")
    func directions() {
        var feed = Feed()
        let messages = sampleMessages(2)
        feed.send(Array(messages[0].prefix(30)), .tcp, isStart: true)
        feed.send(Array(messages[1].prefix(25)), .tcp, isStart: true, from: 40_002)
        feed.send(Array(messages[0].dropFirst(30)), .tcp)
        feed.send(Array(messages[1].dropFirst(25)), .tcp, from: 40_002)
        #expect(feed.messages == messages)
    }

    @Test(
        "After a gap the next whole message is found, whatever the size of the pieces",
        arguments: [1, 7, 20, 64, 150, 1460], [MessageFlags.checksum, []])
    func gap(size: Int, flags: MessageFlags) {
        let messages = sampleMessages(30, flags: flags)
        let octets = Array(messages.joined())
        let lost = messages[0].count + 12..<messages[0].count + messages[1].count + 30
        var feed = Feed()
        feed.stream(Array(octets[..<lost.lowerBound]), pieces: size)
        var isFirst = true
        let rest = Array(octets[lost.upperBound...])
        for start in stride(from: 0, to: rest.count, by: size) {
            let piece = Array(rest[start..<min(start + size, rest.count)])
            feed.send(piece, .tcp, gap: isFirst ? lost.count : 0)
            isFirst = false
        }
        // Message 0 was whole, 1 and 2 were hit; everything else comes, and nothing else.
        #expect(feed.messages == [messages[0]] + messages[3...])
        #expect(feed.framer.counters.skippedOctets == messages[1].count + messages[2].count - lost.count)
    }

    @Test("Messages larger than the pieces are found again after a gap")
    func gapBeforeLargeMessages() {
        var talk = Talk()
        let messages = (0..<5).map { _ in
            talk.message(.custom(type: 1, data: [UInt8](repeating: 0xAA, count: 4000)), flags: .checksum).encoded()
        }
        var feed = Feed()
        feed.send([], .tcp, isStart: true)
        let rest = Array(messages.joined().dropFirst(100))
        for start in stride(from: 0, to: rest.count, by: 1460) {
            feed.send(Array(rest[start..<min(start + 1460, rest.count)]), .tcp, gap: start == 0 ? 100 : 0)
        }
        #expect(feed.messages == Array(messages.dropFirst()))
    }

    @Test("Rubbish between messages is one malformed message, and the next one is found")
    func garbage() {
        let messages = sampleMessages(6)
        var feed = Feed()
        let rubbish = [UInt8](repeating: 0xEE, count: 77)
        feed.send(messages[0] + messages[1] + rubbish + messages[2] + messages[3], .tcp, isStart: true)
        feed.send(messages[4] + messages[5], .tcp)
        #expect(feed.messages.filter { $0 != rubbish } == messages)
        #expect(feed.messages.filter { $0 == rubbish }.count == 1)
        #expect(feed.framer.counters.skippedOctets == rubbish.count)
    }

    @Test("A stream joined in the middle of a message begins with the next one, and that is nobody's fault")
    func joined() {
        let messages = sampleMessages(4)
        var feed = Feed()
        feed.send(Array(messages.joined().dropFirst(33)), .tcp, isStart: true)
        #expect(feed.messages == Array(messages.dropFirst()))
    }

    @Test("A message that the end of the stream cuts is handed on as far as it goes")
    func cut() {
        let messages = sampleMessages(2)
        var feed = Feed()
        feed.send(messages[0] + messages[1].dropLast(5), .tcp, isStart: true)
        feed.send([], .tcp, isEnd: true)
        #expect(feed.messages == [messages[0], Array(messages[1].dropLast(5))])
    }

    @Test("The next connection of the same ends begins anew")
    func nextConnection() {
        let messages = sampleMessages(2)
        var feed = Feed()
        feed.send(Array(messages[0].prefix(30)), .tcp, isStart: true)
        feed.send(messages[1], .tcp, isStart: true)
        #expect(feed.messages == [messages[1]])
    }

    @Test("On another port a stream of messages is recognised", arguments: [1, 30, 1460])
    func recognised(pieces: Int) {
        var feed = Feed()
        let messages = sampleMessages(5)
        feed.stream(Array(messages.joined()), pieces: pieces, port: 5555)
        #expect(feed.messages == messages)
    }

    @Test("On another port HTTP, TLS and rubbish are another protocol's")
    func foreign() {
        var generator = SeededGenerator(seed: 2)
        var feed = Feed()
        for (number, octets) in [Array("GET / HTTP/1.1\r\n".utf8), [22, 3, 1, 0, 5], generator.octets(500)].enumerated()
        {
            feed.send(octets, .tcp, port: 5555, isStart: true, from: UInt16(50_000 + number))
            feed.send(octets, .tcp, port: 5555, from: UInt16(50_000 + number))
        }
        #expect(feed.messages.isEmpty)
        #expect(feed.framer.counters.otherUnits == 6)
    }

    @Test("Random octets on the known port never stop the stream: messages behind them are found")
    func noise() {
        var generator = SeededGenerator(seed: 4)
        let messages = sampleMessages(8)
        for _ in 0..<50 {
            var feed = Feed()
            feed.send(generator.octets(Int.random(in: 1...400, using: &generator)), .tcp, isStart: true)
            // The second follows at once, which is what makes the first credible.
            feed.send(Array(messages.joined()), .tcp)
            #expect(feed.messages.suffix(messages.count - 1) == messages.suffix(messages.count - 1))
        }
    }

    @Test("A message of the largest size in small pieces is put together in no time worth mentioning")
    func largest() {
        var talk = Talk()
        let data = [UInt8](repeating: 3, count: WireLimits.largestMessage - 2)
        let message = talk.message(.custom(type: 1, data: data)).encoded()
        var feed = Feed()
        let start = ContinuousClock.now
        feed.stream(message, pieces: 1460)
        #expect(feed.messages == [message])
        // Copying what waits at every piece would take a minute.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("Streams that each begin a large message and never end it keep no more than four of them")
    func waiting() {
        var talk = Talk()
        let data = [UInt8](repeating: 3, count: WireLimits.largestMessage - 1000)
        let unfinished = Array(talk.message(.custom(type: 1, data: data)).encoded().dropLast())
        let whole = sampleMessages(2)
        var feed = Feed()
        for port in UInt16(40_000)..<40_006 { feed.send(unfinished, .tcp, isStart: true, from: port) }
        #expect(feed.framer.counters.skippedOctets == 2 * unfinished.count)
        // Those that gave up go on with the next message.
        feed.send(whole[0] + whole[1], .tcp, from: 40_005)
        #expect(feed.messages.contains(whole[1]))
    }

    @Test("A message that says it is over 16 MiB is malformed at once, and nothing waits for it")
    func tooLarge() {
        let messages = sampleMessages(3)
        var broken = Array(messages[1].prefix(20))
        broken += [0xBF, 0xFF, 0xFF, 0xFF]
        var feed = Feed()
        feed.send(messages[0] + broken + messages[2], .tcp, isStart: true)
        #expect(feed.messages.first == messages[0])
        #expect(feed.messages.last == messages[2])
        #expect(feed.messages.count == 3)
    }
}
