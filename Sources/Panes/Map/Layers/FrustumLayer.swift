import Glibc
import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// What each camera sees of the ground, and where it stands: frusta of regions, of subscriptions and of queries that were just asked.
    mutating func frustumAreas(_ picture: inout Picture, _ context: PaneContext) -> [MapArea] {
        guard layers.contains(.frusta) else { return [] }
        let known = picture.known
        var frusta: [(frustum: Frustum, name: String)] = []
        for region in known.model.spaces[picture.space].regions.values.sorted(by: { $0.regionID < $1.regionID }) {
            if case .frustum(let frustum) = region.bounds {
                frusta.append((frustum, name(of: region, picture.space, context)))
            }
        }
        for place in truths.holding {
            let subscription = known.chronicle.spatial.subscriptions[place]
            if case .frustum(let frustum) = subscription.bounds {
                let who = Self.who(
                    subscription.session, subscription.subscriber, toldBy: subscription.begun.message, known.whole)
                frusta.append((frustum, who))
            }
        }
        for place in recentQueries(known, picture.space) {
            let query = known.chronicle.spatial.queries[place]
            guard Double(known.time - query.asked.time) / 1e9 < Self.freshAge else { break }
            if case .frustum(let frustum)? = query.footprint { frusta.append((frustum, "\(query.kind) query")) }
        }
        let ground = groundHeight(picture.space, context)
        let style = context.style(.mapFrustum)
        var areas: [MapArea] = []
        for (frustum, name) in frusta.prefix(Self.mostAreas) {
            guard let sight = FrustumSight(frustum, plane: plane, ground: ground),
                let extent = sight.shadow.extent, picture.camera.extent.intersects(extent)
            else { continue }
            let range = MapText.distance(Double(frustum.far))
            areas.append(
                MapArea(
                    outline: sight.footprint ?? sight.shadow, style: style, priority: MapPriority.frustum,
                    name: sight.footprint == nil ? "\(name): to \(range), over the ground" : "\(name): to \(range)",
                    isHatched: sight.footprint != nil))
            // From the eye to the middle of what it sees.
            areas.append(
                MapArea(outline: .polygon([sight.apex, sight.aim]), style: style, priority: MapPriority.frustum))
        }
        if !areas.isEmpty { picture.shown.insert(.layer(.frusta)) }
        return areas
    }

    /// Metres: the floor of the space where it has one, else the lowest of its entities over the ellipsoid, else 0.
    private func groundHeight(_ space: Int, _ context: PaneContext) -> Double {
        if case .box(let low, _)? = context.snapshot.model.spaces[space].info?.bounds { return low.z }
        guard plane.isGeodetic else { return 0 }
        return survey.places.map { Double($0.height) }.min() ?? 0
    }
}

/// A frustum from above.
struct FrustumSight {
    let apex: SIMD2<Double>
    /// The middle of the footprint; without one, of the far end.
    let aim: SIMD2<Double>
    /// All of it from straight above.
    let shadow: Outline
    /// Where it meets the ground; nil where it does not reach it.
    let footprint: Outline?

    /// Pairs of corners with an edge between them: near rectangle, far rectangle, and from one to the other.
    private static let edges = [
        (0, 1), (1, 3), (3, 2), (2, 0), (4, 5), (5, 7), (7, 6), (6, 4), (0, 4), (1, 5), (2, 6), (3, 7),
    ]

    /// - Parameter ground: its height, metres. Nil for a frustum that is not on the map.
    init?(_ frustum: Frustum, plane: MapPlane, ground: Double) {
        guard let (eye, corners) = plane.corners(of: frustum) else { return nil }
        apex = SIMD2(eye.x, eye.y)
        shadow = .polygon(convexHull(corners.map { SIMD2($0.x, $0.y) }))
        var cut: [SIMD2<Double>] = []
        for (first, second) in Self.edges {
            let (start, end) = (corners[first], corners[second])
            let (low, high) = (start.z - ground, end.z - ground)
            guard low * high <= 0, low != high else { continue }
            let point = start + (end - start) * (low / (low - high))
            cut.append(SIMD2(point.x, point.y))
        }
        let hull = convexHull(cut)
        footprint = hull.count > 2 ? .polygon(hull) : nil
        let seen = footprint == nil ? corners[4...].map { SIMD2($0.x, $0.y) } : hull
        aim = seen.reduce(.zero, +) / Double(seen.count)
    }
}
