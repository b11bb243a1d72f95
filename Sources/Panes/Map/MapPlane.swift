import SpatioWire

/// Why an entity is not on the map. It is counted with its reason and never drawn at the origin.
enum Unplaced: Int, Error, CaseIterable, Sendable {
    case noPosition, unknownFrame, frameLoop, chainTooLong, customCoordinates, otherCoordinates, outOfRange,
        beyondHorizon

    var text: String {
        switch self {
        case .noPosition: "no position"
        case .unknownFrame: "frame unknown"
        case .frameLoop: "frames in a loop"
        case .chainTooLong: "frames nested too deep"
        case .customCoordinates: "CUSTOM coordinates"
        case .otherCoordinates: "other coordinate system"
        case .outOfRange: "out of range"
        case .beyondHorizon: "beyond the horizon"
        }
    }
}

/// How absolute positions of a space become metres on a flat map, x to the east (or right), y to the north (or forward).
enum MapPlane: Equatable, Sendable {
    /// They are metres already.
    case metric
    /// Longitude, latitude and height.
    case tangent(TangentPlane)

    /// Metres from the origin that a map shows, well past Neptune: there a Double still tells tenths of millimetres, and
    /// no arithmetic of a map overflows.
    static let reach = 1e12
    /// Metres over the ellipsoid, farther than the moon.
    static let reachOverEarth = 1e9

    var isGeodetic: Bool {
        switch self {
        case .metric: false
        case .tangent: true
        }
    }

    /// Metres east, north and up: of a geodetic position its height over the ellipsoid, not over the plane.
    @inline(__always)
    func place(_ position: Vector3) throws(Unplaced) -> SIMD3<Double> {
        switch self {
        case .metric: return try within(SIMD3(position.x, position.y, position.z))
        case .tangent(let plane):
            guard abs(position.y) <= 90, abs(position.x) <= 360, abs(position.z) <= Self.reachOverEarth else {
                throw .outOfRange
            }
            let point = plane.project(longitude: position.x, latitude: position.y, height: position.z)
            guard let point else { throw .beyondHorizon }
            return SIMD3(point.x, point.y, position.z)
        }
    }

    @inline(__always)
    func within(_ point: SIMD3<Double>) throws(Unplaced) -> SIMD3<Double> {
        // Also false for what overflowed on its way.
        guard abs(point.x) <= Self.reach, abs(point.y) <= Self.reach, abs(point.z) <= Self.reach else {
            throw .outOfRange
        }
        return point
    }
}
