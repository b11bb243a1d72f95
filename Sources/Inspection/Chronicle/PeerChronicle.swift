import SpatioSession
import SpatioWire

/// Peers that announced themselves or connected, groups with who is in them, and relays.
///
/// Everything in it has the number of the message that brought it, so that each view shows what was so when that many
/// messages had passed.
package struct PeerChronicle: Sendable {
    /// What a flood of invented peers and groups can make us keep.
    package enum Limits {
        /// The quarter that nothing was heard of longest makes room for others.
        package static let peers = 4_096
        /// Changes of what a peer says of itself, sessions, and departures, of one peer; the oldest go.
        package static let changes = 256
        /// Endpoints and addresses that a peer can name.
        package static let endpoints = 32
        /// Again, the quarter that nothing was heard of longest makes room.
        package static let groups = 1_024
        /// Entries of all access lists, 16 octets each.
        package static let groupListEntries = 262_144
        /// Senders to all groups; each has a log of its messages.
        package static let senders = 16_384
        /// Who relays what to whom; one of the quarter that was silent longest makes room for another.
        package static let relayLegs = 4_096
        /// Requests that are kept one by one; the oldest go.
        package static let relayRequests = 65_536
        /// Characters of an endpoint or a reason that are kept.
        package static let textLength = 256
    }

    var peers: [PeerRecord] = []
    var peerPlaces: [UUID: Int] = [:]
    var groups: [GroupRecord] = []
    var groupPlaces: [UUID: Int] = [:]
    var groupListEntries = 0
    var senders = 0
    var legs: [RelayLegRecord] = []
    var legPlaces: [RelayLegKey: Int] = [:]
    /// Places of those that were silent longest when there was no room, with their last message; the first ones are at the end.
    var silentLegs: [(place: Int, latest: Int)] = []
    /// In the order in which they were asked.
    var relayRequests = ChunkedArray<RelayRequestRecord>()
    var identities = PeerIdentities()
    /// What was over a limit and is not followed.
    package internal(set) var overflow = 0

    package init() {}

    /// Messages until this one are gone from the index.
    mutating func forget(before message: Int) {
        for place in peers.indices {
            peers[place].searches.forget(before: message)
            peers[place].announcements.forget(before: message)
        }
        for place in groups.indices {
            for sender in groups[place].senders.indices {
                groups[place].senders[sender].traffic.forget(before: message)
            }
        }
        for place in legs.indices {
            legs[place].requests.forget(before: message)
            legs[place].passed.forget(before: message)
            legs[place].refused.forget(before: message)
        }
    }

    /// Who spoke from there, as far as that was known when so many messages had passed.
    package func peer(of source: PeerSource, until cursor: Int) -> UUID? {
        identities.peer(of: source, until: cursor)
    }

    /// Grows whenever somebody is recognised: what was worked out from `peer(of:until:)` with the same number still holds.
    package func recognitions(until cursor: Int) -> Int { identities.count(until: cursor) }
}
