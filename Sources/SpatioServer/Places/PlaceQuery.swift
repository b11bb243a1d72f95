import SpatioWire

/// A question about places, of the core or of the extension.
struct PlaceQuery: Sendable {
    enum Shape: Hashable, Sendable {
        case inside(BoundingVolume)
        case nearest(Vector3, within: Double)
    }

    var shape: Shape
    /// Only these; empty: every kind.
    var kinds: [UInt16] = []
    var maxResults: Int
    /// How many places may be looked at.
    var work: Int

    struct Answer: Hashable, Sendable {
        var code = ErrorCode.success
        var truncated = false
        var results: [SpatialResponse.QueryResult] = []
        /// Places that were looked at.
        var looked = 0
    }
}

extension SpatialQuery.Parameters {
    var shape: PlaceQuery.Shape {
        switch self {
        case .point(let point, let tolerance): .inside(.sphere(center: point, radius: tolerance))
        case .radius(let centre, let radius): .inside(.sphere(center: centre, radius: radius))
        case .bounds(let low, let high): .inside(.box(min: low, max: high))
        case .frustum(let frustum): .inside(.frustum(frustum))
        }
    }
}

extension ExtendedQuery {
    /// Nil: only an application knows what CUSTOM asks for.
    var shape: PlaceQuery.Shape? {
        switch self {
        case .nearest(let point, let distance): .nearest(point, within: distance)
        case .radius(let centre, let radius): .inside(.sphere(center: centre, radius: radius))
        case .boundary(let volume): .inside(volume)
        case .visibility(let frustum): .inside(.frustum(frustum))
        case .custom: nil
        }
    }
}

extension PlaceIndex {
    /// Who is where a query asks, the nearest first.
    func answer(_ query: PlaceQuery, in coordinates: CoordinateSystem.Kind) -> PlaceQuery.Answer {
        var search = PlaceSearch(query, coordinates)
        guard search.isProper else { return PlaceQuery.Answer(code: .invalidCoordinates) }
        search.run(self)
        return search.answer(self)
    }
}

private struct PlaceSearch {
    private let query: PlaceQuery
    private let coordinates: CoordinateSystem.Kind
    private let origin: Vector3
    private var found: NearestFew
    private var work: Int
    /// The work was done before all had been seen: that is what a timeout means here.
    private var isTimedOut = false

    init(_ query: PlaceQuery, _ coordinates: CoordinateSystem.Kind) {
        self.query = query
        self.coordinates = coordinates
        work = query.work
        found = NearestFew(most: query.maxResults)
        switch query.shape {
        case .inside(let volume): origin = volume.middle
        case .nearest(let point, _): origin = point
        }
    }

    var isProper: Bool {
        guard coordinates == .cartesian || coordinates == .geodetic else { return false }
        switch query.shape {
        case .inside(let volume): return volume.isProper
        case .nearest(_, let distance): return distance >= 0
        }
    }

    mutating func run(_ index: PlaceIndex) {
        switch query.shape {
        case .inside(let volume): look(index, volume)
        case .nearest(let point, let distance): widen(index, point, distance)
        }
    }

    @discardableResult
    private mutating func look(_ index: PlaceIndex, _ volume: BoundingVolume) -> Bool {
        index.visit(volume.footprint(in: coordinates)) { slot, place in
            guard work > 0 else {
                isTimedOut = true
                return false
            }
            work -= 1
            guard query.kinds.isEmpty || query.kinds.contains(place.entity.kind),
                let depth = volume.depth(of: place.entity.position, in: coordinates), depth >= 0,
                let distance = origin.distance(to: place.entity.position, in: coordinates)
            else { return true }
            found.show(slot, place.entity.entityID, distance)
            return true
        }
    }

    /// Looks around a point in circles that double until there are more than enough in one.
    private mutating func widen(_ index: PlaceIndex, _ point: Vector3, _ most: Double) {
        var radius = min(most, coordinates == .geodetic ? index.edge * Earth.degreeLength : index.edge)
        while true {
            found = NearestFew(most: query.maxResults)
            let isAll = look(index, .sphere(center: point, radius: radius))
            if found.shown > query.maxResults || radius >= most || isTimedOut { return }
            // What was gone through as a whole need not be gone through twice more.
            radius = isAll ? most : min(most, radius * 2)
        }
    }

    func answer(_ index: PlaceIndex) -> PlaceQuery.Answer {
        var answer = PlaceQuery.Answer(looked: query.work - work)
        if isTimedOut { answer.code = .queryTimeout }
        answer.truncated = isTimedOut || found.shown > query.maxResults
        answer.results = found.sorted.compactMap { slot, distance in
            index[slot].map {
                SpatialResponse.QueryResult(
                    entityID: $0.entity.entityID, kind: $0.entity.kind, position: $0.entity.position,
                    distance: Float(distance))
            }
        }
        return answer
    }
}
