import Crypto

/// Makes of an identifier another one, the same for the same identifier, that tells nobody who does not have the key
/// which one it was: HMAC-SHA256. Whoever forgets the key cannot say it any more either.
public struct PseudonymKey: Sendable {
    /// What a pseudonym is for: the same octets in another role give another one.
    public enum Purpose: UInt8, Sendable {
        case identifier, name, address, trace
    }

    private let key: SymmetricKey

    /// A fresh key.
    public init() { key = SymmetricKey(size: .bits256) }

    /// The key of given octets, so that a run can be repeated.
    public init(octets: [UInt8]) { key = SymmetricKey(data: octets) }

    /// 32 octets for some octets.
    public func digest(of octets: [UInt8], for purpose: Purpose) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: [purpose.rawValue] + octets, using: key))
    }
}
