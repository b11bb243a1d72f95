import SpatioServer
import SpatioSession
import SpatioWire

/// Where the demo takes place: a plaza with drones above it, and a hall, with all that stands in them.
struct DemoPlaces: Sendable {
    private(set) var plaza: SpacePlan
    private(set) var hall: SpacePlan

    // Things whose state somebody changes.
    let scoreboard, painting, kiosk: UUID
    let console, model, notices, northDoor, southDoor: UUID

    /// Where people walk. What moves overshoots its goal a little, so the bounds leave it room.
    static let square = Walker.Area(minimum: Vector3(-40, -30, 0), maximum: Vector3(40, 30, 0))
    static let air = Walker.Area(minimum: Vector3(-35, -30, 10), maximum: Vector3(35, 30, 28))
    static let floor = Walker.Area(minimum: Vector3(2, 2, 0), maximum: Vector3(38, 23, 0))

    init(_ generator: inout Generator) {
        var plaza = SpacePlan(id: generator.uuid(), name: "plaza")
        var hall = SpacePlan(id: generator.uuid(), name: "hall")
        plaza.bounds = .box(min: Vector3(-50, -40, -1), max: Vector3(50, 40, 40))
        hall.bounds = .box(min: Vector3(0, 0, -1), max: Vector3(40, 25, 6))
        hall.conflictStrategy = .merge
        func thing(
            _ name: String, _ kind: String, at position: Vector3, _ fields: [StateField] = [], in space: inout SpacePlan
        ) -> UUID {
            let id = generator.uuid()
            let names = [StateField("name", .string(name)), StateField("kind", .string(kind))]
            var entity = EntityPlan(id: id, position: position, fields: names + fields)
            entity.kind = EntityKind.thing
            space.entities.append(entity)
            return id
        }
        _ = thing("fountain", "fountain", at: Vector3(-12, 4, 0), in: &plaza)
        scoreboard = thing(
            "scoreboard", "board", at: Vector3(0, 34, 4), [StateField("home", .int(0)), StateField("guests", .int(0))],
            in: &plaza)
        painting = thing(
            "painting", "lot", at: Vector3(15, -10, 1), [StateField("bid", .int(100)), StateField("bidder", .null)],
            in: &plaza)
        kiosk = thing("kiosk", "door", at: Vector3(22, -4, 0), [StateField("open", .bool(true))], in: &plaza)
        console = thing(
            "console", "console", at: Vector3(20, 24, 1),
            [StateField("lights", .int(5)), StateField("sound", .int(5))], in: &hall)
        model = thing("model", "exhibit", at: Vector3(20, 12, 1), in: &hall)
        notices = thing("notices", "board", at: Vector3(1, 12, 1), in: &hall)
        northDoor = thing("north door", "door", at: Vector3(20, 25, 0), [StateField("open", .bool(false))], in: &hall)
        southDoor = thing("south door", "door", at: Vector3(20, 0, 0), [StateField("open", .bool(true))], in: &hall)
        plaza.regions = [
            RegionPlan(id: generator.uuid(), bounds: .sphere(center: Vector3(-12, 4, 0), radius: 5)),
            RegionPlan(id: generator.uuid(), bounds: .box(min: Vector3(8, -15, 0), max: Vector3(22, -4, 4))),
        ]
        hall.regions = [
            RegionPlan(id: generator.uuid(), bounds: .box(min: Vector3(15, 8, 0), max: Vector3(25, 16, 4)))
        ]
        self.plaza = plaza
        self.hall = hall
    }

    /// Enters somebody into the state of a space.
    mutating func enter(_ id: UUID, _ fields: [StateField], in spaceID: UUID) {
        let entity = EntityPlan(id: id, fields: fields)
        if spaceID == plaza.id { plaza.entities.append(entity) } else { hall.entities.append(entity) }
    }

    /// Opens a group for everybody on the plaza, and one for some in the hall.
    mutating func found(guides: [UUID], _ generator: inout Generator) {
        plaza.groups = [Self.group(of: plaza, .open, [], endpoint: "239.77.28.9:7728", &generator)]
        hall.groups = [Self.group(of: hall, .list, guides, endpoint: "239.77.28.10:7728", &generator)]
    }

    private static func group(
        of space: SpacePlan, _ mode: AccessMode, _ members: [UUID], endpoint: String, _ generator: inout Generator
    ) -> MulticastGroup {
        MulticastGroup(
            groupID: generator.uuid(), spatialBounds: space.bounds ?? .sphere(center: .zero, radius: 0), ttl: 4,
            qos: QualityOfService(
                reliable: false, ordered: false, priority: .low,
                flow: FlowControl(windowSize: 65_536, rateLimit: 250_000, congestionThreshold: 0.1)),
            accessControl: AccessControl(mode: mode, members: members), endpoint: endpoint)
    }

    /// The server of both.
    var plan: ServerPlan {
        var plan = ServerPlan()
        plan.name = "demo"
        plan.spaces = [plaza, hall]
        plan.extensions = [Sensor.weather.manifest]
        // All of the cast have one address.
        plan.limits.sessionsPerAddress = plan.limits.sessions
        return plan
    }
}

/// The demo's numbers for kinds of entities, as SPATIAL_UPDATE has them.
enum EntityKind {
    static let visitor: UInt16 = 1
    static let drone: UInt16 = 4
    static let thing: UInt16 = 7
    static let sensor: UInt16 = 8
    static let relay: UInt16 = 9
}
