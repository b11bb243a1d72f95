import Inspection
import SpatioSession
import SpatioWire
import Testing

@Suite("Subscriptions and queries, as of any message")
struct SpatialChronicleTests {
    private static let ball = BoundingVolume.sphere(center: .zero, radius: 10)

    private static func subscribe(_ id: UInt32 = 1, every interval: UInt32 = 200, _ bounds: BoundingVolume = ball)
        -> Payload
    {
        .regionSubscribe(
            RegionSubscribe(subscriptionID: id, bounds: bounds, updateFrequency: interval, priority: .medium))
    }

    private static func query(_ id: UInt32, timeout: UInt16 = 500, most: UInt16 = 8) -> Payload {
        .spatialQuery(
            SpatialQuery(
                queryID: id, parameters: .radius(center: .zero, radius: 5), maxResults: most, timeout: timeout))
    }

    private static func extended(_ id: UInt32) -> Payload {
        .extension(
            ExtensionHeader(
                extensionID: ExtensionID.spatialQuery,
                data: ExtendedQueryRequest(
                    queryID: id, query: .nearest(point: .zero, maxDistance: 5), maxResults: 4
                ).encoded()))
    }

    private static func answer(_ id: UInt32, truncated: Bool = false, _ count: Int = 1) -> SpatialResponse {
        SpatialResponse(
            queryID: id, truncated: truncated,
            results: (0..<count).map {
                SpatialResponse.QueryResult(entityID: Sample.id($0), kind: 1, position: .zero, distance: 0)
            })
    }

    private func opened() -> Talk {
        var talk = Talk()
        talk.open()
        talk.move(1, at: 10)
        return talk
    }

    // MARK: Subscriptions

    @Test("A subscription holds from its message until it is cancelled, and before that nobody knows of the end")
    func cancelled() throws {
        var talk = opened()
        talk.send(Self.subscribe(), stream: 1, address: Sample.address())
        let begun = talk.model.counters.messages
        talk.move(1)
        talk.send(Self.subscribe(every: 0), stream: 1, address: Sample.address())
        let spatial = talk.chronicle.spatial
        #expect(spatial.subscriptions(until: begun - 1).isEmpty)
        #expect(spatial.subscriptions(until: begun) == [0])
        #expect(spatial.subscriptions(until: begun + 1, space: 0) == [0])
        #expect(spatial.subscriptions(until: begun + 1, space: 1).isEmpty)
        #expect(spatial.subscriptions(until: begun + 2).isEmpty)
        let subscription = spatial.subscriptions[0]
        #expect(subscription.ending(until: begun + 1) == nil)
        #expect(subscription.ending(until: begun + 2) == .cancelled)
        #expect(subscription.interval == 200 && subscription.space == 0 && subscription.subscriber == .client)
    }

    @Test("The same number with other bounds replaces, the same bounds again change nothing")
    func replaced() {
        var talk = opened()
        talk.send(Self.subscribe(), stream: 1, address: Sample.address())
        talk.send(Self.subscribe(), stream: 1, address: Sample.address())
        #expect(talk.chronicle.spatial.subscriptions.count == 1)
        talk.send(Self.subscribe(2), stream: 1, address: Sample.address())
        talk.send(
            Self.subscribe(1, .sphere(center: .zero, radius: 4)), stream: 1, address: Sample.address())
        let spatial = talk.chronicle.spatial
        #expect(spatial.subscriptions(until: talk.model.counters.messages) == [1, 2])
        #expect(spatial.subscriptions[0].ending(until: .max) == .replaced)
    }

    @Test("A session's end ends its subscriptions and no other's")
    func sessionEnded() {
        var talk = opened()
        talk.send(Self.subscribe(), stream: 1, address: Sample.address())
        talk.open(Sample.id(0x6), from: Sample.otherClient)
        talk.send(Self.subscribe(), from: Sample.otherClient, stream: 1, address: Sample.address())
        talk.send(Sample.goodbye)
        #expect(talk.chronicle.spatial.subscriptions(until: .max) == [1])
        #expect(talk.chronicle.spatial.subscriptions[0].ending(until: .max) == .sessionEnded)
        // A new CONNECT on the flow says the same of the session before.
        talk.send(Sample.connect(client: 9, name: "again"), from: Sample.otherClient)
        #expect(talk.chronicle.spatial.subscriptions(until: .max).isEmpty)
    }

    @Test("The newest are kept, and those that made room for them are counted")
    func limit() {
        var talk = opened()
        for number in 0..<SpatialChronicle.limit + 3 {
            talk.send(Self.subscribe(UInt32(number)), stream: 1, address: Sample.address())
        }
        let kept = talk.chronicle.spatial.subscriptions
        #expect(kept.count == SpatialChronicle.limit + 3 && kept.keptCount <= SpatialChronicle.limit)
        #expect(kept[kept.count - 1].id == UInt32(SpatialChronicle.limit + 2))
        #expect(talk.chronicle.spatial.forgotten == kept.start && kept.start == SpatialChronicle.limit / 4)
        #expect(talk.chronicle.spatial.subscriptions(until: .max).count == kept.keptCount)
    }

    // MARK: Queries

