/// A value of an entity's field (profile section 4).
public enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case vector3(Vector3)
    case quaternion(Quaternion)
    case uuid(UUID)
    /// Milliseconds since the Unix epoch.
    case timestamp(UInt64)

    public enum Tag: UInt8, WireEnumeration {
        case null, bool, int, float, string, bytes, vector3, quaternion, uuid, timestamp

        public var name: String {
            switch self {
            case .null: "NULL"
            case .bool: "BOOL"
            case .int: "INT"
            case .float: "FLOAT"
            case .string: "STRING"
            case .bytes: "BYTES"
            case .vector3: "VECTOR3"
            case .quaternion: "QUATERNION"
            case .uuid: "UUID"
            case .timestamp: "TIMESTAMP"
            }
        }
    }

    public var tag: Tag {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .float: .float
        case .string: .string
        case .bytes: .bytes
        case .vector3: .vector3
        case .quaternion: .quaternion
        case .uuid: .uuid
        case .timestamp: .timestamp
        }
    }

    /// The value of a known tag without the tag, as the data of an extension has it.
    init<R>(_ tag: Tag, named name: String, from reader: inout WireReader<R>) throws(DecodeError) {
        self =
            switch tag {
            case .null: .null
            case .bool: .bool(try reader.bool(name))
            case .int: .int(try reader.i64(name))
            case .float: .float(try reader.f64(name))
            case .string: .string(try reader.string(name))
            case .bytes: .bytes(try reader.bytes(name))
            case .vector3: .vector3(try reader.vector3(name))
            case .quaternion: .quaternion(try reader.quaternion(name))
            case .uuid: .uuid(try reader.uuid(name))
            case .timestamp: .timestamp(try reader.u64(name))
            }
    }

    /// The value without its tag.
    public func encodeUntagged(into writer: inout WireWriter) {
        switch self {
        case .null: break
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.i64(value)
        case .float(let value): writer.f64(value)
        case .string(let value): writer.string(value)
        case .bytes(let value): writer.bytes(value)
        case .vector3(let value): writer.vector3(value)
        case .quaternion(let value): writer.quaternion(value)
        case .uuid(let value): writer.uuid(value)
        case .timestamp(let value): writer.u64(value)
        }
    }
}

/// A key and a value of an entity's state. Readers know `name`, `kind`, `position` and `orientation`.
public struct StateField: Hashable, Sendable {
    public var key: String
    public var value: Value

    static let smallestSize = 2

    public init(_ key: String, _ value: Value) {
        self.key = key
        self.value = value
    }

    static func list<R>(_ name: String, from reader: inout WireReader<R>) throws(DecodeError) -> [StateField] {
        try reader.list(name, elementSize: smallestSize) { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                StateField(
                    try reader.string("key"),
                    try reader.object("value") { (reader: inout WireReader<R>) throws(DecodeError) in
                        let tag = try reader.enumeration("tag", Value.Tag.self)
                        return try Value(tag, named: "value", from: &reader)
                    })
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.string(key)
        writer.enumeration(value.tag)
        value.encodeUntagged(into: &writer)
    }
}

public struct StateSyncEntry: Hashable, Sendable {
    public var change: StateChange
    public var entityID: UUID
    public var entityVersion: UInt64
    public var fields: [StateField]

    static let smallestSize = 1 + 16 + 8 + 1

    public init(change: StateChange, entityID: UUID, entityVersion: UInt64, fields: [StateField]) {
        self.change = change
        self.entityID = entityID
        self.entityVersion = entityVersion
        self.fields = fields
    }
}

public struct StateSync: Hashable, Sendable {
    public var spaceID: UUID
    public var version: UInt64
    /// Milliseconds since the Unix epoch.
    public var timestamp: UInt64
    /// True: it applies to the version before (or to the base that a DELTA_UPDATE names).
    public var delta: Bool
    public var entries: [StateSyncEntry]

