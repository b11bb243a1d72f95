import Capture
import Inspection
import SpatioWire
import Testing

/// Design section 3: jitter, round trips and percentiles, with vectors worked out by hand from the RFCs.
struct FigureTests {
    /// The estimator after messages with these transit times, milliseconds.
    private func jitter(_ transits: [Double]) -> JitterEstimator {
        var estimator = JitterEstimator()
        for (step, transit) in transits.enumerated() {
            // Sent every 20 ms by a clock that is an hour off: no agreement of the clocks is needed.
            let sent = Sample.start / 1000 + Int64(step) * 20_000
            let captured = (sent + 3_600_000_000) * 1000 + Int64(transit * 1e6)
            estimator.add(captured: captured, sent: UInt64(sent))
        }
        return estimator
    }

    private func isClose(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-6) -> Bool {
        value.map { abs($0 - expected) <= tolerance } ?? false
    }

    @Test(
        "Jitter is that of RFC 3550 section 6.4.1",
        arguments: [
            ([50, 60], 0.625), ([50, 60, 50], 1.210938), ([50, 60, 50, 55], 1.447754), ([50, 50, 50], 0),
        ] as [([Double], Double)])
    func jitter(transits: [Double], expected: Double) {
        #expect(isClose(jitter(transits).milliseconds, expected))
    }

    @Test("One message has no jitter, not the jitter 0")
    func noJitter() {
        #expect(jitter([50]).milliseconds == nil)
        #expect(JitterEstimator().milliseconds == nil)
    }

    @Test("Alternating by 10 ms is a jitter of 10 ms, not of 152 (the scaled accumulator) nor of 4.2 (sorted values)")
    func alternation() {
        #expect(isClose(jitter((0..<400).map { $0 % 2 == 0 ? 100 : 110 }).milliseconds, 10, 1e-4))
    }

    @Test("Clocks at the ends of their range give no trap")
    func extremeClocks() {
        var estimator = JitterEstimator()
        for (captured, sent) in [(Int64.min, UInt64.max), (Int64.max, 0), (0, UInt64.max), (Int64.max, UInt64.max)] {
            estimator.add(captured: captured, sent: sent)
        }
        #expect(estimator.milliseconds?.isFinite == true)
    }

    @Test("Round trips are smoothed by RFC 6298: the variation first, with the old smoothed value")
    func roundTrip() {
        var figures = RoundTripFigures()
        let steps: [(sample: Double, smoothed: Double, variation: Double, timeout: Double)] = [
            (100, 100, 50, 300), (120, 102.5, 42.5, 272.5), (80, 99.6875, 37.5, 249.6875),
            (100, 99.7266, 28.2031, 212.5391),
        ]
        for step in steps {
            figures.add(step.sample)
            #expect(isClose(figures.smoothed, step.smoothed, 5e-5))
            #expect(isClose(figures.variation, step.variation, 5e-5))
            #expect(isClose(figures.smoothed + 4 * figures.variation, step.timeout, 5e-5))
        }
        #expect(figures.latest == 100)
        #expect(figures.smallest == 80)
        #expect(figures.count == 4)
    }

    @Test("Percentiles are of nearest rank, also of few samples", arguments: [1, 2, 9, 10, 11, 100])
    func percentiles(count: Int) throws {
        var figures = RoundTripFigures()
        for sample in 1...count { figures.add(Double(sample)) }
        for percentile in [1.0, 50, 90, 95, 99, 100] {
            let rank = max(1, Int((percentile / 100 * Double(count)).rounded(.up)))
            let value = try #require(figures.percentile(percentile))
            // Three digits of the histogram.
            #expect(abs(value - Double(rank)) <= Double(rank) * 0.001, "p\(percentile) of \(count)")
        }
    }

    @Test("Without a sample there is no percentile")
    func noPercentile() {
        #expect(RoundTripFigures().percentile(50) == nil)
        #expect(RoundTripFigures().smoothed.isNaN)
    }

    @Test("A round trip of hours or of nothing is kept within the histogram", arguments: [0, 1e-9, 3.6e6, 1e12])
    func extremeRoundTrip(sample: Double) throws {
        var figures = RoundTripFigures()
        figures.add(sample)
        let median = try #require(figures.percentile(50))
        #expect(median >= 0.001 && median <= 3.61e6)
    }
}

