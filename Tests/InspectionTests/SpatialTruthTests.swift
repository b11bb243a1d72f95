import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// Who should be heard and is not, and the other way round; what an answer should have listed.
@Suite("The truth about subscriptions and queries")
struct SpatialTruthTests {
    private static let watcher = Sample.otherClient

    /// Two clients: 1 walks about and tells of it, 2 (the watcher) subscribes to a ball of 10 m. Everything moves ten
    /// times a second for two seconds; `deliver` says of which entities the server tells the watcher.
    private func recording(
        places: [Int: (Double) -> Vector3], deliver: Set<Int>,
        bounds: BoundingVolume = .sphere(center: .zero, radius: 10),
        more: (inout Recording) -> Void = { _ in }
    ) -> Recording {
        var recording = Recording()
        recording.open(at: 0)
        recording.open(Sample.id(0x6), from: Self.watcher, number: 2, at: 0)
        recording.move(1, to: places[1]?(0) ?? .zero, at: 1)
        recording.send(
            .regionSubscribe(
                RegionSubscribe(subscriptionID: 4, bounds: bounds, updateFrequency: 100, priority: .medium)),
            from: Self.watcher, stream: 1, address: Sample.address(), at: 5)
        more(&recording)
        for step in 1...20 {
            let time = Double(step) * 100
            for (entity, place) in places.sorted(by: { $0.key < $1.key }) {
                recording.move(entity, to: place(time), at: time)
            }
            for entity in deliver.sorted() {
                recording.move(
                    entity, to: places[entity]?(time) ?? .zero, from: Sample.server, to: Self.watcher, at: time + 2)
            }
        }
        return recording
    }

    private func verdicts(_ truth: SubscriptionTruth, _ snapshot: Snapshot) -> [Int: SubscriptionTruth.Verdict] {
        var result: [Int: SubscriptionTruth.Verdict] = [:]
        for (index, verdict) in truth.verdicts {
            result[Int(snapshot.model.entities[index].id.low & 0xFFFF)] = verdict
        }
        return result
    }

    @Test("Inside and told of is heard, inside and not is silent, told of and outside is outside, the rest is nothing")
    func subscription() throws {
        let recording = recording(
            places: [
                1: { _ in Vector3(1, 0, 0) }, 2: { _ in Vector3(2, 0, 0) }, 3: { _ in Vector3(30, 0, 0) },
                4: { _ in Vector3(40, 0, 0) },
            ], deliver: [1, 3])
        let snapshot = try recording.snapshot()
        let truth = snapshot.truth(ofSubscription: 0)
        #expect(verdicts(truth, snapshot) == [1: .heard, 2: .silent, 3: .outside])
        #expect((truth.heard, truth.silent, truth.outside) == (1, 1, 1))
        #expect(truth.isSettled && truth.wantedRate == 10)
        // Six or seven messages within three intervals of 100 ms: two each.
        #expect(try #require(truth.rate) > 15 && #require(truth.rate) < 28)
    }

    @Test("Who came in a moment ago is not accused, nor who is at the edge")
    func newcomers() throws {
        let recording = recording(
            places: [
                1: { _ in Vector3(1, 0, 0) },
                // Inside since the last step only.
                2: { $0 > 1950 ? Vector3(2, 0, 0) : Vector3(20, 0, 0) },
                3: { _ in Vector3(9.9999, 0, 0) },
            ], deliver: [1])
        let snapshot = try recording.snapshot()
        #expect(verdicts(snapshot.truth(ofSubscription: 0), snapshot) == [1: .heard, 3: .silent])
    }

    @Test("What the subscriber tells of himself nobody has to tell him")
    func own() throws {
        let recording = recording(places: [1: { _ in Vector3(1, 0, 0) }], deliver: [1]) { recording in
            for step in 1...20 {
                recording.move(8, to: Vector3(3, 0, 0), from: Self.watcher, at: 5 + Double(step) * 0.01)
            }
        }
        var late = recording
        late.move(8, to: Vector3(3, 0, 0), from: Self.watcher, at: 2003)
        let snapshot = try late.snapshot()
        #expect(verdicts(snapshot.truth(ofSubscription: 0), snapshot) == [1: .heard])
    }

