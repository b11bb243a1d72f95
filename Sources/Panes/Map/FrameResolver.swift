import Inspection
import SpatioWire

/// Finds the frames that relative positions are counted from, however long the chain is.
struct FrameResolver {
    /// A frame as it stands on the map: its origin and how it is turned.
    struct Frame {
        var origin: SIMD3<Double>
        var rotation: Rotation
        /// Nothing was heard lately of it, or of what it is in.
        var isStale = false
        /// Frames between it and the map.
        var depth = 0

        static let map = Frame(origin: .zero, rotation: .none)

        func place(_ position: Vector3, offset: Vector3) -> SIMD3<Double> {
            origin
                + rotation(SIMD3(offset.x + position.x, offset.y + position.y, offset.z + position.z))
        }
    }

    /// Frames inside each other. A hand on an arm on a robot in a ship takes four; so many are an attack, or an error that
    /// adds up.
    static let mostFrames = 4_096

    /// By index of the entity that is the frame. One that is being looked for counts as a loop, and whoever meets it on
    /// his way up has gone round one.
    private var known: [Int: Result<Frame, Unplaced>] = [:]

    /// The frame asked for last: the next entity is likely in the same.
    private var last: (id: UUID, frame: Result<Frame, Unplaced>)?

    /// Nanoseconds since the Unix epoch.
    private var time: Int64 = 0

    /// Forgets all frames: they move. From one to the next it serves one space at one time.
    mutating func reset(time: Int64) {
        self.time = time
        known.removeAll(keepingCapacity: true)
        last = nil
    }

    /// Whether an entity's position is counted from another entity.
    static func isRelative(_ entity: Entity) -> Bool {
        entity.coordinates == .relative || entity.coordinates == .cartesian && entity.frame != nil
    }

    /// What is added to a relative position; a reference frame without RELATIVE coordinates has none.
    static func offset(of entity: Entity) -> Vector3 {
        switch entity.coordinates {
        case .relative: entity.frameOffset
        default: .zero
        }
    }

    /// The frame with an identifier, which positions in a space are relative to.
    mutating func frame(
        _ id: UUID?, space: Int, _ model: Model, _ plane: MapPlane
    ) throws(Unplaced) -> Frame {
        guard let id else { throw .unknownFrame }
        if let last, last.id == id { return try last.frame.get() }
        let found = find(id, space: space, model, plane)
        last = (id, found)
        return try found.get()
    }

    private mutating func find(
        _ id: UUID, space: Int, _ model: Model, _ plane: MapPlane
    ) -> Result<Frame, Unplaced> {
        // The space itself: what counts from it is not relative at all.
        if !plane.isGeodetic, id == model.spaces[space].id { return .success(.map) }
        guard let index = model.entityIndex(id, space: space) else { return .failure(.unknownFrame) }
        return resolve(index, model, plane)
    }

    private mutating func resolve(
        _ index: Int, _ model: Model, _ plane: MapPlane
    ) -> Result<Frame, Unplaced> {
        var chain: [Int] = []
        var current = index
        var base = Result<Frame, Unplaced>.success(.map)
        while true {
            if let found = known[current] {
                base = found
                break
            }
            known[current] = .failure(.frameLoop)
            chain.append(current)
            let entity = model.entities[current]
            guard Self.isRelative(entity) else { break }
            guard let id = entity.frame else {
                base = .failure(.unknownFrame)
                break
            }
            if !plane.isGeodetic, id == model.spaces[entity.space].id { break }
            guard let parent = model.entityIndex(id, space: entity.space) else {
                base = .failure(.unknownFrame)
                break
            }
            current = parent
        }
        for member in chain.reversed() {
            base = base.flatMap { frame(at: model.entities[member], in: $0, plane) }
            known[member] = base
        }
        return base
    }

    /// An entity as the frame of others, itself within a frame.
    private func frame(
        at entity: Entity, in base: Frame, _ plane: MapPlane
    ) -> Result<Frame, Unplaced> {
        guard let position = entity.position, !entity.isRemoved else { return .failure(.unknownFrame) }
        guard base.depth < Self.mostFrames else { return .failure(.chainTooLong) }
        let rotation = base.rotation * Rotation(entity.orientation)
        let isStale = base.isStale || entity.staleness(at: time) != .fresh
        if Self.isRelative(entity) {
            let origin = base.place(position, offset: Self.offset(of: entity))
            return .success(Frame(origin: origin, rotation: rotation, isStale: isStale, depth: base.depth + 1))
        }
        do throws(Unplaced) {
            let origin = try Self.absolute(entity, position, plane)
            return .success(Frame(origin: origin, rotation: rotation, isStale: isStale, depth: base.depth + 1))
        } catch {
            return .failure(error)
        }
    }

    /// Where an entity is whose position is not relative to anything.
    private static func absolute(
        _ entity: Entity, _ position: Vector3, _ plane: MapPlane
    ) throws(Unplaced) -> SIMD3<Double> {
        switch entity.coordinates {
        case .custom: throw .customCoordinates
        case .geodetic where plane.isGeodetic, .cartesian where !plane.isGeodetic: return try plane.place(position)
        default: throw .otherCoordinates
        }
    }
}
