import SpatioSession
import SpatioWire

/// What figures are counted for.
enum QualityTarget: Hashable {
    case everything
    case end(session: Int, sender: Direction)
    case stream(Int)
}

/// Counts in steps shorter than the chronicle's intervals, from the index: for a short time of a long capture.
struct QualityFine {
    /// Messages that are looked at: some milliseconds. A time with more of them is shown in whole intervals.
    static let messageLimit = 131_072

    /// Where the figures of each target are.
    private var places: [QualityTarget: Int] = [:]
    private var sums: [StepSums] = []

    /// Nil where the chronicle's own intervals are short enough.
    init?(_ snapshot: Snapshot, _ range: QualityRange, _ targets: [QualityTarget]) {
        guard range.step % snapshot.chronicle.quality.width != 0,
            snapshot.firstKeptTime <= range.start || snapshot.index.start == 0
        else { return nil }
        let model = snapshot.model
        for target in targets where places[target] == nil {
            places[target] = sums.count
            sums.append(StepSums(range))
        }
        var streams = model.streams.indices.map { follow($0, model, from: range.start) }
        let first = snapshot.index.count(until: range.start &- 1)
        let last = min(snapshot.cursor, snapshot.index.count(until: range.end &- 1), first + Self.messageLimit)
        let all = places[.everything]
        snapshot.index.scan(first..<max(first, last)) { _, record in
            let step = range.place(of: record.time)
            let index = Int(record.stream)
            var sum = StepSums.Sum()
            if index < streams.count {
                sum = streams[index].count(record)
            } else {
                sum.octets = Int(record.size)
                sum.messages = 1
            }
            guard range.contains(step) else { return true }
            if let all { sums[all].add(sum, at: step) }
            guard index < streams.count else { return true }
            if streams[index].end >= 0 { sums[streams[index].end].add(sum, at: step) }
            if streams[index].own >= 0 { sums[streams[index].own].add(sum, at: step) }
            return true
        }
    }

    subscript(target: QualityTarget) -> StepSums? { places[target].map { sums[$0] } }

    private func follow(_ index: Int, _ model: Model, from start: Int64) -> Followed {
        let stream = model.streams[index]
        // What has no header is counted by nobody but everybody.
        guard stream.streamID != nil else { return Followed() }
        let session = model.sessions[stream.session]
        let end = stream.counts(in: session) ? places[.end(session: stream.session, sender: stream.direction)] : nil
        return Followed(end: end ?? -1, own: places[.stream(index)] ?? -1, beginsInside: stream.firstTime >= start)
    }

    /// A stream and what of it has passed.
    private struct Followed {
        /// Where its end's figures and its own are; -1 where nobody asks.
        var end = -1
        var own = -1
        /// So its lowest sequence is known.
        var beginsInside = false
        private var lowest: UInt32 = 0
        private var highest: UInt32 = 0
        private var isBegun = false

        init(end: Int = -1, own: Int = -1, beginsInside: Bool = false) {
            self.end = end
            self.own = own
            self.beginsInside = beginsInside
        }

        mutating func count(_ record: borrowing MessageRecord) -> StepSums.Sum {
            var sum = StepSums.Sum()
            sum.octets = Int(record.size)
            sum.messages = 1
            let isRetransmit = record.marks.contains(.retransmit)
            if isRetransmit { sum.retransmits = 1 }
            if record.marks.contains(.duplicate) {
                sum.duplicates = 1
                return sum
            }
            guard record.marks.contains(.hasHeader), !record.marks.contains(.malformed) else { return sum }
            if record.marks.contains(.reordered) {
                sum.reordered = 1
                let below = lowest.serialDistance(from: record.sequence)
                if beginsInside, isBegun, below > 0 {
                    // From before all that had come: what lies between is missing now.
                    sum.lost = Int(below) - 1
                    lowest = record.sequence
                } else {
                    // It was missing until now.
                    sum.lost = -1
                }
                return sum
            }
            let distance = isBegun ? record.sequence.serialDistance(from: highest) : 1
            if distance <= 0, isRetransmit {
                sum.repeats = 1
                return sum
            }
            if distance > 1, distance <= SequenceTracker.largestJump { sum.lost = Int(distance) - 1 }
            if !isBegun { lowest = record.sequence }
            isBegun = true
            highest = record.sequence
            return sum
        }
    }
}

extension Stream {
    /// What a server mirrored is another copy of what was seen on the wire, or of what another observer got.
    func counts(in session: Session) -> Bool { !isMirrored || session.isMirrored && flow == session.flow }
}

extension Snapshot {
    /// The shortest steps, in nanoseconds, in which a time can be shown.
    package func finestStep(from first: Int64, to last: Int64) -> Int64 {
        let messages = min(cursor, index.count(until: last)) - index.count(until: first &- 1)
        let isThere = index.start == 0 || first >= firstKeptTime
        return isThere && messages <= QualityFine.messageLimit ? QualityChronicle.widths[0] : chronicle.quality.width
    }
}
