/// An extension's own octets: the payload of EXTENSION, or a header option of any message (profile section 7).
public struct ExtensionHeader: Hashable, Sendable {
    public var extensionID: UInt16
    public var version: UInt8
    public var flags: UInt8
    public var data: [UInt8]

    static let smallestSize = 2 + 1 + 1 + 2

    public init(extensionID: UInt16, version: UInt8 = 1, flags: UInt8 = 0, data: [UInt8]) {
        self.extensionID = extensionID
        self.version = version
        self.flags = flags
        self.data = data
    }

    /// With a recorder, the data is decoded too where its structure is known: as the field `decoded`.
    init<R>(from reader: inout WireReader<R>, schemas: ExtensionSchemas?) throws(DecodeError) {
        extensionID = try reader.u16("extension_id")
        version = try reader.u8("version")
        flags = try reader.u8("flags")
        let place = reader.offset
        let length = Int(reader.load(UInt16.self, at: try reader.take(2)))
        guard length <= reader.remaining else {
            throw DecodeError(.truncated, at: place, "a length of \(length), \(reader.remaining) octets left")
        }
        if R.isRecording { reader.leaf("length", .unsigned(UInt64(length)), place, structural: true) }
        let start = reader.offset
        data = try reader.fixed("data", length)
        if R.isRecording { reader.decodeExtension(extensionID, start..<reader.offset, schemas ?? ExtensionSchemas()) }
    }

    func encode(into writer: inout WireWriter) {
        writer.u16(extensionID)
        writer.u8(version)
        writer.u8(flags)
        writer.u16(UInt16(truncatingIfNeeded: data.count))
        writer.octets.append(contentsOf: data.prefix(0xFFFF))
    }
}

/// Numbers of the extensions that the profile defines.
public enum ExtensionID {
    public static let all = [spatialQuery, stateSync, manifest, origin, traceContext]

    /// What the specification's appendix C registers; nil for the others of the profile, which have no version.
    public static func registered(_ id: UInt16) -> ExtensionManifest? {
        switch id {
        case spatialQuery:
            ExtensionManifest(
                id: id, name: "spatial-query", type: .spatial, version: SemanticVersion(1, 0, 0), status: .stable)
        case stateSync:
            ExtensionManifest(
                id: id, name: "state-sync", type: .protocol, version: SemanticVersion(1, 0, 0), status: .stable)
        default: nil
        }
    }

    public static let spatialQuery: UInt16 = 0x0001
    public static let stateSync: UInt16 = 0x0002
    public static let manifest: UInt16 = 0x8001
    public static let origin: UInt16 = 0x8002
    public static let traceContext: UInt16 = 0x8003

    public static func name(_ id: UInt16) -> String? {
        switch id {
        case spatialQuery: "spatial-query"
        case stateSync: "state-sync"
        case manifest: "manifest"
        case origin: "origin"
        case traceContext: "trace-context"
        default: nil
        }
    }
}

/// What the extension `origin` says of a mirrored message.
public struct Origin: Hashable, Sendable {
    public var sessionID: UUID
    public var direction: OriginDirection
    /// Microseconds, by the server's clock.
    public var seen: UInt64

    public init(sessionID: UUID, direction: OriginDirection, seen: UInt64) {
        self.sessionID = sessionID
        self.direction = direction
        self.seen = seen
    }

    /// That of a message with these extension headers; nil where it is not mirrored.
    init?(in extensions: [ExtensionHeader]) {
        guard let header = extensions.first(where: { $0.extensionID == ExtensionID.origin }),
            let origin = try? Self.decode(header.data)
        else { return nil }
        self = origin
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        sessionID = try reader.uuid("session_id")
        direction = try reader.enumeration("direction", OriginDirection.self)
        seen = try reader.u64("seen")
    }

    /// The data of an `origin` header.
    public static func decode(_ data: [UInt8]) throws(DecodeError) -> Origin {
        try decodeWhole(data) { (reader: inout WireReader<NoRecorder>) throws(DecodeError) in
            try Origin(from: &reader)
        }
    }

    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.uuid(sessionID)
        writer.enumeration(direction)
        writer.u64(seen)
        return writer.octets
    }
}

/// W3C trace context.
public struct TraceContext: Hashable, Sendable {
    /// 16 and 8 octets.
    public var traceID, parentID: [UInt8]
    public var flags: UInt8

