import SpatioWire

/// The state of a space: entities with fields. Every change makes the next version.
struct SpaceState: Sendable {
    struct Entity: Sendable {
        var id: UUID
        /// Counts its own changes.
        var version: UInt64
        /// The state's version that changed it last.
        var changed: UInt64
        var writer: UUID
        /// The last version in which somebody other than `writer` had changed it.
        var changedByOthers: UInt64
        /// Milliseconds since the Unix epoch.
        var timestamp: UInt64
        var fields: [StateField]

        /// Whether it was changed behind a version by anybody else than a writer.
        func isChanged(since base: UInt64, notBy other: UUID) -> Bool {
            (writer == other ? changedByOthers : changed) > base
        }

        var octets: Int { StateSyncEntry.octets(of: fields) }
    }

    /// What became of a client's write.
    struct Outcome: Sendable {
        var delta: DeltaUpdate?
        var resolutions: [ConflictResolve] = []
        /// Entries that were not taken, and why.
        var refusals: [(code: ErrorCode, reason: String)] = []
    }

    let spaceID: UUID
    let strategy: ConflictStrategy
    private let octetLimit: Int
    private let fieldLimit: Int
    private(set) var version: UInt64 = 0
    /// Octets of a full sync's entries.
    private(set) var octets = 0
    private var history: StateHistory
    /// In the order in which they came, with gaps where some went.
    private var entities: [Entity?] = []
    private var slots: [UUID: Int] = [:]

    /// Conflicts that one write may bring up: each is told to everybody.
    static let conflictLimit = 16

    /// - Parameter writer: whose the planned entities are: the server's own number
    init(_ plan: SpacePlan, _ limits: ServerLimits, writer: UUID) {
        spaceID = plan.id
        strategy = plan.conflictStrategy
        octetLimit = limits.stateOctets
        fieldLimit = limits.fieldsPerEntity
        history = StateHistory(steps: limits.history, octets: limits.historyOctets)
        let planned = plan.entities.filter { !$0.fields.isEmpty }
        guard !planned.isEmpty else { return }
        version = 1
        for entity in planned where slots[entity.id] == nil {
            put(entity.id, 1, [].merging(entity.fields), at: 1, by: writer, timestamp: 0)
        }
        // Nobody can be told what led here: the history begins behind it.
    }

    var count: Int { slots.count }

    func entity(_ id: UUID) -> Entity? { slots[id].flatMap { entities[$0] } }

    // MARK: Telling

    /// Everything.
    func full(at milliseconds: UInt64) -> StateSync {
        StateSync(
            spaceID: spaceID, version: version, timestamp: milliseconds, delta: false,
            entries: entities.compactMap { entity in
                entity.map {
                    StateSyncEntry(change: .added, entityID: $0.id, entityVersion: $0.version, fields: $0.fields)
                }
            })
    }

    /// The steps from a version to now, each as a delta of its own; nil where they are not known any more.
    func steps(after known: UInt64) -> [DeltaUpdate]? {
        history.steps(after: known, newest: version)?.map { step in
            DeltaUpdate(
                baseVersion: step.version - 1,
                sync: StateSync(
                    spaceID: spaceID, version: step.version, timestamp: step.timestamp, delta: true,
                    entries: step.entries))
        }
    }

    /// Everything that changed since a version, as one delta; nil where that is not known any more.
    func delta(since known: UInt64, at milliseconds: UInt64) -> DeltaUpdate? {
        guard let steps = history.steps(after: known, newest: version) else { return nil }
        var order: [UUID] = []
        var changes: [UUID: [StateSyncEntry]] = [:]
        for entry in steps.lazy.flatMap(\.entries) {
            if changes[entry.entityID] == nil { order.append(entry.entityID) }
            changes[entry.entityID, default: []].append(entry)
        }
        let entries = order.flatMap { merged(changes[$0] ?? [], entity($0)) }
        return DeltaUpdate(
            baseVersion: known,
            sync: StateSync(
                spaceID: spaceID, version: version, timestamp: milliseconds, delta: true, entries: entries))
    }

