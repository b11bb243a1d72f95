import SpatioWire

/// What two ends make of what each of them can do (profile section 6.2).
enum Negotiation {
    /// Octets; who takes less cannot even be told why it is refused.
    static let smallestMessage: UInt32 = 512

    /// What the server offers.
    struct Offer: Sendable {
        var capabilities: Capabilities
        var maximumMessageSize: UInt32
        /// The least that it takes.
        var securityLevel: SecurityLevel
        var refusesSealedObservers: Bool
    }

    /// The server's side: the configuration of the session, or why there can be none.
    static func negotiate(_ connect: Connect, _ offer: Offer) throws(Refusal) -> ConnectionConfig {
        let asked = connect.config
        guard asked.version >= MessageHeader.version else {
            throw Refusal(.versionMismatch, "version \(asked.version), and \(MessageHeader.version) is the lowest here")
        }
        let maximum = min(asked.maxMessageSize, offer.maximumMessageSize, UInt32(WireLimits.largestMessage))
        guard maximum >= smallestMessage else {
            throw Refusal(.protocolError, "max_message_size \(asked.maxMessageSize) is below \(smallestMessage) octets")
        }
        let level = max(asked.securityLevel, offer.securityLevel)
        try check(level, asked, offer)
        try check(connect.role, level, asked, offer)
        return ConnectionConfig(
            version: min(asked.version, MessageHeader.version),
            capabilities: asked.capabilities.intersection(offer.capabilities), maxMessageSize: maximum,
            compression: offer.capabilities.isSuperset(of: capability(asked.compression)) ? asked.compression : .none,
            securityLevel: level)
    }

    /// A level is met by who asks for it, or says that it has it.
    private static func check(
        _ level: SecurityLevel, _ asked: ConnectionConfig, _ offer: Offer
    ) throws(Refusal) {
        let needed = capability(level)
        guard asked.securityLevel == level || asked.capabilities.isSuperset(of: needed) else {
            throw Refusal(.unauthorized, "this server demands \(level.name), which the client has not")
        }
        guard offer.securityLevel == level || offer.capabilities.isSuperset(of: needed) else {
            throw Refusal(.encryptionError, "this server has no \(level.name)")
        }
    }

    private static func check(
        _ role: PeerRole, _ level: SecurityLevel, _ asked: ConnectionConfig, _ offer: Offer
    ) throws(Refusal) {
        switch role {
        case .participant: break
        case .observer:
            guard asked.capabilities.contains(.observer) else {
                throw Refusal(.protocolError, "an observer without the capability OBSERVER")
            }
            guard offer.capabilities.contains(.observer) else { throw Refusal(.unauthorized, "no observers here") }
            guard level != .encrypt || !offer.refusesSealedObservers else {
                throw Refusal(
                    .unauthorized,
                    "no observers under ENCRYPT here: their messages would share nonces with each other's")
            }
        case .relay:
            guard offer.capabilities.contains(.relay) else { throw Refusal(.unauthorized, "no relays here") }
        case .server: throw Refusal(.protocolError, "the role SERVER is not a client's")
        }
    }

    /// The client's side: what the server made of it has to be what was asked for, or less where less is allowed.
    static func check(_ ack: ConnectAck, asked: ConnectionConfig) throws(Refusal) {
        let given = ack.config
        guard given.version == min(asked.version, MessageHeader.version) else {
            throw Refusal(.versionMismatch, "the server made version \(given.version) of version \(asked.version)")
        }
        guard given.securityLevel >= asked.securityLevel else {
            throw Refusal(
                .encryptionError,
                "\(asked.securityLevel.name) was asked for and \(given.securityLevel.name) is given: "
                    + "somebody lowered it")
        }
        guard given.maxMessageSize <= asked.maxMessageSize, given.maxMessageSize >= smallestMessage,
            given.compression == asked.compression || given.compression == .none,
            asked.capabilities.isSuperset(of: given.capabilities)
        else { throw Refusal(.protocolError, "the server gives what was not asked for") }
    }

    private static func capability(_ level: SecurityLevel) -> Capabilities {
        switch level {
        case .none: []
        case .sign: .sign
        case .encrypt: .encrypt
        }
    }

    private static func capability(_ compression: Compression) -> Capabilities {
        switch compression {
        case .none: []
        case .lz4: .lz4
        case .zstd: .zstd
        }
    }
}

extension SecurityLevel: Comparable {
    public static func < (left: SecurityLevel, right: SecurityLevel) -> Bool { left.rawValue < right.rawValue }
}
