import Inspection
import SpatioWire
import Testing

@testable import Panes

/// Where entities of the plaza are found on a plane of metres.
private func survey(_ world: MapWorld, plane: MapPlane = .metric) -> Survey {
    var survey = Survey()
    survey.run(world.model, space: 0, time: world.time, plane: plane)
    return survey
}

private func place(_ number: Int, _ world: MapWorld, plane: MapPlane = .metric) -> SIMD2<Double>? {
    guard let index = world.model.entityIndex(MapWorld.id(number), space: 0) else { return nil }
    return survey(world, plane: plane).place(ofEntity: index)?.point
}

private func isNear(_ first: SIMD2<Double>?, _ second: SIMD2<Double>, within limit: Double = 1e-5) -> Bool {
    guard let difference = first.map({ $0 - second }) else { return false }
    return abs(difference.x) <= limit && abs(difference.y) <= limit
}

/// A quarter turn to the left.
private let left = Quaternion(0, 0, 0.70710678, 0.70710678)

@Suite struct FrameTests {
    @Test func `a relative position counts from its frame, with the offset, turned as the frame is`() {
        var world = MapWorld()
        world.put(1, 10, 5, orientation: left)
        world.put(2, 1, 0, relativeTo: 1, offset: Vector3(2, 0, 0))
        #expect(isNear(place(2, world), SIMD2(10, 8)))
    }

    @Test func `a chain is followed to its end, turn upon turn`() {
        var world = MapWorld()
        world.put(3, 1, 0, relativeTo: 2)
        world.put(2, 1, 0, system: .relative(reference: MapWorld.id(1), offset: .zero), orientation: left)
        world.put(1, 10, 5, orientation: left)
        // The second stands north of the first and looks west.
        #expect(isNear(place(2, world), SIMD2(10, 6)))
        #expect(isNear(place(3, world), SIMD2(9, 6)))
    }

    @Test func `a frame that rolls turns what counts from it in space`() {
        var world = MapWorld()
        world.put(1, 0, 0, orientation: Quaternion(0.70710678, 0, 0, 0.70710678))
        world.put(2, 1, 4, relativeTo: 1)
        // Its y axis points up, so that only x is left on the ground.
        #expect(isNear(place(2, world), SIMD2(1, 0)))
    }

    @Test func `a frame in a loop places nobody, and says so`() {
        var world = MapWorld()
        world.put(1, 1, 0, relativeTo: 3)
        world.put(2, 1, 0, relativeTo: 1)
        world.put(3, 1, 0, relativeTo: 2)
        world.put(4, 1, 0, relativeTo: 4)
        world.put(5, 1, 0, relativeTo: 1)
        let result = survey(world)
        #expect(result.places.isEmpty)
        #expect(result.unplacedCounts[Unplaced.frameLoop.rawValue] == 5)
    }

    @Test func `a very long chain is resolved, and what hangs on a broken one is not`() {
        var world = MapWorld()
        world.put(0, 0, 0)
        for number in 1...3000 { world.put(number, 1, 0, relativeTo: number - 1) }
        #expect(isNear(place(3000, world), SIMD2(3000, 0), within: 1e-3))
        world.put(0, 0, 0, relativeTo: 9999)
        #expect(survey(world).unplacedCounts[Unplaced.unknownFrame.rawValue] == 3001)
    }

    @Test func `frames are nested only so deep`() {
        var world = MapWorld()
        world.put(0, 0, 0)
        for number in 1...FrameResolver.mostFrames + 2 { world.put(number, 1, 0, relativeTo: number - 1) }
        #expect(survey(world).unplacedCounts[Unplaced.chainTooLong.rawValue] == 2)
    }

