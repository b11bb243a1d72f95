import SpatioSession
import SpatioWire
import Testing

@testable import SpatioServer

@Suite struct PositionTests {
    @Test func `an entity is where its client said last`() {
        var stage = Stage()
        let alice = stage.join(1)
        stage.move(5, to: Vector3(1, 2, 3), by: alice)
        stage.move(5, to: Vector3(4, 5, 6), by: alice)
        #expect(stage.server.spaces[0].places.count == 1)
        #expect(stage.server.spaces[0].places[0]?.entity.position == Vector3(4, 5, 6))
        #expect(stage.faults.isEmpty)
    }

    @Test func `what cannot be is refused with its code, and changes nothing`() {
        var stage = Stage(Stage.plan)
        let alice = stage.join(1, spaces: [Stage.plaza])
        let bob = stage.join(2)
        stage.move(5, to: Vector3(50.5, 0, 0), by: alice)
        stage.move(5, to: .zero, by: alice, in: Stage.park)
        stage.move(5, to: .zero, by: alice, in: uuid(99))
        stage.send(.spatialUpdate(SpatialUpdate(updates: [])), from: alice, in: nil)
        #expect(stage.faults == ["OUT_OF_BOUNDS", "UNAUTHORIZED", "UNAUTHORIZED", "INVALID_MESSAGE"])
        #expect(stage.server.spaces[0].places.count == 0)

        stage.move(6, to: .zero, by: alice)
        stage.forget()
        stage.move(6, to: Vector3(1, 1, 1), by: bob)
        #expect(stage.faults == ["SPATIAL_CONFLICT"])
        #expect(stage.server.spaces[0].places[0]?.entity.position == .zero)
    }

    @Test func `coordinates of another system are refused`() {
        var stage = Stage()
        let alice = stage.join(1)
        var message = stage.message(
            .spatialUpdate(
                SpatialUpdate(updates: [EntityUpdate(entityID: uuid(5), kind: 1, position: .zero)])))
        message.address?.coordinateSystem = .geodetic(nil)
        stage.server.received(message, octets: 100, from: alice, at: stage.now)
        message.address?.coordinateSystem = .cartesian(nil)
        message.address?.referenceFrame = uuid(9)
        stage.server.received(message, octets: 100, from: alice, at: stage.now)
        stage.take()
        #expect(stage.faults == ["INVALID_COORDINATES", "INVALID_COORDINATES"])
        #expect(stage.server.spaces[0].places.count == 0)
    }

    @Test func `a geodetic space has longitudes and latitudes`() {
        var stage = Stage(
            Stage.plaza {
                $0.coordinateSystem = .geodetic(nil); $0.bounds = nil
            })
        let alice = stage.join(1)
        for position in [Vector3(8, 47, 400), Vector3(181, 0, 0), Vector3(0, 91, 0)] {
            var message = stage.message(
                .spatialUpdate(
                    SpatialUpdate(updates: [EntityUpdate(entityID: uuid(5), kind: 1, position: position)])))
            message.address?.coordinateSystem = .geodetic(nil)
            stage.server.received(message, octets: 100, from: alice, at: stage.now)
        }
        stage.take()
        #expect(stage.faults == ["INVALID_COORDINATES", "INVALID_COORDINATES"])
        #expect(stage.server.spaces[0].places[0]?.entity.position == Vector3(8, 47, 400))
    }

    @Test func `an observer sends nothing of spaces`() {
        var stage = Stage()
        let eve = stage.join(1, role: .observer)
        stage.move(5, to: .zero, by: eve)
        stage.send(
            .spatialQuery(
                SpatialQuery(queryID: 4, parameters: .point(.zero, tolerance: 1), maxResults: 1, timeout: 0)),
            from: eve)
        #expect(stage.faults == ["UNAUTHORIZED", "UNAUTHORIZED"])
        #expect(stage.answers(to: eve).map(\.code) == [.unauthorized])
        #expect(stage.server.spaces[0].places.count == 0)
    }

