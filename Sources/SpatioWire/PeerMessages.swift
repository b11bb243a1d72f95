public struct AccessControl: Hashable, Sendable {
    public var mode: AccessMode
    public var members: [UUID]

    public init(mode: AccessMode, members: [UUID] = []) {
        self.mode = mode
        self.members = members
    }
}

public struct MulticastGroup: Hashable, Sendable {
    public var groupID: UUID
    public var spatialBounds: BoundingVolume
    /// Hops.
    public var ttl: UInt8
    public var qos: QualityOfService
    public var accessControl: AccessControl
    /// "239.77.28.9:7728"
    public var endpoint: String

    static let smallestSize = 16 + BoundingVolume.smallestSize + 1 + 15 + 2 + 1

    public init(
        groupID: UUID, spatialBounds: BoundingVolume, ttl: UInt8, qos: QualityOfService, accessControl: AccessControl,
        endpoint: String
    ) {
        self.groupID = groupID
        self.spatialBounds = spatialBounds
        self.ttl = ttl
        self.qos = qos
        self.accessControl = accessControl
        self.endpoint = endpoint
    }

    static func list<R>(_ name: String, from reader: inout WireReader<R>) throws(DecodeError) -> [MulticastGroup] {
        try reader.list(name, elementSize: smallestSize) { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                MulticastGroup(
                    groupID: try reader.uuid("group_id"),
                    spatialBounds: try BoundingVolume.read("spatial_bounds", from: &reader),
                    ttl: try reader.u8("ttl"), qos: try QualityOfService.read("qos", from: &reader),
                    accessControl: try reader.object("access_control") {
                        (reader: inout WireReader<R>) throws(DecodeError) in
                        AccessControl(
                            mode: try reader.enumeration("mode", AccessMode.self),
                            members: try reader.list("members", elementSize: 16) {
                                (reader: inout WireReader<R>) throws(DecodeError) in try reader.uuid("")
                            })
                    }, endpoint: try reader.string("endpoint"))
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(groupID)
        spatialBounds.encode(into: &writer)
        writer.u8(ttl)
        qos.encode(into: &writer)
        writer.enumeration(accessControl.mode)
        writer.list(accessControl.members) { $0.uuid($1) }
        writer.string(endpoint)
    }
}

public struct PeerCapabilities: Hashable, Sendable {
    /// Metres.
    public var spatialRange: Float
    public var maxConnections: UInt16
    /// Octets per second.
    public var bandwidth: UInt32
    public var roles: [PeerRole]

    public init(spatialRange: Float, maxConnections: UInt16, bandwidth: UInt32, roles: [PeerRole]) {
        self.spatialRange = spatialRange
        self.maxConnections = maxConnections
        self.bandwidth = bandwidth
        self.roles = roles
    }
}

public enum DiscoveryMode: Hashable, Sendable {
    case broadcast
    case dht(bootstrap: [String])
    case rendezvous(servers: [String])
    case manual(peers: [String])

    public enum Kind: UInt8, WireEnumeration {
        case broadcast, dht, rendezvous, manual

        public var name: String {
            switch self {
            case .broadcast: "BROADCAST"
            case .dht: "DHT"
            case .rendezvous: "RENDEZVOUS"
            case .manual: "MANUAL"
            }
        }
    }

