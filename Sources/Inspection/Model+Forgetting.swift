/// Places in the model that something new may take, because the messages of what is there are all gone from the index.
///
/// What has been forgotten follows from the messages and from when the index lost which of them, so that a replay which
/// is told the same forgets the same.
struct Forgetting: Sendable {
    /// The index lost the messages up to `before` after so many had passed.
    struct Event: Sendable {
        var after: Int
        var before: Int
    }

    /// Messages until this one are gone.
    fileprivate(set) var horizon = 0
    /// Those that a replay of what is in the index meets.
    fileprivate(set) var events: [Event] = []
    /// Flows and streams that there ever were.
    fileprivate var flowCount: UInt32 = 0
    /// Places of what was silent at the last event. The first ones are at the end.
    fileprivate var flows: [Int] = []
    fileprivate var sessions: [Int] = []
    fileprivate var streams: [Int] = []
    fileprivate var entities: [Int] = []
    /// Places that nothing is in.
    fileprivate var freeStreams: [Int] = []
    fileprivate var freeRoundTrips: [Int] = []
    fileprivate var freeStates: [Int] = []
    /// Whose figures are in each place for them.
    fileprivate var roundTripStreams: [Int] = []
    /// The place that is looked at next when there is none left, and the messages with which the last two rounds of
    /// looking ended.
    fileprivate var nextRoundTrip = 0
    fileprivate var roundTripLap = (before: 0, last: 0)
    /// Places that are looked at for one that is silent.
    fileprivate static let roundTripLooks = 64
}

extension Model.Room {
    /// With this share of the room taken, what is new takes the place of what has been forgotten: until then what has
    /// ended is still listed, and lists stay short.
    fileprivate static let comfort = 8
}

extension Model {
    /// The messages up to this one are in the index no more: what had none since may make room for something new.
    mutating func forget(before message: Int) {
        guard message > forgetting.horizon else { return }
        forgetting.horizon = message
        forgetting.events.removeAll { $0.after < message }
        forgetting.events.append(Forgetting.Event(after: counters.messages, before: message))
        var hasHeardFlow = [Bool](repeating: false, count: flows.count)
        var hasHeardSession = [Bool](repeating: false, count: sessions.count)
        for stream in streams where stream.lastMessage > message {
            hasHeardFlow[stream.flow] = true
            hasHeardSession[stream.session] = true
        }
        forgetting.flows = Self.places(flows.indices, room.flows) { !hasHeardFlow[$0] }
        forgetting.sessions = Self.places(sessions.indices, room.sessions) { !hasHeardSession[$0] }
        forgetting.streams = Self.places(streams.indices, room.streams) { streams[$0].lastMessage <= message }
        forgetting.entities = Self.places(entities.indices, room.entities) { entities[$0].lastMessage <= message }
    }

    private static func places(_ all: Range<Int>, _ limit: Int, _ isSilent: (Int) -> Bool) -> [Int] {
        all.count < limit / Room.comfort ? [] : all.reversed().filter(isSilent)
    }

    /// In a replay: forgets what had been forgotten before a message.
    @inline(__always)
    mutating func catchUp(with other: borrowing Model, before number: Int) {
        if other.forgetting.horizon > forgetting.horizon { forget(asIn: other.forgetting.events, before: number) }
    }

    private mutating func forget(asIn events: [Forgetting.Event], before number: Int) {
        for event in events where event.after < number && event.before > forgetting.horizon {
            forget(before: event.before)
        }
    }

    /// There is hardly any room left, and nothing that could be forgotten for something new: the index has to lose more of
    /// its messages.
    var isCrowded: Bool {
        Self.isCrowded(flows.count, room.flows, forgetting.flows)
            || Self.isCrowded(sessions.count, room.sessions, forgetting.sessions)
            || forgetting.freeStreams.isEmpty && Self.isCrowded(streams.count, room.streams, forgetting.streams)
            || Self.isCrowded(entities.count, room.entities, forgetting.entities)
    }

    private static func isCrowded(_ count: Int, _ limit: Int, _ silent: [Int]) -> Bool {
        count >= limit - limit / 16 && silent.count < limit / 64
    }

    // MARK: What is new

    mutating func addFlow(_ key: FlowKey, _ flow: Flow) -> Int? {
        var flow = flow
        forgetting.flowCount &+= 1
        flow.ordinal = forgetting.flowCount
        while let place = forgetting.flows.popLast() {
            // It may have been heard of since.
            guard isSilent(flow: place) else { continue }
            flowTable.remove(place)
            flowTable.put(key, at: place)
            flows[place] = flow
            flowSessions[place] = -1
            flowStreams[place] = [-1, -1]
            return place
        }
        guard flows.count < room.flows else { return nil }
        flows.append(flow)
        flowSessions.append(-1)
        flowStreams.append([-1, -1])
        return flowTable.append(key)
    }

    private func isSilent(flow: Int) -> Bool {
        guard flows[flow].lastMessage <= forgetting.horizon else { return false }
        // What goes the short way is on these.
        return (0..<2).allSatisfy { way in
            let stream = flowStreams[flow][way]
            return stream < 0 || streams[stream].lastMessage <= forgetting.horizon
        }
    }

