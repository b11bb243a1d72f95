/// The message types of the specification's appendix A. An unknown type is kept and is not malformed.
public struct MessageType: WireCode, CustomStringConvertible {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let connect = MessageType(rawValue: 0x00)
    public static let connectAck = MessageType(rawValue: 0x01)
    public static let disconnect = MessageType(rawValue: 0x02)
    public static let ping = MessageType(rawValue: 0x03)
    public static let pong = MessageType(rawValue: 0x04)
    public static let spatialUpdate = MessageType(rawValue: 0x10)
    public static let spatialQuery = MessageType(rawValue: 0x11)
    public static let spatialResponse = MessageType(rawValue: 0x12)
    public static let boundUpdate = MessageType(rawValue: 0x13)
    public static let regionSubscribe = MessageType(rawValue: 0x14)
    public static let stateSync = MessageType(rawValue: 0x20)
    public static let stateRequest = MessageType(rawValue: 0x21)
    public static let stateResponse = MessageType(rawValue: 0x22)
    public static let deltaUpdate = MessageType(rawValue: 0x23)
    public static let conflictResolve = MessageType(rawValue: 0x24)
    public static let peerDiscover = MessageType(rawValue: 0x30)
    public static let peerAnnounce = MessageType(rawValue: 0x31)
    public static let peerLeave = MessageType(rawValue: 0x32)
    public static let relayRequest = MessageType(rawValue: 0x33)
    public static let relayResponse = MessageType(rawValue: 0x34)
    public static let authRequest = MessageType(rawValue: 0x40)
    public static let authResponse = MessageType(rawValue: 0x41)
    public static let keyExchange = MessageType(rawValue: 0x42)
    public static let challenge = MessageType(rawValue: 0x43)
    public static let challengeResponse = MessageType(rawValue: 0x44)
    public static let `extension` = MessageType(rawValue: 0xF0)
    public static let custom = MessageType(rawValue: 0xFF)

    public static let names: [(code: UInt8, name: String)] = [
        (0x00, "CONNECT"), (0x01, "CONNECT_ACK"), (0x02, "DISCONNECT"), (0x03, "PING"), (0x04, "PONG"),
        (0x10, "SPATIAL_UPDATE"), (0x11, "SPATIAL_QUERY"), (0x12, "SPATIAL_RESPONSE"), (0x13, "BOUND_UPDATE"),
        (0x14, "REGION_SUBSCRIBE"),
        (0x20, "STATE_SYNC"), (0x21, "STATE_REQUEST"), (0x22, "STATE_RESPONSE"), (0x23, "DELTA_UPDATE"),
        (0x24, "CONFLICT_RESOLVE"),
        (0x30, "PEER_DISCOVER"), (0x31, "PEER_ANNOUNCE"), (0x32, "PEER_LEAVE"), (0x33, "RELAY_REQUEST"),
        (0x34, "RELAY_RESPONSE"),
        (0x40, "AUTH_REQUEST"), (0x41, "AUTH_RESPONSE"), (0x42, "KEY_EXCHANGE"), (0x43, "CHALLENGE"),
        (0x44, "CHALLENGE_RESPONSE"),
        (0xF0, "EXTENSION"), (0xFF, "CUSTOM"),
    ]

    private static let known: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for entry in names { table[Int(entry.code)] = true }
        return table
    }()

    public var isKnown: Bool { Self.known[Int(rawValue)] }
}

/// The specification's appendix B.
public struct ErrorCode: WireCode, CustomStringConvertible {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let success = ErrorCode(rawValue: 0x00)
    public static let unknownError = ErrorCode(rawValue: 0x01)
    public static let invalidMessage = ErrorCode(rawValue: 0x02)
    public static let protocolError = ErrorCode(rawValue: 0x03)
    public static let versionMismatch = ErrorCode(rawValue: 0x04)
    public static let invalidCoordinates = ErrorCode(rawValue: 0x10)
    public static let outOfBounds = ErrorCode(rawValue: 0x11)
    public static let precisionError = ErrorCode(rawValue: 0x12)
    public static let spatialConflict = ErrorCode(rawValue: 0x13)
    public static let queryTimeout = ErrorCode(rawValue: 0x14)
    public static let stateConflict = ErrorCode(rawValue: 0x20)
    public static let invalidState = ErrorCode(rawValue: 0x21)
    public static let syncFailed = ErrorCode(rawValue: 0x22)
    public static let deltaError = ErrorCode(rawValue: 0x23)
    public static let versionConflict = ErrorCode(rawValue: 0x24)
    public static let connectionFailed = ErrorCode(rawValue: 0x30)
    public static let peerUnreachable = ErrorCode(rawValue: 0x31)
    public static let bandwidthExceeded = ErrorCode(rawValue: 0x32)
    public static let timeout = ErrorCode(rawValue: 0x33)
    public static let relayFailed = ErrorCode(rawValue: 0x34)
    public static let authFailed = ErrorCode(rawValue: 0x40)
    public static let unauthorized = ErrorCode(rawValue: 0x41)
    public static let encryptionError = ErrorCode(rawValue: 0x42)
    public static let invalidSignature = ErrorCode(rawValue: 0x43)
    public static let tokenExpired = ErrorCode(rawValue: 0x44)
    public static let outOfMemory = ErrorCode(rawValue: 0x50)
    public static let cpuExceeded = ErrorCode(rawValue: 0x51)
    public static let storageFull = ErrorCode(rawValue: 0x52)
    public static let rateLimited = ErrorCode(rawValue: 0x53)
    public static let extensionError = ErrorCode(rawValue: 0xF0)
    public static let customError = ErrorCode(rawValue: 0xFF)

