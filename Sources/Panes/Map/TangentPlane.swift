import Glibc
import SpatioWire

/// East and north of a point on the WGS 84 ellipsoid, in metres: what is near it as a flat map.
///
/// Geodetic to earth-centred to ENU, as in every textbook on it (Hofmann-Wellenhof, Lichtenegger, Collins: "GPS", chapter
/// 10). Seen from straight above, so a map of half the earth is right too: it is the earth seen from far away.
struct TangentPlane: Equatable, Sendable {
    /// Half the larger axis of WGS 84, metres.
    static let semiMajorAxis = Earth.semiMajorAxis
    private static let eccentricity = Earth.eccentricity
    private static let degree = Double.pi / 180

    /// Of the origin, degrees.
    let longitude, latitude: Double
    private let sine, cosine: Double
    /// The origin, earth-centred, with the x axis through its own meridian.
    private let originX, originZ: Double

    init(longitude: Double, latitude: Double) {
        self.longitude = longitude
        self.latitude = latitude
        sine = sin(latitude * Self.degree)
        cosine = cos(latitude * Self.degree)
        let normal = Self.normalRadius(sine: sine)
        originX = normal * cosine
        originZ = normal * (1 - Self.eccentricity) * sine
    }

    /// From the surface along the normal to the axis, metres.
    private static func normalRadius(sine: Double) -> Double {
        semiMajorAxis / (1 - eccentricity * sine * sine).squareRoot()
    }

    /// Metres east and north of the origin; nil beyond its horizon.
    /// - Parameters:
    ///   - longitude: degrees, -360...360
    ///   - latitude: degrees, -90...90
    ///   - height: metres over the ellipsoid
    @inline(__always)
    func project(longitude: Double, latitude: Double, height: Double) -> SIMD2<Double>? {
        var turn = longitude - self.longitude
        if turn > 180 { turn -= 360 } else if turn < -180 { turn += 360 }
        let (turnSine, turnCosine) = sineAndCosine(turn * Self.degree)
        let (riseSine, riseCosine) = sineAndCosine((latitude - self.latitude) * Self.degree)
        let latitudeSine = sine * riseCosine + cosine * riseSine
        let latitudeCosine = cosine * riseCosine - sine * riseSine
        guard sine * latitudeSine + cosine * latitudeCosine * turnCosine > 0 else { return nil }
        let normal = Self.normalRadius(sine: latitudeSine)
        let x = (normal + height) * latitudeCosine * turnCosine - originX
        let z = (normal * (1 - Self.eccentricity) + height) * latitudeSine - originZ
        return SIMD2((normal + height) * latitudeCosine * turnSine, cosine * z - sine * x)
    }

    /// Longitude (-180...180) and latitude in degrees of the place on the ellipsoid under a point of the plane; of the
    /// nearest one that can be seen for a point beside the earth.
    func geodetic(_ point: SIMD2<Double>) -> SIMD2<Double> {
        // On a sphere there is a formula; what it is wrong by on the ellipsoid is put right in a few rounds, each some
        // hundred times nearer.
        var aim = point
        var place = onSphere(aim)
        for _ in 0..<8 {
            guard let reached = project(longitude: place.x, latitude: place.y, height: 0) else { break }
            let error = point - reached
            if abs(error.x) < 1e-6, abs(error.y) < 1e-6 { break }
            aim += error
            place = onSphere(aim)
        }
        return place
    }

    /// Snyder, "Map Projections", equations 20-14 to 20-18: the orthographic projection of a sphere, backwards.
    private func onSphere(_ point: SIMD2<Double>) -> SIMD2<Double> {
        let distance = (point * point).sum().squareRoot()
        guard distance > 0 else { return SIMD2(longitude, latitude) }
        let angleSine = min(distance / Self.semiMajorAxis, 0.999_999)
        let angleCosine = (1 - angleSine * angleSine).squareRoot()
        let rise = point.y / distance * angleSine
        let latitudeSine = min(max(angleCosine * sine + rise * cosine, -1), 1)
        let turn = atan2(point.x / distance * angleSine, cosine * angleCosine - sine * rise)
        var result = longitude + turn / Self.degree
        if result > 180 { result -= 360 } else if result < -180 { result += 360 }
        return SIMD2(result, asin(latitudeSine) / Self.degree)
    }
}

/// Of an angle in radians. Differences on a map are small, and for them the series is exact to the last bit and ten times
/// as fast as the library, which counts with 100,000 entities a frame.
@inline(__always)
private func sineAndCosine(_ angle: Double) -> (sine: Double, cosine: Double) {
    // 0.05^11 / 11! and 0.05^10 / 10! are below half a unit in the last place.
    guard abs(angle) < 0.05 else { return (sin(angle), cos(angle)) }
    let square = angle * angle
    let sine = angle * (1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72))))
    let cosine = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56)))
    return (sine, cosine)
}
