import Glibc

extension BoundingVolume {
    /// Opening angles from half a turn on see no end; radians.
    private static let widestView = 3.1

    /// How far inside a point lies, in metres: positive inside, 0 on the edge, negative outside. Outside it tells how far
    /// it is to the nearest face's plane at least, which is less than the way to a corner.
    ///
    /// Nil where the coordinates do not say what is near what: RELATIVE and CUSTOM. The box of a GEODETIC space whose
    /// western edge is east of its eastern one goes over the date line; a frustum stands in the east-north-up frame of
    /// its apex there.
    public func depth(of point: Vector3, in coordinates: CoordinateSystem.Kind) -> Double? {
        let isGeodetic: Bool
        switch coordinates {
        case .cartesian: isGeodetic = false
        case .geodetic: isGeodetic = true
        case .relative, .custom: return nil
        }
        let depth: Double
        switch self {
        case .box(let low, let high):
            depth = isGeodetic ? Self.degreeDepth(point, low, high) : Self.boxDepth(point, low, high)
        case .sphere(let centre, let radius):
            let way = Self.way(from: centre, to: point, isGeodetic)
            depth = radius - (way * way).sum().squareRoot()
        case .frustum(let frustum):
            depth = Self.depth(frustum, Self.way(from: frustum.apex, to: point, isGeodetic))
        }
        // What overflowed on its way is nowhere.
        return depth.isNaN ? nil : depth
    }

    private static func way(from origin: Vector3, to point: Vector3, _ isGeodetic: Bool) -> SIMD3<Double> {
        if isGeodetic { return Earth.offset(of: point, from: origin) }
        return SIMD3(point.x - origin.x, point.y - origin.y, point.z - origin.z)
    }

    private static func boxDepth(_ point: Vector3, _ low: Vector3, _ high: Vector3) -> Double {
        let across = min(point.x - low.x, high.x - point.x)
        let along = min(point.y - low.y, high.y - point.y)
        return min(across, along, point.z - low.z, high.z - point.z)
    }

    private static func degreeDepth(_ point: Vector3, _ low: Vector3, _ high: Vector3) -> Double {
        let width = turn(from: low.x, to: high.x)
        let place = turn(from: low.x, to: point.x)
        let across = place <= width ? min(place, width - place) : -min(place - width, 360 - place)
        let level = cos(min(abs(point.y), 90) * .pi / 180)
        let along = min(point.y - low.y, high.y - point.y)
        return min(
            across * level * Earth.degreeLength, along * Earth.degreeLength, point.z - low.z, high.z - point.z)
    }

    /// Degrees eastwards, 0..<360.
    private static func turn(from start: Double, to end: Double) -> Double {
        let turn = fmod(end - start, 360)
        return turn < 0 ? turn + 360 : turn
    }

    /// - Parameter way: from the apex.
    private static func depth(_ frustum: Frustum, _ way: SIMD3<Double>) -> Double {
        let seen = Rotation(frustum.orientation).inverse(way)
        let upSlope = tan(min(max(Double(frustum.fovY), 0), widestView) / 2)
        let sideSlope = upSlope * max(Double(frustum.aspect), 0)
        // From the distance along an axis to the one from a sloped face.
        let up = (seen.x * upSlope - abs(seen.z)) / (1 + upSlope * upSlope).squareRoot()
        let side = (seen.x * sideSlope - abs(seen.y)) / (1 + sideSlope * sideSlope).squareRoot()
        return min(seen.x - Double(frustum.near), Double(frustum.far) - seen.x, up, side)
    }
}
