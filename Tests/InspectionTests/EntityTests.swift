import Inspection
import SpatioWire
import Testing

/// Where entities are, whatever the network does to their updates.
struct EntityTests {
    @Test("An update says where an entity is, in its space")
    func update() throws {
        var talk = Talk()
        let entity = EntityUpdate(
            entityID: Sample.id(1), kind: 7, position: Vector3(1, 2, 3), orientation: .identity,
            velocity: Vector3f(4, 5, 6))
        talk.send(
            .spatialUpdate(SpatialUpdate(updates: [entity])), stream: 1,
            address: Sample.address(system: .geodetic(nil)))
        let known = try #require(talk.entity(1))
        #expect(known.kind == 7)
        #expect(known.position == Vector3(1, 2, 3))
        #expect(known.orientation == .identity)
        #expect(known.velocity == Vector3f(4, 5, 6))
        #expect(known.precision == 0.5)
        #expect(known.coordinates == .geodetic)
        #expect(known.updates == 1)
        #expect(talk.model.spaces.map(\.entities) == [1])
    }

    @Test("The same id in two spaces is two entities")
    func twoSpaces() {
        var talk = Talk()
        talk.move(1, to: Vector3(1, 0, 0))
        talk.move(1, to: Vector3(2, 0, 0), space: Sample.id(0xB))
        #expect(talk.entity(1)?.position?.x == 1)
        #expect(talk.entity(1, in: Sample.id(0xB))?.position?.x == 2)
        #expect(talk.model.spaces.map(\.entities) == [1, 1])
    }

    @Test("An older update that comes late does not move it back, and still counts")
    func lateUpdate() throws {
        var talk = Talk()
        talk.move(1, to: Vector3(1, 0, 0), stamp: 100, sequence: 0)
        talk.move(1, to: Vector3(3, 0, 0), stamp: 300, sequence: 2)
        let late = talk.move(1, to: Vector3(2, 0, 0), stamp: 200, sequence: 1)
        #expect(late.marks.contains(.reordered))
        let entity = try #require(talk.entity(1))
        #expect(entity.position?.x == 3)
        #expect(entity.updates == 3)
    }

    @Test("Of two updates of the same time on one stream the later sequence decides")
    func sameTime() {
        var talk = Talk()
        talk.move(1, to: Vector3(2, 0, 0), stamp: 100, sequence: 11)
        talk.move(1, to: Vector3(1, 0, 0), stamp: 100, sequence: 10)
        #expect(talk.entity(1)?.position?.x == 2)
        talk.move(1, to: Vector3(3, 0, 0), stamp: 100, sequence: 12)
        #expect(talk.entity(1)?.position?.x == 3)
    }

    @Test("A sender whose clock was set back is believed again")
    func clockSetBack() {
        var talk = Talk()
        talk.move(1, to: Vector3(1, 0, 0), stamp: 100_000)
        talk.move(1, to: Vector3(2, 0, 0), stamp: 50_000)
        #expect(talk.entity(1)?.position?.x == 2)
    }

    @Test("A duplicate and a retransmission of what was seen move and count nothing")
    func duplicates() throws {
        var talk = Talk()
        talk.move(1, to: Vector3(1, 0, 0), stamp: 100, sequence: 0)
        let duplicate = talk.move(1, to: Vector3(1, 0, 0), stamp: 100, sequence: 0)
        #expect(duplicate.marks.contains(.duplicate))
        let repeated = talk.send(
            Sample.update(1, at: Vector3(1, 0, 0)), stream: 1, sequence: 0, flags: .retransmit,
            address: Sample.address(stamp: 100))
        #expect(repeated.marks.contains(.retransmit))
        #expect(!repeated.marks.contains(.duplicate))
        #expect(talk.entity(1)?.updates == 1)
        let stream = try #require(talk.stream(1))
        #expect((stream.messages, stream.duplicates, stream.retransmits, stream.lost) == (3, 1, 1, 0))
    }

    @Test("A retransmission that fills a hole counts as repeated and as late, and its update as any other")
    func recovered() throws {
        var talk = Talk()
        talk.move(1, to: Vector3(1, 0, 0), stamp: 100, sequence: 0)
        talk.move(1, to: Vector3(3, 0, 0), stamp: 300, sequence: 2)
        #expect(talk.count(of: .loss) == 1)
        talk.send(
            Sample.update(2, at: Vector3(9, 0, 0)), stream: 1, sequence: 1, flags: .retransmit,
            address: Sample.address(stamp: 200))
        let stream = try #require(talk.stream(1))
        #expect((stream.retransmits, stream.reordered, stream.lost, stream.duplicates) == (1, 1, 0, 0))
        #expect(talk.entity(2)?.position?.x == 9)
        #expect(talk.count(of: .loss) == 0)
    }

    @Test("Without an orientation in an update the last one stays; without a velocity there is none")
    func optionalParts() {
        var talk = Talk()
        let first = EntityUpdate(
            entityID: Sample.id(1), kind: 1, position: .zero, orientation: .identity, velocity: Vector3f(1, 0, 0))
        talk.send(.spatialUpdate(SpatialUpdate(updates: [first])), stream: 1, address: Sample.address(stamp: 1))
        talk.move(1, stamp: 2)
        #expect(talk.entity(1)?.orientation == .identity)
        #expect(talk.entity(1)?.velocity == nil)
    }

    @Test("A position in another entity's frame keeps the frame that it needs")
    func frames() {
        var talk = Talk()
        talk.send(
            Sample.update(1, at: Vector3(1, 0, 0)), stream: 1,
            address: Sample.address(system: .relative(reference: Sample.id(2), offset: Vector3(0, 0, 5))))
        #expect(talk.entity(1)?.coordinates == .relative)
        #expect(talk.entity(1)?.frame == Sample.id(2))
        #expect(talk.entity(1)?.frameOffset == Vector3(0, 0, 5))
        talk.move(1, stamp: 10)
        #expect(talk.entity(1)?.coordinates == .cartesian)
        #expect(talk.entity(1)?.frame == nil)
    }

    @Test("Many entities in one message share its octets")
    func batch() {
        var talk = Talk()
        let updates = (1...4).map {
            EntityUpdate(entityID: Sample.id($0), kind: 1, position: Vector3(Double($0), 0, 0))
        }
        let size = talk.send(
            .spatialUpdate(SpatialUpdate(updates: updates)), stream: 1, address: Sample.address()
        ).size
        #expect(talk.model.entities.map(\.octets) == Array(repeating: size / 4, count: 4))
        #expect(talk.model.spaces.map(\.updates) == [4])
    }

    @Test("A trail drops steps too small to tell something and keeps the last positions in order")
    func trail() throws {
        var talk = Talk()
        for step in 0..<100 { talk.move(1, to: Vector3(Double(step) * 0.05, 0, 0), stamp: step) }
        let trail = try #require(talk.model.trails.first)
        #expect(trail.count == Trail.length)
        let positions = trail.positions.map(\.x)
        #expect(positions == positions.sorted())
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $1 - $0 >= 0.1 - 1e-9 })
    }

    @Test("A region belongs to the space of its address")
    func regions() {
        var talk = Talk()
        let region = BoundUpdate(regionID: Sample.id(3), bounds: .sphere(center: .zero, radius: 2))
        talk.send(.boundUpdate(region), stream: 1, address: Sample.address())
        #expect(talk.model.spaces.first?.regions == [Sample.id(3): region])
    }
}
