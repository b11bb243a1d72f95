import Capture
import SpatioSession
import SpatioWire

/// Where a message came from, before anybody knows who that is.
package struct PeerSource: Hashable, Sendable {
    /// Index of the session in the model.
    package var session: Int
    package var direction: Direction
    /// Who sent it; nil where it was mirrored, because then only the mirror is seen.
    package var endpoint: Endpoint?

    package init(session: Int, direction: Direction, endpoint: Endpoint?) {
        self.session = session
        self.direction = direction
        self.endpoint = endpoint
    }

    /// The source of a message that the model has taken in; nil when it found no place there.
    init?(_ arrival: borrowing MessageArrival, _ outcome: borrowing MessageOutcome, _ model: borrowing Model) {
        guard let session = outcome.session, let direction = outcome.direction, let stream = outcome.stream else {
            return nil
        }
        let flow = model.flows[arrival.flow]
        let endpoint = arrival.isForward ? flow.first : flow.second
        self.init(
            session: session, direction: direction, endpoint: model.streams[stream].isMirrored ? nil : endpoint)
    }
}

/// Which peer speaks from where, as of any message.
///
/// A handshake says so for its session, and for the endpoint in other conversations; so does a PEER_DISCOVER, and a
/// PEER_ANNOUNCE that lists the endpoint it comes from. Any other PEER_ANNOUNCE may be passed on by somebody else, and
/// counts only as long as nothing better is known.
struct PeerIdentities: Sendable {
    struct Claim: Sendable {
        /// The message, from 1.
        var number: Int
        var peer: UUID
    }

    /// Endpoints and sides of sessions that are followed; the older half makes room for others.
    static let limit = 65_536
    /// Peers that one endpoint is known to have been; the oldest go.
    static let claimLimit = 64

    private var endpoints: [Endpoint: [Claim]] = [:]
    private var sides: [ReplicaID: [Claim]] = [:]
    /// The messages that told something new, ascending.
    private var numbers = ChunkedArray<Int>()

    /// How many claims were made until a message: what was worked out from as many is still right.
    func count(until cursor: Int) -> Int { numbers.partitionPoint { $0 <= cursor } }

    mutating func claim(_ source: PeerSource, _ peer: UUID, number: Int, isCertain: Bool) {
        let side = ReplicaID(session: source.session, side: source.direction)
        numbers.keepNewest(Self.limit)
        if Self.add(Claim(number: number, peer: peer), to: &sides, side, isCertain) { numbers.append(number) }
        guard let endpoint = source.endpoint else { return }
        if Self.add(Claim(number: number, peer: peer), to: &endpoints, endpoint, isCertain) { numbers.append(number) }
    }

    private static func add<Key>(
        _ claim: Claim, to claims: inout [Key: [Claim]], _ key: Key, _ isCertain: Bool
    ) -> Bool {
        guard let known = claims[key] else {
            if claims.count >= limit {
                let bound = claims.values.compactMap(\.last?.number).sorted()[claims.count / 2]
                claims = claims.filter { $0.value.last.map { $0.number > bound } ?? false }
            }
            claims[key] = [claim]
            return true
        }
        guard isCertain, known.last?.peer != claim.peer else { return false }
        if known.count >= claimLimit { claims[key]?.removeFirst(claimLimit / 4) }
        claims[key, default: []].append(claim)
        return true
    }

    /// Who it was, as far as that was known when so many messages had passed.
    func peer(of source: PeerSource, until cursor: Int) -> UUID? {
        let side = ReplicaID(session: source.session, side: source.direction)
        return Self.latest(sides[side], cursor) ?? source.endpoint.flatMap { peer(at: $0, until: cursor) }
    }

    func peer(at endpoint: Endpoint, until cursor: Int) -> UUID? { Self.latest(endpoints[endpoint], cursor) }

    private static func latest(_ claims: [Claim]?, _ cursor: Int) -> UUID? {
        guard let claims else { return nil }
        let count = claims.prefixCount { $0.number <= cursor }
        return count > 0 ? claims[count - 1].peer : nil
    }
}
