import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

private func isNear(_ first: SIMD2<Double>, _ second: SIMD2<Double>, within limit: Double) -> Bool {
    let difference = first - second
    return abs(difference.x) <= limit && abs(difference.y) <= limit
}

/// Known values, computed by the textbook's way through earth-centred coordinates: east and north in metres.
private struct KnownPlace: Sendable {
    var origin: SIMD2<Double>
    var place: SIMD3<Double>
    var plane: SIMD2<Double>
}

private let knownPlaces = [
    KnownPlace(
        origin: SIMD2(13.4, 52.5), place: SIMD3(13.45, 52.53, 35), plane: SIMD2(3393.2181, 3339.5063)),
    KnownPlace(origin: SIMD2(13.4, 52.5), place: SIMD3(13.4, 52.6, 0), plane: SIMD2(0, 11127.7722)),
    KnownPlace(
        origin: SIMD2(179.99, -17), place: SIMD3(-179.98, -17.01, 0), plane: SIMD2(3194.4053, -1106.9376)),
    KnownPlace(origin: SIMD2(10, 85), place: SIMD3(30, 86, 0), plane: SIMD2(152679.7637, 138500.4476)),
    KnownPlace(
        origin: SIMD2(0, 0), place: SIMD3(60, 30, 1000), plane: SIMD2(4788360.6883, 3170873.7354)),
]

@Suite struct TangentPlaneTests {
    @Test(arguments: knownPlaces)
    fileprivate func `east and north agree with known values`(known: KnownPlace) throws {
        let plane = TangentPlane(longitude: known.origin.x, latitude: known.origin.y)
        let point = plane.project(longitude: known.place.x, latitude: known.place.y, height: known.place.z)
        #expect(isNear(try #require(point), known.plane, within: 1e-3))
    }

    @Test(arguments: [SIMD2(0.0, 0), SIMD2(120, -45), SIMD2(4_000, 9_000), SIMD2(-700_000, 1_200_000)])
    func `a point of the plane and its place on the earth belong together`(point: SIMD2<Double>) throws {
        for latitude in [-90.0, -60, 0, 52.5, 89.999, 90] {
            let plane = TangentPlane(longitude: 179.9, latitude: latitude)
            let place = plane.geodetic(point)
            #expect(abs(place.x) <= 180 && abs(place.y) <= 90)
            let back = plane.project(longitude: place.x, latitude: place.y, height: 0)
            #expect(isNear(try #require(back), point, within: 1e-3))
        }
    }

    @Test func `what lies behind the horizon is not on the map`() {
        let plane = TangentPlane(longitude: 0, latitude: 0)
        #expect(plane.project(longitude: 89, latitude: 0, height: 0) != nil)
        #expect(plane.project(longitude: 91, latitude: 0, height: 0) == nil)
        #expect(plane.project(longitude: 180, latitude: 0, height: 0) == nil)
    }

    @Test func `beside the earth the nearest place that can be seen is taken`() {
        let place = TangentPlane(longitude: 0, latitude: 0).geodetic(SIMD2(1e12, 0))
        #expect(place.x > 89 && place.x <= 90 && abs(place.y) < 1e-6)
    }

    @Test func `longitudes of a full turn mean the same place`() {
        let plane = TangentPlane(longitude: -170, latitude: 10)
        let first = plane.project(longitude: 170, latitude: 10, height: 0)
        let second = plane.project(longitude: -190, latitude: 10, height: 0)
        #expect(first != nil && first == second)
    }
}

@Suite struct MapPlaneTests {
    @Test(arguments: [
        Vector3(1e308, 0, 0), Vector3(0, -1.7e308, 0), Vector3(0, 0, 1e300), Vector3(1.1e12, 0, 0),
    ])
    func `positions beyond all reach are not placed`(position: Vector3) {
        #expect(throws: Unplaced.outOfRange) { _ = try MapPlane.metric.place(position) }
    }