    @Test("Another subscription of the same end may be why something is told")
    func others() throws {
        let second = BoundingVolume.sphere(center: Vector3(30, 0, 0), radius: 2)
        let recording = recording(
            places: [1: { _ in Vector3(1, 0, 0) }, 3: { _ in Vector3(30, 0, 0) }], deliver: [1, 3]
        ) { recording in
            recording.send(
                .regionSubscribe(
                    RegionSubscribe(subscriptionID: 5, bounds: second, updateFrequency: 100, priority: .low)),
                from: Self.watcher, stream: 1, address: Sample.address(), at: 6)
        }
        let snapshot = try recording.snapshot()
        #expect(verdicts(snapshot.truth(ofSubscription: 0), snapshot) == [1: .heard, 3: .heard])
        #expect(snapshot.truth(ofSubscription: 0).outside == 0)
    }

    @Test("Before two intervals have gone by nothing is said of silence")
    func early() throws {
        let recording = recording(
            places: [1: { _ in Vector3(1, 0, 0) }, 2: { _ in Vector3(2, 0, 0) }], deliver: [1])
        // Two handshakes, the first place, the subscription, and two updates.
        let snapshot = try recording.snapshot(until: 9)
        let truth = snapshot.truth(ofSubscription: 0)
        #expect(!truth.isSettled && truth.silent == 0 && truth.rate == nil)
    }

    // MARK: Queries

    private func asked(
        _ parameters: SpatialQuery.Parameters, most: UInt16 = 8, answer: [(Int, Vector3)]?,
        moving: (inout Recording) -> Void = { _ in }
    ) throws -> Snapshot {
        var recording = Recording()
        recording.open(at: 0)
        for step in 1...5 {
            recording.move(1, to: Vector3(1, 0, 0), at: Double(step) * 100)
            recording.move(2, to: Vector3(3, 0, 0), at: Double(step) * 100)
            recording.move(3, to: Vector3(4.9, 0, 0), velocity: Vector3f(3, 0, 0), at: Double(step) * 100)
            recording.move(4, to: Vector3(40, 0, 0), at: Double(step) * 100)
        }
        recording.send(
            .spatialQuery(SpatialQuery(queryID: 1, parameters: parameters, maxResults: most, timeout: 500)),
            stream: 1, address: Sample.address(), at: 550)
        if let answer {
            recording.send(
                .spatialResponse(
                    SpatialResponse(
                        queryID: 1, truncated: false,
                        results: answer.map {
                            SpatialResponse.QueryResult(
                                entityID: Sample.id($0.0), kind: 1, position: $0.1, distance: 0)
                        })), from: Sample.server, to: Sample.client, stream: 1, address: Sample.address(), at: 560)
        }
        moving(&recording)
        return try recording.snapshot()
    }

    private func verdicts(_ truth: QueryTruth) -> [Int: QueryTruth.Verdict] {
        Dictionary(uniqueKeysWithValues: truth.verdicts.map { (Int($0.key.low & 0xFFFF), $0.value) })
    }

    private static let radius = SpatialQuery.Parameters.radius(center: .zero, radius: 5)

