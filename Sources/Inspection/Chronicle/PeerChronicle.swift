import SpatioSession
import SpatioWire

/// Peers that announced themselves, groups with who is in them, and relays.
package struct PeerChronicle: Sendable {
    package init() {}
}

/// Follows the messages that write the peer chronicle.
struct PeerTracker {
    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout PeerChronicle
    ) {
    }
}