    public init(traceID: [UInt8], parentID: [UInt8], flags: UInt8) {
        self.traceID = traceID
        self.parentID = parentID
        self.flags = flags
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        traceID = try reader.fixed("trace_id", 16)
        parentID = try reader.fixed("parent_id", 8)
        flags = try reader.u8("flags")
    }

    public func encoded() -> [UInt8] { traceID + parentID + [flags] }
}

public struct SchemaField: Hashable, Sendable {
    public var name: String
    public var type: Value.Tag

    public init(_ name: String, _ type: Value.Tag) {
        self.name = name
        self.type = type
    }
}

/// Registers an extension in band: what it is and how its data is laid out.
public struct ExtensionManifest: Hashable, Sendable {
    public var id: UInt16
    public var name: String
    public var type: ExtensionType
    public var version: SemanticVersion
    public var status: ExtensionStatus
    public var dependencies: [ExtensionOffer]
    public var schema: [SchemaField]?

    public init(
        id: UInt16, name: String, type: ExtensionType, version: SemanticVersion, status: ExtensionStatus,
        dependencies: [ExtensionOffer] = [], schema: [SchemaField]? = nil
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.version = version
        self.status = status
        self.dependencies = dependencies
        self.schema = schema
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        id = try reader.u16("id")
        name = try reader.string("name")
        type = try reader.enumeration("type", ExtensionType.self)
        version = try reader.semanticVersion("version")
        status = try reader.enumeration("status", ExtensionStatus.self)
        dependencies = try ExtensionOffer.list("dependencies", from: &reader)
        schema = try reader.optional("schema") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("schema") { (reader: inout WireReader<R>) throws(DecodeError) in
                try reader.list("fields", elementSize: 2) { (reader: inout WireReader<R>) throws(DecodeError) in
                    try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) -> SchemaField in
                        let name = try reader.string("name")
                        let type = try reader.enumeration("type", Value.Tag.self)
                        guard type != .null else {
                            throw DecodeError(.enumValue, at: reader.offset - 1, "a schema's types are 1 to 9")
                        }
                        return SchemaField(name, type)
                    }
                }
            }
        }
    }

    /// The data of a `manifest` extension.
    public static func decode(_ data: [UInt8]) throws(DecodeError) -> ExtensionManifest {
        try decodeWhole(data) { (reader: inout WireReader<NoRecorder>) throws(DecodeError) in
            try ExtensionManifest(from: &reader)
        }
    }

    /// About what keeping it costs: its names, and a few words for each field and dependency.
    fileprivate var keptOctets: Int {
        let fields = (schema ?? []).reduce(0) { $0 + $1.name.utf8.count + 32 }
        return name.utf8.count + fields + dependencies.count * 8 + 64
    }

    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.u16(id)
        writer.string(name)
        writer.enumeration(type)
        writer.semanticVersion(version)
        writer.enumeration(status)
        writer.list(dependencies) { $1.encode(into: &$0) }
        writer.optional(schema) { writer, schema in
            writer.list(schema) {
                $0.string($1.name)
                $0.enumeration($1.type)
            }
        }
        return writer.octets
    }
}

/// The extensions whose data a reader can decode because their manifest was seen or configured.
///
/// What the reader configured goes before what the network says: whoever writes a schema down knows why. Only where the
/// configuration says nothing of the fields, those of a manifest count.
public struct ExtensionSchemas: Sendable {
    public private(set) var manifests: [UInt16: ExtensionManifest] = [:]
    /// Those that the reader configured, as they were given.
    public let configured: [UInt16: ExtensionManifest]
    /// A hostile sender could announce all 65,536; each costs up to a message's size.
    public static let limit = 1024
    /// Octets of names in all of them; a manifest that says much takes some hundred.
    public static let octetLimit = 4 << 20
    public private(set) var refused = 0
    private var octets = 0

