import Testing

@testable import Inspection

/// How often something came, as of any message; what is gone from the index takes no room.
struct TrafficLogTests {
    private static let second: Int64 = 1_000_000_000

    /// Every third message, a tenth of a second apart.
    private func log(_ count: Int) -> TrafficLog {
        var log = TrafficLog()
        for place in 0..<count {
            log.add(number: 3 * place + 1, time: Int64(place) * Self.second / 10, octets: 100)
        }
        return log
    }

    @Test(arguments: [1, 2, 100, 3000, 2_999_999])
    func `What is forgotten changes nothing of what is told of later messages`(message: Int) {
        let all = log(3000)
        var rest = all
        rest.forget(before: message)
        #expect(rest.first == all.first)
        for cursor in stride(from: max(message, 1), through: 9000, by: 50) {
            #expect(rest.latest(until: cursor) == all.latest(until: cursor))
            // A rate looks back 4 s, and no further than the index.
            guard cursor >= message + 120 || message <= 2 else { continue }
            let time = Int64(cursor / 3) * Self.second / 10
            #expect(
                rest.perSecond(until: cursor, time: time)?.messages
                    == all.perSecond(until: cursor, time: time)?.messages)
            #expect(rest.interval(until: cursor) == all.interval(until: cursor))
        }
    }

    @Test func `No more is kept than came since, and one`() {
        var log = log(3000)
        log.forget(before: 6000)
        #expect(log.entries.count == 1001)
        log.forget(before: 100)
        #expect(log.entries.count == 1001)
        log.forget(before: .max)
        #expect(log.entries.count == 1)
        #expect(log.latest(until: .max)?.messages == 3000)
    }

    @Test func `A rate just behind the beginning is that of what is there`() throws {
        var log = log(3000)
        log.forget(before: 6000)
        let rate = try #require(log.perSecond(until: 6031, time: 2010 * Self.second / 10))
        #expect(abs(rate.messages - 10) < 0.5)
    }

    @Test func `a log of many thousand is small and never off by more than a 2,048th`() throws {
        var talk = Talk()
        for _ in 0..<20_000 { PeerTests.speak(&talk, from: Sample.client) }
        let members = talk.chronicle.peers.unannouncedGroups(until: Int.max).first?.members
        let log = try #require(members?.first?.traffic)
        #expect(log.entries.count < 12_000)
        for cursor in [1, 100, 4_095, 4_097, 9_999, 20_000] {
            let count = Int(try #require(log.latest(until: cursor)).messages)
            #expect(count <= cursor && Double(count) >= Double(cursor) * (1 - 1.0 / 2_048))
        }
        #expect(log.latest(until: 0) == nil)
    }

    @Test func `a rate is over four seconds before the clock, or since the first`() throws {
        var talk = Talk()
        for step in 0..<100 {
            talk.send(Sample.ping, at: Double(step) * 100)
            PeerTests.speak(&talk, from: Sample.client)
        }
        let log = try #require(talk.chronicle.peers.unannouncedGroups(until: Int.max).first?.members.first?.traffic)
        let end = Sample.start + talk.now
        #expect(abs((log.perSecond(until: Int.max, time: end)?.messages ?? 0) - 10) < 0.5)
        #expect(log.perSecond(until: 2, time: Sample.start + 1_000_000) == nil)
        #expect(log.perSecond(until: 0, time: end) == nil)
        #expect(log.perSecond(until: Int.max, time: end + 60_000_000_000)?.messages == 0)
    }
}
