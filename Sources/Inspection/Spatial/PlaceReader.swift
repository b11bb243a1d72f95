import SpatioWire

/// Reads again what messages said of where entities are: a short part of the index, in the order of capture.
struct PlaceReader {
    /// What one message says of one entity.
    struct Said {
        var message: Int
        var time: Int64
        /// Nil: a state, whose positions are in the space's own coordinates.
        var address: SpatialAddress?
        var update: EntityUpdate
        /// Milliseconds since the Unix epoch, by the sender.
        var stamp: UInt64
        var sequence: UInt32
    }

    private let snapshot: Snapshot
    private var reader: SequentialReader
    private var updates: [EntityUpdate] = []

    init(_ snapshot: Snapshot) {
        self.snapshot = snapshot
        reader = SequentialReader(snapshot.reader)
    }

    /// Whether a message can say where an entity is; a SPATIAL_RESPONSE repeats what was said before.
    static func tells(_ record: MessageRecord) -> Bool {
        guard record.marks.isDisjoint(with: [.malformed, .partial, .undecrypted, .duplicate, .badSignature]) else {
            return false
        }
        switch record.type {
        case .spatialUpdate, .stateSync, .stateResponse, .deltaUpdate: return true
        default: return false
        }
    }

    /// Calls `body` with each place that a message tells (its index, from 0).
    mutating func read(_ message: Int, _ body: (Said) -> Void) {
        let record = snapshot.index[message]
        let isPlain =
            record.type == .spatialUpdate
            && record.marks.isDisjoint(with: [.decrypted, .reassembled])
            && record.flags.isDisjoint(with: [.data, .encrypted])
        guard isPlain else { return readWhole(message, record, body) }
        updates.removeAll(keepingCapacity: true)
        var address: SpatialAddress?
        _ = reader.withOctets(of: record) { octets in
            guard let envelope = try? Envelope.decode(octets), envelope.address != nil,
                (try? SpatialUpdate.decode(payload: envelope.payload, of: octets, into: &updates)) != nil
            else { return }
            address = envelope.address
        }
        guard let address else { return }
        for update in updates {
            body(
                Said(
                    message: message, time: record.time, address: address, update: update, stamp: address.timestamp,
                    sequence: record.sequence))
        }
    }

    /// What is sealed, in segments, compressed or a state.
    private func readWhole(_ message: Int, _ record: MessageRecord, _ body: (Said) -> Void) {
        guard let (envelope, payload) = snapshot.payload(of: message) else { return }
        let sync: StateSync?
        switch payload {
        case .spatialUpdate(let update):
            guard let address = envelope.address else { return }
            for update in update.updates {
                body(
                    Said(
                        message: message, time: record.time, address: address, update: update,
                        stamp: address.timestamp, sequence: record.sequence))
            }
            return
        case .stateSync(let state): sync = state
        case .stateResponse(let response): sync = response.sync
        case .deltaUpdate(let delta): sync = delta.sync
        default: return
        }
        guard let sync else { return }
        for entry in sync.entries where entry.change != .removed {
            guard let position = entry.fields.position else { continue }
            body(
                Said(
                    message: message, time: record.time, address: nil,
                    update: EntityUpdate(entityID: entry.entityID, kind: 0, position: position),
                    stamp: sync.timestamp, sequence: record.sequence))
        }
    }
}

extension [StateField] {
    /// The field that says where an entity is (profile section 4).
    fileprivate var position: Vector3? {
        for field in self where field.key == "position" {
            if case .vector3(let position) = field.value { return position }
        }
        return nil
    }
}

extension Snapshot {
    /// The messages before a place of the index that `isWanted`, the earliest first: as many as `limit` of the last ones,
    /// among `reach` of all, none captured before `start`.
    ///
    /// - Returns: whether a limit was met before the start was.
    func messages(
        before end: Int, since start: Int64, limit: Int, reach: Int, _ isWanted: (MessageRecord) -> Bool
    ) -> (found: [Int], isCut: Bool) {
        var found: [Int] = []
        var place = min(end, index.count)
        let last = max(index.start, place - reach)
        while place > last {
            let record = index[place - 1]
            if record.time < start { return (found.reversed(), false) }
            place -= 1
            guard isWanted(record) else { continue }
            if found.count == limit { return (found.reversed(), true) }
            found.append(place)
        }
        return (found.reversed(), place > 0)
    }
}
