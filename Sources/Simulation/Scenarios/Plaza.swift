import Capture
import SpatioWire

/// A square with a fountain and a market: visitors walk about, robots of the server among them.
enum Plaza {
    static let visitors = 8
    static let residents = 6
    static let area = Walker.Area(minimum: Vector3(-30, -20, 0), maximum: Vector3(30, 20, 0))
    private static let names = [
        "alice", "bob", "chloe", "dmitri", "emeka", "fatima", "goro", "hana", "iris", "jonas", "kavi", "lena", "marek",
        "nadia", "oskar", "priya",
    ]

    static func play(_ network: Network, _ options: SimulationOptions, _ report: inout SimulationReport) {
        let total = options.entities ?? visitors + residents
        let clients = max(1, total * visitors / (visitors + residents))
        let world = PlazaWorld(network, walkers: total, clients: clients)
        network.run()
        world.server.state.write(name: world.server.space.name, into: &report)
    }

    static func name(_ index: Int) -> String {
        let round = index / names.count
        return names[index % names.count] + (round == 0 ? "" : "-\(round + 1)")
    }
}

/// The plaza with its server and its visitors.
final class PlazaWorld {
    let network: Network
    let crowd: Crowd
    let server: SpaceServer
    private(set) var visitors: [Visitor] = []
    private var isDeciding = false

    /// What happens to the state ends so early that everything lost is repaired in time.
    private static let lastChange = 3.0

    /// - Parameters:
    ///   - isDetailed: entities have more fields in the state than a name, a kind and a score.
    ///   - endpoints: of the server, IPv4 and IPv6.
    ///   - onlyCaptured: the only client whose traffic passes the capture point, none of the visitors; nil: everybody.
    ///   - changesByItself: scores and regions change, and claims collide, now and then.
    ///   - tune: changes the profile of a visitor.
    init(
        _ network: Network, walkers total: Int, clients: Int, name: String = "plaza", isDetailed: Bool = false,
        onlyCaptured: Endpoint? = nil, endpoints: [Endpoint] = PlazaWorld.endpoints, changesByItself: Bool = true,
        tune: (Int, inout Visitor.Profile) -> Void = { _, _ in }
    ) {
        self.network = network
        var walkers: [Walker] = []
        for index in 0..<total {
            let isVisitor = index < clients
            let name = isVisitor ? Plaza.name(index) : "robot-\(index - clients + 1)"
            walkers.append(
                Walker(
                    name: name, kindName: isVisitor ? "visitor" : "robot", kind: isVisitor ? 1 : 2,
                    speed: isVisitor ? network.generator.number(0.9...1.6) : 0.7, area: Plaza.area,
                    generator: &network.generator))
        }
        crowd = Crowd(network, walkers)
        let space = SpaceInfo(spaceID: network.generator.uuid(), name: name, bounds: Plaza.area.volume)
        server = SpaceServer(
            network, endpoints: endpoints, space: space, crowd: crowd, residents: Array(clients..<total),
            onlyCaptured: onlyCaptured)
        network.keep(self)
        furnish(isDetailed: isDetailed)
        for index in 0..<clients {
            var profile = profile(index)
            tune(index, &profile)
            profile.isCaptured = onlyCaptured == nil
            visitors.append(Visitor(network, profile, server: server))
        }
        if changesByItself { planChanges() }
    }

    static let endpoints = [
        Endpoint(address: IPAddress(ipv4: 0x0A07_0001), port: 7728),
        Endpoint(address: IPAddress(high: 0xFD07_0000_0000_0000, low: 1), port: 7728),
    ]

    private func furnish(isDetailed: Bool) {
        let members = crowd.walkers.map { walker in
            var fields = [
                StateField("name", .string(walker.name)), StateField("kind", .string(walker.kindName)),
                StateField("score", .int(0)),
            ]
            if isDetailed {
                fields += [
                    StateField("position", .vector3(walker.position.rounded(to: 1000))),
                    StateField("orientation", .quaternion(walker.orientation)),
                    StateField("owner", .uuid(server.id)),
                    StateField("battery", .float((network.generator.unit() * 1000).rounded() / 1000)),
                    StateField("joined", .timestamp(network.milliseconds)),
                    StateField("armed", .bool(false)), StateField("note", .null),
                ]
            }
            return (walker.id, fields)
        }
        server.state.found(members)
        server.regions = [
            SpaceServer.Region(
                id: network.generator.uuid(), bounds: .sphere(center: Vector3(-12, 4, 0), radius: 5)),
            SpaceServer.Region(
                id: network.generator.uuid(), bounds: .box(min: Vector3(8, -15, 0), max: Vector3(22, -4, 4))),
        ]
        server.groups = [
            MulticastGroup(
                groupID: network.generator.uuid(), spatialBounds: Plaza.area.volume, ttl: 4,
                qos: QualityOfService(
                    reliable: false, ordered: false, priority: .low,
                    flow: FlowControl(windowSize: 65_536, rateLimit: 250_000, congestionThreshold: 0.1)),
                accessControl: AccessControl(mode: .open), endpoint: "239.77.28.9:7728")
        ]
    }