    /// What several changes of one entity come to.
    private func merged(_ changes: [StateSyncEntry], _ entity: Entity?) -> [StateSyncEntry] {
        guard let first = changes.first, let last = changes.last else { return [] }
        let isNew = first.change == .added
        guard let entity else {
            return isNew
                ? []
                : [
                    StateSyncEntry(
                        change: .removed, entityID: first.entityID, entityVersion: last.entityVersion, fields: [])
                ]
        }
        let added = StateSyncEntry(
            change: .added, entityID: entity.id, entityVersion: entity.version, fields: entity.fields)
        if isNew { return [added] }
        if let removed = changes.last(where: { $0.change == .removed }) { return [removed, added] }
        let keys = Set(changes.lazy.flatMap(\.fields).map(\.key))
        return [
            StateSyncEntry(
                change: .modified, entityID: entity.id, entityVersion: entity.version,
                fields: entity.fields.filter { keys.contains($0.key) })
        ]
    }

    // MARK: Changing

    /// Takes what a client wrote on top of a version that it had.
    /// - Parameters:
    ///   - base: the version that the client had
    ///   - timestamp: of the write, milliseconds since the Unix epoch; not later than `now`
    mutating func write(
        _ entries: [StateSyncEntry], base: UInt64, by writer: UUID, timestamp: UInt64, now: UInt64
    ) -> Outcome {
        var outcome = Outcome()
        var taken: [StateSyncEntry] = []
        var conflicts: [StateSyncEntry] = []
        for entry in entries {
            switch judge(entry, base, writer) {
            case .refused(let code, let reason): outcome.refusals.append((code, reason))
            case .conflict: conflicts.append(entry)
            case .taken: taken.append(take(entry, writer, timestamp))
            }
        }
        if !taken.isEmpty {
            remember(taken, writer, timestamp)
            outcome.delta = DeltaUpdate(
                baseVersion: version - 1,
                sync: StateSync(spaceID: spaceID, version: version, timestamp: now, delta: true, entries: taken))
        }
        for entry in conflicts {
            let candidate = ConflictResolve.Candidate(
                nodeID: writer, entityVersion: entry.entityVersion, timestamp: timestamp, fields: entry.fields)
            guard outcome.resolutions.count < Self.conflictLimit,
                let resolution = resolve(entry.entityID, candidate, base)
            else {
                outcome.refusals.append((.stateConflict, "too many conflicts, or too large ones"))
                continue
            }
            outcome.resolutions.append(resolution)
        }
        return outcome
    }

    private enum Judgement {
        case taken, conflict
        case refused(ErrorCode, String)
    }

    private func judge(_ entry: StateSyncEntry, _ base: UInt64, _ writer: UUID) -> Judgement {
        guard entry.fields.count <= fieldLimit else { return .refused(.storageFull, "too many fields") }
        guard let entity = entity(entry.entityID) else {
            guard entry.change == .added else { return .refused(.invalidState, "there is no such entity") }
            let size = StateSyncEntry.octets(of: entry.fields)
            return octets + size <= octetLimit ? .taken : .refused(.storageFull, "the state of the space is full")
        }
        let isConcurrent = entity.isChanged(since: base, notBy: writer)
        if entry.change == .removed {
            // Whoever changed it since wants it to be there.
            return isConcurrent ? .refused(.stateConflict, "it was changed meanwhile and is not removed") : .taken
        }
        if isConcurrent { return .conflict }
        return fits(entity.fields.merging(entry.fields), in: entity)
            ? .taken : .refused(.storageFull, "the state of the space is full")
    }

    private func fits(_ fields: [StateField], in entity: Entity) -> Bool {
        fields.count <= fieldLimit && octets - entity.octets + StateSyncEntry.octets(of: fields) <= octetLimit
    }

