import Glibc
import Inspection
import SpatioWire

/// Where every entity of a space is on the map's plane, as of one moment, and why some are nowhere.
struct Survey {
    /// An entity with a place. 32 octets, because there can be 100,000 of them and all are gone through in each frame.
    struct Place {
        /// Metres in the plane.
        var x, y: Double
        /// Metres.
        var height: Float
        /// Index in the model.
        var entity: Int32
        var isStale: Bool

        var point: SIMD2<Double> { SIMD2(x, y) }
    }

    /// In the order of the model.
    private(set) var places: [Place] = []
    private(set) var stale = 0
    /// Not heard of for so long that they are not drawn.
    private(set) var gone = 0
    /// Which have no place, and why: only while somebody looks at the list of them.
    private(set) var unplacedEntities: [(entity: Int32, reason: Unplaced)] = []
    var keepsUnplaced = false
    /// By raw value of the reason.
    private(set) var unplacedCounts = [Int](repeating: 0, count: Unplaced.allCases.count)
    /// Entities with absolute positions of either kind: the majority is shown.
    private(set) var cartesian = 0
    private(set) var geodetic = 0
    private var resolver = FrameResolver()

    var unplaced: Int { unplacedCounts.reduce(0, +) }

    /// Whether the other kind of plane would show more; nil where there is nothing to choose by.
    func isMostlyGeodetic(otherwise current: Bool) -> Bool {
        geodetic == cartesian ? current : geodetic > cartesian
    }

    mutating func clear(time: Int64 = 0) {
        places.removeAll(keepingCapacity: true)
        unplacedEntities.removeAll(keepingCapacity: true)
        (stale, gone, cartesian, geodetic) = (0, 0, 0, 0)
        for index in unplacedCounts.indices { unplacedCounts[index] = 0 }
        resolver.reset(time: time)
    }

    /// Looks at every entity of a space.
    /// - Parameter time: nanoseconds since the Unix epoch
    mutating func run(_ model: Model, space: Int, time: Int64, plane: MapPlane) {
        clear(time: time)
        model.entities.forEachPage { page, first in
            guard let start = page.baseAddress else { return }
            for place in 0..<page.count where start[place].space == space {
                add(start + place, at: first + place, model, time, plane)
            }
        }
    }

    /// By pointer, and enumerations by `switch`: copies of entities and comparisons through tables of witnesses were half
    /// of the time that a map of 100,000 takes.
    @inline(__always)
    private mutating func add(
        _ entity: UnsafePointer<Entity>, at index: Int, _ model: Model, _ time: Int64, _ plane: MapPlane
    ) {
        var isStale: Bool
        switch entity.pointee.staleness(at: time) {
        case .fresh: isStale = false
        case .stale: isStale = true
        case .gone:
            if !entity.pointee.isRemoved { gone += 1 }
            return
        }
        do throws(Unplaced) {
            let point = try place(entity, model, plane, &isStale)
            if isStale { stale += 1 }
            places.append(
                Place(
                    x: point.x, y: point.y, height: Float(point.z), entity: Int32(truncatingIfNeeded: index),
                    isStale: isStale))
        } catch {
            unplacedCounts[error.rawValue] += 1
            if keepsUnplaced { unplacedEntities.append((Int32(truncatingIfNeeded: index), error)) }
        }
    }

    @inline(__always)
    private mutating func place(
        _ entity: UnsafePointer<Entity>, _ model: Model, _ plane: MapPlane, _ isStale: inout Bool
    ) throws(Unplaced) -> SIMD3<Double> {
        guard let position = entity.pointee.position else { throw .noPosition }
        switch entity.pointee.coordinates {
        case .cartesian where entity.pointee.frame == nil:
            cartesian += 1
            guard !plane.isGeodetic else { throw .otherCoordinates }
            return try plane.place(position)
        case .geodetic:
            geodetic += 1
            guard plane.isGeodetic else { throw .otherCoordinates }
            return try plane.place(position)
        case .custom: throw .customCoordinates
        case .cartesian, .relative:
            let frame = try resolver.frame(
                entity.pointee.frame, space: entity.pointee.space, model, plane)
            // Where its frame has gone since nobody knows.
            if frame.isStale { isStale = true }
            return try plane.within(frame.place(position, offset: FrameResolver.offset(of: entity.pointee)))
        }
    }

    /// The frame that an entity's trail and orientation are to be seen in.
    mutating func frame(of entity: Entity, _ model: Model, _ plane: MapPlane) -> FrameResolver.Frame? {
        guard FrameResolver.isRelative(entity) else { return nil }
        do throws(Unplaced) {
            return try resolver.frame(entity.frame, space: entity.space, model, plane)
        } catch {
            return nil
        }
    }

    /// The place of an entity by its index in the model.
    func place(ofEntity index: Int) -> Place? {
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if Int(places[middle].entity) < index { low = middle + 1 } else { high = middle }
        }
        return low < places.count && Int(places[low].entity) == index ? places[low] : nil
    }

    /// What all fresh entities take; all stale ones where no other is left, nil where there is none.
    var extent: Extent? {
        let onlyFresh = stale < places.count
        var extent: Extent?
        for place in places where !onlyFresh || !place.isStale {
            extent?.include(place.point)
            if extent == nil { extent = Extent(place.point) }
        }
        return extent
    }

    /// Where the middle of all geodetic entities is, longitude and latitude in degrees, also across the date line and
    /// over a pole: the mean of their verticals.
    static func middle(_ model: Model, space: Int, time: Int64) -> SIMD2<Double>? {
        var sum = SIMD3<Double>.zero
        let degree = Double.pi / 180
        for index in model.entities.indices where model.entities[index].space == space {
            guard model.entities[index].coordinates == .geodetic, let position = model.entities[index].position,
                abs(position.x) <= 360, abs(position.y) <= 90, model.entities[index].staleness(at: time) != .gone
            else { continue }
            let level = cos(position.y * degree)
            sum += SIMD3(level * cos(position.x * degree), level * sin(position.x * degree), sin(position.y * degree))
        }
        guard sum != .zero else { return nil }
        return SIMD2(
            atan2(sum.y, sum.x) / degree, atan2(sum.z, (sum.x * sum.x + sum.y * sum.y).squareRoot()) / degree)
    }
}
