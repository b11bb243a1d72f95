/// How the positions of a message are to be read (profile section 3.1).
public enum CoordinateSystem: Hashable, Sendable {
    case cartesian(CartesianParameters?)
    case geodetic(GeodeticParameters?)
    case relative(reference: UUID, offset: Vector3)
    case custom(typeID: UInt16, parameters: [UInt8])

    public struct CartesianParameters: Hashable, Sendable {
        public var origin: Vector3
        public var scale: Float
        public init(origin: Vector3, scale: Float) {
            self.origin = origin
            self.scale = scale
        }
    }

    public struct GeodeticParameters: Hashable, Sendable {
        public var datum: String
        public var precision: Float
        public init(datum: String, precision: Float) {
            self.datum = datum
            self.precision = precision
        }
    }

    public enum Kind: UInt8, WireEnumeration {
        case cartesian, geodetic, relative, custom

        public var name: String {
            switch self {
            case .cartesian: "CARTESIAN"
            case .geodetic: "GEODETIC"
            case .relative: "RELATIVE"
            case .custom: "CUSTOM"
            }
        }
    }

    public var kind: Kind {
        switch self {
        case .cartesian: .cartesian
        case .geodetic: .geodetic
        case .relative: .relative
        case .custom: .custom
        }
    }

    /// The same with what has no bound of its own cut to some octets: for who keeps it longer than its message.
    public func bounded(to octets: Int) -> CoordinateSystem {
        switch self {
        case .custom(let typeID, let parameters): .custom(typeID: typeID, parameters: Array(parameters.prefix(octets)))
        case .geodetic(let parameters?):
            .geodetic(
                GeodeticParameters(datum: String(parameters.datum.prefix(octets)), precision: parameters.precision))
        case .cartesian, .geodetic, .relative: self
        }
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        let kind = try reader.enumeration("type", Kind.self)
        self = try reader.parameters(excess: .octetsAfterParameters) {
            (reader: inout WireReader<R>) throws(DecodeError) -> CoordinateSystem in
            switch kind {
            case .cartesian:
                guard reader.remaining > 0 else {
                    if R.isRecording { reader.leaf("parameters", .null, reader.offset) }
                    return .cartesian(nil)
                }
                return try reader.object("parameters") { (reader: inout WireReader<R>) throws(DecodeError) in
                    .cartesian(
                        CartesianParameters(origin: try reader.vector3("origin"), scale: try reader.f32("scale")))
                }
            case .geodetic:
                guard reader.remaining > 0 else {
                    if R.isRecording { reader.leaf("parameters", .null, reader.offset) }
                    return .geodetic(nil)
                }
                return try reader.object("parameters") { (reader: inout WireReader<R>) throws(DecodeError) in
                    .geodetic(
                        GeodeticParameters(datum: try reader.string("datum"), precision: try reader.f32("precision")))
                }
            case .relative:
                return try reader.object("parameters") { (reader: inout WireReader<R>) throws(DecodeError) in
                    .relative(reference: try reader.uuid("reference"), offset: try reader.vector3("offset"))
                }
            case .custom:
                return try reader.object("parameters") { (reader: inout WireReader<R>) throws(DecodeError) in
                    .custom(typeID: try reader.u16("type_id"), parameters: try reader.bytes("parameters"))
                }
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.enumeration(kind)
        writer.delimited { writer in
            switch self {
            case .cartesian(let parameters):
                guard let parameters else { return }
                writer.vector3(parameters.origin)
                writer.f32(parameters.scale)
            case .geodetic(let parameters):
                guard let parameters else { return }
                writer.string(parameters.datum)
                writer.f32(parameters.precision)
            case .relative(let reference, let offset):
                writer.uuid(reference)
                writer.vector3(offset)
            case .custom(let typeID, let parameters):
                writer.u16(typeID)
                writer.bytes(parameters)
            }
        }
    }
}

/// Where and when the sender is, and how positions of the message are to be read.
public struct SpatialAddress: Hashable, Sendable {
    public var spaceID: UUID
    public var coordinateSystem: CoordinateSystem
    public var position: Vector3
    public var orientation: Quaternion?
    /// Metres, not negative.
    public var precision: Float
    /// 0...1.
    public var confidence: Float
    /// Milliseconds since the Unix epoch.
    public var timestamp: UInt64
    public var referenceFrame: UUID?

    public static let version: UInt8 = 1

    public init(
        spaceID: UUID, coordinateSystem: CoordinateSystem = .cartesian(nil), position: Vector3 = .zero,
        orientation: Quaternion? = nil, precision: Float, confidence: Float, timestamp: UInt64,
        referenceFrame: UUID? = nil
    ) {
        self.spaceID = spaceID
        self.coordinateSystem = coordinateSystem
        self.position = position
        self.orientation = orientation
        self.precision = precision
        self.confidence = confidence
        self.timestamp = timestamp
        self.referenceFrame = referenceFrame
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        let start = reader.offset
        let version = try reader.u8("version")
        guard version == Self.version else {
            throw DecodeError(.version, at: start, "address version \(version), not \(Self.version)")
        }
        spaceID = try reader.uuid("space_id")
        coordinateSystem = try reader.object("coordinate_system") {
            (reader: inout WireReader<R>) throws(DecodeError) in try CoordinateSystem(from: &reader)
        }
        position = try reader.vector3("position")
        orientation = try reader.optional("orientation") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.quaternion("orientation")
        }
        precision = try reader.f32("precision")
        guard precision >= 0 else {
            throw DecodeError(.precision, at: reader.offset - 4, "\(precision) m is negative")
        }
        confidence = try reader.f32("confidence")
        guard confidence >= 0, confidence <= 1 else {
            throw DecodeError(.confidence, at: reader.offset - 4, "\(confidence) is not in 0...1")
        }
        timestamp = try reader.u64("timestamp")
        referenceFrame = try reader.optional("reference_frame") {
            (reader: inout WireReader<R>) throws(DecodeError) in try reader.uuid("reference_frame")
        }
    }

    /// The least that one takes: no parameters, no orientation, no reference frame.
    static let smallestSize = 1 + 16 + 2 + 24 + 1 + 4 + 4 + 8 + 1

    /// Where the parts of variable width of a plain address stand: one whose coordinate system has no parameters.
    private struct PlainLayout {
        /// The octet that says whether there is an orientation, and `precision` behind it.
        var orientationTag, precision: Int
        /// The octet that says whether there is a reference frame, and the first octet behind the address.
        var frameTag, end: Int

        /// Nil for any other address and for one that is not well-formed.
        @inline(__always)
        init?<R>(of reader: borrowing WireReader<R>) {
            let start = reader.offset
            guard reader.remaining >= smallestSize, reader.load(UInt8.self, at: start) == version,
                reader.load(UInt8.self, at: start + 17) <= CoordinateSystem.Kind.geodetic.rawValue,
                reader.load(UInt8.self, at: start + 18) == 0, reader.isFinite(doubles: 3, at: start + 19)
            else { return nil }
            orientationTag = start + 43
            guard let behind = reader.behindFloats(4, tag: orientationTag), behind + 17 <= reader.end else {
                return nil
            }
            precision = behind
            let metres = reader.float(at: precision)
            let share = reader.float(at: precision + 4)
            guard metres >= 0, metres.isFinite, share >= 0, share <= 1 else { return nil }
            frameTag = precision + 16
            end = frameTag + 1
            switch reader.load(UInt8.self, at: frameTag) {
            case 0: break
            case 1: end += 16
            default: return nil
            }
            guard end <= reader.end else { return nil }
        }
    }

    /// The short way through a plain address, which is the common one: few checks, then loads at known places, and
    /// nothing recorded. Any other goes the long way, which also finds out what is wrong with one.
    @inline(__always)
    init<R>(quicklyFrom reader: inout WireReader<R>) throws(DecodeError) {
        guard let layout = PlainLayout(of: reader) else {
            try self.init(from: &reader)
            return
        }
        let start = reader.offset
        let hasOrientation = layout.precision > layout.orientationTag + 1
        self.init(
            spaceID: reader.uuid(at: start + 1),
            coordinateSystem: reader.load(UInt8.self, at: start + 17) == 0 ? .cartesian(nil) : .geodetic(nil),
            position: reader.vector3(at: start + 19),
            orientation: hasOrientation ? reader.quaternion(at: layout.orientationTag + 1) : nil,
            precision: reader.float(at: layout.precision), confidence: reader.float(at: layout.precision + 4),
            timestamp: reader.load(UInt64.self, at: layout.precision + 8),
            referenceFrame: layout.end > layout.frameTag + 1 ? reader.uuid(at: layout.frameTag + 1) : nil)
        reader.set(offset: layout.end)
    }

    func encode(into writer: inout WireWriter) {
        writer.u8(Self.version)
        writer.uuid(spaceID)
        coordinateSystem.encode(into: &writer)
        writer.vector3(position)
        writer.optional(orientation) { $0.quaternion($1) }
        writer.f32(precision)
        writer.f32(confidence)
        writer.u64(timestamp)
        writer.optional(referenceFrame) { $0.uuid($1) }
    }
}
