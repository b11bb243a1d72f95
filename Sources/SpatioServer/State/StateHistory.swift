import SpatioWire

/// The last changes of a space's state, one step a version, within bounds.
struct StateHistory: Sendable {
    struct Step: Sendable {
        /// The version that it made.
        var version: UInt64
        var entries: [StateSyncEntry]
        /// The client that made it; the server's own number where it decided itself.
        var writer: UUID
        /// Milliseconds since the Unix epoch.
        var timestamp: UInt64
        var octets: Int
    }

    private let stepLimit: Int
    private let octetLimit: Int
    private var steps: [Step] = []
    /// Steps at the front that count no more.
    private var dropped = 0
    private var octets = 0

    init(steps: Int, octets: Int) {
        stepLimit = steps
        octetLimit = octets
    }

    mutating func add(_ step: Step) {
        steps.append(step)
        octets += step.octets
        while dropped < steps.count, steps.count - dropped > stepLimit || octets > octetLimit {
            octets -= steps[dropped].octets
            steps[dropped].entries = []
            dropped += 1
        }
        // Moves each step once in its life on average.
        if dropped * 2 > steps.count {
            steps.removeFirst(dropped)
            dropped = 0
        }
    }

    /// The steps that lead from a version to the newest one; nil where some of them are forgotten.
    func steps(after version: UInt64, newest: UInt64) -> ArraySlice<Step>? {
        guard version <= newest else { return nil }
        let count = newest - version
        guard count <= UInt64(steps.count - dropped) else { return nil }
        return steps[(steps.count - Int(count))...]
    }
}
