import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// Round trips and response times: two things, kept apart, and neither made up.
struct QualityDelayTests {
    private func query(_ id: UInt32) -> Payload {
        .spatialQuery(SpatialQuery(queryID: id, parameters: .point(.zero, tolerance: 1), maxResults: 1, timeout: 100))
    }

    private func response(_ id: UInt32) -> Payload {
        .spatialResponse(SpatialResponse(queryID: id, truncated: false, results: []))
    }

    private func ask(
        _ talk: inout Talk, _ id: UInt32, at time: Double, flags: MessageFlags = [], sequence: UInt32? = nil
    ) {
        talk.send(
            query(id), stream: 1, sequence: sequence, flags: flags, address: Sample.address(), at: time)
    }

    private func tell(_ talk: inout Talk, _ id: UInt32, at time: Double) {
        talk.send(
            response(id), from: Sample.server, to: Sample.client, stream: 1, address: Sample.address(), at: time)
    }

    private func samples(_ talk: Talk) -> [DelaySample] {
        let log = talk.chronicle.quality.responses
        return (0..<log.count).map { log[$0] }
    }

    @Test("A response time runs from the query to its response")
    func responses() {
        var talk = Talk()
        ask(&talk, 7, at: 10)
        ask(&talk, 8, at: 12)
        tell(&talk, 8, at: 15)
        tell(&talk, 7, at: 30)
        tell(&talk, 7, at: 40)
        tell(&talk, 99, at: 50)
        #expect(samples(talk).map(\.milliseconds) == [3, 20])
        #expect(samples(talk).map(\.message) == [3, 4])
        #expect(samples(talk).allSatisfy { $0.kind == .query })
        #expect(talk.chronicle.quality.roundTrips.isEmpty)
    }

    @Test("A number that comes again gives no sample, nor does a query that was sent again")
    func repeated() {
        var talk = Talk()
        ask(&talk, 1, at: 0)
        ask(&talk, 1, at: 100)
        tell(&talk, 1, at: 101)
        // The same message once more.
        ask(&talk, 2, at: 200, sequence: 50)
        ask(&talk, 2, at: 300, flags: .retransmit, sequence: 50)
        tell(&talk, 2, at: 301)
        // Only the repetition was captured.
        ask(&talk, 3, at: 400, flags: .retransmit)
        tell(&talk, 3, at: 401)
        #expect(samples(talk).isEmpty)
        ask(&talk, 4, at: 500)
        tell(&talk, 4, at: 504)
        #expect(samples(talk).map(\.milliseconds) == [4])
    }

    @Test("CONNECT behind a CHALLENGE is measured from its own time, one repeated without it is not")
    func connecting() {
        var talk = Talk()
        talk.send(Sample.connect(), at: 0)
        talk.send(
            .challenge(Challenge(challengeID: 1, nonce: [1])), from: Sample.server, to: Sample.client, at: 5)
        talk.send(Sample.connect(), at: 10)
        talk.send(Sample.accept(), from: Sample.server, to: Sample.client, at: 13)
        #expect(samples(talk).map(\.milliseconds) == [3] && samples(talk)[0].kind == .connect)
        let other = Sample.otherClient
        talk.send(Sample.connect(client: 2), from: other, at: 20)
        talk.send(Sample.connect(client: 2), from: other, at: 30)
        talk.send(Sample.accept(Sample.id(9)), from: Sample.server, to: other, at: 31)
        #expect(samples(talk).count == 1)
    }

    @Test("Requests for state, relays, authentication and keys have theirs")
    func kinds() {
        var talk = Talk()
        func exchange(_ request: Payload, _ response: Payload, at time: Double) {
            talk.send(request, at: time)
            talk.send(response, from: Sample.server, to: Sample.client, at: time + 2)
        }
        exchange(
            .stateRequest(StateRequest(requestID: 1, spaceID: Sample.space, knownVersion: 0, mode: .full)),
            .stateResponse(StateResponse(requestID: 1, sync: nil)), at: 10)
        exchange(
            .relayRequest(RelayRequest(requestID: 1, source: Sample.id(1), target: Sample.id(2), ttl: 1, payload: [])),
            .relayResponse(RelayResponse(requestID: 1, code: .success, relayID: Sample.id(3), hops: 1)), at: 20)
        exchange(
            .authRequest(AuthRequest(method: .token, credentials: [1], timestamp: 0)),
            .authResponse(AuthResponse(code: .success, token: [], expires: 0, reason: "")), at: 30)
        exchange(
            .keyExchange(KeyExchange(epoch: 1, cipherSuites: [1], publicKey: [UInt8](repeating: 1, count: 32))),
            .keyExchange(KeyExchange(epoch: 1, cipherSuites: [1], publicKey: [UInt8](repeating: 2, count: 32))), at: 40)
        #expect(samples(talk).map(\.kind) == [.state, .relay, .authentication, .keys])
        #expect(samples(talk).allSatisfy { $0.milliseconds == 2 })
    }

