public struct AuthRequest: Hashable, Sendable {
    public var method: AuthMethod
    public var credentials: [UInt8]
    /// Milliseconds since the Unix epoch.
    public var timestamp: UInt64
    public var signature: [UInt8]?

    public init(method: AuthMethod, credentials: [UInt8], timestamp: UInt64, signature: [UInt8]? = nil) {
        self.method = method
        self.credentials = credentials
        self.timestamp = timestamp
        self.signature = signature
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        method = try reader.enumeration("method", AuthMethod.self)
        credentials = try reader.bytes("credentials")
        timestamp = try reader.u64("timestamp")
        signature = try reader.optional("signature") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.bytes("signature")
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.enumeration(method)
        writer.bytes(credentials)
        writer.u64(timestamp)
        writer.optional(signature) { $0.bytes($1) }
    }
}

public struct AuthResponse: Hashable, Sendable {
    public var code: ErrorCode
    public var token: [UInt8]
    /// Milliseconds since the Unix epoch.
    public var expires: UInt64
    public var reason: String

    public init(code: ErrorCode, token: [UInt8], expires: UInt64, reason: String) {
        self.code = code
        self.token = token
        self.expires = expires
        self.reason = reason
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        code = try reader.code("code", ErrorCode.self)
        token = try reader.bytes("token")
        expires = try reader.u64("expires")
        reason = try reader.string("reason")
    }

    func encode(into writer: inout WireWriter) {
        writer.code(code)
        writer.bytes(token)
        writer.u64(expires)
        writer.string(reason)
    }
}

public struct KeyExchange: Hashable, Sendable {
    public var epoch: UInt16
    public var scheme: KeyScheme
    /// 1 CHACHA20_POLY1305, 2 AES_256_GCM; the answer names the one chosen.
    public var cipherSuites: [UInt8]
    public var publicKey: [UInt8]
    public var signature: [UInt8]?

    public init(
        epoch: UInt16, scheme: KeyScheme = .x25519, cipherSuites: [UInt8], publicKey: [UInt8], signature: [UInt8]? = nil
    ) {
        self.epoch = epoch
        self.scheme = scheme
        self.cipherSuites = cipherSuites
        self.publicKey = publicKey
        self.signature = signature
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        epoch = try reader.u16("epoch")
        scheme = try reader.enumeration("scheme", KeyScheme.self)
        cipherSuites = try reader.list("cipher_suites", elementSize: 1) {
            (reader: inout WireReader<R>) throws(DecodeError) in try reader.u8("")
        }
        publicKey = try reader.bytes("public_key")
        signature = try reader.optional("signature") { (reader: inout WireReader<R>) throws(DecodeError) in
            try reader.bytes("signature")
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.u16(epoch)
        writer.enumeration(scheme)
        writer.list(cipherSuites) { $0.u8($1) }
        writer.bytes(publicKey)
        writer.optional(signature) { $0.bytes($1) }
    }
}

public struct Challenge: Hashable, Sendable {
    public var challengeID: UInt32
    public var nonce: [UInt8]

    public init(challengeID: UInt32, nonce: [UInt8]) {
        self.challengeID = challengeID
        self.nonce = nonce
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        challengeID = try reader.u32("challenge_id")
        nonce = try reader.bytes("nonce")
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(challengeID)
        writer.bytes(nonce)
    }
}

public struct ChallengeResponse: Hashable, Sendable {
    public var challengeID: UInt32
    public var proof: [UInt8]

    public init(challengeID: UInt32, proof: [UInt8]) {
        self.challengeID = challengeID
        self.proof = proof
    }

    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        challengeID = try reader.u32("challenge_id")
        proof = try reader.bytes("proof")
    }

    func encode(into writer: inout WireWriter) {
        writer.u32(challengeID)
        writer.bytes(proof)
    }
}
