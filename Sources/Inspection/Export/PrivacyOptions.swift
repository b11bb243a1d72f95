import SpatioWire

/// What is hidden in everything that is written.
///
/// With either of the two, secrets are gone (credentials, tokens, keys, nonces, proofs and signatures become zeros of the
/// same length), free text that tells why (`reason`) is emptied, and octets whose meaning nobody knows (extensions
/// without a schema, CUSTOM, BYTES, sealed payloads that no key opens) become zeros of the same length. Times, sequences,
/// stream ids, sizes of batches, versions, orientations, numbers and truth values stay.
package struct PrivacyOptions: Equatable, Sendable {
    /// Positions are moved to the nearest point of a grid of so many metres; nil leaves them.
    ///
    /// All three coordinates of every position, corner, centre, origin and offset, and of every VECTOR3 of a state; in
    /// GEODETIC a step of latitude is that many metres on the WGS 84 equator, a step of longitude the same on the
    /// latitude of the grid, and the height is in metres. A box grows to the grid. Velocities are moved to the same
    /// grid a second, distances of query results to the same grid; `precision` becomes the grid where it was finer.
    /// Radii, opening angles and orientations stay.
    package var grid: Double?
    /// UUIDs, names, addresses and STRING values are replaced, each by the same wherever it comes.
    package var usesPseudonyms = false

    package init(grid: Double? = nil, usesPseudonyms: Bool = false) {
        self.grid = grid
        self.usesPseudonyms = usesPseudonyms
    }

    package var isActive: Bool { grid != nil || usesPseudonyms }

    /// Grids that make sense, metres: a millimetre is finer than any tracker, and a ten-thousandth of the Earth's
    /// circumference leaves nothing of a place.
    package static let grids = 0.001...4_000_000.0
}

/// Moves positions to a grid.
struct PositionBlur {
    /// Metres.
    let grid: Double

    /// Metres of a degree on the WGS 84 equator: a circle of radius 6,378,137 m.
    private static let metresPerDegree = 6_378_137.0 * .pi / 180
    /// Near the poles degrees of longitude shrink to nothing; beyond 89.4 degrees they are taken as there.
    private static let leastCosine = 0.01

    private static func nearest(_ value: Double, _ step: Double) -> Double {
        // No minus zero; and what is too large for the grid stays: it says nothing finer than the grid anyway.
        let moved = (value / step).rounded() * step + 0
        return moved.isFinite ? moved : value
    }

    /// A length, a height, a speed.
    func metres(_ value: Double) -> Double { Self.nearest(value, grid) }

    func metres(_ value: Float) -> Float { Float(metres(Double(value))) }

    func position(_ position: Vector3, isGeodetic: Bool) -> Vector3 {
        guard isGeodetic else { return Vector3(metres(position.x), metres(position.y), metres(position.z)) }
        let latitude = Self.nearest(position.y, latitudeStep)
        return Vector3(Self.nearest(position.x, longitudeStep(at: latitude)), latitude, metres(position.z))
    }

    private var latitudeStep: Double { grid / Self.metresPerDegree }

    private func longitudeStep(at latitude: Double) -> Double {
        latitudeStep / max(Self.leastCosine, Double.cosine(degrees: latitude))
    }

    /// A box that holds the old one and has its corners on the grid.
    func box(_ min: Vector3, _ max: Vector3, isGeodetic: Bool) -> (min: Vector3, max: Vector3) {
        let north = isGeodetic ? latitudeStep : grid
        // One step of longitude for both corners, that of the latitude farther from the equator: the wider one.
        let farthest = Self.nearest(abs(min.y) > abs(max.y) ? min.y : max.y, latitudeStep)
        let east = isGeodetic ? longitudeStep(at: farthest) : grid
        return (
            Vector3(
                Self.outward(min.x, east, .down), Self.outward(min.y, north, .down), Self.outward(min.z, grid, .down)),
            Vector3(Self.outward(max.x, east, .up), Self.outward(max.y, north, .up), Self.outward(max.z, grid, .up))
        )
    }

    private static func outward(_ value: Double, _ step: Double, _ rule: FloatingPointRoundingRule) -> Double {
        let moved = (value / step).rounded(rule) * step + 0
        return moved.isFinite ? moved : value
    }
}
