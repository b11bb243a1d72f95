import Capture
import SpatioSession
import SpatioWire

/// A message whose place is known, on its way to what it means.
struct Meaning {
    let arrival: MessageArrival
    let header: MessageHeader
    let address: SpatialAddress?
    let session: Int
    let direction: Direction
    let stream: Int
    /// The space that the message is about.
    var space: Int?
}

extension Model {
    mutating func apply(_ payload: Payload, _ context: inout Meaning, _ outcome: inout MessageOutcome) {
        outcome.payload = payload
        switch payload {
        case .connect(let connect):
            // Its session began before the message was counted; a mirrored one tells more of a session that is known.
            if sessions[context.session].isMirrored { introduce(connect, context.session) }
        case .connectAck(let ack): acknowledge(ack, context)
        case .disconnect:
            if sessions[context.session].state != .joined { close(context.session) }
        case .ping(let ping):
            sessions[context.session].pings.ping(
                ping, context.direction, stream: context.stream, time: context.arrival.time)
        case .pong(let pong): answer(pong, context, &outcome)
        case .spatialUpdate(let update):
            updates = update.updates
            applyUpdates(context, size: outcome.size, &outcome)
        case .boundUpdate(let update):
            if let space = context.space ?? onlySpace(context) { bound(update, space) }
        case .stateSync(let sync): synchronise(sync, isFull: !sync.delta, &context, &outcome)
        case .stateResponse(let response):
            if let sync = response.sync { synchronise(sync, isFull: !sync.delta, &context, &outcome) }
        case .deltaUpdate(let update): synchronise(update.sync, isFull: false, &context, &outcome)
        case .conflictResolve(let resolution): resolve(resolution, &context)
        case .stateRequest(let request): context.space = space(request.spaceID) ?? context.space
        case .extension(let header):
            if header.extensionID == ExtensionID.manifest, let manifest = try? ExtensionManifest.decode(header.data) {
                schemas.register(manifest)
            }
        case .spatialQuery, .spatialResponse, .regionSubscribe, .peerDiscover, .peerAnnounce, .peerLeave,
            .relayRequest, .relayResponse, .authRequest, .authResponse, .keyExchange, .challenge,
            .challengeResponse, .custom, .unknown:
            break
        }
    }

    // MARK: Sessions

    /// A CONNECT begins a session unless it repeats the one that began the session at hand.
    mutating func connecting(_ connect: Connect, _ arrival: MessageArrival, sequence: UInt32, from source: Endpoint) {
        let current = flowSessions[arrival.flow]
        var session = current
        if current < 0 {
            guard let new = beginSession(arrival.flow, client: source, state: .connecting, time: arrival.time) else {
                return
            }
            session = new
        } else if !continues(current, connect, sequence: sequence) {
            guard let new = beginSession(arrival.flow, client: source, state: .connecting, time: arrival.time) else {
                return
            }
            session = new
        }
        introduce(connect, session)
        sessions[session].connectSequence = sessions[session].connectSequence ?? sequence
    }

    private mutating func introduce(_ connect: Connect, _ session: Int) {
        sessions[session].clientID = connect.clientID
        sessions[session].role = connect.role
        sessions[session].name = String(connect.name.prefix(Limits.nameLength))
    }

    private func continues(_ session: Int, _ connect: Connect, sequence: UInt32) -> Bool {
        switch sessions[session].state {
        // Behind a CHALLENGE, or after a refusal, the client tries again.
        case .connecting, .refused: true
        case .open: sessions[session].connectSequence == sequence && sessions[session].clientID == connect.clientID
        case .joined, .closed: false
        }
    }

    private mutating func acknowledge(_ ack: ConnectAck, _ context: Meaning) {
        guard ack.code == .success else {
            if sessions[context.session].state == .connecting { sessions[context.session].state = .refused(ack.code) }
            return
        }
        identities += 1
        sessions[context.session].id = ack.sessionID
        sessions[context.session].serverID = ack.serverID
        sessions[context.session].state = .open
        sessions[context.session].security = ack.config.securityLevel
        sessions[context.session].sizeLimit = min(Int(ack.config.maxMessageSize), WireLimits.largestMessage)
        sessions[context.session].allowances.client = ack.flow
        if sessionsByID.count < room.sessions { sessionsByID[ack.sessionID] = context.session }
        for info in ack.spaces {
            guard let index = space(info.spaceID) else { continue }
            var info = info
            info.name = String(info.name.prefix(Limits.nameLength))
            info.coordinateSystem = info.coordinateSystem.bounded(to: Limits.nameLength)
            spaces[index].describe(info)
            spaces[index].coordinates = spaces[index].coordinates ?? info.coordinateSystem.kind
            // One that comes again tells what was so when it went out first.
            if let newest = spaces[index].stateVersion, !context.header.flags.contains(.retransmit) {
                spaces[index].chain.accept(
                    info.stateVersion, newest: newest, session: sessions[context.session].since,
                    time: context.arrival.time)
            }
        }
    }