    /// - Parameter configured: the reader's own; of several with one number the first counts.
    public init(configured: [ExtensionManifest] = []) {
        self.configured = Dictionary(configured.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        manifests = self.configured
        octets = configured.reduce(0) { $0 + $1.keptOctets }
    }

    public mutating func register(_ manifest: ExtensionManifest) {
        var manifest = manifest
        if let own = configured[manifest.id] {
            guard own.schema == nil else { return }
            let schema = manifest.schema
            manifest = own
            manifest.schema = schema
        }
        let before = manifests[manifest.id]?.keptOctets ?? 0
        guard before > 0 || manifests.count < Self.limit, octets - before + manifest.keptOctets <= Self.octetLimit
        else {
            refused += 1
            return
        }
        octets += manifest.keptOctets - before
        manifests[manifest.id] = manifest
    }

    public func name(_ id: UInt16) -> String? { ExtensionID.name(id) ?? manifests[id]?.name }

    /// The numbers that a name stands for, whatever its case.
    public func ids(named name: String) -> [UInt16] {
        let wanted = name.lowercased()
        return ExtensionID.all.filter { ExtensionID.name($0) == wanted }
            + manifests.values.filter { $0.name.lowercased() == wanted }.map(\.id)
    }

    /// Why the data of an extension does not fit its structure; nil where it does, or where nobody knows the structure.
    public func misfit(_ header: ExtensionHeader) -> DecodeError? {
        guard ExtensionID.name(header.extensionID) != nil || manifests[header.extensionID]?.schema != nil else {
            return nil
        }
        do throws(DecodeError) {
            try decodeWhole(header.data) { (reader: inout WireReader<NoRecorder>) throws(DecodeError) in
                try reader.readExtension(header.extensionID, self)
            }
            return nil
        } catch {
            return error
        }
    }
}

func decodeWhole<T>(
    _ octets: [UInt8], _ body: (inout WireReader<NoRecorder>) throws(DecodeError) -> T
) throws(DecodeError) -> T {
    try octets.withOctets { (octets) throws(DecodeError) -> T in
        var reader = WireReader(octets, range: 0..<octets.count, recorder: NoRecorder())
        let value = try body(&reader)
        guard reader.remaining == 0 else { throw Payload.leftOver(reader.offset, reader.remaining) }
        return value
    }
}

extension WireReader {
    /// Records what the data of a known extension means. Data that does not fit is no error: it stays raw, with the
    /// reason (profile section 7).
    mutating func decodeExtension(_ id: UInt16, _ range: Range<Int>, _ schemas: ExtensionSchemas) {
        guard ExtensionID.name(id) != nil || schemas.manifests[id]?.schema != nil else { return }
        within(range) { reader in
            let token = reader.recorder.begin("decoded", .object, at: range.lowerBound, structural: false)
            let depth = reader.recorder.depth
            do throws(DecodeError) {
                try reader.readExtension(id, schemas)
                guard reader.remaining == 0 else { throw Payload.leftOver(reader.offset, reader.remaining) }
            } catch {
                reader.recorder.close(downTo: depth, at: reader.offset)
                reader.leaf("undecoded", .string(error.description), reader.offset)
            }
            reader.recorder.end(token, at: range.upperBound)
        }
    }

    fileprivate mutating func readExtension(_ id: UInt16, _ schemas: ExtensionSchemas) throws(DecodeError) {
        switch id {
        case ExtensionID.spatialQuery: try readSpatialQueryExtension()
        case ExtensionID.stateSync: _ = try StateSyncCapabilities(from: &self)
        case ExtensionID.manifest: _ = try ExtensionManifest(from: &self)
        case ExtensionID.origin: _ = try Origin(from: &self)
        case ExtensionID.traceContext: _ = try TraceContext(from: &self)
        default:
            for field in schemas.manifests[id]?.schema ?? [] {
                _ = try Value(field.type, named: field.name, from: &self)
            }
        }
    }

    private mutating func readSpatialQueryExtension() throws(DecodeError) {
        switch try enumeration("op", SpatialQueryOperation.self) {
        case .query: _ = try ExtendedQueryRequest(from: &self)
        case .result: _ = try SpatialResponse(from: &self)
        }
    }
}

public enum SpatialQueryOperation: UInt8, WireEnumeration {
    case query, result

    public var name: String { self == .query ? "QUERY" : "RESULT" }
}

/// A query of the spatial-query extension.
public enum ExtendedQuery: Hashable, Sendable {
    case nearest(point: Vector3, maxDistance: Double)
    case radius(center: Vector3, radius: Double)
    case boundary(BoundingVolume)
    case visibility(Frustum)
    case custom(UInt16, [UInt8])

