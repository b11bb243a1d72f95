import SpatioSession
import SpatioWire

extension SpaceServer {
    // MARK: Telling

    /// Everything, at the beginning, and whenever a client cannot go on from what it has.
    mutating func sendFullState(of number: Int, to handle: SessionHandle) {
        guard let index = sessions.index(forKey: handle), sessions.values[index].has(.stateSync) else { return }
        guard fits(spaces[number].state.octets, handle) else {
            log(
                .warning, "state is too large for a client",
                ["session": "\(sessions.values[index].id)", "octets": "\(spaces[number].state.octets)"])
            return
        }
        sessions.values[index].held[number] = spaces[number].state.version
        send(.stateSync(spaces[number].state.full(at: now.wallMilliseconds)), state(number), to: handle)
    }

    /// What takes so many octets and some more for the message around it goes to a client.
    private func fits(_ octets: Int, _ handle: SessionHandle) -> Bool {
        octets + Self.messageOverhead <= sessions[handle]?.messageLimit() ?? 0
    }

    /// A payload's first fields, a response's included, with room to spare.
    private static let messageOverhead = 256

    private func state(_ number: Int) -> Delivery {
        var delivery = Delivery.state
        delivery.address = spaces[number].address(at: now)
        return delivery
    }

    /// After something was lost on its way to a client.
    mutating func resync(_ handle: SessionHandle) {
        guard let index = sessions.index(forKey: handle) else { return }
        sessions.values[index].resyncs = nil
        guard !sessions.values[index].isObserver else { return }
        for number in sessions.values[index].spaces where sessions[handle]?.held[number] == nil {
            sendFullState(of: number, to: handle)
        }
    }

    /// Tells everybody in a space of its next version, in the form that each can read.
    private mutating func publish(_ payload: Payload, base: UInt64, version: UInt64, in number: Int) {
        let delivery = state(number)
        for handle in spaces[number].members {
            guard let index = sessions.index(forKey: handle), sessions.values[index].has(.stateSync) else { continue }
            guard sessions.values[index].held[number] == base else {
                // Who waits for everything gets this with it.
                if sessions.values[index].resyncs == nil { sendFullState(of: number, to: handle) }
                continue
            }
            sessions.values[index].held[number] = version
            if case .deltaUpdate(let update) = payload, !sessions.values[index].has(.deltaSync) {
                send(.stateSync(update.sync), delivery, to: handle)
            } else {
                send(payload, delivery, to: handle)
            }
        }
    }

    // MARK: Writing

    /// Takes what a client changed.
    mutating func write(_ sync: StateSync, base: UInt64, _ payload: Payload, from handle: SessionHandle) {
        guard let index = sessions.index(forKey: handle) else { return }
        guard let number = space(sync.spaceID, of: sessions.values[index]) else {
            return fault(handle, .unauthorized, "a space that was not joined")
        }
        guard sessions.values[index].writes.take(at: now.monotonic) else {
            return correct(handle, number, .rateLimited, "too many changes of the state")
        }
        guard base <= spaces[number].state.version else {
            return correct(handle, number, .versionConflict, "a change of a version that there is not yet")
        }
        guard sync.entries.count <= plan.limits.entriesPerWrite else {
            return correct(handle, number, .storageFull, "a change of too many entities")
        }
        let before = spaces[number].state.version
        let outcome = spaces[number].state.write(
            sync.entries, base: base, by: sessions.values[index].clientID,
            timestamp: min(sync.timestamp, now.wallMilliseconds), now: now.wallMilliseconds)
        var version = before
        if let delta = outcome.delta {
            publish(.deltaUpdate(delta), base: version, version: delta.sync.version, in: number)
            version = delta.sync.version
        }
        for resolution in outcome.resolutions {
            publish(.conflictResolve(resolution), base: version, version: resolution.version, in: number)
            version = resolution.version
            log(
                .info, "conflict resolved",
                [
                    "space": spaces[number].plan.name, "entity": "\(resolution.entityID)",
                    "strategy": resolution.strategy.name, "candidates": "\(resolution.candidates.count)",
                    "version": "\(resolution.version)",
                ])
        }
        if let (code, reason) = outcome.refusals.first { correct(handle, number, code, reason) }
    }

