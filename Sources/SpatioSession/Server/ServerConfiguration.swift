import SpatioWire

/// Who a server is, whom it takes and how many.
public struct ServerConfiguration: Sendable {
    /// Bounds on what clients can make it keep and do.
    public struct Limits: Hashable, Sendable {
        /// Sessions at a time, those in their handshake among them.
        public var sessions = 1024
        /// Of one host; of IPv6, of one /64. A classroom behind one address fits.
        public var sessionsPerHost = 256
        /// Handshakes at a time that are not over.
        public var halfOpen = 512
        /// New handshakes a second, each of which costs some hundred microseconds with keys; a burst of as many. Whoever
        /// is left out repeats its CONNECT a second later.
        public var handshakesPerSecond = 1000

        public init() {}
    }

    public var serverID: UUID
    /// Proves to clients that pinned its public key that this is the server.
    public var identity: ServerIdentity?
    /// The least; a client may ask for more.
    public var securityLevel = SecurityLevel.none
    public var cipherSuites: [CipherSuite] = [.chaCha20Poly1305, .aes256GCM]
    public var demandsAuthentication = false
    public var tokens: [TokenGrant] = []
    /// Without one every certificate is refused.
    public var certificateVerifier: CertificateVerifier?
    public var capabilities = Capabilities.all
    /// Octets of a message before compression.
    public var maximumMessageSize = WireLimits.defaultMessageSize
    /// How clients are to send.
    public var flow = FlowControl.standard
    /// Mirrored messages keep the stream and sequence that they had in another session, so that under ENCRYPT two of
    /// them may share a nonce under an observer's keys: a weakness of the profile. True turns such observers away.
    public var refusesSealedObservers = false
    /// `ServerEvent.passed` tells of every message of every session but observers': whoever mirrors them needs it.
    public var reportsTraffic = false
    public var limits = Limits()
    /// Nanoseconds from the proved CONNECT until the session has to be open.
    public var handshakeTimeout: Int64 = 30_000_000_000
    /// Octets of a datagram.
    public var datagramSize = 1200
    public var checksums = true

    public init(serverID: UUID) { self.serverID = serverID }

    var offer: Negotiation.Offer {
        Negotiation.Offer(
            capabilities: capabilities, maximumMessageSize: UInt32(clamping: maximumMessageSize),
            securityLevel: securityLevel, refusesSealedObservers: refusesSealedObservers)
    }
}
