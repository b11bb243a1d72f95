/// A part of space (profile section 4).
public enum BoundingVolume: Hashable, Sendable {
    case box(min: Vector3, max: Vector3)
    case sphere(center: Vector3, radius: Double)
    case frustum(Frustum)

    public enum Tag: UInt8, WireEnumeration {
        case box, sphere, frustum

        public var name: String {
            switch self {
            case .box: "BOX"
            case .sphere: "SPHERE"
            case .frustum: "FRUSTUM"
            }
        }
    }

    public var tag: Tag {
        switch self {
        case .box: .box
        case .sphere: .sphere
        case .frustum: .frustum
        }
    }

    /// The least that one takes: tag, centre and radius.
    static let smallestSize = 33

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        let tag = try reader.enumeration("tag", Tag.self)
        self = try reader.object("value") { (reader: inout WireReader<R>) throws(DecodeError) -> BoundingVolume in
            switch tag {
            case .box: .box(min: try reader.vector3("min"), max: try reader.vector3("max"))
            case .sphere: .sphere(center: try reader.vector3("center"), radius: try reader.f64("radius"))
            case .frustum: .frustum(try Frustum(from: &reader))
            }
        }
    }

    static func read<R>(_ name: String, from reader: inout WireReader<R>) throws(DecodeError) -> BoundingVolume {
        try reader.object(name) { (reader: inout WireReader<R>) throws(DecodeError) in
            try BoundingVolume(from: &reader)
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.enumeration(tag)
        switch self {
        case .box(let min, let max):
            writer.vector3(min)
            writer.vector3(max)
        case .sphere(let center, let radius):
            writer.vector3(center)
            writer.f64(radius)
        case .frustum(let frustum): frustum.encode(into: &writer)
        }
    }
}

/// What a camera sees; it looks along its own +x, +z is up.
public struct Frustum: Hashable, Sendable {
    public var apex: Vector3
    public var orientation: Quaternion
    /// The vertical opening angle in radians.
    public var fovY: Float
    public var aspect: Float
    /// Metres.
    public var near, far: Float

    public init(apex: Vector3, orientation: Quaternion, fovY: Float, aspect: Float, near: Float, far: Float) {
        self.apex = apex
        self.orientation = orientation
        self.fovY = fovY
        self.aspect = aspect
        self.near = near
        self.far = far
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        apex = try reader.vector3("apex")
        orientation = try reader.quaternion("orientation")
        fovY = try reader.f32("fov_y")
        aspect = try reader.f32("aspect")
        near = try reader.f32("near")
        far = try reader.f32("far")
    }

    func encode(into writer: inout WireWriter) {
        writer.vector3(apex)
        writer.quaternion(orientation)
        writer.f32(fovY)
        writer.f32(aspect)
        writer.f32(near)
        writer.f32(far)
    }
}
