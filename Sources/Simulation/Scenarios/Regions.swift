import Capture
import SpatioWire

/// A harbour whose server does not do all that it is asked for: it keeps a robot from one subscriber, tells another one
/// of a robot that he did not ask about, answers some queries late and others never. A crane carries things in frames
/// inside frames, and some frames lead nowhere.
enum Regions {
    private static let visitors = 4
    private static let walkers = 12
    /// Walkers that a subscription is not served right for: the first two robots.
    private static let hidden = 4
    private static let stray = 5
    /// Beyond the timeout of half a second.
    private static let lateness = 0.62

    static func play(_ network: Network, _ report: inout SimulationReport) {
        let world = PlazaWorld(network, walkers: walkers, clients: visitors, name: "harbour") { index, profile in
            profile.queryInterval = 0.9 + 0.1 * Double(index)
            profile.maxResults = index == 3 ? 2 : 8
            // The whole quay; what is around; the quay and the water before it; what can be seen from the mole.
            profile.subscription =
                switch index {
                case 0: { _ in .box(min: Vector3(-30, -20, -1), max: Vector3(30, 20, 5)) }
                case 1: { .sphere(center: $0, radius: 12) }
                case 2: { _ in .sphere(center: .zero, radius: 45) }
                default: { _ in .frustum(mole) }
                }
        }
        furnish(world, network)
        misbehave(world)
        lift(world.visitors[0], network)
        network.run()
        world.server.state.write(name: world.server.space.name, into: &report)
    }

    /// A camera on a pole that looks down on the quay.
    private static let pole = Frustum(
        apex: Vector3(-20, -12, 8), orientation: Quaternion(0, 0.258819, 0, 0.9659258), fovY: 0.6, aspect: 1.6,
        near: 0.5,
        far: 40)
    /// A camera that looks level over the water, to the west.
    private static let mole = Frustum(
        apex: Vector3(28, 10, 2), orientation: Quaternion(0, 0, 1, 0), fovY: 0.5, aspect: 1.5, near: 0.5, far: 35)

    private static func furnish(_ world: PlazaWorld, _ network: Network) {
        world.server.regions += [
            SpaceServer.Region(id: network.generator.uuid(), bounds: .frustum(pole)),
            SpaceServer.Region(id: network.generator.uuid(), bounds: .frustum(mole)),
        ]
        world.server.groups.append(
            MulticastGroup(
                groupID: network.generator.uuid(), spatialBounds: .sphere(center: Vector3(-8, 2, 0), radius: 9), ttl: 2,
                qos: QualityOfService(
                    reliable: false, ordered: false, priority: .high,
                    flow: FlowControl(windowSize: 16_384, rateLimit: 50_000, congestionThreshold: 0.1)),
                accessControl: AccessControl(mode: .list, members: world.visitors.prefix(2).map(\.id)),
                endpoint: "239.77.28.10:7728"))
    }

    private static func misbehave(_ world: PlazaWorld) {
        let (first, second) = (world.visitors[0].id, world.visitors[1].id)
        let (hidden, stray) = (world.crowd.walkers[hidden].id, world.crowd.walkers[stray].id)
        world.server.tells = { session, entity in
            switch (session.connect?.clientID, entity.entityID) {
            case (first, hidden): false
            case (second, stray): true
            default: nil
            }
        }
        world.server.answers = { _, query, usual in
            switch query.queryID % 5 {
            case 4: lateness
            case 0: nil
            default: usual
            }
        }
    }

    /// A crane on a visitor's cart, its hook, and a load on the hook; two things that hang on each other; one on a frame
    /// that nobody knows; one in coordinates of its own.
    private static func lift(_ visitor: Visitor, _ network: Network) {
        let ids = (0..<7).map { _ in network.generator.uuid() }
        let unknown = network.generator.uuid()
        let (crane, hook, load, left, right) = (ids[0], ids[1], ids[2], ids[3], ids[4])
        let parts: [(id: UUID, system: CoordinateSystem, position: Vector3)] = [
            (crane, .relative(reference: visitor.id, offset: Vector3(-1.5, 0, 0)), Vector3(0, 0, 2)),
            (hook, .relative(reference: crane, offset: Vector3(4, 0, 0)), Vector3(0, 0, -1)),
            (load, .relative(reference: hook, offset: .zero), Vector3(0, 0.5, -1)),
            (left, .relative(reference: right, offset: .zero), Vector3(1, 0, 0)),
            (right, .relative(reference: left, offset: .zero), Vector3(-1, 0, 0)),
            (ids[5], .relative(reference: unknown, offset: .zero), Vector3(2, 2, 0)),
            (ids[6], .custom(typeID: 9, parameters: [1, 2]), Vector3(3, 3, 0)),
        ]
        visitor.onReady = { [unowned visitor, unowned network] in
            network.every(0.3) {
                guard visitor.isActive else { return false }
                for part in parts {
                    visitor.end.send(
                        .spatialUpdate(
                            SpatialUpdate(updates: [
                                EntityUpdate(entityID: part.id, kind: 6, position: part.position)
                            ])),
                        End.Form(
                            stream: 1,
                            address: SpatialAddress(
                                spaceID: visitor.address().spaceID, coordinateSystem: part.system, precision: 0.02,
                                confidence: 0.9, timestamp: network.milliseconds)))
                }
                return true
            }
        }
    }
}
