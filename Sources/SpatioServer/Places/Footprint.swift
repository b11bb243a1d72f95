import Glibc
import SpatioWire

/// A rectangle on the ground that holds all of a volume, in the coordinates of its space.
struct Footprint: Hashable, Sendable {
    var minimumX, minimumY, maximumX, maximumY: Double

    static let everywhere = Footprint(
        minimumX: -.infinity, minimumY: -.infinity, maximumX: .infinity, maximumY: .infinity)
}

extension BoundingVolume {
    /// Where its inside can be at all. A GEODETIC volume that comes near a pole or the date line can be anywhere.
    func footprint(in coordinates: CoordinateSystem.Kind) -> Footprint {
        switch self {
        case .box(let low, let high):
            if coordinates == .geodetic, low.x > high.x || low.x < -180 || high.x > 180 { return .everywhere }
            return Footprint(minimumX: low.x, minimumY: low.y, maximumX: high.x, maximumY: high.y)
        case .sphere(let centre, let radius):
            return Self.around(centre, radius, coordinates)
        case .frustum(let frustum):
            // The far corners are the farthest; from the widest view on, the far plane has no end.
            let up = tan(min(max(Double(frustum.fovY), 0), 3.1) / 2)
            let side = up * max(Double(frustum.aspect), 0)
            let reach = Double(frustum.far) * (1 + up * up + side * side).squareRoot()
            return Self.around(frustum.apex, reach, coordinates)
        }
    }

    private static func around(_ centre: Vector3, _ radius: Double, _ coordinates: CoordinateSystem.Kind) -> Footprint {
        guard radius.isFinite else { return .everywhere }
        guard coordinates == .geodetic else {
            return Footprint(
                minimumX: centre.x - radius, minimumY: centre.y - radius, maximumX: centre.x + radius,
                maximumY: centre.y + radius)
        }
        // A degree of latitude is never shorter than 110.5 km; heights up to an airliner's change it by 0.2 percent.
        let height = radius / 110_000
        let level = cos(min(abs(centre.y) + height, 90) * .pi / 180)
        guard level > 0.01 else { return .everywhere }
        let width = height / level
        guard centre.x - width > -180, centre.x + width < 180 else { return .everywhere }
        return Footprint(
            minimumX: centre.x - width, minimumY: centre.y - height, maximumX: centre.x + width,
            maximumY: centre.y + height)
    }

    /// Where distances of a query's results are counted from; of a frustum its apex.
    var middle: Vector3 {
        switch self {
        case .box(let low, let high):
            Vector3(low.x / 2 + high.x / 2, low.y / 2 + high.y / 2, low.z / 2 + high.z / 2)
        case .sphere(let centre, _): centre
        case .frustum(let frustum): frustum.apex
        }
    }

    /// Whether it is a volume at all, however small.
    var isProper: Bool {
        switch self {
        case .box(let low, let high): low.y <= high.y && low.z <= high.z
        case .sphere(_, let radius): radius >= 0
        case .frustum(let frustum):
            frustum.orientation.length > 0 && frustum.fovY > 0 && frustum.aspect > 0 && frustum.near >= 0
                && frustum.far >= frustum.near
        }
    }
}

extension Vector3 {
    /// Metres to another point; nil where the coordinates do not say.
    func distance(to other: Vector3, in coordinates: CoordinateSystem.Kind) -> Double? {
        let way: SIMD3<Double>
        switch coordinates {
        case .cartesian: way = SIMD3(other.x - x, other.y - y, other.z - z)
        case .geodetic: way = Earth.offset(of: other, from: self)
        case .relative, .custom: return nil
        }
        return (way * way).sum().squareRoot()
    }
}
