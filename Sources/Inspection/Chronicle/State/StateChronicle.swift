import SpatioSession
import SpatioWire

/// What state messages can make us keep. Beyond it they are still indexed and shown, and `overflow` counts them.
package enum StateLimits {
    /// Events of all spaces: 64 MB.
    package static let events = 600_000
    /// Changes of single entities, for their history: 24 MB.
    package static let changes = 1_000_000
    package static let faults = 100_000
    package static let conflicts = 100_000
    /// Ends of sessions in one space, and in all.
    package static let replicas = 4_096
    package static let allReplicas = 16_384
    /// Versions of a space whose content is compared with what comes later: more than any peer lags behind.
    static let comparedVersions = 4_096
    /// Different contents of one version that are told apart.
    static let forks = 8
    /// Deltas that wait for one before them: of one replica, and of all.
    static let waiting = 16
    static let allWaiting = 2_048
    /// Octets in memory of a delta that may wait.
    static let waitingSize = 32_768
    /// Fields and entities whose hashes are kept for all contents: some 150 MB.
    static let hashes = 2_000_000
    /// Contents that are kept for comparing.
    static let contents = 65_536
    /// Hashes that may be copied because versions fork: a flood of forks would cost a copy of the state each.
    static let copiedHashes = 50_000_000
    /// Fields of an entity whose content is followed, as in the model.
    static let fields = EntityState.fieldLimit
    /// Messages that are decoded again to say what a replica had at some moment: about 100 ms.
    package static let replayed = 16_384
    /// Changes of one entity that are listed.
    package static let history = 512
}

/// The versions of every space: who got which, when, and how they fit together.
package struct StateChronicle: Sendable {
    /// By the space's index in the model.
    private var spaces: [Int: SpaceStates] = [:]
    /// Events, changes, faults, conflicts and replicas over a limit.
    package internal(set) var overflow = 0
    private var events = 0
    private var changes = 0

    package init() {}

    /// What is known of the versions of a space; nil before its first one.
    package subscript(space: Int) -> SpaceStates? { spaces[space] }

    /// Indices of the spaces that have versions.
    package var known: [Int] { spaces.keys.sorted() }

    // MARK: Writing

    mutating func addReplica(_ id: ReplicaID, space: Int) {
        spaces[space, default: SpaceStates()].addReplica(id)
    }

    /// Returns the event's place; nil when there is no room.
    @discardableResult
    mutating func add(_ event: StateEvent, space: Int) -> Int? {
        guard events < StateLimits.events else {
            overflow += 1
            return nil
        }
        events += 1
        return spaces[space, default: SpaceStates()].add(event)
    }

    mutating func addNewest(_ newest: StateNewest, space: Int) {
        spaces[space, default: SpaceStates()].addNewest(newest)
    }

    mutating func add(_ fault: StateFault, space: Int) {
        guard let count = spaces[space]?.faults.count, count < StateLimits.faults else {
            overflow += 1
            return
        }
        spaces[space]?.add(fault)
    }

    mutating func add(_ conflict: StateConflict, space: Int) {
        guard spaces[space]?.conflicts.count ?? 0 < StateLimits.conflicts else {
            overflow += 1
            return
        }
        spaces[space, default: SpaceStates()].add(conflict)
    }

    mutating func addChange(_ entity: UUID?, event: Int, space: Int) {
        guard changes < StateLimits.changes else {
            overflow += 1
            return
        }
        changes += 1
        spaces[space, default: SpaceStates()].addChange(entity, event: event)
    }
}

/// A version that nobody had been seen to have before.
package struct StateNewest: Sendable {
    package var message: Int
    package var time: Int64
    package var version: UInt64
    package var chain: Int
}

/// The versions of one space, in the order of the messages that brought them.
package struct SpaceStates: Sendable {
    /// One replica with its events and faults, as places in those of the space.
    package struct Replica: Sendable {
        package let id: ReplicaID
        package fileprivate(set) var events: [UInt32] = []
        package fileprivate(set) var faults: [UInt32] = []
    }

    package private(set) var events = ChunkedArray<StateEvent>()
    /// In the order of appearance.
    package private(set) var replicas: [Replica] = []
    package private(set) var newest = ChunkedArray<StateNewest>()
    /// In the order of detection.
    package private(set) var faults = ChunkedArray<StateFault>()
    package private(set) var conflicts = ChunkedArray<StateConflict>()
    /// Which events changed which entity: each change once, however many replicas got it.
    package private(set) var changes = ChunkedArray<Change>()

    package struct Change: Sendable {
        /// Nil for every entity: a full state.
        package var entity: UUID?
        package var event: UInt32
    }

    fileprivate mutating func addReplica(_ id: ReplicaID) { replicas.append(Replica(id: id)) }

    fileprivate mutating func add(_ event: StateEvent) -> Int {
        replicas[event.replica].events.append(UInt32(events.count))
        events.append(event)
        return events.count - 1
    }

    fileprivate mutating func addNewest(_ new: StateNewest) { newest.append(new) }

    fileprivate mutating func add(_ fault: StateFault) {
        var fault = fault
        if let last = replicas[fault.replica].faults.last { fault.totals = faults[Int(last)].totals }
        fault.totals.count(fault.kind)
        replicas[fault.replica].faults.append(UInt32(faults.count))
        faults.append(fault)
    }

    fileprivate mutating func add(_ conflict: StateConflict) { conflicts.append(conflict) }

    fileprivate mutating func addChange(_ entity: UUID?, event: Int) {
        changes.append(Change(entity: entity, event: UInt32(event)))
    }
}
