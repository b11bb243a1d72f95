import SpatioWire

/// The state of a space as one replica has it at some moment, with the fields themselves.
package struct StateContent: Sendable {
    package struct Entity: Sendable {
        package var version: UInt64
        package var fields: [StateField]
        /// The message that told of it last, as an index.
        package var message: Int

        package subscript(key: String) -> Value? { fields.first { $0.key == key }?.value }
    }

    package var version: UInt64
    /// Everything that makes it up was captured; else it is what could be put together.
    package var isComplete: Bool
    package var entities: [UUID: Entity] = [:]

    package init(version: UInt64, isComplete: Bool) {
        self.version = version
        self.isComplete = isComplete
    }

    /// Takes in what a message tells.
    mutating func apply(_ step: StateStep, message: Int) {
        version = step.version
        for entry in step.entries {
            guard entry.change != .removed else {
                entities[entry.entityID] = nil
                continue
            }
            let isNew = step.isWhole || entry.change == .added
            var entity =
                entities.removeValue(forKey: entry.entityID)
                ?? Entity(version: 0, fields: [], message: message)
            if isNew { entity.fields.removeAll() }
            entity.message = message
            entity.version = max(isNew ? 0 : entity.version, entry.entityVersion)
            for field in entry.fields { entity.set(field) }
            entities[entry.entityID] = entity
        }
    }

    /// The name of an entity, else the first digits of its id.
    package func label(of id: UUID) -> String {
        if case .string(let name)? = entities[id]?["name"], !name.isEmpty { return name }
        return String(id.description.prefix(8))
    }
}

extension StateContent.Entity {
    fileprivate mutating func set(_ field: StateField) {
        if let place = fields.firstIndex(where: { $0.key == field.key }) {
            fields[place].value = field.value
        } else if fields.count < StateLimits.fields {
            fields.append(field)
        }
    }
}

/// Puts the state of a replica together again from the messages that brought it, and keeps what it has put together last.
///
/// It starts at the last full state before the moment that is asked for and follows the replica's events from there, by
/// the same rules as the tracker; a later moment goes on from an earlier one.
package struct StateReader: Sendable {
    private struct Place: Hashable {
        var space: Int
        var replica: Int
    }

    private struct Line: Sendable {
        /// The replica's event that it begins with, and the one behind those that are in it.
        var start: Int
        var end: Int
        /// How often events had gone when these were counted.
        var trims = 0
        var progress = StateProgress<StateContent>()
        /// What is there of a content that is not known in full.
        var partial: StateContent?
        var use = 0
    }

    /// Replicas whose states are kept: as many as a difference and a map need, and some more.
    private static let limit = 6

    private var lines: [Place: Line] = [:]
    private var uses = 0

    package init() {}

    /// The state of a replica after so many of its events; nil before its first.
    package mutating func content(
        of replica: Int, events count: Int, space: Int, _ snapshot: Snapshot
    ) -> StateContent? {
        guard let states = snapshot.chronicle.states[space], states.replicas.indices.contains(replica), count > 0,
            count <= states.replicas[replica].events.count
        else { return nil }
        let place = Place(space: space, replica: replica)
        var line = Line(start: 0, end: 0)
        if let known = lines.removeValue(forKey: place), known.end <= count, known.trims == states.trims,
            Self.lastWhole(states, replica, known.end..<count) == nil
        {
            line = known
        } else {
            let limit = max(0, count - StateLimits.replayed)
            let start = Self.lastWhole(states, replica, limit..<count) ?? limit
            line = Line(start: start, end: start)
        }
        for event in line.end..<count { Self.follow(&line, states, replica, event, snapshot) }
        line.end = count
        line.trims = states.trims
        uses += 1
        line.use = uses
        lines[place] = line
        if lines.count > Self.limit, let oldest = lines.min(by: { $0.value.use < $1.value.use })?.key {
            lines[oldest] = nil
        }
        return line.progress.wholeContent ?? line.partial
    }

    /// The state of a replica as of the clock.
    package mutating func content(of id: ReplicaID, space: Int, _ snapshot: Snapshot) -> StateContent? {
        guard let states = snapshot.chronicle.states[space], let replica = states.place(of: id) else { return nil }
        let count = states.eventCount(of: replica, at: snapshot.cursor)
        return content(of: replica, events: count, space: space, snapshot)
    }

    /// The newest state as of the clock: that of a replica that has the newest version in full, else of the one that
    /// comes nearest to it.
    package mutating func newest(space: Int, _ snapshot: Snapshot) -> StateContent? {
        guard let states = snapshot.chronicle.states[space],
            let newest = states.newestVersion(at: snapshot.cursor)
        else { return nil }
        var best: (replica: Int, events: Int, rank: (UInt64, Int))?
        for replica in states.replicas.indices {
            let count = states.eventCount(of: replica, at: snapshot.cursor)
            guard count > 0 else { continue }
            let last = states.event(count - 1, of: replica)
            guard last.chain == newest.chain else { continue }
            let rank = (last.held, last.content == nil ? 0 : 1)
            if best.map({ $0.rank < rank }) ?? true { best = (replica, count, rank) }
        }
        return best.flatMap { content(of: $0.replica, events: $0.events, space: space, snapshot) }
    }

    // MARK: Following

    /// The last full state among some events of a replica.
    private static func lastWhole(_ states: SpaceStates, _ replica: Int, _ places: Range<Int>) -> Int? {
        places.last { place in
            let event = states.event(place, of: replica)
            return event.flags.contains(.whole) && !event.isIgnored
        }
    }

    private static func follow(
        _ line: inout Line, _ states: SpaceStates, _ replica: Int, _ place: Int, _ snapshot: Snapshot
    ) {
        let event = states.event(place, of: replica)
        guard !event.isIgnored, let payload = snapshot.payload(of: event.message - 1)?.payload,
            let step = StateStep(payload)
        else { return }
        if event.flags.contains(.restart) {
            line.progress = StateProgress()
            line.partial = nil
        }
        if event.flags.contains(.fellBack), line.progress.fallBack(to: event.base ?? event.version) {
            line.partial = nil
        }
        let message = event.message - 1
        let isLast = place + 1 == states.replicas[replica].events.count
        _ = line.progress.take(
            step, body: step.body, isOwn: event.flags.contains(.own),
            afterHole: snapshot.index[message].marks.contains(.lostBefore), mayWait: true,
            keepsPrevious: isLast || states.event(place + 1, of: replica).version == step.version
        ) { content, step in
            if content == nil { content = StateContent(version: step.version, isComplete: true) }
            content?.apply(step, message: message)
        }
        guard line.progress.wholeContent == nil else {
            line.partial = nil
            return
        }
        var partial = line.partial ?? StateContent(version: 0, isComplete: false)
        if line.partial == nil { partial.entities = line.progress.content?.entities ?? [:] }
        line.partial = nil
        partial.apply(step, message: message)
        partial.version = line.progress.version ?? step.version
        line.partial = partial
    }
}
