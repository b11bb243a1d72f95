/// What both ends agree on (profile section 4).
public struct ConnectionConfig: Hashable, Sendable {
    public var version: UInt8
    public var capabilities: Capabilities
    /// Octets.
    public var maxMessageSize: UInt32
    public var compression: Compression
    public var securityLevel: SecurityLevel

    public init(
        version: UInt8 = 1, capabilities: Capabilities, maxMessageSize: UInt32 = UInt32(WireLimits.defaultMessageSize),
        compression: Compression = .none, securityLevel: SecurityLevel = .none
    ) {
        self.version = version
        self.capabilities = capabilities
        self.maxMessageSize = maxMessageSize
        self.compression = compression
        self.securityLevel = securityLevel
    }

    static func read<R>(_ name: String, from reader: inout WireReader<R>) throws(DecodeError) -> ConnectionConfig {
        try reader.object(name) { (reader: inout WireReader<R>) throws(DecodeError) in
            ConnectionConfig(
                version: try reader.u8("version"), capabilities: Capabilities(rawValue: try reader.u32("capabilities")),
                maxMessageSize: try reader.u32("max_message_size"),
                compression: try reader.enumeration("compression", Compression.self),
                securityLevel: try reader.enumeration("security_level", SecurityLevel.self))
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.u8(version)
        writer.u32(capabilities.rawValue)
        writer.u32(maxMessageSize)
        writer.enumeration(compression)
        writer.enumeration(securityLevel)
    }
}

/// Capability flags; unknown bits are ignored.
public struct Capabilities: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let names: [(bit: UInt32, name: String)] = [
        (0x0001, "SPATIAL_QUERY"), (0x0002, "STATE_SYNC"), (0x0004, "DELTA_SYNC"), (0x0008, "REGION_SUBSCRIBE"),
        (0x0010, "LZ4"), (0x0020, "ZSTD"), (0x0040, "SIGN"), (0x0080, "ENCRYPT"), (0x0100, "RELIABLE"),
        (0x0200, "SEGMENTATION"), (0x0400, "P2P"), (0x0800, "MULTICAST"), (0x1000, "RELAY"), (0x2000, "EXTENSIONS"),
        (0x4000, "OBSERVER"),
    ]

    public static let spatialQuery = Capabilities(rawValue: 0x0001)
    public static let stateSync = Capabilities(rawValue: 0x0002)
    public static let deltaSync = Capabilities(rawValue: 0x0004)
    public static let regionSubscribe = Capabilities(rawValue: 0x0008)
    public static let lz4 = Capabilities(rawValue: 0x0010)
    public static let zstd = Capabilities(rawValue: 0x0020)
    public static let sign = Capabilities(rawValue: 0x0040)
    public static let encrypt = Capabilities(rawValue: 0x0080)
    public static let reliable = Capabilities(rawValue: 0x0100)
    public static let segmentation = Capabilities(rawValue: 0x0200)
    public static let p2p = Capabilities(rawValue: 0x0400)
    public static let multicast = Capabilities(rawValue: 0x0800)
    public static let relay = Capabilities(rawValue: 0x1000)
    public static let extensions = Capabilities(rawValue: 0x2000)
    public static let observer = Capabilities(rawValue: 0x4000)

    /// Every capability that the profile lists.
    public static let all = Capabilities(rawValue: 0x7FFF)

    public var names: [String] { Self.names.filter { rawValue & $0.bit != 0 }.map(\.name) }
}

/// What a receiver lets a sender do.
public struct FlowControl: Hashable, Sendable {
    /// Octets.
    public var windowSize: UInt32
    /// Octets per second; 0: unlimited.
    public var rateLimit: UInt32
    /// A share of loss, 0...1.
    public var congestionThreshold: Float

    public init(windowSize: UInt32, rateLimit: UInt32, congestionThreshold: Float) {
        self.windowSize = windowSize
        self.rateLimit = rateLimit
        self.congestionThreshold = congestionThreshold
    }

    static func read<R>(_ name: String, from reader: inout WireReader<R>) throws(DecodeError) -> FlowControl {
        try reader.object(name) { (reader: inout WireReader<R>) throws(DecodeError) -> FlowControl in
            let flow = FlowControl(
                windowSize: try reader.u32("window_size"), rateLimit: try reader.u32("rate_limit"),
                congestionThreshold: try reader.f32("congestion_threshold"))
            guard flow.congestionThreshold >= 0, flow.congestionThreshold <= 1 else {
                throw DecodeError(
                    .congestionThreshold, at: reader.offset - 4, "\(flow.congestionThreshold) is not in 0...1")
            }
            return flow
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(windowSize)
        writer.u32(rateLimit)
        writer.f32(congestionThreshold)
    }
}

public struct QualityOfService: Hashable, Sendable {
    public var reliable, ordered: Bool
    public var priority: Priority
    public var flow: FlowControl