    @Test(arguments: [Vector3(0, 91, 0), Vector3(361, 0, 0), Vector3(1e308, 1e308, 1e308), Vector3(0, 0, 2e9)])
    func `degrees that do not exist are not placed`(position: Vector3) {
        let plane = MapPlane.tangent(TangentPlane(longitude: 0, latitude: 0))
        #expect(throws: Unplaced.outOfRange) { _ = try plane.place(position) }
    }
}

@Suite struct RotationTests {
    /// A quarter turn to the left about the vertical.
    private let left = Rotation(Quaternion(0, 0, 0.70710678, 0.70710678))

    @Test func `a heading is where the body's x axis points on the ground`() throws {
        #expect(isNear(try #require(Rotation.none.heading), SIMD2(1, 0), within: 1e-6))
        #expect(isNear(try #require(left.heading), SIMD2(0, 1), within: 1e-6))
        #expect(isNear(try #require((left * left).heading), SIMD2(-1, 0), within: 1e-6))
    }

    @Test func `straight up there is no heading`() {
        #expect(Rotation(Quaternion(0, -0.70710678, 0, 0.70710678)).heading == nil)
        // 4 degrees from it is still noise, 10 degrees is not.
        #expect(Rotation(Quaternion(0, -0.68199836, 0, 0.7313537)).heading == nil)
        #expect(Rotation(Quaternion(0, -0.64278761, 0, 0.76604444)).heading != nil)
    }

    @Test func `a quaternion of another length turns as its unit does`() throws {
        let long = try #require(Rotation(Quaternion(0, 0, 3e38, 3e38)).heading)
        #expect(isNear(long, SIMD2(0, 1), within: 1e-6))
        #expect(Rotation(Quaternion(0, 0, 0, 0)) == .none)
        #expect(Rotation(nil) == .none)
    }

    @Test func `a turn in space keeps lengths and takes the right hand`() {
        let up = Rotation(Quaternion(0, -0.70710678, 0, 0.70710678))(SIMD3(1, 0, 0))
        #expect(abs(up.x) < 1e-6 && abs(up.y) < 1e-6 && abs(up.z - 1) < 1e-6)
    }
}

@Suite struct CameraTests {
    private let size = Size(width: 80, height: 20)

    private func camera(_ x: Double = 3, _ y: Double = -7, step: Int = 1) -> Camera {
        Camera(centre: SIMD2(x, y), step: step, size: size, aspect: 2)
    }

    @Test func `a cell and the point in its middle belong together`() {
        for cell in [Point(x: 0, y: 0), Point(x: 79, y: 19), Point(x: 40, y: 10)] {
            #expect(camera().cell(camera().point(cell)) == cell)
        }
        #expect(camera().cell(SIMD2(1e300, -1e300)) == nil)
    }

    @Test(arguments: [1, -1, 3, -5])
    func `zooming keeps the anchor where it is`(steps: Int) {
        var moved = camera()
        let anchor = SIMD2(9.25, -3.5)
        let before = moved.cells(anchor)
        moved.zoom(steps, about: anchor)
        #expect(isNear(moved.cells(anchor), before, within: 1e-9))
        #expect(moved != camera())
    }

    @Test func `two steps are a factor of two, and going back ends where it began`() {
        var moved = camera(0, 0)
        moved.zoom(2, about: moved.centre)
        #expect(abs(moved.metresPerColumn * 2 - camera().metresPerColumn) < 1e-12)
        for _ in 0..<9 { moved.zoom(1, about: moved.centre) }
        for _ in 0..<11 { moved.zoom(-1, about: moved.centre) }
        #expect(moved == camera(0, 0))
    }

    @Test func `zoom ends at both ends of what makes sense`() {
        var moved = camera()
        for _ in 0..<500 { moved.zoom(1, about: SIMD2(4, 4)) }
        #expect(moved.metresPerColumn > 1e-4)
        for _ in 0..<500 { moved.zoom(-1, about: SIMD2(4, 4)) }
        #expect(moved.metresPerColumn < 1e13 && moved.centre.x.isFinite)
    }