    @Test func `who leaves takes what was his along; what was planned stays`() {
        var stage = Stage(
            Stage.plaza { $0.entities = [EntityPlan(id: uuid(1), position: .zero)] })
        let alice = stage.join(1)
        stage.move(1, to: Vector3(2, 0, 0), by: alice)
        stage.move(5, to: .zero, by: alice)
        stage.leave(alice)
        #expect(stage.server.spaces[0].places.count == 1)
        let bob = stage.join(2)
        stage.move(1, to: Vector3(3, 0, 0), by: bob)
        #expect(stage.faults.isEmpty)
    }

    @Test func `neither a client nor a space holds more entities than allowed`() {
        var plan = Stage.plaza()
        plan.limits.entitiesPerSession = 2
        plan.limits.entities = 3
        var stage = Stage(plan)
        let alice = stage.join(1)
        let bob = stage.join(2)
        for entity in 1...3 { stage.move(UInt64(entity), to: .zero, by: alice) }
        for entity in 11...12 { stage.move(UInt64(entity), to: .zero, by: bob) }
        #expect(stage.faults == ["STORAGE_FULL", "STORAGE_FULL"])
        #expect(stage.server.spaces[0].places.count == 3)
    }
}

@Suite struct PlaceIndexTests {
    private static func crowd(_ count: Int, reach: Double, edge: Double, _ dice: inout Dice) -> PlaceIndex {
        var index = PlaceIndex(edge: edge)
        for number in 0..<count {
            index.put(place(UInt64(number), dice.vector(reach), kind: UInt16(number % 3)))
        }
        return index
    }

    private static func place(_ number: UInt64, _ position: Vector3, kind: UInt16 = 0) -> Place {
        Place(
            entity: EntityUpdate(entityID: uuid(number), kind: kind, position: position), precision: 0, confidence: 1,
            owner: nil, isFixture: false)
    }

    private static func expected(
        _ index: PlaceIndex, _ query: PlaceQuery, _ coordinates: CoordinateSystem.Kind
    ) -> PlaceQuery.Answer {
        let volume: BoundingVolume
        switch query.shape {
        case .inside(let inside): volume = inside
        case .nearest(let point, let distance): volume = .sphere(center: point, radius: distance)
        }
        var found: [(Double, UUID, EntityUpdate)] = []
        index.visit(.everywhere) { _, place in
            if volume.depth(of: place.entity.position, in: coordinates) ?? -1 >= 0,
                query.kinds.isEmpty || query.kinds.contains(place.entity.kind),
                let distance = volume.middle.distance(to: place.entity.position, in: coordinates)
            {
                found.append((distance, place.entity.entityID, place.entity))
            }
            return true
        }
        found.sort { ($0.0, $0.1) < ($1.0, $1.1) }
        return PlaceQuery.Answer(
            truncated: found.count > query.maxResults,
            results: found.prefix(query.maxResults).map {
                SpatialResponse.QueryResult(
                    entityID: $0.1, kind: $0.2.kind, position: $0.2.position, distance: Float($0.0))
            })
    }

    @Test(arguments: [CoordinateSystem.Kind.cartesian, .geodetic], [0.7, 40.0])
    func `every query finds what a look at all places finds, the nearest first`(
        coordinates: CoordinateSystem.Kind, edge: Double
    ) {
        var dice = Dice(state: 11)
        let reach = coordinates == .cartesian ? 100.0 : 80
        let metres = coordinates == .cartesian ? 1.0 : 100_000
        let index = Self.crowd(800, reach: reach, edge: edge, &dice)
        for round in 0..<120 {
            let centre = dice.vector(reach)
            let shapes: [PlaceQuery.Shape] = [
                .inside(.sphere(center: centre, radius: dice.number(0...60) * metres)),
                .inside(.box(min: centre, max: Vector3(centre.x + dice.number(0...90), centre.y + 50, 200))),
                .inside(
                    .frustum(
                        Frustum(
                            apex: centre, orientation: Quaternion(0, 0, Float(dice.number(-1...1)), 0.7),
                            fovY: Float(dice.number(0.1...2.5)), aspect: 1.6, near: 0.1,
                            far: Float(dice.number(1...150) * metres)))),
                .nearest(centre, within: dice.number(0...120) * metres), .nearest(centre, within: 1e9),
            ]
            let query = PlaceQuery(
                shape: shapes[round % shapes.count], kinds: round % 4 == 0 ? [1] : [], maxResults: dice.number(0..<40),
                work: .max)
            var answer = index.answer(query, in: coordinates)
            answer.looked = 0
            #expect(answer == Self.expected(index, query, coordinates))
        }
    }