    /// The session that a mirrored message speaks of, even when it is known from nothing else.
    mutating func mirroredSession(_ id: UUID, _ arrival: MessageArrival) -> Int? {
        if let known = sessionsByID[id] { return known }
        let flow = flows[arrival.flow]
        let server = arrival.isForward ? flow.first : flow.second
        let observer = arrival.isForward ? flow.second : flow.first
        var session = Session(
            flow: arrival.flow, client: observer, server: server, transport: flow.transport, state: .joined,
            firstTime: arrival.time, lastTime: arrival.time)
        session.id = id
        session.isMirrored = true
        guard let index = add(session) else { return nil }
        sessionsByID[id] = index
        return index
    }

    /// RTT = PONG's capture time - PING's capture time - hold_time, at the capture point (design section 3).
    private mutating func answer(_ pong: Pong, _ context: Meaning, _ outcome: inout MessageOutcome) {
        let asker = context.direction.opposite
        sessions[context.session].allowances[asker] = pong.flow
        if !streams[context.stream].isMirrored { acknowledge(pong, context.session, of: asker) }
        guard let ping = sessions[context.session].pings.pong(pong.pingID, context.direction) else { return }
        let held = Int64(pong.holdTime) * 1000
        let milliseconds = Double(context.arrival.time - ping.time - held) / 1e6
        // A hold_time longer than the whole exchange is a lie and no sample.
        guard milliseconds >= 0, streams[ping.stream].session == context.session else { return }
        outcome.roundTrip = (ping.stream, milliseconds)
        if streams[ping.stream].roundTrip == nil { streams[ping.stream].roundTrip = addRoundTrip(of: ping.stream) }
        if let index = streams[ping.stream].roundTrip { roundTrips[index].add(milliseconds) }
    }

    // MARK: Entities

    /// Applies the entity updates that lie in `updates`.
    mutating func applyUpdates(_ context: Meaning, size: Int, _ outcome: inout MessageOutcome) {
        guard let address = context.address, let space = context.space else { return }
        let time = context.arrival.time
        let share = size / max(1, updates.count)
        spaces[space].updates += updates.count
        for place in updates.indices {
            let id = updates[place].entityID
            guard let index = entity(id, space: space, stream: context.stream, time: time) else { continue }
            // What was overtaken is no evidence of anything.
            if !outcome.marks.contains(.reordered) {
                examine(Sighting(updates[place], address, context), index, context, &outcome)
            }
            hear(index, time: time, stream: context.stream)
            let isNews = entities[index].take(
                updates[place], share: share, precision: address.precision, confidence: address.confidence,
                stamp: address.timestamp, sequence: context.header.sequence)
            guard isNews else { continue }
            entities[index].set(address.coordinateSystem, frame: address.referenceFrame)
            if keepsTrails {
                trails[index].add(
                    updates[place].position, isGeodetic: entities[index].coordinates == .geodetic)
            }
        }
    }

    /// Something was heard of an entity.
    mutating func hear(_ index: Int, time: Int64, stream: Int) {
        if entities[index].isRemoved { comeBack(index) }
        entities[index].hear(time: time, stream: stream, message: counters.messages)
    }

    /// An entity that was removed is there again.
    mutating func comeBack(_ index: Int) {
        entities[index].isRemoved = false
        spaces[entities[index].space].entities += 1
        if entities[index].state != nil { spaces[entities[index].space].stated.insert(index) }
    }

    /// The space of a message without an address, where its session has only one.
    private func onlySpace(_ context: Meaning) -> Int? { spaces.count == 1 ? 0 : nil }

    private mutating func bound(_ update: BoundUpdate, _ space: Int) {
        counters.overflow += spaces[space].bound(update, message: counters.messages)
    }

    // MARK: State

    private mutating func synchronise(
        _ sync: StateSync, isFull: Bool, _ context: inout Meaning, _ outcome: inout MessageOutcome
    ) {
        guard let space = space(sync.spaceID) else {
            counters.overflow += 1
            return
        }
        context.space = space
        let server = sessions[context.session].server
        if isFull, context.direction == .server,
            spaces[space].chain.begins(sync.version, session: sessions[context.session].since, server: server)
        {
            spaces[space].stateVersion = nil
            spaces[space].fullVersion = nil
        }
        guard isOfPresentChain(space, context) else { return }
        let known = spaces[space].stateVersion
        let isNewer = known.map { sync.version > $0 } ?? true
        // A full state counts unless a newer version is known; a delta, unless a full state holds it already.
        let tells =
            if isFull { isNewer || known == sync.version } else {
                spaces[space].fullVersion.map { sync.version > $0 } ?? true
            }
        if tells, isFull {
            spaces[space].fullVersion = sync.version
            let listed = Set(sync.entries.lazy.filter { $0.change != .removed }.map(\.entityID))
            // Each is removed once for each time that it was told of, so many full states cost no more than one.
            for index in spaces[space].stated where !listed.contains(entities[index].id) { remove(index) }
        }
        if tells {
            for entry in sync.entries {
                apply(entry, sync, isFull: isFull, isNewer: isNewer, space, context, &outcome)
            }
        }
        see(sync.version, space, context)
    }

