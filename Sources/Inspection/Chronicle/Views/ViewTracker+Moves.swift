import SpatioSession
import SpatioWire

extension ViewTracker {
    /// What a message is known by, but for its session.
    struct Sighting: Hashable {
        var stream: UInt32
        var sequence: UInt32
        var type: UInt8
        var direction: Direction
        /// The sender's time, microseconds since the Unix epoch. A server need not keep it.
        var sent: UInt64
    }

    /// Entities of one message that are looked at.
    private static let moveLimit = 1_024

    /// How far each entity of a mirrored message has moved on from where the message says that it is, metres: what is
    /// known of it is what has passed until now.
    static func moves(_ outcome: borrowing MessageOutcome, _ model: borrowing Model) -> [(entity: Int, metres: Double)]
    {
        guard let header = outcome.header, header.type == .spatialUpdate, let space = outcome.space else { return [] }
        let updates: [EntityUpdate]
        switch outcome.payload {
        case .spatialUpdate(let update): updates = update.updates
        case nil where header.flags.isDisjoint(with: [.data, .encrypted]): updates = model.updates
        default: return []
        }
        return updates.prefix(moveLimit).compactMap { update in
            guard let index = model.entityIndex(update.entityID, space: space),
                let metres = model.entities[index].distance(from: update.position)
            else { return nil }
            return (index, metres)
        }
    }
}

extension Entity {
    /// Metres from where it is to a position in the same frame; nil where its coordinates have no unit.
    func distance(from other: Vector3) -> Double? {
        guard let position else { return nil }
        let way: SIMD3<Double>
        switch coordinates {
        case .geodetic: way = Earth.centred(position) - Earth.centred(other)
        case .cartesian, .relative: way = SIMD3(position.x - other.x, position.y - other.y, position.z - other.z)
        case .custom: return nil
        }
        let metres = (way * way).sum().squareRoot()
        return metres.isFinite ? metres : nil
    }
}