    @Test("Round trips are told with who asked; a lie about the time held is none")
    func roundTrips() {
        var talk = Talk()
        talk.send(.ping(Ping(pingID: 1)), at: 0)
        talk.send(
            .pong(Pong(pingID: 1, pingTimestamp: 0, holdTime: 2000, flow: Sample.flow)), from: Sample.server,
            to: Sample.client, at: 12)
        talk.send(.ping(Ping(pingID: 1)), from: Sample.server, to: Sample.client, at: 20)
        talk.send(.pong(Pong(pingID: 1, pingTimestamp: 0, holdTime: 0, flow: Sample.flow)), at: 24)
        talk.send(.ping(Ping(pingID: 2)), at: 30)
        talk.send(
            .pong(Pong(pingID: 2, pingTimestamp: 0, holdTime: 2_000_000, flow: Sample.flow)), from: Sample.server,
            to: Sample.client, at: 31)
        let groups = talk.picture().roundTrips.groups
        #expect(groups.map(\.asker) == [.client, .server])
        #expect(groups.map(\.figures.latest) == [10, 4])
        #expect(talk.picture().responses.groups.isEmpty)
    }

    @Test("Of very many points the extremes of each short time stay, and the percentiles are of all")
    func thinning() throws {
        var snapshot = Snapshot()
        var talk = Talk()
        talk.move(1, at: 0)
        snapshot = talk.snapshot
        for number in 0..<50_000 {
            snapshot.chronicle.quality.add(
                DelaySample(
                    time: Sample.start + Int64(number) * 100_000, message: 1, stream: 0,
                    milliseconds: number == 31_234 ? 900 : Float(number % 10), kind: .roundTrip))
        }
        let range = QualityRange(
            covering: Sample.start, to: Sample.start + 5_000_000_000, points: 10, width: 100_000_000)
        let group = try #require(snapshot.quality(of: .everything, over: range).roundTrips.groups.first)
        #expect(group.points.count < 2100)
        #expect(group.points.contains { $0.milliseconds == 900 } && group.figures.greatest == 900)
        #expect(group.figures.count == 50_000 && abs(group.figures.p50 - 5) < 0.01)
    }

    // MARK: Cost

    @Test("An entity costs the octets of its last two seconds, and nothing behind them")
    func entityCost() throws {
        var rate = OctetRate()
        #expect(rate.perSecond(until: 0) == nil)
        for step in 0..<40 as Range<Int64> { rate.add(100, time: Sample.start + step * 100_000_000) }
        let second: Int64 = 1_000_000_000
        #expect(rate.perSecond(until: Sample.start + 4 * second) == 1000)
        #expect(rate.perSecond(until: Sample.start + 5 * second) == 500)
        #expect(rate.perSecond(until: Sample.start + 6 * second) == 0)
        #expect(rate.perSecond(until: Sample.start + 3 * second).map { $0 > 900 } == true)
        for time in [Int64.min, .max, 0] {
            rate.add(.max, time: time)
            #expect(rate.perSecond(until: time).map { $0 >= 0 } == true)
        }
    }

    @Test("Each of a message's entities bears its part")
    func sharedCost() throws {
        var talk = Talk()
        for step in 0..<40 { talk.move(step % 2, at: Double(step) * 50) }
        let table = talk.snapshot.cost(by: .entity)
        #expect(table.rows.count == 2 && table.count == 2)
        let octets = Double(talk.model.counters.octets)
        #expect(abs(table.total - octets / 2) < octets / 20)
        #expect(table.rows[0].octets == talk.entity(0)?.octetsPerSecond(until: talk.snapshot.time))
    }
}
