/// The AEAD that seals the payloads of a session; the numbers are those of KEY_EXCHANGE and of the key log.
public enum CipherSuite: UInt8, Hashable, Sendable, CaseIterable {
    case chaCha20Poly1305 = 1
    case aes256GCM = 2

    public var name: String {
        switch self {
        case .chaCha20Poly1305: "CHACHA20_POLY1305"
        case .aes256GCM: "AES_256_GCM"
        }
    }
}

/// The end of a session that sends.
public enum Direction: UInt8, Hashable, Sendable, CaseIterable {
    case client
    case server

    /// The word that begins the names of this direction's keys (profile section 8).
    public var name: String {
        switch self {
        case .client: "client"
        case .server: "server"
        }
    }
}
