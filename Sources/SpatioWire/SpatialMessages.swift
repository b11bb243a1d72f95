/// One entity in a SPATIAL_UPDATE.
public struct EntityUpdate: Hashable, Sendable {
    public var entityID: UUID
    /// The application's number for a kind of entity.
    public var kind: UInt16
    /// In the coordinate system of the message's address.
    public var position: Vector3
    public var orientation: Quaternion?
    /// Metres per second.
    public var velocity: Vector3f?

    static let smallestSize = 16 + 2 + 24 + 1 + 1

    @inlinable @inline(__always)
    public init(
        entityID: UUID, kind: UInt16, position: Vector3, orientation: Quaternion? = nil, velocity: Vector3f? = nil
    ) {
        self.entityID = entityID
        self.kind = kind
        self.position = position
        self.orientation = orientation
        self.velocity = velocity
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        entityID = try reader.uuid("entity_id")
        kind = try reader.u16("kind")
        position = try reader.vector3("position")
        orientation = try reader.optional("orientation") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.quaternion("orientation")
        }
        velocity = try reader.optional("velocity") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.vector3f("velocity")
        }
    }

    /// The short way through an update: few checks, then loads at known places, and nothing recorded. One that is not
    /// well-formed goes the long way, which finds out why.
    @inline(__always)
    init<R>(quicklyFrom reader: inout WireReader<R>) throws(DecodeError) {
        let start = reader.offset
        let orientationTag = start + 42
        guard reader.remaining >= Self.smallestSize, reader.isFinite(doubles: 3, at: start + 18),
            let velocityTag = reader.behindFloats(4, tag: orientationTag), velocityTag < reader.end,
            let end = reader.behindFloats(3, tag: velocityTag)
        else {
            try self.init(from: &reader)
            return
        }
        self.init(
            entityID: reader.uuid(at: start), kind: reader.load(UInt16.self, at: start + 16),
            position: reader.vector3(at: start + 18),
            orientation: velocityTag > orientationTag + 1 ? reader.quaternion(at: orientationTag + 1) : nil,
            velocity: end > velocityTag + 1 ? reader.vector3f(at: velocityTag + 1) : nil)
        reader.set(offset: end)
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(entityID)
        writer.u16(kind)
        writer.vector3(position)
        writer.optional(orientation) { $0.quaternion($1) }
        writer.optional(velocity) { $0.vector3f($1) }
    }
}

public struct SpatialUpdate: Hashable, Sendable {
    public var updates: [EntityUpdate]

    public init(updates: [EntityUpdate]) { self.updates = updates }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        updates = try reader.list("updates", elementSize: EntityUpdate.smallestSize) {
            (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                try EntityUpdate(from: &reader)
            }
        }
    }

    /// Appends the updates of a whole payload to `updates`, which keeps its storage from message to message.
    public static func decode(
        payload: Range<Int>, of octets: UnsafeRawBufferPointer, into updates: inout [EntityUpdate]
    ) throws(DecodeError) {
        var reader = WireReader(octets, range: payload, recorder: NoRecorder())
        let count = try reader.count(elementSize: EntityUpdate.smallestSize)
        for _ in 0..<count { updates.append(try EntityUpdate(quicklyFrom: &reader)) }
        guard reader.remaining == 0 else { throw Payload.leftOver(reader.offset, reader.remaining) }
    }

    func encode(into writer: inout WireWriter) {
        writer.list(updates) { $1.encode(into: &$0) }
    }
}

public struct SpatialQuery: Hashable, Sendable {
    public enum Parameters: Hashable, Sendable {
        case point(Vector3, tolerance: Double)
        case radius(center: Vector3, radius: Double)
        case bounds(min: Vector3, max: Vector3)
        case frustum(Frustum)

        public enum Kind: UInt8, WireEnumeration {
            case point, radius, bounds, frustum

            public var name: String {
                switch self {
                case .point: "POINT"
                case .radius: "RADIUS"
                case .bounds: "BOUNDS"
                case .frustum: "FRUSTUM"
                }
            }
        }

        public var kind: Kind {
            switch self {
            case .point: .point
            case .radius: .radius
            case .bounds: .bounds
            case .frustum: .frustum
            }
        }
    }

    public var queryID: UInt32
    public var parameters: Parameters
    public var maxResults: UInt16
    /// Milliseconds.
    public var timeout: UInt16

