import Crypto
import SpatioWire

/// How a client shows, with security above NONE, that it has a token without sending it (profile section 6):
/// HMAC-SHA256(token, client_id | timestamp).
enum TokenProof {
    /// Milliseconds that the client's clock may be away from the server's, either way.
    static let tolerance: UInt64 = 30_000

    /// - Parameter timestamp: milliseconds since the Unix epoch, as in AUTH_REQUEST.
    static func make(token: [UInt8], clientID: UUID, timestamp: UInt64) -> [UInt8] {
        var writer = WireWriter()
        writer.uuid(clientID)
        writer.u64(timestamp)
        return Array(HMAC<SHA256>.authenticationCode(for: writer.octets, using: SymmetricKey(data: token)))
    }

    static func isTimely(_ timestamp: UInt64, at now: Moment) -> Bool {
        let wall = now.wallMilliseconds
        return (timestamp > wall ? timestamp - wall : wall - timestamp) <= tolerance
    }
}

/// The proofs that were taken, so that none is taken twice. Two generations: a proof is remembered at least as long as
/// its timestamp would be believed.
struct ProofMemory: Sendable {
    /// From a timestamp 30 s ahead of the server's clock until it is 30 s behind.
    private static let generation: Int64 = 2 * Int64(TokenProof.tolerance) * 1_000_000
    /// Proofs in a generation: 1,000 handshakes a second for its whole time. Only who has a token can fill it; beyond
    /// it none is taken rather than one forgotten.
    static let limit = 60_000

    private var younger: Set<[UInt8]> = []
    private var older: Set<[UInt8]> = []
    private var began: Int64

    init(at now: Moment) { began = now.monotonic }

    var count: Int { younger.count + older.count }

    /// Remembers a valid proof.
    mutating func take(_ proof: [UInt8], at now: Moment) throws(Refusal) {
        if now.monotonic - began > Self.generation {
            older = now.monotonic - began > 2 * Self.generation ? [] : younger
            younger = []
            began = now.monotonic
        }
        guard !younger.contains(proof), !older.contains(proof) else {
            throw Refusal(.authFailed, "this proof of the token was used before")
        }
        guard younger.count < Self.limit else { throw Refusal(.rateLimited, "too many proofs of tokens at a time") }
        younger.insert(proof)
    }
}
