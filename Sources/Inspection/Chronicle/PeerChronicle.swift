import SpatioSession
import SpatioWire

/// Peers that announced themselves, groups with who is in them, and relays.
package struct PeerChronicle: Sendable {
    /// What a flood of invented peers and groups can make us keep.
    package enum Limits {
        package static let groups = 1_024
        /// Entries of all access lists, 16 octets each.
        package static let groupListEntries = 262_144
        /// Senders to all groups; each has a log of its messages.
        package static let senders = 16_384
        /// Characters of an endpoint or a reason that are kept.
        package static let textLength = 256
    }

    var groups: [GroupRecord] = []
    var groupPlaces: [UUID: Int] = [:]
    var groupListEntries = 0
    var senders = 0
    var identities = PeerIdentities()
    /// What was over a limit and is not followed.
    package internal(set) var overflow = 0

    package init() {}
}