    @Test func `places that come, move and go are found where they are`() {
        var dice = Dice(state: 5)
        var index = PlaceIndex(edge: 3)
        var truth: [UInt64: Vector3] = [:]
        for _ in 0..<4000 {
            let number = UInt64(dice.number(0..<150))
            if dice.number(0..<4) == 0 {
                truth[number] = nil
                if let slot = index.slot(of: uuid(number)) { index.remove(slot) }
            } else {
                let position = dice.vector(20)
                truth[number] = position
                index.put(Self.place(number, position))
            }
        }
        var seen: [UUID: Vector3] = [:]
        index.visit(.everywhere) { _, place in
            #expect(seen.updateValue(place.entity.position, forKey: place.entity.entityID) == nil)
            return true
        }
        #expect(seen == Dictionary(uniqueKeysWithValues: truth.map { (uuid($0), $1) }))
        for (number, position) in truth {
            let near = index.answer(
                PlaceQuery(shape: .nearest(position, within: 0), maxResults: 1, work: .max), in: .cartesian)
            #expect(near.results.first?.entityID == uuid(number))
        }
    }

    @Test func `places farther out than cells have numbers are found all the same`() {
        var index = PlaceIndex(edge: 0.001)
        index.put(Self.place(1, Vector3(1e300, -1e300, 0)))
        index.put(Self.place(2, .zero))
        let query = PlaceQuery(shape: .nearest(.zero, within: 1e308), maxResults: 1, work: .max)
        #expect(index.answer(query, in: .cartesian).results.map(\.entityID) == [uuid(2)])
        let all = PlaceQuery(
            shape: .inside(.box(min: Vector3(1e299, -1e301, -1), max: Vector3(1e301, 0, 1))), maxResults: 9, work: .max)
        #expect(index.answer(all, in: .cartesian).results.map(\.entityID) == [uuid(1)])
    }

    @Test func `an update looks at nobody else, and a small query at few of very many`() {
        var dice = Dice(state: 3)
        let index = Self.crowd(20_000, reach: 1000, edge: 16, &dice)
        var looks = 0
        index.visit(
            BoundingVolume.sphere(center: .zero, radius: 20).footprint(in: .cartesian)
        ) { _, _ in
            looks += 1
            return true
        }
        #expect(looks < 100)
    }
}

@Suite struct QueryTests {
    private func stage(_ count: Int = 10) -> (Stage, SessionHandle) {
        var stage = Stage()
        let alice = stage.join(1)
        for number in 0..<count { stage.move(UInt64(100 + number), to: Vector3(Double(number), 0, 0), by: alice) }
        stage.forget()
        return (stage, alice)
    }

    @Test(
        arguments: [
            (SpatialQuery.Parameters.point(Vector3(3, 0, 0), tolerance: 0.5), [103]),
            (.radius(center: Vector3(0.1, 0, 0), radius: 2), [100, 101, 102]),
            (.bounds(min: Vector3(4, -1, -1), max: Vector3(6, 1, 1)), [105, 104, 106]),
            (
                .frustum(
                    Frustum(apex: Vector3(6.5, 0, 0), orientation: .identity, fovY: 1, aspect: 1, near: 0.1, far: 2)),
                [107, 108]
            ),
        ] as [(SpatialQuery.Parameters, [UInt64])])
    func `the four queries of the core list who is there, the nearest first`(
        parameters: SpatialQuery.Parameters, found: [UInt64]
    ) {
        var (stage, alice) = stage()
        stage.send(
            .spatialQuery(SpatialQuery(queryID: 8, parameters: parameters, maxResults: 50, timeout: 100)), from: alice)
        let answer = stage.answers(to: alice).first
        #expect(answer?.queryID == 8)
        #expect(answer?.code == .success)
        #expect(answer?.truncated == false)
        #expect(answer?.results.map(\.entityID) == found.map(uuid))
        #expect(stage.sent(to: alice).first?.delivery.address?.spaceID == Stage.plaza)
    }

