import Capture
import SpatioWire

/// What the index has to know of a message that went the short way.
struct PlainOutcome {
    let message: PlainUpdate
    let stream: Int
    let space: Int

    /// Of a message that is all in order there is nothing else to say.
    static let marks: MessageMarks = [.hasHeader, .hasSpace]
}

extension Model {
    /// The short way of `apply` for the message that nearly every message is: a `PlainUpdate` that comes in order on a
    /// stream and in a space which are known. It leaves the same model behind, and takes a fraction of the time.
    ///
    /// - Returns: nil for every other message. Then nothing has been done, and the message has to go the general way.
    mutating func applyPlain(_ arrival: borrowing MessageArrival) -> PlainOutcome? {
        guard !arrival.isLeftOver, let message = PlainUpdate(arrival.octets),
            let stream = expectingStream(message, arrival), let space = knownSpace(message.spaceID)
        else { return nil }
        let time = arrival.time
        let update = message.update
        let entity = EntityKey(space: UInt32(space), id: update.entityID)
        // The lookup that most likely has to wait for memory begins before the work on the stream and ends behind it.
        let probe = entityTable.probe(entity)
        lastTime = max(lastTime, time)
        counters.messages += 1
        counters.octets += message.size
        sessions[streams[stream].session].count(octets: message.size, time: time)
        streams[stream].countNext(message, time: time)
        if message.flags.contains(.reliable) {
            awaitAcknowledgement(stream, message.sequence, octets: message.size)
        }
        spaces[space].coordinates = .cartesian
        spaces[space].updates += 1
        if let index = entityTable.index(of: entity, probe) ?? addEntity(entity, stream: stream, time: time) {
            hear(index, time: time, stream: stream)
            let isNews = entities[index].take(
                update, share: message.size, precision: message.precision, confidence: message.confidence,
                stamp: message.timestamp, sequence: message.sequence)
            if isNews {
                entities[index].coordinates = .cartesian
                entities[index].frame = nil
                if keepsTrails { trails[index].add(update.position, isGeodetic: false) }
            }
        }
        return PlainOutcome(message: message, stream: stream, space: space)
    }

    /// The stream that the flow was on last in this direction, where the message continues it.
    @inline(__always)
    private func expectingStream(_ message: PlainUpdate, _ arrival: borrowing MessageArrival) -> Int? {
        let stream = flowStreams[arrival.flow][arrival.isForward ? 0 : 1]
        guard stream >= 0, streams[stream].session == flowSessions[arrival.flow],
            streams[stream].streamID == message.streamID, streams[stream].sequences.isNext(message.sequence)
        else { return nil }
        return stream
    }

    @inline(__always)
    private func knownSpace(_ id: UUID) -> Int? {
        if let lastSpace, lastSpace.id == id { return lastSpace.index }
        return spaceTable.index(of: id)
    }
}
