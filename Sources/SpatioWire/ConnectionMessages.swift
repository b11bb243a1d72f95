/// What both ends agree on (profile section 4).
package struct ConnectionConfig: Hashable, Sendable {
    package var version: UInt8
    package var capabilities: Capabilities
    /// Octets.
    package var maxMessageSize: UInt32
    package var compression: Compression
    package var securityLevel: SecurityLevel

    package init(
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
package struct Capabilities: OptionSet, Hashable, Sendable {
    package var rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let names: [(bit: UInt32, name: String)] = [
        (0x0001, "SPATIAL_QUERY"), (0x0002, "STATE_SYNC"), (0x0004, "DELTA_SYNC"), (0x0008, "REGION_SUBSCRIBE"),
        (0x0010, "LZ4"), (0x0020, "ZSTD"), (0x0040, "SIGN"), (0x0080, "ENCRYPT"), (0x0100, "RELIABLE"),
        (0x0200, "SEGMENTATION"), (0x0400, "P2P"), (0x0800, "MULTICAST"), (0x1000, "RELAY"), (0x2000, "EXTENSIONS"),
        (0x4000, "OBSERVER"),
    ]

    /// Every capability that the profile lists.
    package static let all = Capabilities(rawValue: 0x7FFF)

    package var names: [String] { Self.names.filter { rawValue & $0.bit != 0 }.map(\.name) }
}

/// What a receiver lets a sender do.
package struct FlowControl: Hashable, Sendable {
    /// Octets.
    package var windowSize: UInt32
    /// Octets per second; 0: unlimited.
    package var rateLimit: UInt32
    /// A share of loss, 0...1.
    package var congestionThreshold: Float

    package init(windowSize: UInt32, rateLimit: UInt32, congestionThreshold: Float) {
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

package struct QualityOfService: Hashable, Sendable {
    package var reliable, ordered: Bool
    package var priority: Priority
    package var flow: FlowControl

    package init(reliable: Bool, ordered: Bool, priority: Priority, flow: FlowControl) {
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

package struct ExtensionOffer: Hashable, Sendable {
    package var extensionID: UInt16
    package var version: SemanticVersion

    static let size = 8

    package init(extensionID: UInt16, version: SemanticVersion) {
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

package struct SpaceInfo: Hashable, Sendable {
    package var spaceID: UUID
    package var name: String
    package var coordinateSystem: CoordinateSystem
    package var bounds: BoundingVolume?
    package var stateVersion: UInt64

    static let smallestSize = 16 + 1 + 2 + 1 + 8

    package init(
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

package struct Connect: Hashable, Sendable {
    package var config: ConnectionConfig
    package var clientID: UUID
    package var role: PeerRole
    package var name: String
    /// Empty: every space that the server permits.
    package var spaces: [UUID]
    package var extensions: [ExtensionOffer]
    package var auth: AuthRequest?

    package init(
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

package struct ConnectAck: Hashable, Sendable {
    package var code: ErrorCode
    package var sessionID: UUID
    package var serverID: UUID
    package var config: ConnectionConfig
    package var flow: FlowControl
    package var spaces: [SpaceInfo]
    package var groups: [MulticastGroup]
    package var extensions: [ExtensionOffer]
    package var reason: String

    package init(
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

package struct Disconnect: Hashable, Sendable {
    package var category: ErrorCategory
    package var code: ErrorCode
    package var reason: String

    package init(category: ErrorCategory, code: ErrorCode, reason: String) {
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

package struct Ping: Hashable, Sendable {
    package struct StreamPosition: Hashable, Sendable {
        package var streamID: UInt32
        package var nextSequence: UInt32
        package init(streamID: UInt32, nextSequence: UInt32) {
            self.streamID = streamID
            self.nextSequence = nextSequence
        }
    }

    package var pingID: UInt32
    package var streams: [StreamPosition]

    package init(pingID: UInt32, streams: [StreamPosition] = []) {
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

package struct Pong: Hashable, Sendable {
    package struct SequenceRange: Hashable, Sendable {
        package var first, count: UInt32
        package init(first: UInt32, count: UInt32) {
            self.first = first
            self.count = count
        }
    }

    package struct StreamAck: Hashable, Sendable {
        package var streamID: UInt32
        /// Every lower sequence has arrived.
        package var cumulative: UInt32
        package var missing: [SequenceRange]
        package init(streamID: UInt32, cumulative: UInt32, missing: [SequenceRange] = []) {
            self.streamID = streamID
            self.cumulative = cumulative
            self.missing = missing
        }
    }

    package var pingID: UInt32
    package var pingTimestamp: UInt64
    /// Microseconds between receipt and answer.
    package var holdTime: UInt32
    package var flow: FlowControl
    package var acks: [StreamAck]

    package init(pingID: UInt32, pingTimestamp: UInt64, holdTime: UInt32, flow: FlowControl, acks: [StreamAck] = []) {
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
