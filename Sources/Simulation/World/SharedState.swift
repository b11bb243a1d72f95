import SpatioWire

/// The state of a space as its server holds it: every change makes a version.
struct SharedState {
    private struct Entity {
        var version: UInt64
        var fields: [StateField]
    }

    let spaceID: UUID
    private(set) var version: UInt64 = 0
    private(set) var conflicts = 0
    private var order: [UUID] = []
    private var entities: [UUID: Entity] = [:]

    init(spaceID: UUID) { self.spaceID = spaceID }

    var count: Int { order.count }
    var entityIDs: [UUID] { order }

    func value(_ key: String, of entityID: UUID) -> Value? {
        entities[entityID]?.fields.first { $0.key == key }?.value
    }

    func entityVersion(_ entityID: UUID) -> UInt64 { entities[entityID]?.version ?? 0 }

    /// Everything, as one STATE_SYNC.
    func full(at milliseconds: UInt64) -> StateSync {
        StateSync(
            spaceID: spaceID, version: version, timestamp: milliseconds, delta: false,
            entries: order.compactMap { id in
                entities[id].map {
                    StateSyncEntry(change: .added, entityID: id, entityVersion: $0.version, fields: $0.fields)
                }
            })
    }

    /// Adds entities before anybody watches: one version for all of them.
    mutating func found(_ members: [(id: UUID, fields: [StateField])]) {
        version += 1
        for member in members {
            order.append(member.id)
            entities[member.id] = Entity(version: 1, fields: member.fields)
        }
    }

    /// Makes the next version by one change; returns what says so.
    mutating func change(
        _ change: StateChange, _ entityID: UUID, _ fields: [StateField], at milliseconds: UInt64
    ) -> StateSync {
        version += 1
        let entityVersion = apply(change, entityID, fields)
        return StateSync(
            spaceID: spaceID, version: version, timestamp: milliseconds, delta: true,
            entries: [
                StateSyncEntry(change: change, entityID: entityID, entityVersion: entityVersion, fields: fields)
            ])
    }

    /// Makes the next version by deciding between candidates.
    mutating func resolve(
        _ entityID: UUID, _ candidates: [ConflictResolve.Candidate], strategy: ConflictStrategy,
        resolved: [StateField]
    ) -> ConflictResolve {
        version += 1
        conflicts += 1
        _ = apply(.modified, entityID, resolved)
        return ConflictResolve(
            spaceID: spaceID, entityID: entityID, version: version, strategy: strategy, candidates: candidates,
            resolved: resolved)
    }

    private mutating func apply(_ change: StateChange, _ entityID: UUID, _ fields: [StateField]) -> UInt64 {
        let next = (entities[entityID]?.version ?? 0) + 1
        if change == .removed {
            entities[entityID] = nil
            order.removeAll { $0 == entityID }
            return next
        }
        if entities[entityID] == nil { order.append(entityID) }
        var merged = entities[entityID]?.fields ?? []
        for field in fields {
            if let index = merged.firstIndex(where: { $0.key == field.key }) {
                merged[index] = field
            } else {
                merged.append(field)
            }
        }
        entities[entityID] = Entity(version: next, fields: merged)
        return next
    }

    /// What an inspector has to find at the end.
    func write(name: String, into report: inout SimulationReport) {
        report.spaces.append(
            SpaceTruth(spaceID: spaceID, name: name, stateVersion: version, entities: order.count, conflicts: conflicts)
        )
        for id in order {
            guard let entity = entities[id] else { continue }
            var truth = EntityTruth(spaceID: spaceID, entityID: id)
            truth.state = Dictionary(entity.fields.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
            truth.entityVersion = entity.version
            if case .string(let name)? = truth.state?["name"] { truth.name = name }
            report.entities.append(truth)
        }
    }
}