    @Test("Found, missed and extra are told apart, and who is at the edge is neither")
    func compared() throws {
        let truth = try #require(
            asked(Self.radius, answer: [(1, Vector3(1, 0, 0)), (4, Vector3(40, 0, 0))]).truth(ofQuery: 0))
        // 3 moves with 3 m/s and may be out.
        #expect(verdicts(truth) == [1: .found, 2: .missed, 4: .extra])
        #expect(truth.expected == 2 && !truth.isCut)
        let edge = try #require(
            asked(
                Self.radius, answer: [(1, Vector3(1, 0, 0)), (2, Vector3(3, 0, 0)), (3, Vector3(4.95, 0, 0))]
            ).truth(ofQuery: 0))
        #expect(verdicts(edge) == [1: .found, 2: .found, 3: .found])
        #expect(edge.results.map(\.entity) == [1, 2, 3].map { Sample.id($0) })
    }

    @Test("What max_results left out is not missing")
    func cut() throws {
        let truth = try #require(asked(Self.radius, most: 1, answer: [(1, Vector3(1, 0, 0))]).truth(ofQuery: 0))
        #expect(verdicts(truth) == [1: .found, 2: .cut])
        #expect(truth.count(of: .missed) == 0)
    }

    @Test("What moved since does not change what was expected then")
    func later() throws {
        let snapshot = try asked(Self.radius, answer: [(1, Vector3(1, 0, 0)), (2, Vector3(3, 0, 0))]) { recording in
            for step in 0..<5 {
                recording.move(1, to: Vector3(50, 0, 0), at: 700 + Double(step) * 100)
                recording.move(4, to: Vector3(0, 0, 0), at: 700 + Double(step) * 100)
            }
        }
        let truth = try #require(snapshot.truth(ofQuery: 0))
        #expect(verdicts(truth) == [1: .found, 2: .found])
    }

    @Test("Without an answer there is an expectation and no verdict")
    func waiting() throws {
        let truth = try #require(asked(Self.radius, answer: nil).truth(ofQuery: 0))
        #expect(truth.expected == 2 && truth.verdicts.isEmpty)
    }

    @Test(
        "All kinds of footprints are judged",
        arguments: [
            (SpatialQuery.Parameters.point(Vector3(3, 0, 0), tolerance: 0.5), [2]),
            (.bounds(min: Vector3(0, -1, -1), max: Vector3(2, 1, 1)), [1]),
            (
                .frustum(
                    Frustum(apex: .zero, orientation: .identity, fovY: 0.5, aspect: 1, near: 2, far: 4)),
                [2]
            ),
        ])
    func kinds(_ parameters: SpatialQuery.Parameters, _ expected: [Int]) throws {
        let truth = try #require(asked(parameters, answer: []).truth(ofQuery: 0))
        #expect(verdicts(truth).keys.sorted() == expected)
        #expect(truth.count(of: .missed) == expected.count)
    }
}

/// A space as one end of a session has it.
@Suite("A replica's world")
struct ReplicaWorldTests {
    private func recording() -> Recording {
        var recording = Recording()
        recording.open(at: 0)
        recording.open(Sample.id(0x6), from: Sample.otherClient, number: 2, at: 0)
        for step in 1...10 {
            let time = Double(step) * 100
            recording.move(1, to: Vector3(Double(step), 0, 0), at: time)
            recording.move(2, to: Vector3(0, Double(step), 0), from: Sample.otherClient, at: time)
            // The second client hears of the first one until the fifth step.
            if step <= 5 {
                recording.move(
                    1, to: Vector3(Double(step), 0, 0), from: Sample.server, to: Sample.otherClient, at: time + 1)
            }
        }
        return recording
    }

    private let replica = ReplicaID(session: 1, side: .client)

    private func place(_ entity: Int, _ model: Model) -> Vector3? {
        model.entityIndex(Sample.id(entity), space: 0).flatMap { model.entities[$0].position }
    }

    @Test("has what was told and said in its session, and nothing else")
    func world() throws {
        let snapshot = try recording().snapshot()
        let world = ReplicaWorld(replica, space: 0, snapshot)
        let model = world.model(snapshot)
        #expect(place(1, model) == Vector3(5, 0, 0) && place(2, model) == Vector3(0, 10, 0))
        #expect(place(1, snapshot.model) == Vector3(10, 0, 0))
        let first = ReplicaWorld(ReplicaID(session: 0, side: .server), space: 0, snapshot).model(snapshot)
        #expect(place(1, first) == Vector3(10, 0, 0) && place(2, first) == nil)
    }

    @Test("is the same when it follows the clock and when it is made anew")
    func following() throws {
        let recording = recording()
        var following = ReplicaWorld(replica, space: 0, try recording.snapshot(until: 4))
        for cursor in [5, 9, 10, 17, recording.count] {
            let snapshot = try recording.snapshot(until: cursor)
            let follows = following.advance(to: snapshot)
            #expect(follows)
            let anew = ReplicaWorld(replica, space: 0, snapshot)
            for entity in 1...2 {
                #expect(place(entity, following.model(snapshot)) == place(entity, anew.model(snapshot)))
            }
            #expect(following.count == anew.count)
        }
        let goesBack = following.advance(to: try recording.snapshot(until: 4))
        #expect(!goesBack)
    }

    @Test("of a session that is not there yet is empty")
    func notYet() throws {
        let snapshot = try recording().snapshot(until: 2)
        #expect(ReplicaWorld(replica, space: 0, snapshot).count == 0)
    }
}