    public init(queryID: UInt32, parameters: Parameters, maxResults: UInt16, timeout: UInt16) {
        self.queryID = queryID
        self.parameters = parameters
        self.maxResults = maxResults
        self.timeout = timeout
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        queryID = try reader.u32("query_id")
        let kind = try reader.enumeration("type", Parameters.Kind.self)
        parameters = try reader.parameters(excess: .octetsAfterParameters) {
            (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("parameters") { (reader: inout WireReader<R>) throws(DecodeError) -> Parameters in
                switch kind {
                case .point: .point(try reader.vector3("point"), tolerance: try reader.f64("tolerance"))
                case .radius: .radius(center: try reader.vector3("center"), radius: try reader.f64("radius"))
                case .bounds: .bounds(min: try reader.vector3("min"), max: try reader.vector3("max"))
                case .frustum: .frustum(try Frustum(from: &reader))
                }
            }
        }
        maxResults = try reader.u16("max_results")
        timeout = try reader.u16("timeout")
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(queryID)
        writer.enumeration(parameters.kind)
        writer.delimited { writer in
            switch parameters {
            case .point(let point, let tolerance):
                writer.vector3(point)
                writer.f64(tolerance)
            case .radius(let center, let radius):
                writer.vector3(center)
                writer.f64(radius)
            case .bounds(let min, let max):
                writer.vector3(min)
                writer.vector3(max)
            case .frustum(let frustum): frustum.encode(into: &writer)
            }
        }
        writer.u16(maxResults)
        writer.u16(timeout)
    }
}

public struct SpatialResponse: Hashable, Sendable {
    public struct QueryResult: Hashable, Sendable {
        public var entityID: UUID
        public var kind: UInt16
        public var position: Vector3
        /// Metres.
        public var distance: Float

        static let size = 16 + 2 + 24 + 4

        public init(entityID: UUID, kind: UInt16, position: Vector3, distance: Float) {
            self.entityID = entityID
            self.kind = kind
            self.position = position
            self.distance = distance
        }
    }

    public var queryID: UInt32
    public var code: ErrorCode
    public var truncated: Bool
    public var results: [QueryResult]

    public init(queryID: UInt32, code: ErrorCode = .success, truncated: Bool = false, results: [QueryResult]) {
        self.queryID = queryID
        self.code = code
        self.truncated = truncated
        self.results = results
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        queryID = try reader.u32("query_id")
        code = try reader.code("code", ErrorCode.self)
        truncated = try reader.bool("truncated")
        results = try reader.list("results", elementSize: QueryResult.size) {
            (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                QueryResult(
                    entityID: try reader.uuid("entity_id"), kind: try reader.u16("kind"),
                    position: try reader.vector3("position"), distance: try reader.f32("distance"))
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(queryID)
        writer.code(code)
        writer.bool(truncated)
        writer.list(results) {
            $0.uuid($1.entityID)
            $0.u16($1.kind)
            $0.vector3($1.position)
            $0.f32($1.distance)
        }
    }
}

public struct BoundUpdate: Hashable, Sendable {
    public var regionID: UUID
    public var entityID: UUID?
    public var bounds: BoundingVolume

    public init(regionID: UUID, entityID: UUID? = nil, bounds: BoundingVolume) {
        self.regionID = regionID
        self.entityID = entityID
        self.bounds = bounds
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        regionID = try reader.uuid("region_id")
        entityID = try reader.optional("entity_id") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.uuid("entity_id")
        }
        bounds = try BoundingVolume.read("bounds", from: &reader)
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(regionID)
        writer.optional(entityID) { $0.uuid($1) }
        bounds.encode(into: &writer)
    }
}

public struct RegionSubscribe: Hashable, Sendable {
    public var subscriptionID: UInt32
    public var bounds: BoundingVolume
    /// Milliseconds between updates; 0 cancels.
    public var updateFrequency: UInt32
    public var priority: Priority

    public init(subscriptionID: UInt32, bounds: BoundingVolume, updateFrequency: UInt32, priority: Priority) {
        self.subscriptionID = subscriptionID
        self.bounds = bounds
        self.updateFrequency = updateFrequency
        self.priority = priority
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        subscriptionID = try reader.u32("subscription_id")
        bounds = try BoundingVolume.read("bounds", from: &reader)
        updateFrequency = try reader.u32("update_frequency")
        priority = try reader.enumeration("priority", Priority.self)
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(subscriptionID)
        bounds.encode(into: &writer)
        writer.u32(updateFrequency)
        writer.enumeration(priority)
    }
}