    private func isSilent(session: Int) -> Bool {
        sessions[session].streams.allSatisfy { streams[$0].lastMessage <= forgetting.horizon }
    }

    /// The session's place; nil where there is none for it.
    mutating func add(_ session: Session) -> Int? {
        var session = session
        session.since = counters.messages
        while let place = forgetting.sessions.popLast() {
            guard isSilent(session: place) else { continue }
            release(session: place)
            identities += 1
            sessions[place] = session
            return place
        }
        guard sessions.count < room.sessions else { return nil }
        sessions.append(session)
        return sessions.count - 1
    }

    private mutating func release(session: Int) {
        for stream in sessions[session].streams {
            release(stream: stream)
            // Nothing is in its place until a new one takes it.
            streams[stream] = Stream(
                StreamKey(session: UInt32(session), streamID: nil, direction: .client), flow: streams[stream].flow,
                isForward: true, time: streams[stream].lastTime, message: 0)
            forgetting.freeStreams.append(stream)
        }
        if let id = sessions[session].id, sessionsByID[id] == session { sessionsByID[id] = nil }
        let flow = sessions[session].flow
        if flowSessions[flow] == session { flowSessions[flow] = -1 }
        security.forget(session: session)
    }

    mutating func addStream(_ key: StreamKey, _ arrival: MessageArrival) -> Int? {
        let stream = Stream(
            key, flow: arrival.flow, isForward: arrival.isForward, time: arrival.time, message: counters.messages)
        guard let place = freeStreamPlace() else {
            guard streams.count < room.streams else { return nil }
            streams.append(stream)
            sessions[Int(key.session)].streams.append(streams.count - 1)
            return streamTable.append(key)
        }
        streamTable.put(key, at: place)
        streams[place] = stream
        sessions[Int(key.session)].streams.append(place)
        identities += 1
        return place
    }

    private mutating func freeStreamPlace() -> Int? {
        if let place = forgetting.freeStreams.popLast() { return place }
        while let place = forgetting.streams.popLast() {
            // Those of a forgotten session are free already, and not what they were.
            guard streams[place].since > 0, streams[place].lastMessage <= forgetting.horizon else { continue }
            release(stream: place)
            sessions[streams[place].session].streams.removeAll { $0 == place }
            return place
        }
        return nil
    }

    private mutating func release(stream: Int) {
        forgetUnacknowledged(stream)
        unsettled -= streams[stream].sequences.unsettled
        streamTable.remove(stream)
        lastStream = nil
        let flow = streams[stream].flow
        for way in 0..<2 where flowStreams[flow][way] == stream { flowStreams[flow][way] = -1 }
        if let figures = streams[stream].roundTrip { forgetting.freeRoundTrips.append(figures) }
        streams[stream].roundTrip = nil
    }

    mutating func add(_ entity: Entity, _ key: EntityKey) -> Int? {
        while let place = forgetting.entities.popLast() {
            guard entities[place].lastMessage <= forgetting.horizon else { continue }
            release(entity: place)
            entityTable.remove(place)
            entityTable.put(key, at: place)
            entities[place] = entity
            if keepsTrails { trails[place] = Trail() }
            return place
        }
        guard entities.count < room.entities else { return nil }
        entities.append(entity)
        if keepsTrails { trails.append(Trail()) }
        return entityTable.append(key)
    }

    private mutating func release(entity: Int) {
        let space = entities[entity].space
        if !entities[entity].isRemoved { spaces[space].entities -= 1 }
        guard let state = entities[entity].state else { return }
        stateOctets -= states[state].octets
        states[state] = EntityState()
        forgetting.freeStates.append(state)
        spaces[space].stated.remove(entity)
    }

    mutating func addState() -> Int {
        if let place = forgetting.freeStates.popLast() { return place }
        states.append(EntityState())
        return states.count - 1
    }

    // MARK: Round trips

    /// A place for the figures of a stream: a free one; else that of a stream which had no message since it was looked at
    /// last, or of whichever is next when all had one.
    mutating func addRoundTrip(of stream: Int) -> Int {
        let place: Int
        if let free = forgetting.freeRoundTrips.popLast() {
            place = free
        } else if roundTrips.count < room.roundTrips {
            roundTrips.append(RoundTripFigures())
            forgetting.roundTripStreams.append(stream)
            return roundTrips.count - 1
        } else {
            place = giveUpRoundTrip()
        }
        roundTrips[place] = RoundTripFigures()
        forgetting.roundTripStreams[place] = stream
        return place
    }

    /// Takes their place from the figures of a stream that is silent.
    private mutating func giveUpRoundTrip() -> Int {
        var place = forgetting.nextRoundTrip
        for _ in 0..<Forgetting.roundTripLooks {
            place = forgetting.nextRoundTrip
            forgetting.nextRoundTrip += 1
            if forgetting.nextRoundTrip == roundTrips.count {
                forgetting.nextRoundTrip = 0
                forgetting.roundTripLap = (forgetting.roundTripLap.last, counters.messages)
            }
            let last = streams[forgetting.roundTripStreams[place]].lastMessage
            if last <= forgetting.roundTripLap.before { break }
        }
        streams[forgetting.roundTripStreams[place]].roundTrip = nil
        return place
    }
}
