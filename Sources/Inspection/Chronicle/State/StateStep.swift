import SpatioWire

/// A message that makes a version of a space's state, whichever of its kinds it is.
struct StateStep: Sendable {
    var kind: StateEvent.Kind
    var spaceID: UUID
    var version: UInt64
    /// The version that it applies to; nil for a full state.
    var base: UInt64?
    /// Of a resolved conflict: the entity with the fields that were decided for.
    var entries: [StateSyncEntry]

    /// Nil for every other message.
    init?(_ payload: Payload) {
        switch payload {
        case .stateSync(let sync): self.init(sync, sync.delta ? .incremental : .full)
        case .stateResponse(let response):
            guard let sync = response.sync else { return nil }
            self.init(sync, .response)
        case .deltaUpdate(let update): self.init(update.sync, .delta, base: update.baseVersion)
        case .conflictResolve(let resolution): self.init(resolution)
        default: return nil
        }
    }

    private init(_ sync: StateSync, _ kind: StateEvent.Kind, base: UInt64? = nil) {
        self.kind = kind
        spaceID = sync.spaceID
        version = sync.version
        self.base = base ?? (sync.delta ? Self.before(version) : nil)
        entries = sync.entries
    }

    private init(_ resolution: ConflictResolve) {
        kind = .conflict
        spaceID = resolution.spaceID
        version = resolution.version
        base = Self.before(version)
        entries = [
            StateSyncEntry(
                change: .modified, entityID: resolution.entityID,
                entityVersion: resolution.candidates.map(\.entityVersion).max() ?? 0, fields: resolution.resolved)
        ]
    }

    /// Before version 0 there is none; a delta that makes it says nothing that could be checked.
    private static func before(_ version: UInt64) -> UInt64 { version == 0 ? 0 : version - 1 }

    var isWhole: Bool { base == nil }

    /// What it takes in memory, about.
    var size: Int {
        entries.reduce(0) { sum, entry in
            sum + MemoryLayout<StateSyncEntry>.stride + entry.fields.reduce(0) { $0 + $1.approximateSize }
        }
    }

    /// A hash over what it says, whatever the order in which it says it.
    var body: UInt64 {
        var sum: UInt64 = 0
        for entry in entries {
            let isRemoval = entry.change == .removed
            if isWhole, isRemoval { continue }
            let fields = isRemoval ? [] : entry.fields
            let content = fields.reduce(into: UInt64(isRemoval ? 1 : 0)) { sum, field in
                sum &+= StateHash.field(StateHash.key(field.key), StateHash.value(field.value))
            }
            sum &+= StateHash.entity(entry.entityID, content)
        }
        return sum
    }
}

/// Hashes that nobody outside the process can choose values for. Those of a set are added up, so that a change costs what
/// is changed and not what there is.
enum StateHash {
    static func key(_ key: String) -> UInt64 { UInt64(bitPattern: Int64(key.hashValue)) }
    static func value(_ value: Value) -> UInt64 { UInt64(bitPattern: Int64(value.hashValue)) }
    static func field(_ key: UInt64, _ value: UInt64) -> UInt64 { mix(key ^ mix(value &+ processSeed)) }

    /// - Parameter fields: the sum over its fields.
    static func entity(_ id: UUID, _ fields: UInt64) -> UInt64 { mix(id.mixed(with: processSeed) ^ mix(fields)) }
}
