import SpatioSession
import SpatioWire

/// The same message seen twice: as it passed the wire, and as a server mirrored it to an observer.
package struct ViewMatch: Equatable, Sendable {
    /// Numbers of both messages, from 1.
    package var wire, mirrored: UInt32
    /// The stream of the mirrored one, in the model.
    package var stream: UInt32
    /// Its place among the comparisons.
    package var comparison: UInt32
    /// Capture time of the mirrored one less that of the one on the wire: below 0 where the observer heard it first.
    package var milliseconds: Float
    /// How far the farthest of its entities had moved on when the observer heard of it, metres; NaN where it has none.
    package var metresOrNone: Float

    package var metres: Double? { metresOrNone.isNaN ? nil : Double(metresOrNone) }
    /// The message with which it was known that they are the same.
    package var known: Int { Int(max(wire, mirrored)) }

    /// The other one of the two.
    package func twin(of number: Int) -> Int { number == mirrored ? Int(wire) : Int(mirrored) }

    package static func == (left: ViewMatch, right: ViewMatch) -> Bool {
        left.wire == right.wire && left.mirrored == right.mirrored && left.stream == right.stream
            && left.comparison == right.comparison && left.milliseconds == right.milliseconds
            && left.metresOrNone.bitPattern == right.metresOrNone.bitPattern
    }
}

/// Where an observer was told that an entity is, and how far from there it was by then.
package struct ViewMove: Equatable, Sendable {
    /// Its place in the model.
    package var entity: UInt32
    /// The place of the match.
    package var match: UInt32
    package var metres: Float
}

/// A message that one of the two has not seen within the time in which it would have come.
package struct LoneMessage: Equatable, Sendable {
    /// From 1.
    package var message: UInt32
    /// The message with which that was known.
    package var known: UInt32
    package var comparison: UInt32
    /// Seen by the observer only; else on the wire only.
    package var isMirrored: Bool
}

/// A session as one observer sees it, beside what passes the wire of it.
package struct ViewComparison: Sendable {
    /// The session's id, as the server tells it to the observer.
    package var sessionID: UUID
    /// Places in the model, which are the same where the wire told the session's id before the first mirrored message; and
    /// the messages with which the sessions there began.
    package var wire, mirrored: SessionPlace
    /// The observer's flow in the model.
    package var observer: Int
    /// Capture time of the first message that both have seen: what only one saw before then says nothing.
    package var begun: Int64
    package internal(set) var matched = 0
    package internal(set) var observerOnly = 0
    package internal(set) var wireOnly = 0
    /// Milliseconds from the wire to the observer.
    package internal(set) var delay = ViewFigures()
    /// Metres that entities had moved on.
    package internal(set) var distance = ViewFigures()

    package struct SessionPlace: Hashable, Sendable {
        package var session: Int
        package var since: Int
    }

    /// Whether a session of a model is one of the two.
    package func isAbout(_ session: Int, _ model: borrowing Model) -> Bool {
        guard wire.session == session || mirrored.session == session, model.sessions.indices.contains(session) else {
            return false
        }
        let place = SessionPlace(session: session, since: model.sessions[session].since)
        return wire == place || mirrored == place
    }
}

/// What was seen twice: on the wire, and by an observer.
package struct ViewChronicle: Sendable {
    /// What a long capture can make us keep; the oldest goes first.
    package enum Limits {
        /// 24 octets each.
        package static let matches = 1 << 20
        package static let moves = 1 << 20
        package static let lone = 65_536
        /// Sessions times observers, some 10 kB each.
        package static let comparisons = 4_096
    }

    /// In the order in which they came to light.
    package private(set) var matches = ChunkedArray<ViewMatch>()
    package private(set) var moves = ChunkedArray<ViewMove>()
    package private(set) var lone = ChunkedArray<LoneMessage>()
    package private(set) var comparisons = ChunkedArray<ViewComparison>()

    package init() {}

    // MARK: Writing

    /// Returns the place of the comparison.
    mutating func add(_ comparison: ViewComparison) -> Int {
        comparisons.keepNewest(Limits.comparisons)
        comparisons.append(comparison)
        return comparisons.count - 1
    }

    mutating func add(_ match: ViewMatch, _ moves: [(entity: Int, metres: Double)]) {
        change(Int(match.comparison)) { comparison in
            comparison.matched += 1
            comparison.delay.add(Double(match.milliseconds))
            if let metres = match.metres { comparison.distance.add(metres) }
        }
        matches.keepNewest(Limits.matches)
        for move in moves {
            self.moves.keepNewest(Limits.moves)
            self.moves.append(
                ViewMove(
                    entity: UInt32(clamping: move.entity), match: UInt32(clamping: matches.count),
                    metres: Float(move.metres)))
        }
        matches.append(match)
    }

    mutating func add(_ message: LoneMessage) {
        change(Int(message.comparison)) { comparison in
            if message.isMirrored { comparison.observerOnly += 1 } else { comparison.wireOnly += 1 }
        }
        lone.keepNewest(Limits.lone)
        lone.append(message)
    }

    private mutating func change(_ place: Int, _ change: (inout ViewComparison) -> Void) {
        comparisons.change(place, change)
    }
}
