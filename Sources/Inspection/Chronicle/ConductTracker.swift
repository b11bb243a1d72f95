import SpatioSession
import SpatioWire

/// Finds what peers do that they should not: credentials in clear, replays, too much traffic, clocks that are off.
struct ConductTracker {
    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model
    ) {
    }
}
