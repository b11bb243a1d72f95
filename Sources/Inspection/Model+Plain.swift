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
        let sighting = Sighting(message, stream: stream, from: streams[stream].direction, time: time)
        let update = sighting.update
        let entity = EntityKey(space: UInt32(space), id: update.entityID)
        // The lookup that most likely has to wait for memory begins before the look at the sender and ends behind it.
        let probe = entityTable.probe(entity)
        guard isUsual(message, stream: stream, time: time) else { return nil }
        let known = entityTable.index(of: entity, probe)
        guard let judgement = judge(sighting, known, space: space) else { return nil }
        lastTime = max(lastTime, time)
        counters.messages += 1
        counters.octets += message.size
        sessions[streams[stream].session].count(octets: message.size, time: time)
        unsettled += streams[stream].countNext(message, time: time, number: counters.messages)
        if message.flags.contains(.reliable) {
            awaitAcknowledgement(stream, message.sequence, octets: message.size)
        }
        spaces[space].coordinates = .cartesian
        spaces[space].updates += 1
        if let index = known ?? addEntity(entity, stream: stream, time: time) {
            if entities[index].isRemoved { comeBack(index) }
            var doubts: EntityDoubts?
            if case .believed(let found) = judgement { doubts = found }
            let isNews = entities[index].take(message, sighting, doubts, number: counters.messages)
            if isNews, keepsTrails { trails[index].add(update.position, isGeodetic: false) }
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

    /// Whether the sender has done nothing that needs a closer look: its clock is as it was, and no second has passed
    /// after which what it sent is to be compared with what it may send.
    @inline(__always)
    private func isUsual(_ message: PlainUpdate, stream: Int, time: Int64) -> Bool {
        let direction = streams[stream].direction
        let session = streams[stream].session
        return sessions[session].clocks[direction].isUsual(
            SenderClock.delay(captured: time, sent: message.sent),
            isAddressAhead: SenderClock.isAhead(message.timestamp, of: message.sent))
            // Asked of the allowance itself: asking the session would copy all of it.
            && (sessions[session].allowances[direction]?.rateLimit ?? 0 == 0 || streams[stream].rate.isAt(time))
    }

    /// What is to be made of an entity update without a finding.
    private enum Judgement {
        /// It is taken in with these doubts, all of them found before.
        case believed(EntityDoubts)
        /// Another stream is believed about the entity.
        case disregarded
    }

    /// Nil when there is something to find.
    @inline(__always)
    private func judge(_ sighting: Sighting, _ known: Int?, space: Int) -> Judgement? {
        if let known, entities[known].isOrdinary(sighting, core: spaces[space].core) { return .believed([]) }
        return judgeThoroughly(sighting, known, space: space)
    }

    @inline(never)
    private func judgeThoroughly(_ sighting: Sighting, _ known: Int?, space: Int) -> Judgement? {
        guard let known else {
            let stranger = Entity(
                id: sighting.update.entityID, space: space, stream: sighting.stream, time: sighting.time,
                message: counters.messages)
            return stranger.doubts(sighting, spaces[space]).isEmpty ? .believed([]) : nil
        }
        guard entities[known].unusualSilence(at: sighting.time) == nil else { return nil }
        guard entities[known].believes(sighting) else { return .disregarded }
        let doubts = entities[known].doubts(sighting, spaces[space])
        return doubts.isSubset(of: entities[known].witness.doubts) ? .believed(doubts) : nil
    }

    @inline(__always)
    private func knownSpace(_ id: UUID) -> Int? {
        if let lastSpace, lastSpace.id == id { return lastSpace.index }
        return spaceTable.index(of: id)
    }
}

extension Entity {
    /// Takes in an update that came in a message of its own, in one go: it is looked up once.
    ///
    /// - Parameter doubts: nil where another stream is believed about it.
    /// - Returns: whether it was news.
    @inline(__always)
    fileprivate mutating func take(
        _ message: PlainUpdate, _ sighting: Sighting, _ doubts: EntityDoubts?, number: Int
    ) -> Bool {
        if let doubts { believe(sighting, doubts) }
        hear(time: sighting.time, stream: sighting.stream, message: number)
        let isNews = take(
            sighting.update, share: message.size, precision: message.precision, confidence: message.confidence,
            stamp: message.timestamp, sequence: message.sequence)
        if isNews {
            coordinates = .cartesian
            frame = nil
        }
        return isNews
    }
}
