import SpatioSession
import SpatioWire

/// What happened, in order: logs beside the model that only grow.
///
/// The model is what is so at one moment; the chronicle is how it came to be so. Every entry says with which message it
/// came, so that the chronicle as of the clock is what has come until then: nothing in it is worked out anew by a seek.
/// It is written once, by the `Chronicler`, as messages pass.
package struct Chronicle: Sendable {
    package internal(set) var findings = FindingLog()
    package internal(set) var states = StateChronicle()
    package internal(set) var spatial = SpatialChronicle()
    package internal(set) var peers = PeerChronicle()
    package internal(set) var extensions = ExtensionChronicle()
    package internal(set) var quality = QualityChronicle()
    package internal(set) var views = ViewChronicle()

    package init() {}
}

/// One end of a session: who has a copy of a space's state.
package struct ReplicaID: Hashable, Sendable {
    /// Index of the session in the model.
    package var session: Int
    package var side: Direction

    package init(session: Int, side: Direction) {
        self.session = session
        self.side = side
    }
}

/// Reads from each message what belongs into the chronicle, and writes it there. It keeps what it needs for that, which
/// nobody else sees and no snapshot copies.
package struct Chronicler {
    package private(set) var chronicle = Chronicle()
    private var conduct = ConductTracker()
    private var states = StateTracker()
    private var spatial = SpatialTracker()
    private var peers = PeerTracker()
    private var extensions = ExtensionTracker()
    private var quality = QualityTracker()
    private var views = ViewTracker()
    /// Series cost an entry each interval and stream: they are kept where somebody will look at them.
    private let keepsSeries: Bool

    package init(keepsSeries: Bool) { self.keepsSeries = keepsSeries }

    /// Messages until this one are gone from the index.
    mutating func forget(before message: Int) {
        chronicle.findings.forget(before: message)
        chronicle.peers.forget(before: message)
        chronicle.extensions.forget(before: message)
    }

    /// From this capture time on, `endInterval` has to be called before the model takes the next message in.
    @inline(__always)
    package var intervalEnd: Int64 { keepsSeries ? quality.intervalEnd : Int64.max }

    /// A message of this time is about to be taken in, and the interval at hand is over.
    package mutating func endInterval(_ time: Int64, _ model: borrowing Model) {
        quality.endInterval(time, model, &chronicle.quality)
    }

    /// Takes in a message that the model has taken in before. What it finds is added to the outcome.
    package mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model
    ) {
        // What is seen for the second time is judged otherwise.
        views.take(arrival, &outcome, model, &chronicle.views)
        if let view = outcome.view { addDelay(view, arrival) }
        conduct.take(arrival, &outcome, model)
        states.take(arrival, &outcome, model, &chronicle.states)
        spatial.take(arrival, &outcome, model, &chronicle.spatial)
        peers.take(arrival, &outcome, model, &chronicle.peers)
        extensions.take(arrival, &outcome, model, &chronicle.extensions)
        if keepsSeries { quality.take(arrival, outcome, model, &chronicle.quality) }
        for finding in outcome.findings { chronicle.findings.add(finding) }
    }

    /// The same for a message that went the short way.
    @inline(__always)
    mutating func takePlain(
        _ arrival: borrowing MessageArrival, _ outcome: borrowing PlainOutcome, _ model: borrowing Model
    ) {
        if arrival.time > spatial.nextDeadline { expire(arrival, model) }
        if keepsSeries { quality.takePlain(arrival, outcome, model, &chronicle.quality) }
        if views.isWatching { compare(arrival, outcome, model) }
    }

    /// A message on the wire that went the short way may have been mirrored.
    @inline(never)
    private mutating func compare(
        _ arrival: borrowing MessageArrival, _ outcome: borrowing PlainOutcome, _ model: borrowing Model
    ) {
        if let view = views.takePlain(arrival, outcome, model, &chronicle.views) { addDelay(view, arrival) }
    }

    private mutating func addDelay(_ view: ViewMatch, _ arrival: borrowing MessageArrival) {
        guard keepsSeries else { return }
        chronicle.quality.add(
            DelaySample(
                time: arrival.time, message: arrival.number, stream: view.stream,
                milliseconds: view.milliseconds, kind: .view))
    }

    /// Queries that were not answered come to light with whatever comes next.
    @inline(never)
    private mutating func expire(_ arrival: borrowing MessageArrival, _ model: borrowing Model) {
        for finding in spatial.expire(arrival, model, &chronicle.spatial) { chronicle.findings.add(finding) }
    }
}