    /// False for late words of a server that has restarted since.
    private func isOfPresentChain(_ space: Int, _ context: Meaning) -> Bool {
        let chain = spaces[space].chain
        let session = sessions[context.session]
        return chain.number(session: session.since, server: session.server) == chain.number
    }

    private mutating func see(_ version: UInt64, _ space: Int, _ context: Meaning) {
        let newest = max(spaces[space].stateVersion ?? 0, version)
        spaces[space].stateVersion = newest
        spaces[space].chain.see(newest, time: context.arrival.time)
    }

    private mutating func apply(
        _ entry: StateSyncEntry, _ sync: StateSync, isFull: Bool, isNewer: Bool, _ space: Int, _ context: Meaning,
        _ outcome: inout MessageOutcome
    ) {
        let time = context.arrival.time
        guard let index = entity(entry.entityID, space: space, stream: context.stream, time: time) else { return }
        let known = entities[index].state.map { states[$0].entityVersion }
        // A version that came late still tells of entities that no newer version has spoken of; and a full state of the
        // version at hand, what deltas alone have not.
        if !isNewer, let known, isFull ? entry.entityVersion < known : entry.entityVersion <= known { return }
        if entry.change == .removed {
            remove(index)
            setState(index) { state, _ in
                state.entityVersion = entry.entityVersion
                return 0
            }
            return
        }
        hear(index, time: time, stream: context.stream)
        spaces[space].stated.insert(index)
        setState(index) { state, room in
            if isFull || entry.change == .added { state.clear() }
            state.entityVersion = entry.entityVersion
            return state.set(entry.fields, room: room)
        }
        adopt(entry.fields, on: index, stamp: sync.timestamp, context)
        examine(entry.fields, index, context, &outcome)
    }

    /// - Parameter body: changes the state, with so many octets of room for what it adds; returns how many fields found
    ///   none.
    private mutating func setState(_ index: Int, _ body: (inout EntityState, _ room: Int) -> Int) {
        if entities[index].state == nil { entities[index].state = addState() }
        guard let state = entities[index].state else { return }
        let others = stateOctets - states[state].octets
        if body(&states[state], Limits.stateOctets - stateOctets) > 0 { counters.overflow += 1 }
        stateOctets = others + states[state].octets
    }

    private mutating func remove(_ index: Int) {
        if let state = entities[index].state {
            stateOctets -= states[state].octets
            states[state].clear()
            spaces[entities[index].space].stated.remove(index)
        }
        guard !entities[index].isRemoved else { return }
        entities[index].isRemoved = true
        spaces[entities[index].space].entities -= 1
    }

    /// `position` and `orientation` mean the same in a state as in an update (profile section 4).
    private mutating func adopt(_ fields: [StateField], on index: Int, stamp: UInt64, _ context: Meaning) {
        for field in fields {
            switch (field.key, field.value) {
            case ("position", .vector3(let position)):
                guard
                    entities[index].isNewer(stamp: stamp, stream: context.stream, sequence: context.header.sequence)
                else { continue }
                entities[index].position = position
                entities[index].stamp = stamp
                entities[index].stampStream = context.stream
                entities[index].stampSequence = context.header.sequence
                if entities[index].updates == 0, let kind = spaces[entities[index].space].coordinates {
                    entities[index].coordinates = kind
                }
                if keepsTrails { trails[index].add(position, isGeodetic: entities[index].coordinates == .geodetic) }
            case ("orientation", .quaternion(let orientation)):
                if stamp >= entities[index].stamp { entities[index].orientation = orientation }
            default: break
            }
        }
    }

    private mutating func resolve(_ resolution: ConflictResolve, _ context: inout Meaning) {
        guard let space = space(resolution.spaceID) else {
            counters.overflow += 1
            return
        }
        context.space = space
        guard isOfPresentChain(space, context) else { return }
        let known = spaces[space].stateVersion
        see(resolution.version, space, context)
        guard known.map({ resolution.version > $0 }) ?? true,
            let index = entity(
                resolution.entityID, space: space, stream: context.stream, time: context.arrival.time)
        else { return }
        hear(index, time: context.arrival.time, stream: context.stream)
        let version = resolution.candidates.map(\.entityVersion).max()
        setState(index) { state, room in
            state.entityVersion = max(state.entityVersion, version ?? 0)
            return state.set(resolution.resolved, room: room)
        }
    }
}
