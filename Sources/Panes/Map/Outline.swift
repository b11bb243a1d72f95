import Glibc
import Inspection
import SpatioWire

/// A volume as it looks from straight above.
enum Outline: Equatable {
    /// Corners in order, metres in the plane.
    case polygon([SIMD2<Double>])
    /// Metres.
    case circle(centre: SIMD2<Double>, radius: Double)

    /// Where a name can stand: the northernmost point, the westernmost of them.
    var top: SIMD2<Double> {
        switch self {
        case .polygon(let corners):
            corners.max { ($0.y, -$0.x) < ($1.y, -$1.x) } ?? .zero
        case .circle(let centre, let radius): centre + SIMD2(0, radius)
        }
    }
}

extension Outline {
    /// Points of an outline that are looked at for one in view.
    private static let samples = 96

    /// Where a name can stand within a part of the plane: at the top, or at the highest point that is in it; nil where
    /// none is.
    func anchor(in extent: Extent) -> SIMD2<Double>? {
        if extent.contains(Extent(top)) { return top }
        return samplePoints.filter { extent.contains(Extent($0)) }.max { ($0.y, -$0.x) < ($1.y, -$1.x) }
    }

    private var samplePoints: [SIMD2<Double>] {
        switch self {
        case .circle(let centre, let radius):
            return (0..<Self.samples).map {
                let angle = 2 * Double.pi * Double($0) / Double(Self.samples)
                return centre + radius * SIMD2(cos(angle), sin(angle))
            }
        case .polygon(let corners):
            let pieces = max(1, Self.samples / max(corners.count, 1))
            return corners.indices.flatMap { index in
                let (start, end) = (corners[index], corners[(index + 1) % corners.count])
                return (0..<pieces).map { start + (end - start) * (Double($0) / Double(pieces)) }
            }
        }
    }
}

extension MapPlane {
    /// Straight lines between degrees are not straight on the map: edges are cut into so many pieces.
    private static let pieces = 8
    /// Opening angles from half a turn on see no end; radians.
    private static let widestView = 3.1

    /// Nil for what cannot be seen from here.
    func outline(of volume: BoundingVolume) -> Outline? {
        switch volume {
        case .box(let low, let high): return box(low, high)
        case .sphere(let centre, let radius):
            guard let centre = try? place(centre), radius >= 0 else { return nil }
            return .circle(centre: SIMD2(centre.x, centre.y), radius: min(radius, 4 * Self.reach))
        case .frustum(let frustum): return self.frustum(frustum)
        }
    }

    private func box(_ low: Vector3, _ high: Vector3) -> Outline? {
        // A western edge east of the eastern one: over the date line.
        let east = isGeodetic && high.x < low.x ? high.x + 360 : high.x
        let corners = [
            SIMD2(low.x, low.y), SIMD2(east, low.y), SIMD2(east, high.y), SIMD2(low.x, high.y),
        ]
        guard isGeodetic else {
            let reach = SIMD2<Double>(repeating: 4 * Self.reach)
            return .polygon(corners.map { $0.clamped(lowerBound: -reach, upperBound: reach) })
        }
        var points: [SIMD2<Double>] = []
        for (index, corner) in corners.enumerated() {
            let next = corners[(index + 1) % corners.count]
            for piece in 0..<Self.pieces {
                let point = corner + (next - corner) * (Double(piece) / Double(Self.pieces))
                guard let placed = try? place(Vector3(point.x, point.y, 0)) else { return nil }
                points.append(SIMD2(placed.x, placed.y))
            }
        }
        return .polygon(points)
    }

    /// The shadow of all eight corners.
    private func frustum(_ frustum: Frustum) -> Outline? {
        guard let (_, corners) = corners(of: frustum) else { return nil }
        return .polygon(convexHull(corners.map { SIMD2($0.x, $0.y) }))
    }

    /// Where a frustum's eye is, and its eight corners, the near ones first: left upper, left lower, right upper, right
    /// lower as it sees them. Metres in the plane, and the height.
    func corners(of frustum: Frustum) -> (apex: SIMD3<Double>, corners: [SIMD3<Double>])? {
        guard let apex = try? place(frustum.apex) else { return nil }
        let rotation = Rotation(frustum.orientation)
        let slope = tan(min(max(Double(frustum.fovY), 0), Self.widestView) / 2)
        let reach = SIMD3<Double>(repeating: 4 * Self.reach)
        var corners: [SIMD3<Double>] = []
        for distance in [Double(frustum.near), Double(frustum.far)] {
            let up = slope * distance
            let left = up * Double(frustum.aspect)
            for (across, upwards) in [(left, up), (left, -up), (-left, up), (-left, -up)] {
                let ahead = SIMD3(distance, across, upwards).clamped(lowerBound: -reach, upperBound: reach)
                corners.append(apex + rotation(ahead))
            }
        }
        return (apex, corners)
    }
}

/// The corners of the smallest convex polygon around some points, counterclockwise: Andrew's monotone chain.
func convexHull(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] {
    let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    guard sorted.count > 2 else { return sorted }
    func half(_ points: some Sequence<SIMD2<Double>>) -> [SIMD2<Double>] {
        var chain: [SIMD2<Double>] = []
        for point in points {
            while chain.count >= 2 {
                let edge = chain[chain.count - 1] - chain[chain.count - 2]
                let next = point - chain[chain.count - 2]
                guard edge.x * next.y - edge.y * next.x <= 0 else { break }
                chain.removeLast()
            }
            chain.append(point)
        }
        return chain.dropLast()
    }
    return half(sorted) + half(sorted.reversed())
}

extension Outline {
    /// What it takes of the plane; nil for a polygon without corners.
    var extent: Extent? {
        switch self {
        case .polygon(let corners):
            guard let first = corners.first else { return nil }
            var extent = Extent(first)
            for corner in corners { extent.include(corner) }
            return extent
        case .circle(let centre, let radius):
            var extent = Extent(centre - SIMD2(repeating: radius))
            extent.include(centre + SIMD2(repeating: radius))
            return extent
        }
    }
}