    @Test(arguments: [(0.02, 0.01), (7, 3), (3, 70), (1e5, 2e3), (2e12, 2e12)])
    func `a fit shows all with a margin and wastes less than one step`(width: Double, height: Double) {
        var extent = Extent(SIMD2(-5 - width / 2, 5 - height / 2))
        extent.include(SIMD2(-5 + width / 2, 5 + height / 2))
        let fitted = Camera(fitting: extent, size: size, aspect: 2)
        let seen = fitted.extent
        let seenSize = seen.high - seen.low
        #expect(seen.contains(extent))
        // 5 % at each edge, of which snapping the centre to a cell may take half a cell.
        #expect(width <= seenSize.x * 0.9 * 1.000001 && height <= seenSize.y * 0.9 * 1.000001)
        #expect(max(width / seenSize.x, height / seenSize.y) > 0.9 / 1.4143)
    }

    @Test func `a single place is shown at a scale that makes sense`() {
        let fitted = Camera(fitting: Extent(SIMD2(100, 100)), size: size, aspect: 2)
        #expect(fitted.metresPerColumn > 0.1 && fitted.metresPerColumn < 1)
        #expect(fitted.cell(SIMD2(100, 100)) != nil)
    }

    @Test func `following moves nothing in the middle third`() {
        var following = camera(0, 0)
        let third = SIMD2(80.0, 40) * following.metresPerColumn / 6
        following.follow(third * 0.99)
        following.follow(third * -0.99)
        #expect(following == camera(0, 0))
    }

    @Test func `leaving the middle third brings the target to the middle by whole cells`() {
        var following = camera(0.3, 0.2)
        let target = SIMD2(31.7, 0.9)
        following.follow(target)
        let moved = (following.centre - SIMD2(0.3, 0.2)) / SIMD2(following.metresPerColumn, following.metresPerRow)
        #expect(isNear(moved, moved.rounded(.toNearestOrEven), within: 1e-9))
        #expect(isNear(following.cells(target), SIMD2(40, 10), within: 0.5))
    }

    @Test func `a follower that walks redraws seldom`() {
        var following = camera(0, 0)
        var moves = 0
        for step in 0..<1000 {
            let before = following
            following.follow(SIMD2(Double(step) * 0.1, 0))
            if following != before { moves += 1 }
        }
        #expect(moves > 0 && moves <= 100)
    }

    @Test func `an aspect that cannot be does no harm`() {
        for aspect in [0, -1, .nan, .infinity] {
            let odd = Camera(centre: .zero, step: 0, size: size, aspect: aspect)
            #expect(odd.metresPerRow > 0 && odd.metresPerRow.isFinite)
        }
    }
}

@Suite struct GridTests {
    private func camera(step: Int) -> Camera {
        Camera(centre: SIMD2(12.3, 4.5), step: step, size: Size(width: 100, height: 40), aspect: 2)
    }

    @Test(arguments: -20...60) func `lines are 10 to 50 cells apart, at round numbers`(step: Int) {
        let camera = camera(step: step)
        let grid = Grid.step(camera)
        #expect(grid >= 10 * camera.metresPerColumn && grid <= 50 * camera.metresPerColumn)
        for line in Grid.lines(camera, step: grid) where line.start.x == line.end.x {
            let multiple = line.start.x / grid
            #expect(abs(multiple - multiple.rounded()) < 1e-6)
        }
        #expect(Grid.lines(camera, step: grid).count <= 20)
    }

    @Test(arguments: [-26, 0, 20, 40, 50, 86]) func `the graticule stays small from a room to the whole earth`(
        step: Int
    ) {
        for latitude in [0.0, 52, 89.99, -90] {
            let tangent = TangentPlane(longitude: 170, latitude: latitude)
            var camera = camera(step: step)
            camera.centre = .zero
            let lines = Grid.graticule(camera, tangent, step: Grid.degreeStep(camera))
            #expect(lines.count < 5000)
        }
    }