    @Test(
        arguments: [
            (ExtendedQuery.nearest(point: Vector3(9, 0, 0), maxDistance: 100), [109, 108, 107]),
            (.radius(center: .zero, radius: 1.5), [100, 101]),
            (.boundary(.box(min: Vector3(0, -1, -1), max: Vector3(0.5, 1, 1))), [100]),
            (
                .visibility(
                    Frustum(apex: Vector3(8.5, 0, 0), orientation: .identity, fovY: 1, aspect: 1, near: 0.1, far: 2)),
                [109]
            ),
        ] as [(ExtendedQuery, [UInt64])])
    func `the extension's queries are answered in the extension`(query: ExtendedQuery, found: [UInt64]) throws {
        var (stage, alice) = stage()
        let request = ExtendedQueryRequest(queryID: 9, query: query, maxResults: 3, kinds: [7])
        stage.send(
            .extension(ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: request.encoded())), from: alice)
        let response = try #require(try Self.result(stage.payloads(to: alice).first))
        #expect(response.queryID == 9)
        #expect(response.code == .success)
        #expect(response.results.map(\.entityID) == found.map(uuid))
    }

    private static func result(_ payload: Payload?) throws -> SpatialResponse? {
        guard case .extension(let header)? = payload,
            case .result(let response) = try SpatialQueryMessage.decode(header.data)
        else { return nil }
        return response
    }

    @Test func `a custom query is refused with a code`() throws {
        var (stage, alice) = stage()
        let request = ExtendedQueryRequest(queryID: 9, query: .custom(5, [1]), maxResults: 3)
        stage.send(
            .extension(ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: request.encoded())), from: alice)
        #expect(try Self.result(stage.payloads(to: alice).first)?.code == .extensionError)
    }

    @Test func `more than wanted are cut, and it is said`() {
        var (stage, alice) = stage()
        stage.send(
            .spatialQuery(
                SpatialQuery(
                    queryID: 1, parameters: .radius(center: .zero, radius: 50), maxResults: 4, timeout: 0)),
            from: alice)
        #expect(stage.answers(to: alice).first?.truncated == true)
        #expect(stage.answers(to: alice).first?.results.count == 4)
    }

    @Test func `a query that takes longer than it may ends with what it has found`() {
        var plan = Stage.plaza()
        plan.limits.placesPerMillisecond = 2
        var stage = Stage(plan)
        let alice = stage.join(1)
        for number in 0..<10 { stage.move(UInt64(100 + number), to: Vector3(Double(number), 0, 0), by: alice) }
        stage.send(
            .spatialQuery(
                SpatialQuery(
                    queryID: 1, parameters: .radius(center: .zero, radius: 50), maxResults: 50, timeout: 2)),
            from: alice)
        let answer = stage.answers(to: alice).first
        #expect(answer?.code == .queryTimeout)
        #expect(answer?.truncated == true)
        #expect(answer?.results.count == 4)
    }

    @Test func `whose queries look at much may ask for less`() {
        var plan = Stage.plaza()
        plan.limits.placesPerSecond = 10
        var stage = Stage(plan)
        let alice = stage.join(1)
        for number in 0..<8 { stage.move(UInt64(100 + number), to: Vector3(Double(number), 0, 0), by: alice) }
        let query = SpatialQuery(
            queryID: 1, parameters: .radius(center: .zero, radius: 50), maxResults: 50, timeout: 0)
        for _ in 0..<4 { stage.send(.spatialQuery(query), from: alice) }
        #expect(stage.answers(to: alice).map(\.code) == [.success, .success, .queryTimeout, .rateLimited])
        stage.pass(milliseconds: 1000)
        stage.send(.spatialQuery(query), from: alice)
        #expect(stage.answers(to: alice).last?.code == .success)
    }

    @Test func `questions that make no sense and those about strange spaces get a code`() {
        var (stage, alice) = stage()
        let shapeless = SpatialQuery(
            queryID: 1, parameters: .radius(center: .zero, radius: -1), maxResults: 1, timeout: 0)
        stage.send(.spatialQuery(shapeless), from: alice)
        stage.send(.spatialQuery(shapeless), from: alice, in: uuid(99))
        #expect(stage.answers(to: alice).map(\.code) == [.invalidCoordinates, .unauthorized])
    }
}