    private func profile(_ index: Int) -> Visitor.Profile {
        // Every fourth one has IPv6.
        let isIPv6 = index % 4 == 3
        let address =
            isIPv6
            ? IPAddress(high: 0xFD07_0000_0000_0000, low: UInt64(0x1_0001 + index))
            : IPAddress(ipv4: UInt32(0x0A07_0101 + index))
        return Visitor.Profile(
            name: crowd.walkers[index].name,
            endpoint: Endpoint(address: address, port: UInt16(40_001 + index % 20_000)),
            server: server.endpoints[isIPv6 ? 1 : 0], distance: Int64(network.generator.number(2e6...18e6)),
            arrival: 0.1 + 1.2 * Double(index) / Double(max(crowd.walkers.count, 1)),
            rate: index % 4 == 1 ? 20 : 10, entities: [index], flags: index % 2 == 0 ? .checksum : [],
            queryInterval: network.generator.number(3...5),
            subscription: { .sphere(center: $0, radius: 14) })
    }

    /// Scores change every second or so, a region moves, and now and then two visitors change the same thing at once.
    private func planChanges() {
        network.plan(in: network.generator.number(0.6...1.4)) { [unowned self] in changeScore() }
        network.every(5) { [unowned self] in
            moveRegion()
            return network.left > Self.lastChange
        }
        network.every(network.generator.number(6...9)) { [unowned self] in
            conflict()
            return network.left > Self.lastChange
        }
    }

    private func changeScore() {
        guard network.left > Self.lastChange else { return }
        if !isDeciding, !server.participants.isEmpty {
            let id = server.state.entityIDs[network.generator.integer(0..<server.state.count)]
            let fields = [StateField("score", .int(score(id) + Int64(network.generator.integer(1..<6))))]
            server.publish(server.state.change(.modified, id, fields, at: network.milliseconds))
        }
        network.plan(in: network.generator.number(0.6...1.4)) { [unowned self] in changeScore() }
    }

    private func score(_ id: UUID) -> Int64 {
        if case .int(let score)? = server.state.value("score", of: id) { score } else { 0 }
    }

    private func moveRegion() {
        guard network.left > Self.lastChange, case .box(let minimum, let maximum) = server.regions[1].bounds else {
            return
        }
        let step = Vector3(network.generator.number(-2...2), network.generator.number(-1...1), 0).rounded(to: 100)
        server.regions[1].bounds = .box(min: minimum + step, max: maximum + step)
        server.publish(server.regions[1])
    }

    /// Two visitors claim the same thing on the same version; the server decides for the later claim.
    private func conflict() {
        let active = visitors.filter(\.isActive)
        guard network.left > Self.lastChange, active.count >= 2 else { return }
        isDeciding = true
        let first = network.generator.integer(0..<active.count)
        let second = (first + 1 + network.generator.integer(0..<active.count - 1)) % active.count
        let entity = server.state.entityIDs[network.generator.integer(0..<server.state.count)]
        var candidates: [ConflictResolve.Candidate] = []
        for (index, visitor) in [active[first], active[second]].enumerated() {
            let fields = [StateField("score", .int(score(entity) + Int64(10 * (index + 1))))]
            let entityVersion = server.state.entityVersion(entity) + 1
            let sync = StateSync(
                spaceID: server.space.spaceID, version: server.state.version + 1,
                timestamp: network.milliseconds + UInt64(index), delta: true,
                entries: [
                    StateSyncEntry(change: .modified, entityID: entity, entityVersion: entityVersion, fields: fields)
                ])
            candidates.append(
                ConflictResolve.Candidate(
                    nodeID: visitor.id, entityVersion: entityVersion, timestamp: sync.timestamp, fields: fields))
            network.plan(in: 0.001 * Double(index)) { visitor.propose(sync) }
        }
        // By then both claims have arrived.
        network.plan(in: 0.06) { [unowned self] in
            isDeciding = false
            let resolved = candidates.last?.fields ?? []
            server.publish(
                server.state.resolve(entity, candidates, strategy: .lastWriteWins, resolved: resolved))
        }
    }
}
