import SpatioSession
import SpatioWire

/// What state messages can make us keep. The oldest quarter of what is known of a space makes room for what is new.
package enum StateLimits {
    /// Events of all spaces: 64 MB.
    package static let events = 600_000
    /// Changes of single entities, for their history: 24 MB.
    package static let changes = 1_000_000
    package static let faults = 100_000
    package static let conflicts = 100_000
    /// Ends of sessions in one space, and in all; the one that has been silent longest makes room for another one.
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
    /// Times that replicas of a space part from each other, by which later differences are told from the first one.
    static let branches = 65_536
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
    /// Events, changes, faults, conflicts and replicas that made room for others, or found none.
    package internal(set) var overflow = 0
    private var events = 0
    private var changes = 0

    package init() {}

    /// What is known of the versions of a space; nil before its first one.
    package subscript(space: Int) -> SpaceStates? { spaces[space] }

    /// Indices of the spaces that have versions.
    package var known: [Int] { spaces.keys.sorted() }

    // MARK: Writing

    mutating func addReplica(_ id: ReplicaID, space: Int, since message: Int) {
        spaces[space, default: SpaceStates()].addReplica(id, since: message)
    }

    /// Another replica takes the place of one.
    mutating func replaceReplica(_ place: Int, with id: ReplicaID, space: Int, since message: Int) {
        spaces[space]?.replaceReplica(place, with: id, since: message)
    }

    /// The client of a space of which nothing has been heard for longest.
    func mostSilentClient(space: Int) -> Int? { spaces[space]?.mostSilentClient }

    /// Returns the event's place.
    mutating func add(_ event: StateEvent, space: Int) -> Int {
        if events >= StateLimits.events { trim(spaces.max { $0.value.events.count < $1.value.events.count }?.key) }
        events += 1
        return spaces[space, default: SpaceStates()].add(event)
    }

    /// The oldest quarter of what is known of a space goes.
    private mutating func trim(_ space: Int?) {
        guard let space, let before = spaces[space] else { return }
        spaces[space]?.trim()
        guard let after = spaces[space] else { return }
        events -= before.events.count - after.events.count
        changes -= before.changes.count - after.changes.count
        overflow += before.events.count - after.events.count
    }

    mutating func addNewest(_ newest: StateNewest, space: Int) {
        spaces[space, default: SpaceStates()].addNewest(newest)
    }

    mutating func add(_ fault: StateFault, space: Int) {
        if spaces[space]?.faults.count ?? 0 >= StateLimits.faults { trim(space) }
        guard spaces[space]?.faults.count ?? 0 < StateLimits.faults else {
            overflow += 1
            return
        }
        spaces[space]?.add(fault)
    }

    mutating func add(_ conflict: StateConflict, space: Int) {
        if spaces[space]?.conflicts.count ?? 0 >= StateLimits.conflicts { trim(space) }
        guard spaces[space]?.conflicts.count ?? 0 < StateLimits.conflicts else {
            overflow += 1
            return
        }
        spaces[space, default: SpaceStates()].add(conflict)
    }

    /// An event changed these entities; nil: all.
    mutating func addChanges(_ entities: [UUID?], event: Int, space: Int) {
        guard changes + entities.count <= StateLimits.changes else {
            // The event has another place after that; what it changed is told by the next full state.
            trim(spaces.max { $0.value.changes.count < $1.value.changes.count }?.key)
            overflow += entities.count
            return
        }
        changes += entities.count
        // Where the oldest events have just gone, it stands further to the front.
        guard let last = spaces[space]?.events.count, last > 0 else { return }
        for entity in entities { spaces[space]?.addChange(entity, event: min(event, last - 1)) }
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
        /// The message from which on this place is its own, from 1.
        package let since: Int
        package fileprivate(set) var events: [UInt32] = []
        package fileprivate(set) var faults: [UInt32] = []
    }

    package private(set) var events = ChunkedArray<StateEvent>()
    /// How often the oldest events went, after which those that are there have other places.
    private(set) var trims = 0
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

    /// Who had a place among the replicas when a message came; nil where that is not known any more.
    package func replica(_ place: Int, at message: Int) -> ReplicaID? {
        replicas.indices.contains(place) && replicas[place].since <= message ? replicas[place].id : nil
    }

    fileprivate mutating func addReplica(_ id: ReplicaID, since message: Int) {
        replicas.append(Replica(id: id, since: message))
    }

    fileprivate mutating func replaceReplica(_ place: Int, with id: ReplicaID, since message: Int) {
        replicas[place] = Replica(id: id, since: message)
    }

    fileprivate var mostSilentClient: Int? {
        replicas.indices.filter { replicas[$0].id.side == .client }
            .min { replicas[$0].events.last ?? 0 < replicas[$1].events.last ?? 0 }
    }

    /// Everything goes that is older than a quarter of the events.
    fileprivate mutating func trim() {
        let cut = max(1, events.count / 4)
        guard let first = events.at(cut) else { return }
        trims += 1
        events = events.dropping(before: cut)
        changes = changes.dropping(before: changes.partitionPoint { $0.event < cut }) {
            Change(entity: $0.entity, event: $0.event - UInt32(cut))
        }
        newest = newest.dropping(before: newest.partitionPoint { $0.message < first.message })
        conflicts = conflicts.dropping(before: conflicts.partitionPoint { $0.message < first.message })
        let oldFaults = faults.partitionPoint { $0.detected < first.message }
        faults = faults.dropping(before: oldFaults)
        for place in replicas.indices {
            replicas[place].events = Self.moved(replicas[place].events, by: cut)
            replicas[place].faults = Self.moved(replicas[place].faults, by: oldFaults)
        }
    }

    private static func moved(_ places: [UInt32], by count: Int) -> [UInt32] {
        places.compactMap { $0 < count ? nil : $0 - UInt32(count) }
    }

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
