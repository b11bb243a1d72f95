import SpatioWire
import Testing

/// How deep a point lies in a volume, in metres.
struct ContainmentTests {
    private func depth(
        _ volume: BoundingVolume, _ x: Double, _ y: Double, _ z: Double = 0, _ kind: CoordinateSystem.Kind = .cartesian
    ) -> Double {
        volume.depth(of: Vector3(x, y, z), in: kind) ?? .nan
    }

    @Test("A box has its nearest face, a sphere its surface")
    func plain() {
        let box = BoundingVolume.box(min: Vector3(-2, -3, -4), max: Vector3(2, 3, 4))
        #expect(depth(box, 0, 0) == 2)
        #expect(depth(box, 1.5, 0) == 0.5)
        #expect(depth(box, 2, 0) == 0)
        #expect(depth(box, 5, 0) == -3)
        #expect(depth(box, 0, 0, 6) == -2)
        let ball = BoundingVolume.sphere(center: Vector3(1, 0, 0), radius: 5)
        #expect(depth(ball, 1, 3) == 2)
        #expect(depth(ball, 1, 3, 4) == 0)
        #expect(depth(ball, 1, 8) == -3)
    }

    @Test("A frustum has six faces, and looks along its own x")
    func frustum() {
        // A right angle of view, looking north.
        let turned = Quaternion(0, 0, 0.70710678, 0.70710678)
        let camera = BoundingVolume.frustum(
            Frustum(apex: .zero, orientation: turned, fovY: 1.5707963, aspect: 1, near: 1, far: 11))
        #expect(abs(depth(camera, 0, 2) - 1) < 1e-5)
        #expect(abs(depth(camera, 0, 10) - 1) < 1e-5)
        #expect(abs(depth(camera, 0, 0.5) + 0.5) < 1e-5)
        #expect(abs(depth(camera, 6, 6)) < 1e-5)
        #expect(depth(camera, 0, -5) < -5)
        #expect(depth(camera, 0, 6, 8) < -1)
    }

    @Test("On the earth degrees become metres, also over the date line")
    func geodetic() {
        let box = BoundingVolume.box(min: Vector3(13, 52, 0), max: Vector3(14, 53, 1e6))
        let middle = depth(box, 13.5, 52.5, 5e5, .geodetic)
        #expect(abs(middle - 0.5 * 111_320 * 0.6087614) < 10)
        #expect(depth(box, 14.5, 52.5, 5e5, .geodetic) < -33_000)
        let dateline = BoundingVolume.box(min: Vector3(179, -1, -1e6), max: Vector3(-179, 1, 1e6))
        #expect(depth(dateline, 180, 0, 0, .geodetic) > 100_000)
        #expect(depth(dateline, -180, 0, 0, .geodetic) > 100_000)
        #expect(depth(dateline, -179.5, 0, 0, .geodetic) > 50_000)
        #expect(depth(dateline, 0, 0, 0, .geodetic) < -1e7)
        let ball = BoundingVolume.sphere(center: Vector3(180, 0, 0), radius: 1000)
        #expect(abs(depth(ball, -179.995, 0, 0, .geodetic) - (1000 - 556.6)) < 1)
        #expect(abs(depth(ball, 179.995, 0, 0, .geodetic) - (1000 - 556.6)) < 1)
    }

    @Test("East, north and up of a place are what they are at the poles too")
    func offsets() {
        let north = Earth.offset(of: Vector3(90, 89.999, 0), from: Vector3(0, 90, 0))
        #expect(abs(north.x - 111.7) < 0.1 && abs(north.y) < 1e-3)
        let up = Earth.offset(of: Vector3(8, 47, 500), from: Vector3(8, 47, 400))
        #expect(abs(up.z - 100) < 1e-6 && abs(up.x) < 1e-6 && abs(up.y) < 1e-6)
    }

    @Test("What is relative or of its own making is neither inside nor outside")
    func unknown() {
        let ball = BoundingVolume.sphere(center: .zero, radius: 5)
        #expect(ball.depth(of: .zero, in: .relative) == nil)
        #expect(ball.depth(of: .zero, in: .custom) == nil)
    }

    @Test("Numbers beyond all measure give no NaN")
    func extremes() {
        let wide = BoundingVolume.box(min: Vector3(-1e308, -1e308, -1e308), max: Vector3(1e308, 1e308, 1e308))
        #expect(wide.depth(of: Vector3(1e308, 0, 0), in: .cartesian).map { $0.isNaN } != true)
        let far = BoundingVolume.sphere(center: Vector3(-1e308, 0, 0), radius: 1e308)
        #expect(far.depth(of: Vector3(1e308, 0, 0), in: .cartesian).map { $0.isNaN } != true)
    }
}
