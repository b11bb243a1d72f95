/// A turn in space: a quaternion of unit length in doubles.
public struct Rotation: Equatable, Sendable {
    private var vector: SIMD3<Double>
    private var scalar: Double

    public static let none = Rotation(vector: .zero, scalar: 1)

    /// Within 5 degrees of straight up or down a heading is noise.
    private static let leastLevel = 0.087

    private init(vector: SIMD3<Double>, scalar: Double) {
        self.vector = vector
        self.scalar = scalar
    }

    /// Made of unit length; no turn where there is no length to go by.
    public init(_ quaternion: Quaternion?) {
        guard let quaternion, quaternion.length > 0 else {
            self = .none
            return
        }
        let length = quaternion.length
        vector = SIMD3(Double(quaternion.x), Double(quaternion.y), Double(quaternion.z)) / length
        scalar = Double(quaternion.w) / length
    }

    public func callAsFunction(_ point: SIMD3<Double>) -> SIMD3<Double> {
        let turned = 2 * cross(vector, point)
        return point + scalar * turned + cross(vector, turned)
    }

    /// The turn back.
    public var inverse: Rotation { Rotation(vector: -vector, scalar: scalar) }

    /// First `right`, then `left`.
    public static func * (left: Rotation, right: Rotation) -> Rotation {
        Rotation(
            vector: left.scalar * right.vector + right.scalar * left.vector + cross(left.vector, right.vector),
            scalar: left.scalar * right.scalar - (left.vector * right.vector).sum())
    }

    /// Where the body's own +x points on the ground, of unit length; nil when it points up or down.
    public var heading: SIMD2<Double>? {
        let forward = self(SIMD3(1, 0, 0))
        let level = (forward.x * forward.x + forward.y * forward.y).squareRoot()
        return level < Self.leastLevel ? nil : SIMD2(forward.x, forward.y) / level
    }
}

private func cross(_ left: SIMD3<Double>, _ right: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(
        left.y * right.z - left.z * right.y, left.z * right.x - left.x * right.z,
        left.x * right.y - left.y * right.x)
}
