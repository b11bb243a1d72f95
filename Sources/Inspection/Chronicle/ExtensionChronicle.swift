import SpatioSession
import SpatioWire

///  manifests, offers and traffic.
package struct ExtensionChronicle: Sendable {
    package init() {}
}

/// Follows the messages that write the extension chronicle.
struct ExtensionTracker {
    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout ExtensionChronicle
    ) {
    }
}