    @Test(arguments: -26...86) func `the scale bar fits and has a round length`(step: Int) {
        let camera = camera(step: step)
        let length = MapPane.barLength(camera, width: 20)
        let cells = length / camera.metresPerColumn
        #expect(cells <= 20.0001 && cells >= 8)
        #expect(abs(Axis.niceStep(atLeast: length * 0.999) / length - 1) < 1e-6)
    }
}

@Suite struct MapTextTests {
    @Test(arguments: [
        (0.5, "0.5 m"), (0.35355, "0.354 m"), (0.0625, "0.0625 m"), (1, "1 m"), (2.828, "2.83 m"), (20, "20 m"),
        (150, "150 m"), (2000, "2 km"), (35_400, "35.4 km"), (1e9, "1,000,000 km"), (0.005, "5 mm"), (0, "0 m"),
    ])
    func `lengths have the unit and the digits that count`(metres: Double, text: String) {
        #expect(MapText.distance(metres) == text)
    }

    @Test func `places are as fine as a cell`() {
        #expect(MapText.position(SIMD2(12.345, -3), metresPerColumn: 0.5) == "12.3, -3.0 m")
        #expect(MapText.position(SIMD2(12.345, -3), metresPerColumn: 90) == "12, -3 m")
        #expect(MapText.geodetic(SIMD2(13.40495, -52.52), metresPerColumn: 1.2) == "52.52000 S  13.40495 E")
    }

    @Test func `lines break between words`() {
        let lines = MapText.wrapped("no positions yet: still reading", width: 14, glyphs: .braille)
        #expect(lines == ["no positions", "yet: still", "reading"])
    }
}

@Suite struct OutlineTests {
    @Test func `a frustum that looks ahead is a trapezium from above`() throws {
        let frustum = Frustum(
            apex: Vector3(1, 1, 2), orientation: .identity, fovY: 1.5707963, aspect: 2, near: 1, far: 10)
        guard case .polygon(let corners) = try #require(MapPlane.metric.outline(of: .frustum(frustum))) else {
            Issue.record("not a polygon")
            return
        }
        #expect(corners.count == 4)
        for expected in [SIMD2(2.0, 3), SIMD2(2, -1), SIMD2(11, 21), SIMD2(11, -19)] {
            #expect(corners.contains { isNear($0, expected, within: 1e-3) })
        }
    }

    @Test func `a frustum that looks down is a rectangle from above`() throws {
        let down = Quaternion(0, 0.70710678, 0, 0.70710678)
        let frustum = Frustum(apex: .init(0, 0, 9), orientation: down, fovY: 1, aspect: 1, near: 1, far: 5)
        let extent = try #require(MapPlane.metric.outline(of: .frustum(frustum))?.extent)
        #expect(isNear(extent.low, -extent.high, within: 1e-6))
        #expect(abs(extent.high.x - 2.7315) < 1e-3)
    }

    @Test(arguments: [
        BoundingVolume.box(min: Vector3(-1e308, -1e308, 0), max: Vector3(1e308, 5, 0)),
        .sphere(center: .zero, radius: 1e308), .sphere(center: Vector3(1e308, 0, 0), radius: 1),
        .sphere(center: .zero, radius: -1),
        .frustum(
            Frustum(apex: .zero, orientation: Quaternion(0, 0, 0, 0), fovY: 9, aspect: 3e38, near: -3e38, far: 3e38)),
    ])
    func `volumes without measure do no harm`(volume: BoundingVolume) {
        for plane in [MapPlane.metric, .tangent(TangentPlane(longitude: 0, latitude: 0))] {
            let extent = plane.outline(of: volume)?.extent
            #expect(extent.map { $0.low.x.isFinite && $0.high.y.isFinite } ?? true)
        }
    }
}
