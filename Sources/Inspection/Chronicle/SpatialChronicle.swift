import SpatioSession
import SpatioWire

/// Subscriptions, queries with their answers, and regions.
package struct SpatialChronicle: Sendable {
    package init() {}
}

/// Follows the messages that write the spatial chronicle.
struct SpatialTracker {
    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout SpatialChronicle
    ) {
    }
}
