@testable import SpatioSession
import SpatioWire
import Testing

@Suite struct RoundTripEstimatorTests {
    @Test("The timeout is 1 s before the first sample and never less (RFC 6298 rules 2.1 and 2.4)") func least() {
        var estimator = RoundTripEstimator()
        #expect(estimator.timeout == second)
        estimator.add(20 * millisecond)
        #expect(estimator.smoothed == 20 * millisecond && estimator.variation == 10 * millisecond)
        #expect(estimator.timeout == second)
    }

    @Test("Mean and variation follow the samples (rules 2.2 and 2.3)") func samples() {
        var estimator = RoundTripEstimator()
        estimator.add(800 * millisecond)
        #expect(estimator.timeout == 2400 * millisecond)
        estimator.add(1600 * millisecond)
        // RTTVAR = 3/4 * 400 + 1/4 * 800, SRTT = 7/8 * 800 + 1/8 * 1600
        #expect(estimator.variation == 500 * millisecond)
        #expect(estimator.smoothed == 900 * millisecond)
        #expect(estimator.timeout == 2900 * millisecond)
    }

    @Test("It doubles with each repeat, up to a minute; what no sample can be is none") func doubling() {
        var estimator = RoundTripEstimator()
        estimator.add(-5)
        estimator.add(.max)
        #expect(estimator.smoothed == nil)
        #expect((0...6).map { estimator.timeout(afterRepeats: $0) / second } == [1, 2, 4, 8, 16, 32, 60])
        #expect(estimator.patience == 123 * second)
        #expect(estimator.timeout(afterRepeats: 1000) == 60 * second)
    }
}

@Suite struct RateLimiterTests {
    @Test(
        "In any second no more than the limit, and over time nearly all of it",
        arguments: [
            3000, 10_000, 100_000, 20_000_000,
        ])
    func limit(rate: UInt32) {
        var limiter = RateLimiter(largestPiece: 1200, at: 0)
        limiter.set(limit: rate, at: 0)
        var generator = SeededGenerator(state: UInt64(rate))
        var spent: [(at: Int64, octets: Int)] = []
        var now: Int64 = 0
        // After a rest there is no more to spend at once than before.
        var pause = second / 2
        while now < 4 * second {
            let octets = Int.random(in: 40...1200, using: &generator)
            if limiter.permits(octets, at: now) {
                limiter.spend(octets)
                spent.append((now, octets))
            } else {
                let next = limiter.moment(for: octets, after: now)
                #expect(next > now)
                now = next
            }
            if now > pause {
                now += 300 * millisecond
                pause += second
            }
        }
        var start = 0
        var sum = 0
        for entry in spent {
            sum += entry.octets
            while spent[start].at <= entry.at - second {
                sum -= spent[start].octets
                start += 1
            }
            guard sum <= Int(rate) else {
                Issue.record("\(sum) octets in the second up to \(entry.at)")
                return
            }
        }
        #expect(spent.reduce(0) { $0 + $1.octets } > Int(rate) * 2)
    }

    @Test("Without a limit everything goes at once; a changed limit counts at once") func change() {
        var limiter = RateLimiter(largestPiece: 1200, at: 0)
        let unlimited = limiter.permits(1_000_000, at: 0)
        #expect(unlimited)
        #expect(limiter.moment(for: 1_000_000, after: 5) == 5)
        limiter.set(limit: 2400, at: 0)
        let atOnce = limiter.permits(1200, at: 0)
        #expect(!atOnce)
        let later = limiter.permits(1200, at: second)
        #expect(later)
        limiter.set(limit: 0, at: second)
        let unlimitedAgain = limiter.permits(1_000_000, at: second)
        #expect(unlimitedAgain)
    }

    @Test("Over the threshold the rate is halved, at most once a second and not to nothing; below it, it comes back")
    func congestion() {
        var limiter = RateLimiter(largestPiece: 1200, at: 0)
        limiter.set(limit: 800_000, at: 0)
        var rates: [Double] = []
        for half in 0..<12 as Range<Int64> {
            limiter.observe(loss: 0.2, threshold: 0.05, sent: 1, at: half * second / 2)
            rates.append(limiter.rate ?? 0)
        }
        #expect(rates[0] == 400_000 && rates[1] == 400_000 && rates[2] == 200_000 && rates[4] == 100_000)
        #expect(rates.last == 100_000)
        limiter.observe(loss: 0.05, threshold: 0.05, sent: 1, at: 7 * second)
        #expect(limiter.rate == 200_000)
        for _ in 0..<6 { limiter.observe(loss: 0, threshold: 0.05, sent: 1, at: 8 * second) }
        #expect(limiter.rate == 800_000)
    }