    public enum Tag: UInt8, WireEnumeration {
        case nearest, radius, boundary, visibility, custom

        public var name: String {
            switch self {
            case .nearest: "NEAREST"
            case .radius: "RADIUS"
            case .boundary: "BOUNDARY"
            case .visibility: "VISIBILITY"
            case .custom: "CUSTOM"
            }
        }
    }
}

public struct ExtendedQueryRequest: Hashable, Sendable {
    public var queryID: UInt32
    public var query: ExtendedQuery
    public var maxResults: UInt32
    public var kinds: [UInt16]

    public init(queryID: UInt32, query: ExtendedQuery, maxResults: UInt32, kinds: [UInt16] = []) {
        self.queryID = queryID
        self.query = query
        self.maxResults = maxResults
        self.kinds = kinds
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        queryID = try reader.u32("query_id")
        query = try reader.object("query") { (reader: inout WireReader<R>) throws(DecodeError) -> ExtendedQuery in
            switch try reader.enumeration("tag", ExtendedQuery.Tag.self) {
            case .nearest: .nearest(point: try reader.vector3("point"), maxDistance: try reader.f64("max_distance"))
            case .radius: .radius(center: try reader.vector3("center"), radius: try reader.f64("radius"))
            case .boundary: .boundary(try BoundingVolume.read("value", from: &reader))
            case .visibility:
                .visibility(
                    try reader.object("value") { (reader: inout WireReader<R>) throws(DecodeError) in
                        try Frustum(from: &reader)
                    })
            case .custom: .custom(try reader.u16("type_id"), try reader.bytes("parameters"))
            }
        }
        maxResults = try reader.u32("max_results")
        kinds = try reader.list("kinds", elementSize: 2) { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.u16("")
        }
    }

    /// The extension's data: the operation QUERY and this.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.enumeration(SpatialQueryOperation.query)
        writer.u32(queryID)
        switch query {
        case .nearest(let point, let maxDistance):
            writer.enumeration(ExtendedQuery.Tag.nearest)
            writer.vector3(point)
            writer.f64(maxDistance)
        case .radius(let center, let radius):
            writer.enumeration(ExtendedQuery.Tag.radius)
            writer.vector3(center)
            writer.f64(radius)
        case .boundary(let volume):
            writer.enumeration(ExtendedQuery.Tag.boundary)
            volume.encode(into: &writer)
        case .visibility(let frustum):
            writer.enumeration(ExtendedQuery.Tag.visibility)
            frustum.encode(into: &writer)
        case .custom(let typeID, let parameters):
            writer.enumeration(ExtendedQuery.Tag.custom)
            writer.u16(typeID)
            writer.bytes(parameters)
        }
        writer.u32(maxResults)
        writer.list(kinds) { $0.u16($1) }
        return writer.octets
    }
}

extension SpatialResponse {
    /// The data of the spatial-query extension's RESULT.
    public func encodedAsExtension() -> [UInt8] {
        var writer = WireWriter()
        writer.enumeration(SpatialQueryOperation.result)
        encode(into: &writer)
        return writer.octets
    }
}

/// What the state-sync extension announces.
public struct StateSyncCapabilities: Hashable, Sendable {
    public var syncModes: [SyncMode]
    public var deltaCompression: Bool
    public var conflictResolution: ConflictStrategy

    enum Operation: UInt8, WireEnumeration {
        case capabilities
        var name: String { "CAPABILITIES" }
    }

    public init(syncModes: [SyncMode], deltaCompression: Bool, conflictResolution: ConflictStrategy) {
        self.syncModes = syncModes
        self.deltaCompression = deltaCompression
        self.conflictResolution = conflictResolution
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        _ = try reader.enumeration("op", Operation.self)
        syncModes = try reader.list("sync_modes", elementSize: 1) {
            (reader: inout WireReader<R>) throws(DecodeError) in try SyncMode.read("", from: &reader)
        }
        deltaCompression = try reader.bool("delta_compression")
        conflictResolution = try reader.enumeration("conflict_resolution", ConflictStrategy.self)
    }

    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.enumeration(Operation.capabilities)
        writer.list(syncModes) { $1.encode(into: &$0) }
        writer.bool(deltaCompression)
        writer.enumeration(conflictResolution)
        return writer.octets
    }
}
