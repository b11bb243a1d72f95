import Crypto
import SpatioWire

/// One side's X25519 key pair for one epoch, and the session secret that it makes with the other side's public key
/// (profile section 8).
public struct KeyAgreement: Sendable {
    private let privateKey: Curve25519.KeyAgreement.PrivateKey

    public static let keySize = 32

    /// A fresh pair.
    public init() { privateKey = Curve25519.KeyAgreement.PrivateKey() }

    /// The pair of a given private key; nil unless it has 32 octets.
    public init?(privateKey octets: [UInt8]) {
        guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: octets) else { return nil }
        privateKey = key
    }

    /// 32 octets, for KEY_EXCHANGE.
    public var publicKey: [UInt8] { Array(privateKey.publicKey.rawRepresentation) }

    /// SHA-256 over the payloads of the accepted CONNECT and CONNECT_ACK: whoever changed the negotiation on its way
    /// gets other keys.
    public static func transcript(connect: [UInt8], connectAck: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: connect + connectAck))
    }

    /// The 32 octets of the session secret; nil when the other side's key is none, or one of the few that make the same
    /// secret with every other (RFC 7748 section 6.1).
    public func sessionSecret(
        with publicKey: [UInt8], sessionID: UUID, epoch: UInt16, transcript: [UInt8]
    ) -> [UInt8]? {
        guard let other = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey),
            let shared = try? privateKey.sharedSecretFromKeyAgreement(with: other),
            !shared.withUnsafeBytes({ $0.allSatisfy { $0 == 0 } })
        else { return nil }
        var salt = WireWriter()
        salt.uuid(sessionID)
        salt.u16(epoch)
        return shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: salt.octets, sharedInfo: Array("spatio session".utf8) + transcript,
            outputByteCount: 32
        ).withUnsafeBytes { Array($0) }
    }
}