    public init(reliable: Bool, ordered: Bool, priority: Priority, flow: FlowControl) {
        self.reliable = reliable
        self.ordered = ordered
        self.priority = priority
        self.flow = flow
    }

    static func read<R>(_ name: String, from reader: inout WireReader<R>) throws(DecodeError) -> QualityOfService {
        try reader.object(name) { (reader: inout WireReader<R>) throws(DecodeError) in
            QualityOfService(
                reliable: try reader.bool("reliable"), ordered: try reader.bool("ordered"),
                priority: try reader.enumeration("priority", Priority.self),
                flow: try FlowControl.read("flow", from: &reader))
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.bool(reliable)
        writer.bool(ordered)
        writer.enumeration(priority)
        flow.encode(into: &writer)
    }
}

public struct ExtensionOffer: Hashable, Sendable {
    public var extensionID: UInt16
    public var version: SemanticVersion

    static let size = 8

    public init(extensionID: UInt16, version: SemanticVersion) {
        self.extensionID = extensionID
        self.version = version
    }

    static func list<R>(_ name: String, from reader: inout WireReader<R>) throws(DecodeError) -> [ExtensionOffer] {
        try reader.list(name, elementSize: size) { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                ExtensionOffer(
                    extensionID: try reader.u16("extension_id"), version: try reader.semanticVersion("version"))
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.u16(extensionID)
        writer.semanticVersion(version)
    }
}

public struct SpaceInfo: Hashable, Sendable {
    public var spaceID: UUID
    public var name: String
    public var coordinateSystem: CoordinateSystem
    public var bounds: BoundingVolume?
    public var stateVersion: UInt64

    static let smallestSize = 16 + 1 + 2 + 1 + 8

    public init(
        spaceID: UUID, name: String, coordinateSystem: CoordinateSystem = .cartesian(nil),
        bounds: BoundingVolume? = nil, stateVersion: UInt64 = 0
    ) {
        self.spaceID = spaceID
        self.name = name
        self.coordinateSystem = coordinateSystem
        self.bounds = bounds
        self.stateVersion = stateVersion
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        spaceID = try reader.uuid("space_id")
        name = try reader.string("name")
        coordinateSystem = try reader.object("coordinate_system") {
            (reader: inout WireReader<R>) throws(DecodeError) in try CoordinateSystem(from: &reader)
        }
        bounds = try reader.optional("bounds") { (reader: inout WireReader<R>) throws(DecodeError) in
            try BoundingVolume.read("bounds", from: &reader)
        }
        stateVersion = try reader.u64("state_version")
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(spaceID)
        writer.string(name)
        coordinateSystem.encode(into: &writer)
        writer.optional(bounds) { $1.encode(into: &$0) }
        writer.u64(stateVersion)
    }
}

public struct Connect: Hashable, Sendable {
    public var config: ConnectionConfig
    public var clientID: UUID
    public var role: PeerRole
    public var name: String
    /// Empty: every space that the server permits.
    public var spaces: [UUID]
    public var extensions: [ExtensionOffer]
    public var auth: AuthRequest?

    public init(
        config: ConnectionConfig, clientID: UUID, role: PeerRole, name: String, spaces: [UUID] = [],
        extensions: [ExtensionOffer] = [], auth: AuthRequest? = nil
    ) {
        self.config = config
        self.clientID = clientID
        self.role = role
        self.name = name
        self.spaces = spaces
        self.extensions = extensions
        self.auth = auth
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        config = try ConnectionConfig.read("config", from: &reader)
        clientID = try reader.uuid("client_id")
        role = try reader.enumeration("role", PeerRole.self)
        name = try reader.string("name")
        spaces = try reader.list("spaces", elementSize: 16) { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.uuid("")
        }
        extensions = try ExtensionOffer.list("extensions", from: &reader)
        auth = try reader.optional("auth") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("auth") { (reader: inout WireReader<R>) throws(DecodeError) in
                try AuthRequest(from: &reader)
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        config.encode(into: &writer)
        writer.uuid(clientID)
        writer.enumeration(role)
        writer.string(name)
        writer.list(spaces) { $0.uuid($1) }
        writer.list(extensions) { $1.encode(into: &$0) }
        writer.optional(auth) { $1.encode(into: &$0) }
    }
}

public struct ConnectAck: Hashable, Sendable {
    public var code: ErrorCode
    public var sessionID: UUID
    public var serverID: UUID
    public var config: ConnectionConfig
    public var flow: FlowControl
    public var spaces: [SpaceInfo]
    public var groups: [MulticastGroup]
    public var extensions: [ExtensionOffer]
    public var reason: String