    @Test("Where there is no limit, half of what was sent becomes one") func withoutLimit() {
        var limiter = RateLimiter(largestPiece: 1200, at: 0)
        limiter.observe(loss: 0.2, threshold: 0.05, sent: 100_000, at: 0)
        #expect(limiter.rate == 50_000)
        for _ in 0..<20 { limiter.observe(loss: 0, threshold: 0.05, sent: 50_000, at: second) }
        #expect(limiter.rate == nil)
        limiter.observe(loss: 0.2, threshold: 0.05, sent: 10_000, at: 2 * second)
        #expect(limiter.rate == 10_000)
    }
}

@Suite struct LossMeterTests {
    @Test("A measurement has 32 messages and takes a quarter of a second") func measurement() {
        var meter = LossMeter()
        let roundTrip = RoundTripEstimator()
        let tooFew = meter.add(sent: 31, lost: 31, at: 0, roundTrip)
        #expect(tooFew == nil)
        let tooSoon = meter.add(sent: 9, lost: 0, at: 100 * millisecond, roundTrip)
        #expect(tooSoon == nil)
        let half = meter.add(sent: 22, lost: 0, at: second, roundTrip)
        #expect(half == 0.5)
        let all = meter.add(sent: 40, lost: 90, at: 3 * second, roundTrip)
        #expect(all == 1)
    }
}

@Suite struct FifoTests {
    @Test("What goes in first comes out first, whatever goes in between", arguments: 1...5) func order(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        var fifo = Fifo<Int>()
        var model: [Int] = []
        for number in 0..<20_000 {
            if Int.random(in: 0..<100, using: &generator) < (number < 10_000 ? 60 : 40) {
                fifo.append(number)
                model.append(number)
            } else {
                let expected = model.isEmpty ? nil : model.removeFirst()
                #expect(fifo.popFirst() == expected)
            }
            #expect(fifo.first == model.first && fifo.count == model.count && fifo.isEmpty == model.isEmpty)
        }
    }
}

@Suite struct UnacknowledgedTests {
    private func list(_ sequences: [UInt32]) -> Unacknowledged {
        var list = Unacknowledged()
        for sequence in sequences {
            list.append(Unacknowledged.Entry(sequence: sequence, octets: [1], size: 10))
            list.note(sequence, due: Int64(sequence &- sequences[0]) + 100)
        }
        return list
    }

    @Test("Everything before the PING's position is acknowledged but what is missing, over the wrap too") func wrap() {
        var list = list([.max - 2, .max - 1, .max, 0, 1, 2, 3])
        let ack = Pong.StreamAck(
            streamID: 1, cumulative: .max - 1, missing: [.init(first: 1, count: 1), .init(first: .max, count: 1)])
        let freed = list.acknowledge(before: 3, MissingSequences(ack))
        #expect(freed == 40)
        #expect(list.entries.map(\.sequence) == [.max, 1, 3])
        #expect(list.octets(of: 1) == [1])
        #expect(list.octets(of: 2) == nil)
    }

    @Test("What has not been sent yet cannot be acknowledged") func unsent() {
        var list = Unacknowledged()
        list.append(Unacknowledged.Entry(sequence: 0, octets: [1], size: 10))
        let freed = list.acknowledge(before: 9, MissingSequences(Pong.StreamAck(streamID: 1, cumulative: 9)))
        #expect(freed == 0)
        #expect(list.oldest == 0)
    }

    @Test("Each message is due six times, then it is given up") func givingUp() {
        var list = list([0, 1])
        #expect(list.nextDue == 100)
        for repeats in 1...6 {
            let late = list.takeDue(by: 100)
            #expect(late.sequences == [0] && !late.isGivenUp)
            #expect(list.repeats(of: 0) == repeats)
            #expect(list.nextDue == 101)
            list.note(0, due: 100)
        }
        let last = list.takeDue(by: 100)
        #expect(last.isGivenUp)
    }
}

@Suite struct OrderedDeliveryTests {
    private func held(_ sequence: UInt32, since: Int64 = 0) -> OrderedDelivery<Int>.Held {
        OrderedDelivery.Held(sequence: sequence, item: Int(sequence), size: 1, since: since)
    }

    @Test("What is held comes out in order, over the wrap too") func order() {
        var ordered = OrderedDelivery<Int>()
        for sequence in [1, .max, 4, 0] as [UInt32] { ordered.hold(held(sequence)) }
        let early = ordered.release(before: .max)
        #expect(early.isEmpty)
        let released = ordered.release(before: 2)
        #expect(released.map(\.sequence) == [.max, 0, 1])
        #expect(ordered.isOvertaken(0) && !ordered.isOvertaken(2))
        #expect(!ordered.isEmpty)
        let rest = ordered.release(before: 5)
        #expect(rest.map(\.sequence) == [4])
        #expect(ordered.isEmpty)
    }

    @Test("Waiting ends for the one that came first, and for what lies before it") func patience() {
        var ordered = OrderedDelivery<Int>()
        ordered.hold(held(9, since: 50))
        ordered.hold(held(4, since: 70))
        ordered.hold(held(12, since: 60))
        #expect(ordered.oldest == 50)
        #expect(ordered.end(ofThoseSince: 49) == nil)
        #expect(ordered.end(ofThoseSince: 50) == 10)
        #expect(ordered.end(ofThoseSince: 65) == 13)
    }
}