    /// Does what an entry says, as part of the next version; returns how it is told.
    private mutating func take(_ entry: StateSyncEntry, _ writer: UUID, _ timestamp: UInt64) -> StateSyncEntry {
        var told = entry
        guard entry.change != .removed else {
            told.entityVersion = (remove(entry.entityID)?.version ?? 0) + 1
            told.fields = []
            return told
        }
        let old = entity(entry.entityID)
        told.change = old == nil ? .added : .modified
        told.fields = [].merging(entry.fields)
        told.entityVersion = (old?.version ?? 0) + 1
        put(
            entry.entityID, told.entityVersion, (old?.fields ?? []).merging(told.fields), at: version + 1, by: writer,
            timestamp: timestamp)
        return told
    }

    /// Makes the next version of what was done.
    private mutating func remember(_ entries: [StateSyncEntry], _ writer: UUID, _ timestamp: UInt64) {
        version += 1
        history.add(
            StateHistory.Step(
                version: version, entries: entries, writer: writer, timestamp: timestamp,
                octets: entries.reduce(0) { $0 + StateSyncEntry.octets(of: $1.fields) }))
    }

    private mutating func put(
        _ id: UUID, _ entityVersion: UInt64, _ fields: [StateField], at version: UInt64, by writer: UUID,
        timestamp: UInt64
    ) {
        var entity = Entity(
            id: id, version: entityVersion, changed: version, writer: writer, changedByOthers: 0, timestamp: timestamp,
            fields: fields)
        octets += entity.octets
        guard let slot = slots[id], let old = entities[slot] else {
            slots[id] = entities.count
            entities.append(entity)
            return
        }
        entity.changedByOthers = old.writer == writer ? old.changedByOthers : old.changed
        octets -= old.octets
        entities[slot] = entity
    }

    private mutating func remove(_ id: UUID) -> Entity? {
        guard let slot = slots.removeValue(forKey: id), let entity = entities[slot] else { return nil }
        entities[slot] = nil
        octets -= entity.octets
        if entities.count > 16, slots.count * 2 < entities.count { close() }
        return entity
    }

    /// Takes the gaps out.
    private mutating func close() {
        entities.removeAll { $0 == nil }
        for (slot, entity) in entities.enumerated() {
            if let entity { slots[entity.id] = slot }
        }
    }

    // MARK: Conflicts

    /// Decides between a write and those that came before it and that it did not know of. Nil: there is no room for it.
    private mutating func resolve(
        _ id: UUID, _ candidate: ConflictResolve.Candidate, _ base: UInt64
    ) -> ConflictResolve? {
        guard let entity = entity(id) else { return nil }
        let conflict = Conflict(candidates: rivals(entity, since: base) + [candidate])
        let (resolved, winner) = conflict.resolved(by: strategy)
        let fields = entity.fields.merging(resolved)
        guard fits(fields, in: entity) else { return nil }
        let entry = StateSyncEntry(
            change: .modified, entityID: id, entityVersion: entity.version + 1, fields: resolved)
        put(
            id, entry.entityVersion, fields, at: version + 1, by: winner.nodeID, timestamp: winner.timestamp)
        remember([entry], winner.nodeID, winner.timestamp)
        return ConflictResolve(
            spaceID: spaceID, entityID: id, version: version, strategy: strategy, candidates: conflict.candidates,
            resolved: resolved)
    }

    /// The writes of an entity behind a version; where they are forgotten, what it is now.
    private func rivals(_ entity: Entity, since base: UInt64) -> [ConflictResolve.Candidate] {
        let known = history.steps(after: base, newest: version)?.suffix(Conflict.reach)
        let candidates = (known ?? []).flatMap { step in
            step.entries.lazy.filter { $0.entityID == entity.id && $0.change != .removed }.map {
                ConflictResolve.Candidate(
                    nodeID: step.writer, entityVersion: $0.entityVersion, timestamp: step.timestamp, fields: $0.fields)
            }
        }
        guard candidates.isEmpty else { return Array(candidates.suffix(Conflict.rivalLimit)) }
        return [
            ConflictResolve.Candidate(
                nodeID: entity.writer, entityVersion: entity.version, timestamp: entity.timestamp,
                fields: entity.fields)
        ]
    }
}