/// Design section 3: RTT = PONG capture time - PING capture time - hold_time, never from a repeated ping_id.
struct PingTests {
    private func pong(_ id: UInt32, hold: UInt32 = 0) -> Payload {
        .pong(Pong(pingID: id, pingTimestamp: 0, holdTime: hold, flow: Sample.flow))
    }

    private func ping(_ id: UInt32) -> Payload { .ping(Ping(pingID: id)) }

    private func roundTrip(_ talk: Talk) -> RoundTripFigures? {
        talk.stream(0).flatMap { talk.model.roundTrip(of: $0) }
    }

    @Test("The hold time is taken off, and the figure belongs to the stream that asked")
    func holdTime() throws {
        var talk = Talk()
        talk.send(ping(1), at: 100)
        talk.send(pong(1, hold: 2500), from: Sample.server, to: Sample.client, at: 110.5)
        let figures = try #require(roundTrip(talk))
        #expect(figures.latest == 8)
        #expect(figures.count == 1)
        #expect(talk.stream(0, .server)?.roundTrip == nil)
    }

    @Test("A ping_id that is used twice gives no sample, for nobody can say which was answered")
    func repeatedID() {
        var talk = Talk()
        talk.send(ping(1), at: 0)
        talk.send(ping(1), at: 50)
        talk.send(pong(1), from: Sample.server, to: Sample.client, at: 60)
        #expect(roundTrip(talk) == nil)
    }

    @Test("A PING that is retransmitted gives no sample, either")
    func retransmitted() {
        var talk = Talk()
        talk.send(ping(1), flags: .reliable, at: 0)
        talk.send(ping(1), sequence: 0, flags: [.reliable, .retransmit], at: 1000)
        talk.send(pong(1), from: Sample.server, to: Sample.client, at: 1010)
        #expect(roundTrip(talk) == nil)
    }

    @Test("A second PONG gives no second sample")
    func secondPong() {
        var talk = Talk()
        talk.send(ping(1), at: 0)
        talk.send(pong(1), from: Sample.server, to: Sample.client, at: 10)
        talk.send(pong(1), from: Sample.server, to: Sample.client, at: 400)
        #expect(roundTrip(talk)?.count == 1)
    }

    @Test("Both ends may use the same ping_id at the same time")
    func bothDirections() throws {
        var talk = Talk()
        talk.send(ping(1), at: 0)
        talk.send(ping(1), from: Sample.server, to: Sample.client, at: 5)
        talk.send(pong(1), from: Sample.server, to: Sample.client, at: 10)
        talk.send(pong(1), at: 25)
        #expect(roundTrip(talk)?.latest == 10)
        let other = try #require(talk.stream(0, .server))
        #expect(talk.model.roundTrip(of: other)?.latest == 20)
    }

    @Test("A hold time longer than the exchange is no sample, and no negative round trip")
    func impossibleHoldTime() {
        var talk = Talk()
        talk.send(ping(1), at: 0)
        talk.send(pong(1, hold: .max), from: Sample.server, to: Sample.client, at: 10)
        #expect(roundTrip(talk) == nil)
    }

    @Test("A PONG to a PING that was not captured gives no sample")
    func unknownPing() {
        var talk = Talk()
        talk.send(ping(1), at: 0)
        talk.send(pong(2), from: Sample.server, to: Sample.client, at: 10)
        #expect(roundTrip(talk) == nil)
    }

    @Test("Thousands of PINGs without an answer are not all kept, and the newest is answered")
    func manyPings() {
        var talk = Talk()
        for id in 0..<UInt32(5000) { talk.send(ping(id)) }
        talk.send(pong(4999), from: Sample.server, to: Sample.client, at: Double(talk.now) / 1e6 + 3)
        #expect(roundTrip(talk)?.latest == 3)
    }
}

/// Rates over the real length of an interval.
struct RateTests {
    private let second: Int64 = 1_000_000_000

    @Test("A rate is over the time that passed, not over the nominal window")
    func realInterval() throws {
        var series = RateSeries()
        // Ten messages in the first half second: 20 a second, not 10 and not 2.5.
        for step in 0..<10 { series.add(time: Sample.start + Int64(step) * second / 20, octets: 100) }
        let rate = try #require(series.perSecond(until: Sample.start + second / 2, since: Sample.start))
        #expect(abs(rate.messages - 20) < 1e-9)
        #expect(abs(rate.octets - 2000) < 1e-9)
    }