@Suite struct StreamFramerTests {
    private func message(_ number: Int, size: Int, extensions: [ExtensionHeader] = []) -> [UInt8] {
        Message(
            header: MessageHeader(
                type: .custom, flags: number % 2 == 0 ? .checksum : [], streamID: 1, sequence: UInt32(number),
                timestamp: 0),
            extensions: extensions, body: .payload(Numbered.payload(number, size: size))
        ).encoded()
    }

    @Test("However a stream is cut, its messages come out whole and in order", arguments: 1...20) func cuts(
        seed: UInt64
    )
        throws
    {
        var generator = SeededGenerator(state: seed)
        let messages = (0..<40).map { number in
            message(
                number, size: Int.random(in: 4...5000, using: &generator),
                extensions: number % 3 == 0
                    ? [ExtensionHeader(extensionID: 1, data: .init(repeating: 1, count: 300))] : [])
        }
        var stream = messages.flatMap { $0 }[...]
        var framer = StreamFramer(messageSize: 10_000)
        var found: [[UInt8]] = []
        while !stream.isEmpty {
            let size = min(stream.count, Int.random(in: 1...(seed % 2 == 0 ? 30 : 9000), using: &generator))
            try Array(stream.prefix(size)).withOctets { (octets) throws(DecodeError) in
                try framer.add(octets) { rest, envelope in
                    found.append(Array(rest[..<envelope.size]))
                    return true
                }
            }
            #expect(framer.pendingOctets < 6000)
            stream = stream.dropFirst(size)
        }
        #expect(found == messages)
        #expect(framer.pendingOctets == 0)
    }

    @Test("A message comes out with its last octet") func promptness() throws {
        let message = message(2, size: 700)
        for cut in 1..<message.count {
            var framer = StreamFramer(messageSize: 10_000)
            var count = 0
            for piece in [message[..<cut], message[cut...]] {
                #expect(count == 0)
                try Array(piece).withOctets { (octets) throws(DecodeError) in
                    try framer.add(octets) { _, _ in
                        count += 1
                        return true
                    }
                }
            }
            #expect(count == 1, "cut at \(cut)")
        }
    }

    @Test("What can never become a message of the session is refused before it is kept") func refusals() {
        func error(_ octets: [UInt8]) -> DecodeError? {
            var framer = StreamFramer(messageSize: 1000)
            do throws(DecodeError) {
                try octets.withOctets { (octets) throws(DecodeError) in try framer.add(octets) { _, _ in true } }
                return nil
            } catch {
                return error
            }
        }
        #expect(error(Array(message(1, size: 200_000).prefix(60)))?.reason == .tooLarge)
        #expect(error(message(1, size: 200_000))?.reason == .tooLarge)
        #expect(error([2] + [UInt8](repeating: 0, count: 30))?.reason == .version)
        // Extension headers without end
        let endless = message(
            1, size: 4,
            extensions: (0..<4).map { ExtensionHeader(extensionID: $0, data: .init(repeating: 0, count: 65_000)) })
        #expect(error(Array(endless.prefix(140_000)))?.reason == .tooLarge)
        #expect(error(Array(endless.prefix(100_000))) == nil)
    }
}

@Suite struct PingScheduleTests {
    private func due(_ pings: PingSchedule, unacknowledged: Bool, heardAt: Int64 = 0) -> Int64 {
        pings.due(
            hasUnacknowledged: unacknowledged, isBlocked: false, heardAt: heardAt, roundTrip: RoundTripEstimator())
    }

    @Test("At once behind the first RELIABLE message; after a second of others; after 15 s of silence") func first() {
        var pings = PingSchedule()
        #expect(due(pings, unacknowledged: false) == 15 * second)
        pings.noteSent(isReliable: false)
        #expect(due(pings, unacknowledged: false) == second)
        pings.noteSent(isReliable: true)
        #expect(due(pings, unacknowledged: true) == 0)
    }

    @Test("What is not answered is asked again, less and less often; an answer counts once") func backOff() {
        var pings = PingSchedule()
        pings.noteSent(isReliable: true)
        var times: [Int64] = []
        var now: Int64 = 0
        for _ in 0..<6 {
            _ = pings.begin(positions: [:], at: now)
            now = due(pings, unacknowledged: true)
            times.append(now)
        }
        let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(gaps == gaps.sorted())
        #expect(gaps.last ?? 0 > second)
        #expect(pings.record(3) != nil)
        pings.end(3)
        #expect(pings.record(3) == nil)
    }

    @Test("Only the last 16 PINGs are remembered") func bounded() {
        var pings = PingSchedule()
        for now in 0..<40 as Range<Int64> { _ = pings.begin(positions: [:], at: now) }
        #expect(pings.record(23) == nil)
        #expect(pings.record(24)?.sentAt == 24)
    }
}
