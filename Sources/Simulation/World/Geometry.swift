import SpatioWire

extension BoundingVolume {
    /// Of a frustum its apex.
    var middle: Vector3 {
        switch self {
        case .box(let minimum, let maximum): (minimum + maximum) * 0.5
        case .sphere(let center, _): center
        case .frustum(let frustum): frustum.apex
        }
    }

    /// A frustum is taken for the sphere that its far plane touches.
    func contains(_ point: Vector3) -> Bool {
        switch self {
        case .box(let minimum, let maximum):
            point.x >= minimum.x && point.x <= maximum.x && point.y >= minimum.y && point.y <= maximum.y
                && point.z >= minimum.z && point.z <= maximum.z
        case .sphere(let center, let radius): (point - center).length <= radius
        case .frustum(let frustum): (point - frustum.apex).length <= Double(frustum.far)
        }
    }
}

extension SpatialQuery.Parameters {
    /// Metres from the query's own point to one that it finds; nil for one that it does not.
    func distance(to point: Vector3) -> Double? {
        let origin: Vector3
        let isFound: Bool
        switch self {
        case .point(let center, let tolerance):
            origin = center
            isFound = (point - center).length <= tolerance
        case .radius(let center, let radius):
            origin = center
            isFound = (point - center).length <= radius
        case .bounds(let minimum, let maximum):
            let box = BoundingVolume.box(min: minimum, max: maximum)
            origin = box.middle
            isFound = box.contains(point)
        case .frustum(let frustum):
            origin = frustum.apex
            isFound = frustum.sees(point)
        }
        return isFound ? (point - origin).length : nil
    }
}

extension Frustum {
    /// Whether a point is in sight. The frustum looks along its own +x; the point is turned into its frame.
    func sees(_ point: Vector3) -> Bool {
        let way = point - apex
        let (x, y, z, w) = (Double(orientation.x), Double(orientation.y), Double(orientation.z), Double(orientation.w))
        let forward = (1 - 2 * (y * y + z * z)) * way.x + 2 * (x * y + z * w) * way.y + 2 * (x * z - y * w) * way.z
        let left = 2 * (x * y - z * w) * way.x + (1 - 2 * (x * x + z * z)) * way.y + 2 * (y * z + x * w) * way.z
        let up = 2 * (x * z + y * w) * way.x + 2 * (y * z - x * w) * way.y + (1 - 2 * (x * x + y * y)) * way.z
        guard forward >= Double(near), forward <= Double(far) else { return false }
        // Half a right angle at most is asked for here: tan of half of it by its rational form is exact enough.
        let half = Double(fovY) / 2
        let slope = half * (15 - half * half) / (15 - 6 * half * half)
        return abs(up) <= forward * slope && abs(left) <= forward * slope * Double(aspect)
    }
}
