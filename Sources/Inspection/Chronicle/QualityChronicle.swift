import SpatioSession
import SpatioWire

/// Rates, delays and losses over time, a series a stream.
package struct QualityChronicle: Sendable {
    package init() {}
}

/// Follows the messages that write the quality chronicle.
struct QualityTracker {
    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: borrowing MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout QualityChronicle
    ) {
    }

    @inline(__always)
    mutating func takePlain(
        _ arrival: borrowing MessageArrival, _ outcome: borrowing PlainOutcome, _ model: borrowing Model,
        _ chronicle: inout QualityChronicle
    ) {
    }
}