    @Test func `what is in a frame of which nothing is heard is as stale as the frame`() {
        var world = MapWorld()
        for _ in 0..<2 {
            world.put(1, 5, 5)
            world.put(2, 1, 0, relativeTo: 1)
            world.wait(seconds: 1)
        }
        for _ in 0..<5 {
            world.wait(seconds: 0.9)
            world.put(2, 1, 0, relativeTo: 1)
        }
        let result = survey(world)
        #expect(result.places.map(\.isStale) == [true, true])
    }

    @Test func `a reference frame of metric positions is followed too, and the space itself is none`() {
        var world = MapWorld()
        world.put(1, 10, 5, orientation: left)
        world.put(2, 1, 0, frame: MapWorld.id(1))
        world.put(3, 1, 0, frame: MapWorld.plaza)
        #expect(isNear(place(2, world), SIMD2(10, 6)))
        #expect(isNear(place(3, world), SIMD2(1, 0)))
    }

    @Test func `a frame that was last heard of long ago still stands where it stood`() {
        var world = MapWorld()
        world.put(1, 10, 5)
        world.wait(seconds: 100)
        world.put(2, 1, 0, relativeTo: 1)
        #expect(isNear(place(2, world), SIMD2(11, 5)))
        #expect(survey(world).gone == 1)
    }

    @Test func `on the earth a relative position is metres from its frame`() {
        var world = MapWorld()
        world.put(1, 13.4, 52.5, system: .geodetic(nil), orientation: left)
        world.put(2, 3, 0, relativeTo: 1)
        let plane = MapPlane.tangent(TangentPlane(longitude: 13.4, latitude: 52.5))
        #expect(isNear(place(2, world, plane: plane), SIMD2(0, 3)))
    }
}

@Suite struct SurveyTests {
    @Test func `who cannot be placed is counted with the reason and is nowhere`() {
        var world = MapWorld()
        world.put(1, 4, 4)
        world.put(2, 1, 1, relativeTo: 77)
        world.put(3, 1, 1, system: .custom(typeID: 9, parameters: []))
        world.put(4, 13.4, 52.5, system: .geodetic(nil))
        world.put(5, 1e308, 0)
        world.name(6, "no position at all")
        world.put(7, 1, 1, relativeTo: 6)
        let result = survey(world)
        #expect(result.places.map(\.point) == [SIMD2(4, 4)])
        let counts = Dictionary(
            uniqueKeysWithValues: Unplaced.allCases.map { ($0, result.unplacedCounts[$0.rawValue]) })
        #expect(
            counts == [
                .noPosition: 1, .unknownFrame: 2, .frameLoop: 0, .chainTooLong: 0, .customCoordinates: 1,
                .otherCoordinates: 1,
                .outOfRange: 1, .beyondHorizon: 0,
            ])
        #expect(result.unplaced == 6)
    }

    @Test func `the stale are told from the fresh, and the gone are not drawn`() {
        var world = MapWorld()
        for number in 1...3 { world.put(number, 0, 0) }
        world.wait(seconds: 5)
        world.put(1, 0, 0)
        #expect(survey(world).stale == 2)
        world.wait(seconds: 8)
        world.put(1, 0, 0)
        let later = survey(world)
        #expect(later.places.map(\.isStale) == [false])
        #expect(later.gone == 2)
    }

    @Test func `the extent is that of the fresh, of the stale when no other is left`() {
        var world = MapWorld()
        world.put(1, -100, 0)
        world.wait(seconds: 5)
        #expect(survey(world).extent?.low == SIMD2(-100, 0))
        world.put(2, 3, 4)
        #expect(survey(world).extent == Extent(SIMD2(3, 4)))
    }

    @Test func `the middle of the earth's entities is found across the date line`() throws {
        var world = MapWorld()
        world.put(1, 179, 10, system: .geodetic(nil))
        world.put(2, -177, 10, system: .geodetic(nil))
        let middle = try #require(Survey.middle(world.model, space: 0, time: world.time))
        #expect(abs(middle.x + 179) < 1e-6 && abs(middle.y - 10) < 0.01)
    }
}
