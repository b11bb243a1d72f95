import Crypto
import SpatioWire

/// The cookie of a CHALLENGE (profile section 6): whoever echoes it has received what was sent to its address. The
/// server keeps nothing for it but one secret: HMAC-SHA256 over a slot of time and the address, cut to 16 octets, so
/// that a CHALLENGE is smaller than the smallest CONNECT.
struct StatelessCookie: Sendable {
    /// Octets of the nonce: nobody guesses 128 bits within a slot.
    static let size = 16
    /// A cookie is good for this slot and the next one: for a slow handshake, not for a collector of cookies.
    static let slot: Int64 = 30_000_000_000

    private let key: SymmetricKey

    init(secret: [UInt8]) { key = SymmetricKey(data: secret) }

    /// What to ask of an address now. The number of the slot is the challenge's id, so that checking costs one HMAC.
    func challenge(for address: PeerAddress, at now: Moment) -> Challenge {
        let slot = now.monotonic / Self.slot
        return Challenge(challengeID: UInt32(truncatingIfNeeded: slot), nonce: nonce(slot, address))
    }

    /// Whether the response echoes what this address was asked in this slot or the one before.
    func isValid(_ response: ChallengeResponse, from address: PeerAddress, at now: Moment) -> Bool {
        let current = now.monotonic / Self.slot
        let age = UInt32(truncatingIfNeeded: current) &- response.challengeID
        guard age <= 1 else { return false }
        return areEqualInConstantTime(response.proof, nonce(current - Int64(age), address))
    }

    private func nonce(_ slot: Int64, _ address: PeerAddress) -> [UInt8] {
        var writer = WireWriter()
        writer.i64(slot)
        address.encode(into: &writer)
        return Array(HMAC<SHA256>.authenticationCode(for: writer.octets, using: key).prefix(Self.size))
    }
}
