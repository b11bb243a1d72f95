import SpatioWire

/// A token that a server takes, and what it is good for.
public struct TokenGrant: Hashable, Sendable {
    /// Who has it, for logs.
    public var name: String
    public var secret: [UInt8]
    /// Milliseconds since the Unix epoch; nil: it does not expire.
    public var expires: UInt64?
    /// The spaces that it opens; nil: every one.
    public var spaces: [UUID]?

    public init(name: String, secret: [UInt8], expires: UInt64? = nil, spaces: [UUID]? = nil) {
        self.name = name
        self.secret = secret
        self.expires = expires
        self.spaces = spaces
    }
}

/// A certificate, to be judged by whoever runs the server.
public struct CertificateRequest: Sendable {
    /// Its credentials are the certificate; what its signature covers is between client and verifier.
    public var auth: AuthRequest
    public var clientID: UUID
    public var now: Moment
}

/// Says who a certificate is, or why it is refused.
public typealias CertificateVerifier = @Sendable (CertificateRequest) throws(Refusal) -> TokenGrant

/// Decides whether a client is who it says it is (profile section 6.3).
struct Authenticator: Sendable {
    private let tokens: [TokenGrant]
    private let verifier: CertificateVerifier?
    private let isDemanded: Bool
    private var proofs: ProofMemory

    init(tokens: [TokenGrant], verifier: CertificateVerifier?, isDemanded: Bool, at now: Moment) {
        self.tokens = tokens
        self.verifier = verifier
        self.isDemanded = isDemanded
        proofs = ProofMemory(at: now)
    }

    /// Whose credentials these are; nil: nobody's in particular, where that is enough.
    ///
    /// UNAUTHORIZED: none, where some are demanded. TOKEN_EXPIRED: the right ones, too late. AUTH_FAILED: wrong ones,
    /// also where none are demanded.
    mutating func authenticate(
        _ auth: AuthRequest?, clientID: UUID, level: SecurityLevel, at now: Moment
    ) throws(Refusal) -> TokenGrant? {
        guard let auth, auth.method != .none else {
            guard !isDemanded else { throw Refusal(.unauthorized, "this server demands authentication") }
            return nil
        }
        switch auth.method {
        case .none: return nil
        case .token:
            // A server without tokens has nothing to compare one with.
            guard !tokens.isEmpty || isDemanded else { return nil }
            return level == .none ? try clear(auth, at: now) : try proved(auth, clientID, at: now)
        case .certificate:
            guard let verifier else { throw Refusal(.authFailed, "this server verifies no certificates: use a token") }
            return try verifier(CertificateRequest(auth: auth, clientID: clientID, now: now))
        case .custom: throw Refusal(.authFailed, "this server knows no CUSTOM authentication: use a token")
        }
    }

    private func clear(_ auth: AuthRequest, at now: Moment) throws(Refusal) -> TokenGrant {
        guard let grant = grant(where: { areEqualInConstantTime($0.secret, auth.credentials) }) else {
            throw Refusal(.authFailed, "wrong token")
        }
        return try unexpired(grant, at: now)
    }

    private mutating func proved(
        _ auth: AuthRequest, _ clientID: UUID, at now: Moment
    ) throws(Refusal) -> TokenGrant {
        guard grant(where: { areEqualInConstantTime($0.secret, auth.credentials) }) == nil else {
            throw Refusal(
                .authFailed,
                "the token itself came where its proof is demanded: whoever listened has it now, so replace it")
        }
        guard TokenProof.isTimely(auth.timestamp, at: now) else {
            throw Refusal(.authFailed, "the proof's time is over 30 s away from this server's clock")
        }
        let grant = grant {
            areEqualInConstantTime(
                TokenProof.make(token: $0.secret, clientID: clientID, timestamp: auth.timestamp), auth.credentials)
        }
        guard let grant else { throw Refusal(.authFailed, "wrong token") }
        let unexpired = try unexpired(grant, at: now)
        try proofs.take(auth.credentials, at: now)
        return unexpired
    }

    /// All are compared, so that the time taken does not tell which one it was.
    private func grant(where isRight: (TokenGrant) -> Bool) -> TokenGrant? {
        var found: TokenGrant?
        for token in tokens where isRight(token) { found = token }
        return found
    }

    private func unexpired(_ grant: TokenGrant, at now: Moment) throws(Refusal) -> TokenGrant {
        if let expires = grant.expires, now.wallMilliseconds >= expires {
            throw Refusal(.tokenExpired, "the token expired")
        }
        return grant
    }
}