    public init(spaceID: UUID, version: UInt64, timestamp: UInt64, delta: Bool, entries: [StateSyncEntry]) {
        self.spaceID = spaceID
        self.version = version
        self.timestamp = timestamp
        self.delta = delta
        self.entries = entries
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        spaceID = try reader.uuid("space_id")
        version = try reader.u64("version")
        timestamp = try reader.u64("timestamp")
        delta = try reader.bool("delta")
        entries = try reader.list("entries", elementSize: StateSyncEntry.smallestSize) {
            (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                StateSyncEntry(
                    change: try reader.enumeration("change", StateChange.self),
                    entityID: try reader.uuid("entity_id"), entityVersion: try reader.u64("entity_version"),
                    fields: try StateField.list("fields", from: &reader))
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(spaceID)
        writer.u64(version)
        writer.u64(timestamp)
        writer.bool(delta)
        writer.list(entries) {
            $0.enumeration($1.change)
            $0.uuid($1.entityID)
            $0.u64($1.entityVersion)
            $0.list($1.fields) { $1.encode(into: &$0) }
        }
    }
}

public enum SyncMode: Hashable, Sendable {
    case full, delta, incremental
    case custom(UInt16)

    public enum Kind: UInt8, WireEnumeration {
        case full, delta, incremental, custom

        public var name: String {
            switch self {
            case .full: "FULL"
            case .delta: "DELTA"
            case .incremental: "INCREMENTAL"
            case .custom: "CUSTOM"
            }
        }
    }

    static func read<R>(_ name: String, from reader: inout WireReader<R>) throws(DecodeError) -> SyncMode {
        let kind = try reader.rawEnumeration(name, Kind.self)
        let plain: SyncMode? =
            switch kind {
            case .full: .full
            case .delta: .delta
            case .incremental: .incremental
            case .custom: nil
            }
        if R.isRecording {
            let value = FieldValue.named(kind.name, raw: UInt64(kind.rawValue))
            reader.leaf(plain == nil ? "\(name)_kind" : name, value, reader.offset - 1, structural: plain == nil)
        }
        if let plain { return plain }
        return try reader.object(name) { (reader: inout WireReader<R>) throws(DecodeError) in
            .custom(try reader.u16(kind.name))
        }
    }

    func encode(into writer: inout WireWriter) {
        switch self {
        case .full: writer.enumeration(Kind.full)
        case .delta: writer.enumeration(Kind.delta)
        case .incremental: writer.enumeration(Kind.incremental)
        case .custom(let number):
            writer.enumeration(Kind.custom)
            writer.u16(number)
        }
    }
}

public struct StateRequest: Hashable, Sendable {
    public var requestID: UInt32
    public var spaceID: UUID
    /// 0: none.
    public var knownVersion: UInt64
    public var mode: SyncMode

    public init(requestID: UInt32, spaceID: UUID, knownVersion: UInt64, mode: SyncMode) {
        self.requestID = requestID
        self.spaceID = spaceID
        self.knownVersion = knownVersion
        self.mode = mode
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        requestID = try reader.u32("request_id")
        spaceID = try reader.uuid("space_id")
        knownVersion = try reader.u64("known_version")
        mode = try SyncMode.read("mode", from: &reader)
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(requestID)
        writer.uuid(spaceID)
        writer.u64(knownVersion)
        mode.encode(into: &writer)
    }
}

public struct StateResponse: Hashable, Sendable {
    public var requestID: UInt32
    public var code: ErrorCode
    public var sync: StateSync?

    public init(requestID: UInt32, code: ErrorCode = .success, sync: StateSync?) {
        self.requestID = requestID
        self.code = code
        self.sync = sync
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        requestID = try reader.u32("request_id")
        code = try reader.code("code", ErrorCode.self)
        sync = try reader.optional("sync") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("sync") { (reader: inout WireReader<R>) throws(DecodeError) in
                try StateSync(from: &reader)
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(requestID)
        writer.code(code)
        writer.optional(sync) { $1.encode(into: &$0) }
    }
}

public struct DeltaUpdate: Hashable, Sendable {
    public var baseVersion: UInt64
    public var sync: StateSync

    public init(baseVersion: UInt64, sync: StateSync) {
        self.baseVersion = baseVersion
        self.sync = sync
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        baseVersion = try reader.u64("base_version")
        let start = reader.offset
        sync = try reader.object("sync") { (reader: inout WireReader<R>) throws(DecodeError) in
            try StateSync(from: &reader)
        }
        // Behind space_id, version and timestamp of the StateSync.
        guard sync.delta else { throw DecodeError(.deltaUpdateNotDelta, at: start + 32) }
    }

    func encode(into writer: inout WireWriter) {
        writer.u64(baseVersion)
        sync.encode(into: &writer)
    }
}

public struct ConflictResolve: Hashable, Sendable {
    public struct Candidate: Hashable, Sendable {
        public var nodeID: UUID
        public var entityVersion: UInt64
        /// Milliseconds since the Unix epoch.
        public var timestamp: UInt64
        public var fields: [StateField]

        static let smallestSize = 16 + 8 + 8 + 1

        public init(nodeID: UUID, entityVersion: UInt64, timestamp: UInt64, fields: [StateField]) {
            self.nodeID = nodeID
            self.entityVersion = entityVersion
            self.timestamp = timestamp
            self.fields = fields
        }
    }

    public var spaceID: UUID
    public var entityID: UUID
    /// The state version that it makes.
    public var version: UInt64
    public var strategy: ConflictStrategy
    public var candidates: [Candidate]
    public var resolved: [StateField]

    public init(
        spaceID: UUID, entityID: UUID, version: UInt64, strategy: ConflictStrategy, candidates: [Candidate],
        resolved: [StateField]
    ) {
        self.spaceID = spaceID
        self.entityID = entityID
        self.version = version
        self.strategy = strategy
        self.candidates = candidates
        self.resolved = resolved
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        spaceID = try reader.uuid("space_id")
        entityID = try reader.uuid("entity_id")
        version = try reader.u64("version")
        strategy = try reader.enumeration("strategy", ConflictStrategy.self)
        candidates = try reader.list("candidates", elementSize: Candidate.smallestSize) {
            (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                Candidate(
                    nodeID: try reader.uuid("node_id"), entityVersion: try reader.u64("entity_version"),
                    timestamp: try reader.u64("timestamp"), fields: try StateField.list("fields", from: &reader))
            }
        }
        resolved = try StateField.list("resolved", from: &reader)
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(spaceID)
        writer.uuid(entityID)
        writer.u64(version)
        writer.enumeration(strategy)
        writer.list(candidates) {
            $0.uuid($1.nodeID)
            $0.u64($1.entityVersion)
            $0.u64($1.timestamp)
            $0.list($1.fields) { $1.encode(into: &$0) }
        }
        writer.list(resolved) { $1.encode(into: &$0) }
    }
}
