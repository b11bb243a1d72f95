import SpatioSession
import SpatioWire

///  who got which, when, and how they fit together.
package struct StateChronicle: Sendable {
    package init() {}
}

/// Follows the messages that write the state chronicle.
struct StateTracker {
    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout StateChronicle
    ) {
    }
}
