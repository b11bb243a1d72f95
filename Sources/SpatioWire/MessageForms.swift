/// How a message is passed on within its group (profile section 3.3).
public enum RoutingStrategy: Hashable, Sendable {
    case flood
    case spatial(BoundingVolume)
    case selective(peers: [UUID])
    /// `falloff` in metres.
    case gradient(origin: Vector3, falloff: Float)

    public enum Kind: UInt8, WireEnumeration {
        case flood, spatial, selective, gradient

        public var name: String {
            switch self {
            case .flood: "FLOOD"
            case .spatial: "SPATIAL"
            case .selective: "SELECTIVE"
            case .gradient: "GRADIENT"
            }
        }
    }

    public var kind: Kind {
        switch self {
        case .flood: .flood
        case .spatial: .spatial
        case .selective: .selective
        case .gradient: .gradient
        }
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        let kind = try reader.enumeration("type", Kind.self)
        self = try reader.parameters(excess: .routing) {
            (reader: inout WireReader<R>) throws(DecodeError) -> RoutingStrategy in
            switch kind {
            case .flood:
                if R.isRecording { reader.leaf("parameters", .null, reader.offset) }
                return .flood
            case .spatial: return .spatial(try BoundingVolume.read("parameters", from: &reader))
            case .selective:
                return .selective(
                    peers: try reader.list("parameters", elementSize: 16) {
                        (reader: inout WireReader<R>) throws(DecodeError) in try reader.uuid("")
                    })
            case .gradient:
                return try reader.object("parameters") { (reader: inout WireReader<R>) throws(DecodeError) in
                    .gradient(origin: try reader.vector3("origin"), falloff: try reader.f32("falloff"))
                }
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.enumeration(kind)
        writer.delimited { writer in
            switch self {
            case .flood: break
            case .spatial(let volume): volume.encode(into: &writer)
            case .selective(let peers): writer.list(peers) { $0.uuid($1) }
            case .gradient(let origin, let falloff):
                writer.vector3(origin)
                writer.f32(falloff)
            }
        }
    }
}

/// What the flag MULTICAST adds.
public struct MulticastForm: Hashable, Sendable {
    public var groupID: UUID
    public var routing: RoutingStrategy

    public init(groupID: UUID, routing: RoutingStrategy) {
        self.groupID = groupID
        self.routing = routing
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        groupID = try reader.uuid("group_id")
        routing = try reader.object("routing") { (reader: inout WireReader<R>) throws(DecodeError) in
            try RoutingStrategy(from: &reader)
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(groupID)
        routing.encode(into: &writer)
    }
}

/// What the flag DATA adds: compression and the place of this segment in the whole (profile section 3.2).
public struct DataForm: Hashable, Sendable {
    public var compression: Compression
    /// Octets of the whole after compression.
    public var totalSize: UInt32
    public var segmentOffset: UInt32
    /// Octets of this segment, before it is sealed.
    public var segmentSize: UInt16
    public var lastSegment: Bool

    public init(
        compression: Compression, totalSize: UInt32, segmentOffset: UInt32, segmentSize: UInt16, lastSegment: Bool
    ) {
        self.compression = compression
        self.totalSize = totalSize
        self.segmentOffset = segmentOffset
        self.segmentSize = segmentSize
        self.lastSegment = lastSegment
    }

    /// One segment holds everything, whatever `total_size` says: it begins and ends the whole.
    public var isWhole: Bool { segmentOffset == 0 && lastSegment }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        compression = try reader.enumeration("compression", Compression.self)
        totalSize = try reader.u32("total_size")
        segmentOffset = try reader.u32("segment_offset")
        segmentSize = try reader.u16("segment_size")
        lastSegment = try reader.bool("last_segment")
    }

    func encode(into writer: inout WireWriter) {
        writer.enumeration(compression)
        writer.u32(totalSize)
        writer.u32(segmentOffset)
        writer.u16(segmentSize)
        writer.bool(lastSegment)
    }
}
