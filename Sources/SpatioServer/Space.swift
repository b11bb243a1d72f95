import SpatioSession
import SpatioWire

/// One space as it is now.
struct Space: Sendable {
    struct Region: Sendable {
        var update: BoundUpdate
        var owner: SessionHandle?
    }

    let plan: SpacePlan
    var places: PlaceIndex
    var state: SpaceState
    /// Sessions that take part, and those that watch, in the order in which they came.
    var members: [SessionHandle] = []
    var observers: [SessionHandle] = []
    /// In the order in which they came.
    var regions: [Region] = []
    /// Who is in each group of the plan.
    var groupMembers: [UUID: [SessionHandle]] = [:]

    var coordinates: CoordinateSystem.Kind { plan.coordinateSystem.kind }

    /// Cells along the longer side of a bounded space: some dozen of 100,000 entities in each.
    private static let cellsAlong = 64.0
    /// Of a space without bounds: metres of a large room, or as much of a degree.
    private static let usualEdge = 16.0

    init(_ plan: SpacePlan, _ limits: ServerLimits, writer: UUID) {
        self.plan = plan
        places = PlaceIndex(edge: Self.edge(plan))
        state = SpaceState(plan, limits, writer: writer)
        for entity in plan.entities {
            guard let position = entity.position else { continue }
            places.put(
                Place(
                    entity: EntityUpdate(
                        entityID: entity.id, kind: entity.kind, position: position, orientation: entity.orientation),
                    precision: 0, confidence: 1, owner: nil, isFixture: true))
        }
        regions = plan.regions.map {
            Region(update: BoundUpdate(regionID: $0.id, entityID: $0.entityID, bounds: $0.bounds), owner: nil)
        }
    }

    private static func edge(_ plan: SpacePlan) -> Double {
        let usual = plan.coordinateSystem.kind == .geodetic ? usualEdge / Earth.degreeLength : usualEdge
        guard let around = plan.bounds?.footprint(in: plan.coordinateSystem.kind) else { return usual }
        let side = max(around.maximumX - around.minimumX, around.maximumY - around.minimumY)
        return side.isFinite && side > 0 ? side / cellsAlong : usual
    }

    var info: SpaceInfo {
        SpaceInfo(
            spaceID: plan.id, name: plan.name, coordinateSystem: plan.coordinateSystem, bounds: plan.bounds,
            stateVersion: state.version)
    }

    /// The address of what the server itself says of this space.
    func address(at now: Moment, around position: Vector3? = nil) -> SpatialAddress {
        SpatialAddress(
            spaceID: plan.id, coordinateSystem: plan.coordinateSystem,
            position: position ?? plan.bounds?.middle ?? .zero, precision: 0, confidence: 1,
            timestamp: now.wallMilliseconds)
    }

    /// What is wrong with an address or a position in this space; nil: nothing.
    func fault(of address: SpatialAddress) -> (code: ErrorCode, reason: String)? {
        guard address.referenceFrame == nil else {
            return (.invalidCoordinates, "positions in a frame of reference are not followed")
        }
        let isSame =
            switch (address.coordinateSystem, plan.coordinateSystem) {
            // Without parameters they are those of the space.
            case (.cartesian(nil), .cartesian), (.geodetic(nil), .geodetic): true
            case (let given, let own): given == own
            }
        return isSame ? nil : (.invalidCoordinates, "the space has other coordinates")
    }

    func fault(of position: Vector3) -> (code: ErrorCode, reason: String)? {
        guard position.x.isFinite, position.y.isFinite, position.z.isFinite else {
            return (.invalidCoordinates, "a position is not finite")
        }
        if coordinates == .geodetic, abs(position.x) > 180 || abs(position.y) > 90 {
            return (.invalidCoordinates, "longitude is within 180 degrees, latitude within 90")
        }
        guard let bounds = plan.bounds, let depth = bounds.depth(of: position, in: coordinates), depth < 0 else {
            return nil
        }
        return (.outOfBounds, "a position is outside the space")
    }
}
