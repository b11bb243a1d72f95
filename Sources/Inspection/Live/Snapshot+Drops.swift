import Capture
import SpatioWire

/// Packets that the capture dropped while something was missed.
package struct DropsMeanwhile: Equatable, Sendable {
    package var packets: UInt64
    /// Between two looks at the counters, nanoseconds since the Unix epoch.
    package var start, end: Int64
}

extension Snapshot {
    /// Records that are gone through for the message before one on its stream.
    private static let reach = 20_000
    /// How long before a message others are missing, where the one before it is not found: as often as most streams speak.
    private static let usualGap: Int64 = 1_000_000_000

    /// What the capture dropped in a time, as of the clock; nil where it dropped nothing.
    package func drops(from first: Int64, to last: Int64) -> DropsMeanwhile? {
        guard !dropEvents.isEmpty, first <= last else { return nil }
        var found: DropsMeanwhile?
        for event in dropEvents where event.end >= first && event.start <= last {
            found = DropsMeanwhile(
                packets: (found?.packets ?? 0) &+ event.count, start: min(found?.start ?? event.start, event.start),
                end: max(found?.end ?? event.end, event.end))
        }
        return found
    }

    /// What the capture dropped since the message before one on its stream: sequences that are missing between the two may
    /// have been lost here, and not by the network.
    ///
    /// - Parameter message: its place in the index.
    package func drops(before message: Int) -> DropsMeanwhile? {
        guard !dropEvents.isEmpty, let record = index.at(message) else { return nil }
        var first = record.time &- Self.usualGap
        for place in stride(from: message - 1, through: max(index.start, message - Self.reach), by: -1) {
            let before = index[place]
            guard before.stream == record.stream else { continue }
            first = before.time
            break
        }
        return drops(from: first, to: record.time)
    }
}