    @Test("A query waits until its answer comes, and the clock before the answer knows nothing of it")
    func answered() throws {
        var talk = opened()
        talk.send(Self.query(7), stream: 1, address: Sample.address(), at: 100)
        let asked = talk.model.counters.messages
        talk.send(
            .spatialResponse(Self.answer(7, truncated: true, 3)), from: Sample.server, to: Sample.client, stream: 1,
            address: Sample.address(), at: 112.5)
        let query = talk.chronicle.spatial.queries[0]
        #expect(query.kind == "RADIUS" && query.footprint == .sphere(center: .zero, radius: 5))
        #expect(query.status(until: asked) == .waiting && query.answer(until: asked) == nil)
        #expect(query.status(until: asked + 1) == .answered)
        let answer = try #require(query.answer(until: asked + 1))
        #expect(answer.isTruncated && answer.results == 3 && answer.code == .success)
        #expect(query.responseTime(until: asked + 1) == 12.5)
        #expect(talk.count(of: .unansweredQuery) == 0)
    }

    @Test("An answer of another session, of the same side, or of the other kind of query is none")
    func strangers() {
        var talk = opened()
        talk.open(Sample.id(0x6), from: Sample.otherClient)
        talk.send(Self.query(7), stream: 1, address: Sample.address())
        talk.send(.spatialResponse(Self.answer(7)), stream: 1, address: Sample.address())
        talk.send(
            .spatialResponse(Self.answer(7)), from: Sample.server, to: Sample.otherClient, stream: 1,
            address: Sample.address())
        talk.send(
            .extension(
                ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: Self.answer(7).encodedAsExtension())),
            from: Sample.server, to: Sample.client, stream: 3)
        #expect(talk.chronicle.spatial.queries[0].status(until: .max) == .waiting)
    }

    @Test("A query without an answer is found with the first message behind its timeout and the grace")
    func unanswered() throws {
        var talk = opened()
        talk.send(Self.query(7, timeout: 500), stream: 1, address: Sample.address(), at: 100)
        let asked = talk.model.counters.messages
        talk.move(1, at: 700)
        #expect(talk.count(of: .unansweredQuery) == 0)
        talk.move(1, at: 700.001)
        #expect(talk.count(of: .unansweredQuery) == 1)
        let found = try #require((0..<1).map { talk.chronicle.findings.findings[$0] }.first)
        #expect(found.message == asked && found.detected == asked + 2 && found.rule == .unansweredQuery)
        #expect(found.text.contains("RADIUS query 7") && found.text.contains("500 ms"))
        let query = talk.chronicle.spatial.queries[0]
        #expect(query.status(until: asked + 1) == .waiting && query.status(until: asked + 2) == .unanswered)
        // It comes after all: late, and it was found all the same.
        talk.send(
            .spatialResponse(Self.answer(7)), from: Sample.server, to: Sample.client, stream: 1,
            address: Sample.address(), at: 900)
        #expect(talk.chronicle.spatial.queries[0].status(until: asked + 3) == .late)
        #expect(talk.chronicle.spatial.queries[0].status(until: asked + 2) == .unanswered)
        #expect(talk.count(of: .unansweredQuery) == 1)
    }

    @Test("An answer within the grace is late and no finding")
    func lateWithinGrace() {
        var talk = opened()
        talk.send(Self.query(7, timeout: 500), stream: 1, address: Sample.address(), at: 100)
        talk.send(
            .spatialResponse(Self.answer(7)), from: Sample.server, to: Sample.client, stream: 1,
            address: Sample.address(), at: 650)
        talk.move(1, at: 2000)
        #expect(talk.chronicle.spatial.queries[0].status(until: .max) == .late)
        #expect(talk.count(of: .unansweredQuery) == 0)
    }

    @Test("An extended query states no timeout and has the usual one")
    func extendedQuery() {
        var talk = opened()
        talk.send(Self.extended(1), stream: 3, at: 100)
        talk.send(Self.extended(2), stream: 3, at: 100)
        talk.send(
            .extension(
                ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: Self.answer(2).encodedAsExtension())),
            from: Sample.server, to: Sample.client, stream: 3, at: 130)
        talk.move(1, at: 100 + Double(AskedQuery.usualTimeout + AskedQuery.grace))
        #expect(talk.count(of: .unansweredQuery) == 0)
        talk.move(1, at: 101 + Double(AskedQuery.usualTimeout + AskedQuery.grace))
        #expect(talk.count(of: .unansweredQuery) == 1)
        let queries = talk.chronicle.spatial.queries
        #expect(queries[0].status(until: .max) == .unanswered && queries[1].status(until: .max) == .answered)
        #expect(queries[0].kind == "NEAREST" && queries[0].isExtended && queries[0].timeout == nil)
        #expect(queries[0].space == 0)
    }

    @Test("The latest queries come first, those of one space, not those before a time")
    func recent() {
        var talk = opened()
        for number in 0..<5 {
            talk.send(
                Self.query(UInt32(number)), stream: 1, address: Sample.address(), at: 100 + Double(number) * 100)
        }
        talk.send(Self.query(9), stream: 1, address: Sample.address(Sample.id(0xB)), at: 600)
        let spatial = talk.chronicle.spatial
        let last = talk.model.counters.messages
        #expect(spatial.queries(until: last, most: 3) == [5, 4, 3])
        #expect(spatial.queries(until: last - 1, space: 0, most: 2) == [4, 3])
        #expect(spatial.queries(until: last, since: Sample.start + 350_000_000, space: 0, most: 9) == [4, 3])
    }

    @Test("A thousand queries that nobody answers are found one by one")
    func flood() {
        var talk = opened()
        for number in 0..<1000 { talk.send(Self.query(UInt32(number)), stream: 1, address: Sample.address(), at: 100) }
        for message in 0..<200 { talk.move(1, at: 2000 + Double(message)) }
        #expect(talk.count(of: .unansweredQuery) == 1000)
    }
}