    @Test("Just after the first message there is no rate yet")
    func tooEarly() {
        var series = RateSeries()
        series.add(time: Sample.start, octets: 100)
        #expect(series.perSecond(until: Sample.start, since: Sample.start) == nil)
    }

    @Test("What is older than the window no longer counts, and silence is a rate of 0")
    func silence() throws {
        var series = RateSeries()
        series.add(time: Sample.start, octets: 100)
        let rate = try #require(series.perSecond(until: Sample.start + 60 * second, since: Sample.start))
        #expect(rate.messages == 0)
    }

    @Test("Seconds before the first message have no value, seconds without one have 0")
    func history() {
        var series = RateSeries()
        series.add(time: Sample.start + 3 * second, octets: 1)
        series.add(time: Sample.start + 3 * second, octets: 1)
        series.add(time: Sample.start + 5 * second, octets: 1)
        let history = series.history(until: Sample.start + 6 * second, since: Sample.start + 3 * second)
        #expect(history.count == RateSeries.seconds)
        #expect(Array(history.suffix(5)) == [nil, 2, 0, 1, 0])
    }

    @Test("A gap of years leaves nothing behind, and a clock that runs backwards is left out")
    func gap() throws {
        var series = RateSeries()
        series.add(time: Sample.start, octets: 1)
        let later = Sample.start + 100_000_000 * second
        series.add(time: later, octets: 7)
        series.add(time: Sample.start, octets: 1)
        let rate = try #require(series.perSecond(until: later + second / 2, since: Sample.start))
        #expect(rate.messages > 0 && rate.messages <= 1)
        #expect(series.history(until: later, since: Sample.start).last == .some(1))
    }

    @Test("The ends of time give no trap")
    func extremes() {
        var series = RateSeries()
        for time in [CapturedPacket.times.upperBound, CapturedPacket.times.lowerBound, 0, -1] {
            series.add(time: time, octets: .max)
        }
        _ = series.history(until: CapturedPacket.times.upperBound, since: 0)
        _ = series.perSecond(until: CapturedPacket.times.upperBound, since: 0)
    }
}

/// Stale after 3 usual intervals, gone from the map after 10.
struct StalenessTests {
    /// An entity that was heard of every `interval` milliseconds, the last time at 10 s.
    private func entity(every interval: Int) throws -> Entity {
        var talk = Talk()
        for time in stride(from: 10_000 - interval * 9, through: 10_000, by: interval) {
            talk.move(1, to: Vector3(Double(time), 0, 0), at: Double(time))
        }
        return try #require(talk.entity(1))
    }

    private func time(_ milliseconds: Double) -> Int64 { Sample.start + Int64(milliseconds * 1e6) }

    @Test("Fresh up to 3 of its usual intervals, stale up to 10, then gone")
    func intervals() throws {
        let entity = try entity(every: 500)
        #expect(entity.interval == 500_000_000)
        #expect(entity.staleness(at: time(10_000)) == .fresh)
        #expect(entity.staleness(at: time(11_500)) == .fresh)
        #expect(entity.staleness(at: time(11_501)) == .stale)
        #expect(entity.staleness(at: time(15_000)) == .stale)
        #expect(entity.staleness(at: time(15_001)) == .gone)
    }

    @Test("An interval below 100 ms counts as 100 ms, so that one late burst does not grey the map")
    func shortInterval() throws {
        let entity = try entity(every: 10)
        #expect(entity.staleness(at: time(10_300)) == .fresh)
        #expect(entity.staleness(at: time(10_301)) == .stale)
    }

    @Test("One update tells no interval and gets a second")
    func oneUpdate() throws {
        var talk = Talk()
        talk.move(1, at: 0)
        let entity = try #require(talk.entity(1))
        #expect(entity.staleness(at: time(3000)) == .fresh)
        #expect(entity.staleness(at: time(3001)) == .stale)
        #expect(entity.staleness(at: time(10_001)) == .gone)
    }

    @Test("A removed entity is gone at once")
    func removed() throws {
        var talk = Talk()
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1)))
        talk.tell(Sample.delta(1, Sample.entry(.removed, 1, version: 2)))
        let entity = try #require(talk.entity(1))
        #expect(entity.staleness(at: time(3)) == .gone)
    }
}
