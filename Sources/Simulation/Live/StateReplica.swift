import SpatioWire

/// The state of one space as a client of it has been told.
struct StateReplica: Sendable {
    private struct Entity: Sendable {
        var version: UInt64
        var fields: [String: Value]
    }

    let spaceID: UUID
    /// 0: nothing is known yet.
    private(set) var version: UInt64 = 0
    private var entities: [UUID: Entity] = [:]

    init(spaceID: UUID) { self.spaceID = spaceID }

    func knows(_ entityID: UUID) -> Bool { entities[entityID] != nil }

    func entityVersion(_ entityID: UUID) -> UInt64 { entities[entityID]?.version ?? 0 }

    func value(_ key: String, of entityID: UUID) -> Value? { entities[entityID]?.fields[key] }

    /// A whole number that a field holds; 0 where there is none.
    func number(_ key: String, of entityID: UUID) -> Int64 {
        if case .int(let number)? = value(key, of: entityID) { number } else { 0 }
    }

    /// Takes in what the server says of the state.
    ///
    /// - Returns: false when that applies to another version than this: something has been missed.
    mutating func take(_ payload: Payload) -> Bool {
        switch payload {
        case .stateSync(let sync): take(sync, base: sync.version &- 1)
        case .stateResponse(let response): response.sync.map { take($0, base: $0.version &- 1) } ?? true
        case .deltaUpdate(let update): take(update.sync, base: update.baseVersion)
        case .conflictResolve(let resolution): take(resolution)
        default: true
        }
    }

    private mutating func take(_ sync: StateSync, base: UInt64) -> Bool {
        guard sync.spaceID == spaceID else { return true }
        if !sync.delta {
            entities = [:]
        } else if base != version {
            return false
        }
        version = sync.version
        for entry in sync.entries { take(entry) }
        return true
    }

    private mutating func take(_ entry: StateSyncEntry) {
        switch entry.change {
        case .removed: entities[entry.entityID] = nil
        case .added, .modified:
            var fields = entry.change == .added ? [:] : entities[entry.entityID]?.fields ?? [:]
            for field in entry.fields { fields[field.key] = field.value }
            entities[entry.entityID] = Entity(version: entry.entityVersion, fields: fields)
        }
    }

    private mutating func take(_ resolution: ConflictResolve) -> Bool {
        guard resolution.spaceID == spaceID else { return true }
        guard resolution.version == version &+ 1 else { return false }
        version = resolution.version
        var entity = entities[resolution.entityID] ?? Entity(version: 0, fields: [:])
        entity.version += 1
        for field in resolution.resolved { entity.fields[field.key] = field.value }
        entities[resolution.entityID] = entity
        return true
    }
}