    public var kind: Kind {
        switch self {
        case .broadcast: .broadcast
        case .dht: .dht
        case .rendezvous: .rendezvous
        case .manual: .manual
        }
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        let kind = try reader.enumeration("type", Kind.self)
        self = try reader.parameters(excess: .octetsAfterParameters) {
            (reader: inout WireReader<R>) throws(DecodeError) -> DiscoveryMode in
            guard kind != .broadcast else {
                if R.isRecording { reader.leaf("parameters", .null, reader.offset) }
                return .broadcast
            }
            return try reader.object("parameters") {
                (reader: inout WireReader<R>) throws(DecodeError) -> DiscoveryMode in
                switch kind {
                case .broadcast: .broadcast
                case .dht: .dht(bootstrap: try reader.strings("bootstrap"))
                case .rendezvous: .rendezvous(servers: try reader.strings("servers"))
                case .manual: .manual(peers: try reader.strings("peers"))
                }
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.enumeration(kind)
        writer.delimited { writer in
            switch self {
            case .broadcast: break
            case .dht(let addresses), .rendezvous(let addresses), .manual(let addresses):
                writer.list(addresses) { $0.string($1) }
            }
        }
    }
}

extension WireReader {
    mutating func strings(_ name: String) throws(DecodeError) -> [String] {
        try list(name, elementSize: 1) { (reader: inout WireReader) throws(DecodeError) in try reader.string("") }
    }
}

public struct RelayConfig: Hashable, Sendable {
    public var relayID: UUID
    public var endpoint: String
    public var ttl: UInt8

    public init(relayID: UUID, endpoint: String, ttl: UInt8) {
        self.relayID = relayID
        self.endpoint = endpoint
        self.ttl = ttl
    }
}

/// The payload of PEER_DISCOVER, and the first part of PEER_ANNOUNCE.
public struct PeerConfig: Hashable, Sendable {
    public var peerID: UUID
    public var capabilities: PeerCapabilities
    public var discoveryMode: DiscoveryMode
    public var relayConfig: RelayConfig?

    public init(
        peerID: UUID, capabilities: PeerCapabilities, discoveryMode: DiscoveryMode, relayConfig: RelayConfig? = nil
    ) {
        self.peerID = peerID
        self.capabilities = capabilities
        self.discoveryMode = discoveryMode
        self.relayConfig = relayConfig
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        peerID = try reader.uuid("peer_id")
        capabilities = try reader.object("capabilities") { (reader: inout WireReader<R>) throws(DecodeError) in
            PeerCapabilities(
                spatialRange: try reader.f32("spatial_range"), maxConnections: try reader.u16("max_connections"),
                bandwidth: try reader.u32("bandwidth"),
                roles: try reader.list("roles", elementSize: 1) { (reader: inout WireReader<R>) throws(DecodeError) in
                    try reader.enumeration("", PeerRole.self)
                })
        }
        discoveryMode = try reader.object("discovery_mode") { (reader: inout WireReader<R>) throws(DecodeError) in
            try DiscoveryMode(from: &reader)
        }
        relayConfig = try reader.optional("relay_config") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.object("relay_config") { (reader: inout WireReader<R>) throws(DecodeError) in
                RelayConfig(
                    relayID: try reader.uuid("relay_id"), endpoint: try reader.string("endpoint"),
                    ttl: try reader.u8("ttl"))
            }
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(peerID)
        writer.f32(capabilities.spatialRange)
        writer.u16(capabilities.maxConnections)
        writer.u32(capabilities.bandwidth)
        writer.list(capabilities.roles) { $0.enumeration($1) }
        discoveryMode.encode(into: &writer)
        writer.optional(relayConfig) {
            $0.uuid($1.relayID)
            $0.string($1.endpoint)
            $0.u8($1.ttl)
        }
    }
}

public struct PeerAnnounce: Hashable, Sendable {
    public var peer: PeerConfig
    public var endpoints: [String]
    public var groups: [MulticastGroup]

    public init(peer: PeerConfig, endpoints: [String], groups: [MulticastGroup] = []) {
        self.peer = peer
        self.endpoints = endpoints
        self.groups = groups
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        peer = try reader.object("peer") { (reader: inout WireReader<R>) throws(DecodeError) in
            try PeerConfig(from: &reader)
        }
        endpoints = try reader.strings("endpoints")
        groups = try MulticastGroup.list("groups", from: &reader)
    }

    func encode(into writer: inout WireWriter) {
        peer.encode(into: &writer)
        writer.list(endpoints) { $0.string($1) }
        writer.list(groups) { $1.encode(into: &$0) }
    }
}

public struct PeerLeave: Hashable, Sendable {
    public var peerID: UUID
    public var code: ErrorCode
    public var reason: String

    public init(peerID: UUID, code: ErrorCode, reason: String) {
        self.peerID = peerID
        self.code = code
        self.reason = reason
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        peerID = try reader.uuid("peer_id")
        code = try reader.code("code", ErrorCode.self)
        reason = try reader.string("reason")
    }

    func encode(into writer: inout WireWriter) {
        writer.uuid(peerID)
        writer.code(code)
        writer.string(reason)
    }
}

public struct RelayRequest: Hashable, Sendable {
    public var requestID: UInt32
    public var source, target: UUID
    /// A relay lowers it and drops at 0.
    public var ttl: UInt8
    /// One whole message.
    public var payload: [UInt8]

    public init(requestID: UInt32, source: UUID, target: UUID, ttl: UInt8, payload: [UInt8]) {
        self.requestID = requestID
        self.source = source
        self.target = target
        self.ttl = ttl
        self.payload = payload
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        requestID = try reader.u32("request_id")
        source = try reader.uuid("source")
        target = try reader.uuid("target")
        ttl = try reader.u8("ttl")
        payload = try reader.bytes("payload")
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(requestID)
        writer.uuid(source)
        writer.uuid(target)
        writer.u8(ttl)
        writer.bytes(payload)
    }
}

public struct RelayResponse: Hashable, Sendable {
    public var requestID: UInt32
    public var code: ErrorCode
    public var relayID: UUID
    public var hops: UInt8

    public init(requestID: UInt32, code: ErrorCode, relayID: UUID, hops: UInt8) {
        self.requestID = requestID
        self.code = code
        self.relayID = relayID
        self.hops = hops
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        requestID = try reader.u32("request_id")
        code = try reader.code("code", ErrorCode.self)
        relayID = try reader.uuid("relay_id")
        hops = try reader.u8("hops")
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(requestID)
        writer.code(code)
        writer.uuid(relayID)
        writer.u8(hops)
    }
}