    public init(
        code: ErrorCode, sessionID: UUID, serverID: UUID, config: ConnectionConfig, flow: FlowControl,
        spaces: [SpaceInfo] = [], groups: [MulticastGroup] = [], extensions: [ExtensionOffer] = [], reason: String = ""
    ) {
        self.code = code
        self.sessionID = sessionID
        self.serverID = serverID
        self.config = config
        self.flow = flow
        self.spaces = spaces
        self.groups = groups
        self.extensions = extensions
        self.reason = reason
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        code = try reader.code("code", ErrorCode.self)
        sessionID = try reader.uuid("session_id")
        serverID = try reader.uuid("server_id")
        config = try ConnectionConfig.read("config", from: &reader)
        flow = try FlowControl.read("flow", from: &reader)
        spaces = try reader.list("spaces", elementSize: SpaceInfo.smallestSize) {
            (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                try SpaceInfo(from: &reader)
            }
        }
        groups = try MulticastGroup.list("groups", from: &reader)
        extensions = try ExtensionOffer.list("extensions", from: &reader)
        reason = try reader.string("reason")
    }

    func encode(into writer: inout WireWriter) {
        writer.code(code)
        writer.uuid(sessionID)
        writer.uuid(serverID)
        config.encode(into: &writer)
        flow.encode(into: &writer)
        writer.list(spaces) { $1.encode(into: &$0) }
        writer.list(groups) { $1.encode(into: &$0) }
        writer.list(extensions) { $1.encode(into: &$0) }
        writer.string(reason)
    }
}

public struct Disconnect: Hashable, Sendable {
    public var category: ErrorCategory
    public var code: ErrorCode
    public var reason: String

    public init(category: ErrorCategory, code: ErrorCode, reason: String) {
        self.category = category
        self.code = code
        self.reason = reason
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        category = try reader.code("category", ErrorCategory.self)
        code = try reader.code("code", ErrorCode.self)
        reason = try reader.string("reason")
    }

    func encode(into writer: inout WireWriter) {
        writer.code(category)
        writer.code(code)
        writer.string(reason)
    }
}

public struct Ping: Hashable, Sendable {
    public struct StreamPosition: Hashable, Sendable {
        public var streamID: UInt32
        public var nextSequence: UInt32
        public init(streamID: UInt32, nextSequence: UInt32) {
            self.streamID = streamID
            self.nextSequence = nextSequence
        }
    }

    public var pingID: UInt32
    public var streams: [StreamPosition]

    public init(pingID: UInt32, streams: [StreamPosition] = []) {
        self.pingID = pingID
        self.streams = streams
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        pingID = try reader.u32("ping_id")
        streams = try reader.list("streams", elementSize: 8) { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                StreamPosition(
                    streamID: try reader.u32("stream_id"), nextSequence: try reader.u32("next_sequence"))
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(pingID)
        writer.list(streams) {
            $0.u32($1.streamID)
            $0.u32($1.nextSequence)
        }
    }
}

public struct Pong: Hashable, Sendable {
    public struct SequenceRange: Hashable, Sendable {
        public var first, count: UInt32
        public init(first: UInt32, count: UInt32) {
            self.first = first
            self.count = count
        }
    }

    public struct StreamAck: Hashable, Sendable {
        public var streamID: UInt32
        /// Every lower sequence has arrived.
        public var cumulative: UInt32
        public var missing: [SequenceRange]
        public init(streamID: UInt32, cumulative: UInt32, missing: [SequenceRange] = []) {
            self.streamID = streamID
            self.cumulative = cumulative
            self.missing = missing
        }
    }

    public var pingID: UInt32
    public var pingTimestamp: UInt64
    /// Microseconds between receipt and answer.
    public var holdTime: UInt32
    public var flow: FlowControl
    public var acks: [StreamAck]

    public init(pingID: UInt32, pingTimestamp: UInt64, holdTime: UInt32, flow: FlowControl, acks: [StreamAck] = []) {
        self.pingID = pingID
        self.pingTimestamp = pingTimestamp
        self.holdTime = holdTime
        self.flow = flow
        self.acks = acks
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        pingID = try reader.u32("ping_id")
        pingTimestamp = try reader.u64("ping_timestamp")
        holdTime = try reader.u32("hold_time")
        flow = try FlowControl.read("flow", from: &reader)
        acks = try reader.list("acks", elementSize: 9) { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                StreamAck(
                    streamID: try reader.u32("stream_id"), cumulative: try reader.u32("cumulative"),
                    missing: try reader.list("missing", elementSize: 8) {
                        (reader: inout WireReader<R>) throws(DecodeError) in
                        try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                            SequenceRange(first: try reader.u32("first"), count: try reader.u32("count"))
                        }
                    })
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(pingID)
        writer.u64(pingTimestamp)
        writer.u32(holdTime)
        flow.encode(into: &writer)
        writer.list(acks) { writer, ack in
            writer.u32(ack.streamID)
            writer.u32(ack.cumulative)
            writer.list(ack.missing) {
                $0.u32($1.first)
                $0.u32($1.count)
            }
        }
    }
}
