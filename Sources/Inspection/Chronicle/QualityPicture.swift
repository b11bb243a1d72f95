import SpatioSession
import SpatioWire

/// Whose figures; indices in the model.
package enum QualityScope: Hashable, Sendable {
    case everything
    case session(Int)
    case stream(Int)
}

/// One line of each graph: what both ends or one of them sent, step by step. Nil where there is nothing to tell; that is
/// never 0, and 0 is never nil.
package struct QualityLine: Equatable, Sendable {
    /// Whose messages; nil: everybody's.
    package var sender: Direction?
    /// A second, over the part of the step that had been when the clock came, without silences.
    package internal(set) var octets, messages: [Double?]
    /// Shares, 0...1: lost sequences of those expected; late ones of first arrivals; copies and retransmissions of all
    /// messages.
    package internal(set) var loss, reordered, duplicates, retransmits: [Double?]
    /// RFC 3550, milliseconds: the greatest in the step, of the worst stream.
    package internal(set) var jitter: [Double?]
    /// Its senders tell their times in whole milliseconds: a jitter below half of one may be nothing but that.
    package internal(set) var isCoarselyStamped = true
    /// RELIABLE octets under way as a share of `window_size`, and octets a second as one of `rate_limit`.
    package internal(set) var window, rate: [Double?]
    /// `congestion_threshold`, a share of loss.
    package internal(set) var threshold: [Double?]
    /// What the receiver allows, as of the clock.
    package internal(set) var allowance: FlowControl?
    /// RELIABLE octets under way, as of the clock.
    package internal(set) var unacknowledged: Int?

    init(sender: Direction?, count: Int) {
        self.sender = sender
        let nothing = [Double?](repeating: nil, count: count)
        (octets, messages, loss, reordered) = (nothing, nothing, nothing, nothing)
        (duplicates, retransmits, jitter) = (nothing, nothing, nothing)
        (window, rate, threshold) = (nothing, nothing, nothing)
    }
}

/// Delays in groups: round trips by who asked, responses by what was asked for.
package struct QualityDelays: Equatable, Sendable {
    package struct Group: Equatable, Sendable {
        package var kind: DelaySample.Kind
        package var asker: Direction
        package var figures: QualityFigures
        /// In the order of their time: all of them, or of each short time the least and the greatest where there are
        /// many.
        package internal(set) var points: [DelaySample] = []
    }

    /// Without those that have no sample.
    package internal(set) var groups: [Group] = []
}

/// Everything that the quality pane draws: the figures of one scope over one range, as of the clock.
package struct QualityPicture: Equatable, Sendable {
    package internal(set) var range: QualityRange
    package internal(set) var lines: [QualityLine]
    package internal(set) var roundTrips = QualityDelays()
    package internal(set) var responses = QualityDelays()
    /// From the wire to observers.
    package internal(set) var views = QualityDelays()
    /// Times without any message that reach into the range.
    package internal(set) var silences: [Silence]
    /// What the capture dropped within the range: what is told of it may be worse than it was.
    package internal(set) var drops: DropsMeanwhile?
    /// Of everything: window and rate are those of the worst end of all these sessions; nil where there are too many.
    package internal(set) var comparedSessions: Int?
}

extension Snapshot {
    /// The figures of a scope over a time, as of the clock.
    package func quality(of scope: QualityScope, over range: QualityRange) -> QualityPicture {
        var picture = QualityFold(self, range, scope).picture(of: scope)
        picture.drops = drops(from: range.start, to: min(range.end, time))
        return picture
    }
}
