import SpatioSession
import SpatioWire

/// RELIABLE messages of one stream whose acknowledgement was not captured yet.
struct UnacknowledgedMessages: Equatable, Sendable {
    /// Messages that one stream is followed with; of more the older half counts as given up. A window of a megabyte full
    /// of the smallest useful messages has about so many.
    static let limit = 4096
    /// Ranges of an acknowledgement that are looked at; where there are more, what lies between them waits for the next.
    private static let rangeLimit = 256

    private struct Entry: Equatable, Sendable {
        var sequence: UInt32
        var octets: UInt32
    }

    /// In the order of capture.
    private var entries: [Entry] = []

    /// How many messages and octets something took away or added.
    struct Change {
        var messages = 0
        var octets = 0
    }

    mutating func add(_ sequence: UInt32, octets: Int) -> Change {
        var change = Change()
        if entries.count >= Self.limit {
            for entry in entries[..<(Self.limit / 2)] {
                change.messages -= 1
                change.octets -= Int(entry.octets)
            }
            entries.removeFirst(Self.limit / 2)
        }
        let entry = Entry(sequence: sequence, octets: UInt32(clamping: octets))
        entries.append(entry)
        change.messages += 1
        change.octets += Int(entry.octets)
        return change
    }

    /// Takes out what has arrived: everything below `cumulative`, and what lies behind it outside of the missing ranges
    /// and below `position`, where the sender's stream stood when it asked. Without a position, the end of the last range
    /// is as far as the answer tells.
    mutating func acknowledge(_ ack: Pong.StreamAck, below position: UInt32?) -> Change {
        guard !entries.isEmpty else { return Change() }
        let isListed = ack.missing.count <= Self.rangeLimit
        let ranges = ack.missing.prefix(Self.rangeLimit)
            .map { (first: $0.first &- ack.cumulative, count: $0.count) }
            .sorted { $0.first < $1.first }
        let told = position.map { max(0, $0.serialDistance(from: ack.cumulative)) }
        let end = !isListed ? 0 : told.map { UInt32($0) } ?? ranges.last.map { $0.first &+ $0.count } ?? 0
        return remove { sequence in
            if sequence.serialDistance(from: ack.cumulative) < 0 { return true }
            let offset = sequence &- ack.cumulative
            guard offset < end else { return false }
            var low = 0
            var high = ranges.count
            while low < high {
                let middle = (low + high) / 2
                if ranges[middle].first <= offset { low = middle + 1 } else { high = middle }
            }
            return low == 0 || offset - ranges[low - 1].first >= ranges[low - 1].count
        }
    }

    mutating func removeAll() -> Change { remove { _ in true } }

    private mutating func remove(_ isOut: (UInt32) -> Bool) -> Change {
        var change = Change()
        entries.removeAll { entry in
            guard isOut(entry.sequence) else { return false }
            change.messages -= 1
            change.octets -= Int(entry.octets)
            return true
        }
        return change
    }
}

extension Model {
    /// Acknowledged streams that are looked at in one PONG: peers have a few.
    private static let acknowledgementLimit = 64

    /// A RELIABLE message was captured for the first time. Mirrored ones are acknowledged elsewhere.
    mutating func awaitAcknowledgement(_ stream: Int, _ sequence: UInt32, octets: Int) {
        guard !streams[stream].isMirrored, unacknowledgedCount < Limits.unacknowledged else { return }
        settle(streams[stream].unacknowledged.add(sequence, octets: octets), stream)
    }

    /// Takes in which messages of an end have arrived.
    mutating func acknowledge(_ pong: Pong, _ session: Int, of sender: Direction) {
        for ack in pong.acks.prefix(Self.acknowledgementLimit) {
            sessions[session].isAcknowledged[sender] = true
            let key = StreamKey(session: UInt32(session), streamID: ack.streamID, direction: sender)
            guard let stream = streamTable.index(of: key) else { continue }
            let position = sessions[session].pings.position(of: ack.streamID, in: pong.pingID, from: sender)
            settle(streams[stream].unacknowledged.acknowledge(ack, below: position), stream)
        }
    }

    /// Nothing of a stream is waited for any more.
    mutating func forgetUnacknowledged(_ stream: Int) {
        settle(streams[stream].unacknowledged.removeAll(), stream)
    }

    /// A session ends, and with it everything that was under way.
    mutating func close(_ session: Int) {
        guard sessions[session].state != .closed else { return }
        sessions[session].state = .closed
        for stream in sessions[session].streams { forgetUnacknowledged(stream) }
    }

    private mutating func settle(_ change: UnacknowledgedMessages.Change, _ stream: Int) {
        unacknowledgedCount += change.messages
        sessions[streams[stream].session].outstanding[streams[stream].direction] += change.octets
    }
}