    /// Refuses a change, and tells the client what the state is: it may have changed its own copy already.
    private mutating func correct(
        _ handle: SessionHandle, _ number: Int, _ code: ErrorCode, _ reason: String
    ) {
        fault(handle, code, reason)
        guard let index = sessions.index(forKey: handle), sessions.values[index].resyncs == nil else { return }
        sessions.values[index].held[number] = nil
        // Not at once: a client that does it wrong time and again would be told everything time and again.
        let time = now.monotonic + Self.resyncDelay
        sessions.values[index].resyncs = time
        add(.resync(handle), at: time)
    }

    // MARK: Answering

    mutating func answer(_ request: StateRequest, to handle: SessionHandle) {
        guard let index = sessions.index(forKey: handle) else { return }
        let asked = Payload.stateRequest(request)
        guard let number = space(request.spaceID, of: sessions.values[index]) else {
            return fault(handle, .unauthorized, "a space that was not joined", answerTo: asked)
        }
        guard sessions.values[index].queries.take(at: now.monotonic),
            sessions.values[index].looks.left(at: now.monotonic) > 0
        else { return fault(handle, .rateLimited, "too many requests, or too large ones", answerTo: asked) }
        let version = spaces[number].state.version
        guard request.knownVersion <= version else {
            return fault(handle, .versionConflict, "a version that there is not yet", answerTo: asked)
        }
        switch request.mode {
        case .custom: fault(handle, .syncFailed, "CUSTOM is not a mode of this server", answerTo: asked)
        case .full: answerInFull(request, number, handle)
        case .delta:
            let delta =
                request.knownVersion == 0
                ? nil
                : spaces[number].state.delta(
                    since: request.knownVersion, at: now.wallMilliseconds)
            answer(
                request, delta.map { $0.sync.entries.isEmpty && request.knownVersion == version ? [] : [$0] }, number,
                handle)
        case .incremental:
            let steps = request.knownVersion == 0 ? nil : spaces[number].state.steps(after: request.knownVersion)
            answer(request, steps.flatMap { $0.count <= Self.stepLimit ? $0 : nil }, number, handle)
        }
    }

    /// Octets of the state that cost as much as a look at one place.
    private static let octetsPerLook = 16

    /// Steps that are told one by one; who missed more is better off with everything.
    private static let stepLimit = 256

    /// A response can hold a delta that applies to the version before (profile section 4). Where more is missing, the
    /// response begins, and DELTA_UPDATEs with their base follow it. Nil: nothing but everything will do.
    private mutating func answer(
        _ request: StateRequest, _ updates: [DeltaUpdate]?, _ number: Int, _ handle: SessionHandle
    ) {
        guard let updates,
            updates.allSatisfy({ fits(StateSyncEntry.octets(of: $0.sync.entries), handle) })
        else { return answerInFull(request, number, handle) }
        sessions[handle]?.held[number] = spaces[number].state.version
        let delivery = state(number)
        let first = updates.first.flatMap { $0.sync.version == $0.baseVersion + 1 ? $0.sync : nil }
        send(.stateResponse(StateResponse(requestID: request.requestID, sync: first)), delivery, to: handle)
        for update in updates.dropFirst(first == nil ? 0 : 1) { send(.deltaUpdate(update), delivery, to: handle) }
    }

    private mutating func answerInFull(_ request: StateRequest, _ number: Int, _ handle: SessionHandle) {
        guard fits(spaces[number].state.octets, handle) else {
            return fault(
                handle, .syncFailed, "the state is larger than a message to this client",
                answerTo: .stateRequest(request))
        }
        sessions[handle]?.held[number] = spaces[number].state.version
        _ = sessions[handle]?.looks.take(spaces[number].state.octets / Self.octetsPerLook, at: now.monotonic)
        send(
            .stateResponse(
                StateResponse(requestID: request.requestID, sync: spaces[number].state.full(at: now.wallMilliseconds))),
            state(number), to: handle)
    }
}

extension StateSyncEntry {
    fileprivate static func octets(of entries: [StateSyncEntry]) -> Int {
        entries.reduce(0) { $0 + octets(of: $1.fields) }
    }
}
