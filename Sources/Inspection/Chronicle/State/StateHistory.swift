import SpatioWire

/// One change of an entity's fields.
package struct StateHistoryEntry: Sendable {
    /// Index of the message.
    package var message: Int
    package var time: Int64
    package var version: UInt64
    package var kind: StateEvent.Kind
    /// Who sent it first: a place among the space's replicas.
    package var author: Int
    /// Of a resolved conflict the node whose claim won.
    package var winner: UUID?
    package var change: StateDifference.Change
    package var fields: [StateDifference.Field]
}

extension Snapshot {
    /// How the fields of an entity came to be as they are at the clock, the oldest change first: each change once, however
    /// many replicas were told of it, and at most the last `StateLimits.history` messages that may tell of it.
    ///
    /// It reads messages again: keep what it gives as long as the clock does not move.
    package func history(of entity: UUID, space: Int) -> [StateHistoryEntry] {
        guard let states = chronicle.states[space] else { return [] }
        let events = states.changeEvents(of: entity, until: cursor)
        var fields: [StateField]?
        var entries: [StateHistoryEntry] = []
        let coordinates = whole.spaces.indices.contains(space) ? whole.spaces[space].coordinates : nil
        for (position, place) in events.enumerated() {
            let event = states.events[place]
            guard let payload = payload(of: event.message - 1)?.payload, let step = StateStep(payload) else { continue }
            let told = step.entries.last { $0.entityID == entity }
            guard told != nil || step.isWhole else { continue }
            let isGone = told.map { $0.change == .removed } ?? true
            var new = step.isWhole || told?.change == .added || isGone ? [] : fields ?? []
            if !isGone { for field in told?.fields ?? [] { new.set(field) } }
            let differences = StateDifference.fields(fields ?? [], new, coordinates)
            let change: StateDifference.Change = isGone ? .removed : fields == nil ? .added : .changed
            // A full state repeats what is known.
            let isNews = isGone ? fields != nil : fields == nil || !differences.isEmpty
            fields = isGone ? nil : new
            guard isNews || event.kind == .conflict || position == 0 && !isGone else { continue }
            var entry = StateHistoryEntry(
                message: event.message - 1, time: event.time, version: event.version, kind: event.kind,
                author: event.flags.contains(.own) ? event.replica : event.other, change: change, fields: differences)
            if case .conflictResolve(let resolution) = payload { entry.winner = ConflictReading(resolution).winner }
            entries.append(entry)
        }
        return entries
    }
}

extension SpaceStates {
    /// The last events that may have changed an entity, oldest first.
    fileprivate func changeEvents(of entity: UUID, until cursor: Int) -> [Int] {
        let end = changes.partitionPoint { events[Int($0.event)].message <= cursor }
        var found: [Int] = []
        changes.scan(0..<end) { _, change in
            if change.entity == entity || change.entity == nil { found.append(Int(change.event)) }
            return true
        }
        return found.suffix(StateLimits.history)
    }
}

extension [StateField] {
    fileprivate mutating func set(_ field: StateField) {
        if let place = firstIndex(where: { $0.key == field.key }) {
            self[place].value = field.value
        } else if count < StateLimits.fields {
            append(field)
        }
    }
}
