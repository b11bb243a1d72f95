import Crypto
import SpatioWire

/// The long-term Ed25519 key by which clients that know its public half recognise a server (profile section 8).
public struct ServerIdentity: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Octets of either half.
    public static let keySize = 32

    /// A fresh key.
    public init() { key = Curve25519.Signing.PrivateKey() }

    /// The key of a given private half; nil unless it has 32 octets.
    public init?(privateKey octets: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: octets) else { return nil }
        self.key = key
    }

    /// What clients pin.
    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    /// To be kept in a file that nobody else can read.
    public var privateKey: [UInt8] { Array(key.rawRepresentation) }

    /// The signature of a KEY_EXCHANGE: over `session_id | epoch | public_key | transcript`.
    func sign(_ offer: KeyOffer) -> [UInt8] {
        do {
            return Array(try key.signature(for: offer.signedOctets))
        } catch {
            preconditionFailure("Ed25519 signs whatever it is given: \(error)")
        }
    }

    /// Whether the owner of a public key signed this.
    static func isValid(_ signature: [UInt8], of offer: KeyOffer, publicKey: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: offer.signedOctets)
    }
}

/// What the signature of a KEY_EXCHANGE covers.
struct KeyOffer: Sendable {
    var sessionID: UUID
    var epoch: UInt16
    var publicKey: [UInt8]
    var transcript: [UInt8]

    var signedOctets: [UInt8] {
        var writer = WireWriter()
        writer.uuid(sessionID)
        writer.u16(epoch)
        writer.octets += publicKey
        writer.octets += transcript
        return writer.octets
    }
}
