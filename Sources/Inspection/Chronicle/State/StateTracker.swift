import Capture
import SpatioSession
import SpatioWire

/// Follows who has which version of every space, and finds where the versions do not fit together.
///
/// A client has what it is sent and what it claims itself; a server has what it says and what it is sent. The contents of
/// clients are compared; what a server holds is only known from its own words, and so is never accused.
struct StateTracker {
    /// A server is one replica, whichever of its sessions it speaks in.
    fileprivate enum ServerName: Hashable {
        case id(UUID)
        case endpoint(Endpoint)
    }

    fileprivate struct Replica {
        var id: ReplicaID
        /// The message with which its session began: another session may take that one's place.
        var since: Int
        var chain: Int
        var branch = 0
        /// It has said that it lacks what it was sent, and got nothing since.
        var hasFallenBack = false
        var progress = StateProgress<StateContents.ID>()
    }

    fileprivate struct Followed {
        var replicas: [Replica] = []
        var places: [ReplicaID: Int] = [:]
        var servers: [ServerName: ReplicaID] = [:]
        var versions = StateVersions()
        /// By chain.
        var newest: [Int: UInt64] = [:]
    }

    private var spaces: [Int: Followed] = [:]
    private var contents = StateContents()
    private var settling = StateSettling()
    private var replicas = 0
    private var waiting = 0

    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout StateChronicle
    ) {
        guard let payload = outcome.payload else { return }
        if !settling.isEmpty { reportUnsettled(arrival, &outcome, &chronicle) }
        if case .stateRequest(let request) = payload { admit(request, outcome, model) }
        guard let step = StateStep(payload), let index = outcome.session, let direction = outcome.direction,
            let place = model.spaceIndex(step.spaceID)
        else { return }
        let session = model.sessions[index]
        // What an observer is told itself makes it no replica: it is not kept up to date, but shown how others are.
        guard session.role != .observer else { return }
        // Taken out and put back, so that it has one owner and need not be copied to be changed.
        var space = spaces.removeValue(forKey: place) ?? Followed()
        defer { spaces[place] = space }
        let chain = model.spaces[place].chain.number(session: session.since, server: session.server)
        let passage = StatePassage(
            arrival: copy arrival, step: step, body: step.body, space: place, chain: chain, size: outcome.size,
            // What was seen before, on the wire or by an observer, is old by itself.
            isLate: outcome.marks.contains(.reordered) || outcome.marks.contains(.retransmit) || outcome.view != nil,
            isAfterHole: outcome.marks.contains(.lostBefore), isRestart: chain > 0 && space.newest[chain] == nil)
        let client = replica(
            ReplicaID(session: index, side: .client), since: session.since, &space, passage, &chronicle)
        let server = replica(space.server(of: session, index), since: nil, &space, passage, &chronicle)
        guard let client, let server else {
            chronicle.overflow += 1
            return
        }
        let (sender, receiver) = direction == .client ? (client, server) : (server, client)
        if space.newest[chain].map({ step.version > $0 }) ?? true {
            space.newest[chain] = step.version
            // Nobody speaks of the chain before the one before.
            if space.newest.count > 2 { space.newest = space.newest.filter { $0.key >= chain - 1 } }
            // What is heard of an earlier chain is news to nobody.
            if chain == model.spaces[place].chain.number {
                chronicle.addNewest(
                    StateNewest(message: arrival.number, time: arrival.time, version: step.version, chain: chain),
                    space: place)
            }
        }
        if direction == .server { settling.publish(passage.body, space: place, chain: chain) }
        let news = note(passage, sender: sender, receiver: receiver, &space, &outcome, model, &chronicle)
        if case .new = news, case .conflictResolve(let resolution) = payload {
            resolve(resolution, passage, &space, &outcome, model, &chronicle)
        }
        let told = advance(
            sender, by: passage, other: receiver, isOwn: true, sentBy: sender, &space, &outcome, model, &chronicle)
        let got = advance(
            receiver, by: passage, other: sender, isOwn: false, sentBy: sender, &space, &outcome, model, &chronicle)
        if case .known = news { return }
        if let event = told ?? got {
            chronicle.addChanges(step.isWhole ? [nil] : step.entries.map(\.entityID), event: event, space: place)
        }
    }

    /// A client says itself what it has. Where that is less than what it was sent, the network, or it, has lost something:
    /// what it asks for is no regression when it comes again.
    private mutating func admit(
        _ request: StateRequest, _ outcome: borrowing MessageOutcome, _ model: borrowing Model
    ) {
        guard request.knownVersion > 0, request.mode != .full, outcome.direction == .client,
            let session = outcome.session, let space = model.spaceIndex(request.spaceID),
            let place = spaces[space]?.places[ReplicaID(session: session, side: .client)]
        else { return }
        waiting -= spaces[space]?.replicas[place].progress.waitingCount ?? 0
        if spaces[space]?.replicas[place].progress.fallBack(to: request.knownVersion) == true {
            spaces[space]?.replicas[place].hasFallenBack = true
        }
        waiting += spaces[space]?.replicas[place].progress.waitingCount ?? 0
    }

    // MARK: Replicas

    /// - Parameter since: the message with which a client's session began.
    private mutating func replica(
        _ id: ReplicaID, since: Int?, _ space: inout Followed, _ passage: StatePassage,
        _ chronicle: inout StateChronicle
    ) -> Int? {
        let number = passage.arrival.number
        let new = Replica(id: id, since: since ?? number, chain: passage.chain)
        if let known = space.places[id] {
            guard let since, space.replicas[known].since != since else { return known }
            return replace(known, with: new, &space, passage, &chronicle)
        }
        guard space.replicas.count < StateLimits.replicas, replicas < StateLimits.allReplicas else {
            guard let silent = chronicle.mostSilentClient(space: passage.space) else { return nil }
            chronicle.overflow += 1
            return replace(silent, with: new, &space, passage, &chronicle)
        }
        replicas += 1
        space.places[id] = space.replicas.count
        space.replicas.append(new)
        chronicle.addReplica(id, space: passage.space, since: number)
        return space.replicas.count - 1
    }

    private mutating func replace(
        _ place: Int, with new: Replica, _ space: inout Followed, _ passage: StatePassage,
        _ chronicle: inout StateChronicle
    ) -> Int {
        waiting -= space.replicas[place].progress.waitingCount
        space.places[space.replicas[place].id] = nil
        space.places[new.id] = place
        space.replicas[place] = new
        chronicle.replaceReplica(place, with: new.id, space: passage.space, since: passage.arrival.number)
        return place
    }

    /// Takes a version in for one replica; returns the place of the event, where it is one.
    private mutating func advance(
        _ place: Int, by passage: StatePassage, other: Int, isOwn: Bool, sentBy sender: Int, _ space: inout Followed,
        _ outcome: inout MessageOutcome, _ model: borrowing Model, _ chronicle: inout StateChronicle
    ) -> Int? {
        var flags: StateEvent.Flags = isOwn ? .own : []
        if passage.step.isWhole { flags.insert(.whole) }
        if passage.isRestart { flags.insert(.restart) }
        if space.replicas[place].chain != passage.chain {
            waiting -= space.replicas[place].progress.waitingCount
            space.replicas[place] = Replica(
                id: space.replicas[place].id, since: space.replicas[place].since, chain: passage.chain)
        }
        if space.replicas[place].hasFallenBack { flags.insert(.fellBack) }
        let before = space.replicas[place].progress
        let result = step(passage, at: place, isOwn: isOwn, &space)
        let after = space.replicas[place].progress
        let id = space.replicas[place].id
        let whose = (replica: place, other: other)
        switch result {
        case .again: return nil
        case .older:
            // What the network brought late is nobody's fault, and a client may claim what is overtaken already.
            if isOwn || passage.isLate { return nil }
            flags.insert(.regression)
            if id.side == .client {
                report(
                    passage.regression(whose, model.name(of: id), held: before.version ?? 0), passage, &outcome,
                    &chronicle)
            }
        case .advances(isGap: true) where !isOwn:
            flags.insert(.gap)
            outcome.marks.insert(.versionGap)
            report(passage.gap(whose, model.name(of: id), held: before.version ?? 0), passage, &outcome, &chronicle)
        case .repeats where isOwn && before.wholeContent == after.wholeContent: return nil
        case .repeats:
            if !isOwn, id.side == .client, before.deltas > 0,
                let sum = before.wholeContent.flatMap({ contents.hash(of: $0) }),
                let told = after.wholeContent.flatMap({ contents.hash(of: $0) }), sum != told
            {
                report(
                    passage.deltaChain(whose, model.name(of: id), deltas: before.deltas), passage, &outcome, &chronicle)
            }
        case .fills: if passage.step.kind != .conflict { flags.insert(.late) }
        case .contests:
            flags.insert(.contested)
            withdraw(place, passage, &space)
        case .replaces: withdraw(place, passage, &space)
        case .begins, .advances: break
        }
        if id.side == .client {
            compare(place, sentBy: sender, passage, &space, &outcome, model, &chronicle)
        }
        space.replicas[place].hasFallenBack = false
        return chronicle.add(
            StateEvent(
                message: passage.arrival.number, time: passage.arrival.time, version: passage.step.version,
                base: passage.step.base, kind: passage.step.kind, flags: flags, replica: place, other: other,
                chain: passage.chain, held: after.version ?? passage.step.version,
                content: after.wholeContent.flatMap { contents.hash(of: $0) }, entries: passage.step.entries.count,
                octets: passage.size), space: passage.space)
    }

    private mutating func step(
        _ passage: StatePassage, at place: Int, isOwn: Bool, _ space: inout Followed
    ) -> StateProgress<StateContents.ID>.Step {
        let mayWait = waiting < StateLimits.allWaiting && passage.step.size <= StateLimits.waitingSize
        let waited = space.replicas[place].progress.waitingCount
        defer { waiting += space.replicas[place].progress.waitingCount - waited }
        return space.replicas[place].progress.take(
            passage.step, body: passage.body, isOwn: isOwn,
            isClaim: isOwn && space.replicas[place].id.side == .client, afterHole: passage.isAfterHole, mayWait: mayWait
        ) {
            content, step in
            content =
                if let content { contents.applying(step, body: step.body, to: content) } else {
                    contents.whole(step, space: passage.space, chain: passage.chain)
                }
        }
    }

    // MARK: Comparing

    /// Notes what was sent under a version, and finds what was sent under it before.
    private mutating func note(
        _ passage: StatePassage, sender: Int, receiver: Int, _ space: inout Followed, _ outcome: inout MessageOutcome,
        _ model: borrowing Model, _ chronicle: inout StateChronicle
    ) -> StateVersions.News {
        let key = StateVersions.Key(chain: passage.chain, version: passage.step.version)
        let news = space.versions.note(
            StateVersions.Body(
                hash: passage.body, base: passage.step.base, isResolution: passage.step.kind == .conflict,
                sender: sender, isPublished: space.replicas[sender].id.side == .server,
                message: passage.arrival.number), key)
        guard case .fork(let former) = news else { return news }
        let other = former.sender == sender ? nil : model.name(of: space.replicas[former.sender].id)
        let isClaim = space.replicas[sender].id.side == .client
        weigh(
            passage.fork(
                (receiver, former.sender), model.name(of: space.replicas[sender].id), other, message: former.message),
            claims: Set((isClaim ? [passage.body] : []) + (former.isPublished ? [] : [former.hash])),
            isCertain: former.sender == sender, passage, &outcome, &chronicle)
        return news
    }

    /// What a replica held under this version for a moment was not its last word.
    private mutating func withdraw(_ place: Int, _ passage: StatePassage, _ space: inout Followed) {
        let version = passage.step.version
        space.versions.withdraw(place, StateVersions.Key(chain: passage.chain, version: version))
        settling.withdraw(place, space: passage.space, chain: passage.chain, version: version)
    }

    /// Finds with whom a client parts by the contents that it has got to.
    private mutating func compare(
        _ place: Int, sentBy sender: Int, _ passage: StatePassage, _ space: inout Followed,
        _ outcome: inout MessageOutcome, _ model: borrowing Model, _ chronicle: inout StateChronicle
    ) {
        for (version, content) in space.replicas[place].progress.reached {
            guard let hash = contents.hash(of: content) else { continue }
            let holding = StateVersions.Holding(
                hash: hash, branch: 0, replica: place, message: passage.arrival.number, maker: sender)
            let former = space.versions.hold(
                holding, branch: &space.replicas[place].branch,
                StateVersions.Key(chain: passage.chain, version: version))
            guard let former, let other = former.other(than: place) else { continue }
            weigh(
                passage.divergence(
                    (place, other), model.name(of: space.replicas[place].id),
                    model.name(of: space.replicas[other].id), version: version, message: former.message),
                isCertain: former.maker == sender, passage, &outcome, &chronicle)
        }
    }

    /// A conflict was resolved, for the first time that it is seen.
    private mutating func resolve(
        _ resolution: ConflictResolve, _ passage: StatePassage, _ space: inout Followed,
        _ outcome: inout MessageOutcome,
        _ model: borrowing Model, _ chronicle: inout StateChronicle
    ) {
        settling.resolve(space: passage.space, chain: passage.chain, version: resolution.version)
        space.versions.settle(StateVersions.Key(chain: passage.chain, version: resolution.version))
        let reading = ConflictReading(resolution)
        chronicle.add(
            StateConflict(
                message: passage.arrival.number, time: passage.arrival.time, version: resolution.version,
                entity: resolution.entityID, strategy: resolution.strategy, candidates: resolution.candidates.count,
                outcome: reading.outcome, winner: reading.winner), space: passage.space)
        let label =
            model.entityIndex(resolution.entityID, space: passage.space).map { model.label(of: model.entities[$0]) }
            ?? String(resolution.entityID.description.prefix(8))
        outcome.find(.conflict, passage.arrival, entity: resolution.entityID) {
            "\(label): \(reading.sentence(resolution.candidates.count)), \(resolution.strategy.name)"
        }
    }

    // MARK: Reporting

    /// Reports what is certain, and keeps what a resolution may still settle.
    private mutating func weigh(
        _ found: StatePassage.Found, claims: Set<UInt64> = [], isCertain: Bool, _ passage: StatePassage,
        _ outcome: inout MessageOutcome, _ chronicle: inout StateChronicle
    ) {
        if isCertain { return report(found, passage, &outcome, &chronicle) }
        let doubt = StateSettling.Doubt(
            space: passage.space, chain: passage.chain, fault: found.fault, text: found.text, claims: claims)
        if !settling.add(doubt) { chronicle.overflow += 1 }
    }

    private func report(
        _ found: StatePassage.Found, _ passage: StatePassage, _ outcome: inout MessageOutcome,
        _ chronicle: inout StateChronicle
    ) {
        outcome.find(found.fault.kind.rule, passage.arrival) { found.text }
        chronicle.add(found.fault, space: passage.space)
    }

    /// Reports what nobody has settled in time.
    private mutating func reportUnsettled(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ chronicle: inout StateChronicle
    ) {
        for doubt in settling.due(at: arrival.time) {
            var fault = doubt.fault
            fault.detected = arrival.number
            let known = outcome.findings.count
            outcome.find(fault.kind.rule, arrival, message: fault.message) { doubt.text }
            if outcome.findings.count > known {
                outcome.findings[known].space = doubt.space
                outcome.findings[known].stream = nil
            }
            chronicle.add(fault, space: doubt.space)
        }
    }
}

extension StateTracker.Followed {
    /// The replica of a session's server: it is the same in all its sessions, known by its id, or by its address where
    /// nobody saw the CONNECT_ACK.
    fileprivate mutating func server(of session: Session, _ index: Int) -> ReplicaID {
        let id = session.serverID.map { StateTracker.ServerName.id($0) }
        let endpoint = StateTracker.ServerName.endpoint(session.server)
        let known = id.flatMap { servers[$0] } ?? servers[endpoint] ?? ReplicaID(session: index, side: .server)
        if servers.count < StateLimits.replicas {
            if let id, servers[id] == nil { servers[id] = known }
            if servers[endpoint] == nil { servers[endpoint] = known }
        }
        return known
    }
}