    public static let names: [(code: UInt8, name: String)] = [
        (0x00, "SUCCESS"), (0x01, "UNKNOWN_ERROR"), (0x02, "INVALID_MESSAGE"), (0x03, "PROTOCOL_ERROR"),
        (0x04, "VERSION_MISMATCH"),
        (0x10, "INVALID_COORDINATES"), (0x11, "OUT_OF_BOUNDS"), (0x12, "PRECISION_ERROR"), (0x13, "SPATIAL_CONFLICT"),
        (0x14, "QUERY_TIMEOUT"),
        (0x20, "STATE_CONFLICT"), (0x21, "INVALID_STATE"), (0x22, "SYNC_FAILED"), (0x23, "DELTA_ERROR"),
        (0x24, "VERSION_CONFLICT"),
        (0x30, "CONNECTION_FAILED"), (0x31, "PEER_UNREACHABLE"), (0x32, "BANDWIDTH_EXCEEDED"), (0x33, "TIMEOUT"),
        (0x34, "RELAY_FAILED"),
        (0x40, "AUTH_FAILED"), (0x41, "UNAUTHORIZED"), (0x42, "ENCRYPTION_ERROR"), (0x43, "INVALID_SIGNATURE"),
        (0x44, "TOKEN_EXPIRED"),
        (0x50, "OUT_OF_MEMORY"), (0x51, "CPU_EXCEEDED"), (0x52, "STORAGE_FULL"), (0x53, "RATE_LIMITED"),
        (0xF0, "EXTENSION_ERROR"), (0xFF, "CUSTOM_ERROR"),
    ]
}

/// The table of the specification's section 8.
public struct ErrorCategory: WireCode, CustomStringConvertible {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let none = ErrorCategory(rawValue: 0)
    public static let invalidMessage = ErrorCategory(rawValue: 1)
    public static let spatialError = ErrorCategory(rawValue: 2)
    public static let streamError = ErrorCategory(rawValue: 3)
    public static let securityError = ErrorCategory(rawValue: 4)
    public static let resourceError = ErrorCategory(rawValue: 5)
    public static let extensionError = ErrorCategory(rawValue: 6)

    public static let names: [(code: UInt8, name: String)] = [
        (0, "NONE"), (1, "INVALID_MESSAGE"), (2, "SPATIAL_ERROR"), (3, "STREAM_ERROR"), (4, "SECURITY_ERROR"),
        (5, "RESOURCE_ERROR"), (6, "EXTENSION_ERROR"),
    ]
}

public enum Priority: UInt8, WireEnumeration {
    case low, medium, high, critical

    public var name: String {
        switch self {
        case .low: "LOW"
        case .medium: "MEDIUM"
        case .high: "HIGH"
        case .critical: "CRITICAL"
        }
    }
}

public enum Compression: UInt8, WireEnumeration {
    case none, lz4, zstd

    public var name: String {
        switch self {
        case .none: "NONE"
        case .lz4: "LZ4"
        case .zstd: "ZSTD"
        }
    }
}

public enum SecurityLevel: UInt8, WireEnumeration {
    case none, sign, encrypt

    public var name: String {
        switch self {
        case .none: "NONE"
        case .sign: "SIGN"
        case .encrypt: "ENCRYPT"
        }
    }
}

public enum PeerRole: UInt8, WireEnumeration {
    case participant, observer, relay, server

    public var name: String {
        switch self {
        case .participant: "PARTICIPANT"
        case .observer: "OBSERVER"
        case .relay: "RELAY"
        case .server: "SERVER"
        }
    }
}

public enum AccessMode: UInt8, WireEnumeration {
    case open, token, list

    public var name: String {
        switch self {
        case .open: "OPEN"
        case .token: "TOKEN"
        case .list: "LIST"
        }
    }
}

public enum AuthMethod: UInt8, WireEnumeration {
    case none, token, certificate, custom

    public var name: String {
        switch self {
        case .none: "NONE"
        case .token: "TOKEN"
        case .certificate: "CERTIFICATE"
        case .custom: "CUSTOM"
        }
    }
}

public enum StateChange: UInt8, WireEnumeration {
    case added, modified, removed

    public var name: String {
        switch self {
        case .added: "ADDED"
        case .modified: "MODIFIED"
        case .removed: "REMOVED"
        }
    }
}

public enum ConflictStrategy: UInt8, WireEnumeration {
    case lastWriteWins, merge, custom

    public var name: String {
        switch self {
        case .lastWriteWins: "LAST_WRITE_WINS"
        case .merge: "MERGE"
        case .custom: "CUSTOM"
        }
    }
}

public enum KeyScheme: UInt8, WireEnumeration {
    case x25519

    public var name: String { "X25519" }
}

public enum ExtensionType: UInt8, WireEnumeration {
    case `protocol`, spatial, security, transport, application

    public var name: String {
        switch self {
        case .protocol: "PROTOCOL"
        case .spatial: "SPATIAL"
        case .security: "SECURITY"
        case .transport: "TRANSPORT"
        case .application: "APPLICATION"
        }
    }
}

public enum ExtensionStatus: UInt8, WireEnumeration {
    case experimental, beta, stable, deprecated, removed

    public var name: String {
        switch self {
        case .experimental: "EXPERIMENTAL"
        case .beta: "BETA"
        case .stable: "STABLE"
        case .deprecated: "DEPRECATED"
        case .removed: "REMOVED"
        }
    }
}

/// The direction of a mirrored message (profile section 7, `origin`).
public enum OriginDirection: UInt8, WireEnumeration {
    case toServer, fromServer

    public var name: String {
        switch self {
        case .toServer: "TO_SERVER"
        case .fromServer: "FROM_SERVER"
        }
    }
}
