import Glibc

/// The WGS 84 ellipsoid, which GEODETIC positions are on: x is longitude, y latitude in degrees, z the height in metres.
public enum Earth {
    /// Half the larger axis, metres.
    public static let semiMajorAxis = 6_378_137.0
    public static let flattening = 1 / 298.257223563
    /// The first eccentricity, squared.
    public static let eccentricity = flattening * (2 - flattening)
    /// Metres of a degree along a meridian, and along the equator, within half a percent.
    public static let degreeLength = 111_320.0
    private static let degree = Double.pi / 180

    /// Metres from the earth's centre: x through the meridian of Greenwich, z through the north pole.
    public static func centred(_ position: Vector3) -> SIMD3<Double> {
        let sine = sin(position.y * degree)
        let cosine = cos(position.y * degree)
        let normal = semiMajorAxis / (1 - eccentricity * sine * sine).squareRoot()
        let level = (normal + position.z) * cosine
        return SIMD3(
            level * cos(position.x * degree), level * sin(position.x * degree),
            (normal * (1 - eccentricity) + position.z) * sine)
    }

    /// Metres east, north and up of `origin`, in the plane that touches the earth there.
    public static func offset(of point: Vector3, from origin: Vector3) -> SIMD3<Double> {
        let way = centred(point) - centred(origin)
        let (eastSine, eastCosine) = (sin(origin.x * degree), cos(origin.x * degree))
        let (northSine, northCosine) = (sin(origin.y * degree), cos(origin.y * degree))
        let outward = eastCosine * way.x + eastSine * way.y
        return SIMD3(
            eastCosine * way.y - eastSine * way.x, northCosine * way.z - northSine * outward,
            northCosine * outward + northSine * way.z)
    }
}
