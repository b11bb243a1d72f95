import SpatioWire

/// Who a client is and what it wants.
public struct ClientConfiguration: Sendable {
    /// How it shows that it may join.
    public enum Credentials: Hashable, Sendable {
        case none
        /// Sent as it is with security NONE, proved without sending it above.
        case token([UInt8])
        /// The signature is what the server's verifier wants.
        case certificate([UInt8], signature: [UInt8]?)
    }

    /// Stays the same from session to session.
    public var clientID: UUID
    public var name: String
    /// PARTICIPANT, OBSERVER or RELAY.
    public var role: PeerRole
    /// Empty: every space that the server permits.
    public var spaces: [UUID] = []
    /// OBSERVER and RELAY are added for these roles.
    public var capabilities = Capabilities.all.subtracting([.observer, .relay])
    public var extensions: [ExtensionOffer] = []
    public var compression = Compression.none
    /// The least; the server may raise it.
    public var securityLevel = SecurityLevel.none
    /// Best first.
    public var cipherSuites: [CipherSuite] = [.chaCha20Poly1305, .aes256GCM]
    public var credentials = Credentials.none
    /// Credentials are kept back until the server asks for them.
    public var authenticatesWhenAsked = false
    /// The server's public Ed25519 key, 32 octets: a session with anybody else is refused. Needs SIGN at least, so that
    /// is asked for.
    public var serverKey: [UInt8]?
    /// How the server is to send.
    public var flow = FlowControl.standard
    /// Octets of a message before compression.
    public var maximumMessageSize = WireLimits.defaultMessageSize
    /// TCP.
    public var isStream = false
    /// Octets of a datagram.
    public var datagramSize = 1200
    public var checksums = true
    /// Nanoseconds from the first CONNECT until the session has to be ready; at most 30 s are taken, because a proof of
    /// a token is good for so long.
    public var handshakeTimeout: Int64 = longestHandshake

    static let longestHandshake: Int64 = 30_000_000_000

    public init(clientID: UUID, name: String, role: PeerRole = .participant) {
        self.clientID = clientID
        self.name = name
        self.role = role
    }

    /// What CONNECT asks for.
    var connectionConfig: ConnectionConfig {
        var capabilities = capabilities
        if role == .observer { capabilities.insert(.observer) }
        if role == .relay { capabilities.insert(.relay) }
        return ConnectionConfig(
            capabilities: capabilities, maxMessageSize: UInt32(clamping: maximumMessageSize), compression: compression,
            securityLevel: serverKey == nil ? securityLevel : max(securityLevel, .sign))
    }

    /// The credentials as they are sent with a level of security; nil where there are none.
    func auth(_ level: SecurityLevel, at now: Moment) -> AuthRequest? {
        let timestamp = now.wallMilliseconds
        switch credentials {
        case .none: return nil
        case .token(let token):
            let proof = TokenProof.make(token: token, clientID: clientID, timestamp: timestamp)
            return AuthRequest(
                method: .token, credentials: level == .none ? token : proof, timestamp: timestamp)
        case .certificate(let certificate, let signature):
            return AuthRequest(
                method: .certificate, credentials: certificate, timestamp: timestamp, signature: signature)
        }
    }
}
