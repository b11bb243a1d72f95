import SpatioSession
import SpatioWire

/// A space as one end of a session has it: where it was last told, or itself said, that each entity is.
///
/// Made from the messages of its session before the clock; from then on it follows a clock that goes on message by
/// message.
package struct ReplicaWorld: Sendable {
    /// Messages of the session that are read at most, and records that are gone through: some hundredths of a second.
    package static let messageLimit = 20_000
    package static let reach = 1_000_000
    /// Seconds before the clock that are looked at, at most and at least: ten usual intervals of an entity that speaks
    /// once a minute, and of one that speaks ten times a second.
    private static let window = (least: Int64(1_000_000_000), most: Int64(600_000_000_000))

    package let replica: ReplicaID
    /// Index in the model.
    package let space: Int
    /// Messages until which it is known.
    package private(set) var cursor: Int
    /// Not everything within the window could be read.
    package private(set) var isCut: Bool
    /// By index in the model.
    private var known: [Int: Entity] = [:]

    /// The world of a replica at the clock.
    package init(_ replica: ReplicaID, space: Int, _ snapshot: Snapshot) {
        self.replica = replica
        self.space = space
        cursor = snapshot.cursor
        var usual = Self.window.least
        for entity in snapshot.model.entities where entity.space == space {
            usual = max(usual, min(entity.interval, Self.window.most / 10) * 10)
        }
        let streams = snapshot.whole.streams
        let (messages, isCut) = snapshot.messages(
            before: snapshot.cursor, since: snapshot.time - usual, limit: Self.messageLimit, reach: Self.reach
        ) { Self.isMine($0, replica, streams) }
        self.isCut = isCut
        read(messages, snapshot)
    }

    /// Goes on with the clock; false where it went back or far away, and a new world is needed.
    package mutating func advance(to snapshot: Snapshot) -> Bool {
        guard snapshot.cursor >= cursor, snapshot.cursor - cursor <= Self.messageLimit else { return false }
        let streams = snapshot.whole.streams
        var messages: [Int] = []
        snapshot.index.scan(cursor..<snapshot.cursor) { place, record in
            if Self.isMine(copy record, replica, streams) { messages.append(place) }
            return true
        }
        cursor = snapshot.cursor
        read(messages, snapshot)
        return true
    }

    /// How many entities it knows a position of.
    package var count: Int { known.count }

    /// The model at the clock with every entity of the space where this end has it; those that it does not know have no
    /// position.
    package func model(_ snapshot: Snapshot) -> Model {
        var model = snapshot.model
        model.trails = PagedArray()
        for index in model.entities.indices where model.entities[index].space == space {
            guard let entity = known[index], entity.id == model.entities[index].id else {
                model.entities[index].position = nil
                continue
            }
            model.entities[index].position = entity.position
            model.entities[index].orientation = entity.orientation
            model.entities[index].velocity = entity.velocity
            model.entities[index].precision = entity.precision
            model.entities[index].confidence = entity.confidence
            model.entities[index].coordinates = entity.coordinates
            model.entities[index].frame = entity.frame
            model.entities[index].frameOffset = entity.frameOffset
            model.entities[index].lastTime = entity.lastTime
        }
        return model
    }

    /// What passes between the two ends of a session, both have: one sent it, the other got it.
    private static func isMine(
        _ record: MessageRecord, _ replica: ReplicaID, _ streams: PagedArray<Stream>
    ) -> Bool {
        PlaceReader.tells(record) && Int(record.stream) < streams.count
            && streams[Int(record.stream)].session == replica.session
    }

    private mutating func read(_ messages: [Int], _ snapshot: Snapshot) {
        var reader = PlaceReader(snapshot)
        let model = snapshot.model
        let coordinates = model.spaces.indices.contains(space) ? model.spaces[space].coordinates : nil
        for message in messages {
            let record = snapshot.index[message]
            guard record.marks.contains(.hasSpace), Int(record.space) == space else { continue }
            let stream = Int(record.stream)
            reader.read(message) { said in
                guard let index = model.entityIndex(said.update.entityID, space: space) else { return }
                var entity =
                    known[index]
                    ?? Entity(
                        id: said.update.entityID, space: space, stream: stream, time: said.time, message: message + 1)
                entity.hear(time: said.time, stream: stream, message: message + 1)
                if let address = said.address {
                    let isNews = entity.take(
                        said.update, share: 0, precision: address.precision, confidence: address.confidence,
                        stamp: said.stamp, sequence: said.sequence)
                    if isNews { entity.set(address.coordinateSystem, frame: address.referenceFrame) }
                } else if entity.isNewer(stamp: said.stamp, stream: stream, sequence: said.sequence) {
                    entity.position = said.update.position
                    entity.stamp = said.stamp
                    entity.stampStream = stream
                    entity.stampSequence = said.sequence
                    if entity.updates == 0, let coordinates { entity.coordinates = coordinates }
                }
                known[index] = entity
            }
        }
    }
}
