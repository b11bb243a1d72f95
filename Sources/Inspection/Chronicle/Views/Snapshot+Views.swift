import SpatioSession
import SpatioWire

extension ViewChronicle {
    /// Matches that are looked through for a message whose twin came later: so many may have come within the hold-off.
    private static let reach = 65_536

    /// The twins of a message, as far as they are known: of one on the wire there is one for each observer.
    ///
    /// - Parameter number: of the message, from 1.
    package func twins(of number: Int) -> [ViewMatch] {
        guard !matches.isEmpty else { return [] }
        let first = matches.partitionPoint { $0.known < number }
        var found: [ViewMatch] = []
        matches.scan(first..<min(matches.count, first + Self.reach)) { _, match in
            let isMirrored = match.mirrored == number
            if isMirrored || match.wire == number { found.append(copy match) }
            // A mirrored message has one twin only.
            return !isMirrored && match.known - number <= Self.reach
        }
        return found
    }

    /// Matches that are looked through for each row of a list.
    private static let glance = 1_024

    /// The twin on the wire of a mirrored message, where it came before or not long after.
    ///
    /// - Parameter number: of the message, from 1.
    package func twin(ofMirrored number: Int) -> ViewMatch? {
        guard !matches.isEmpty else { return nil }
        let first = matches.partitionPoint { $0.known < number }
        var found: ViewMatch?
        matches.scan(first..<min(matches.count, first + Self.glance)) { _, match in
            if match.mirrored == number { found = copy match }
            return found == nil
        }
        return found
    }

    /// Milliseconds from the wire to the observer, of mirrored messages that have a twin, by their number; NaN where there
    /// is none. What came to light after a message was looked at is not seen.
    func delays(in numbers: Range<Int>) -> [Float] {
        var delays = [Float](repeating: .nan, count: numbers.count)
        let first = matches.partitionPoint { $0.known < numbers.lowerBound }
        matches.scan(first..<matches.count) { _, match in
            if numbers.contains(Int(match.mirrored)) {
                delays[Int(match.mirrored) - numbers.lowerBound] = match.milliseconds
            }
            return match.known < numbers.upperBound + Self.reach
        }
        return delays
    }
}

extension Snapshot {
    /// Where the observer was told last, as of the clock, that an entity is, beside where the wire had it then.
    ///
    /// - Parameter entity: its place in the model.
    package func lastView(of entity: Int) -> (match: ViewMatch, metres: Double)? {
        let views = chronicle.views
        let cursor = cursor
        var place = views.moves.count
        // Moves lie in the order of their matches, and these in that in which they came to light.
        if let last = views.moves.at(place - 1), let match = views.matches.at(Int(last.match)), match.known > cursor {
            place = views.moves.partitionPoint { move in
                views.matches.at(Int(move.match)).map { $0.known <= cursor } ?? true
            }
        }
        let least = max(views.moves.start, place - Self.moveReach)
        while place > least {
            place -= 1
            let move = views.moves[place]
            guard Int(move.entity) == entity, let match = views.matches.at(Int(move.match)) else { continue }
            return (match, Double(move.metres))
        }
        return nil
    }

    /// Moves that are looked back for one of an entity: some seconds of a busy space.
    private static let moveReach = 16_384

    /// The comparisons that a session is in, as of the end of what is read.
    package func comparisons(of session: Int) -> [ViewComparison] {
        let all = chronicle.views.comparisons
        var found: [ViewComparison] = []
        all.scan(all.kept) { _, comparison in
            if comparison.isAbout(session, whole) { found.append(copy comparison) }
            return true
        }
        return found
    }
}
