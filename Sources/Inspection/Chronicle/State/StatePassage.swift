/// A state message on its way through the tracker, and what can be wrong with it.
struct StatePassage {
    let arrival: MessageArrival
    let step: StateStep
    let body: UInt64
    /// Index of the space in the model.
    let space: Int
    let chain: Int
    let size: Int
    /// The network brought it late.
    let isLate: Bool
    /// A message before it on its stream is missing.
    let isAfterHole: Bool
    /// The versions begin anew with it.
    let isRestart: Bool

    /// Whose versions are wrong, and who has to do with it: places among the space's replicas.
    typealias Whose = (replica: Int, other: Int)

    struct Found {
        var fault: StateFault
        var text: String
    }

    func gap(_ whose: Whose, _ name: String, held: UInt64) -> Found {
        let base = step.base ?? step.version
        return found(.gap, whose, "a delta on version \(base), but \(name) has \(held)")
    }

    func regression(_ whose: Whose, _ name: String, held: UInt64) -> Found {
        found(.regression, whose, "\(name) got version \(step.version), but has \(held) already")
    }

    func deltaChain(_ whose: Whose, _ name: String, deltas: Int) -> Found {
        let sum = deltas == 1 ? "the delta before it" : "the \(deltas) deltas before it"
        return found(
            .deltaChain, whose, "\(name): the full state of version \(step.version) is not what \(sum) add up to")
    }

    /// - Parameters:
    ///   - other: who sent the version before; nil where it is the same sender.
    ///   - message: with which that was.
    func fork(_ whose: Whose, _ name: String, _ other: String?, message: Int) -> Found {
        let than = other.map { "\($0) in message \(message)" } ?? "in message \(message)"
        return found(
            .fork, whose, "\(name) sent version \(step.version) with other content than \(than)", message: message)
    }

    func divergence(_ whose: Whose, _ name: String, _ other: String, version: UInt64, message: Int) -> Found {
        found(
            .divergence, whose, "\(name) and \(other) hold version \(version) with different content",
            version: version, message: message)
    }

    private func found(
        _ kind: StateFault.Kind, _ whose: Whose, _ text: String, version: UInt64? = nil, message: Int? = nil
    ) -> Found {
        let fault = StateFault(
            kind: kind, message: arrival.number, time: arrival.time, detected: arrival.number,
            version: version ?? step.version, replica: whose.replica, other: whose.other, otherMessage: message)
        return Found(fault: fault, text: text)
    }
}
