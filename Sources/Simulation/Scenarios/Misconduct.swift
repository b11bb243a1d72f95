import Capture
import SpatioSession
import SpatioWire

/// A small plaza that is in order, and around it everything that a peer should not do, each of it once.
enum Misconduct {
    static func play(_ network: Network, _ report: inout SimulationReport) {
        let world = PlazaWorld(network, walkers: 5, clients: 3) { index, profile in
            profile.securityLevel = index == 0 ? .encrypt : .none
        }
        let (sealed, leaping, twisted) = (world.visitors[0], world.visitors[1], world.visitors[2])
        network.plan(atShare: 0.15) { showToken(to: world.server, network) }
        network.plan(atShare: 0.20) { leaveTheSpace(world.server, network) }
        network.plan(atShare: 0.25) { fallSilent(world.server, network) }
        network.plan(atShare: 0.30) { move(leaping, world, network) { $0.position.x += $0.position.x > 0 ? -25 : 25 } }
        network.plan(atShare: 0.40) { move(twisted, world, network) { $0.orientation = Quaternion(0, 0, 0, 1.2) } }
        network.plan(atShare: 0.45) { replay(sealed, network) }
        network.plan(atShare: 0.50) { flood(world.server, network) }
        network.plan(atShare: 0.60) { tellWrongTime(to: world.server, network) }
        network.run()
        report.keyLog = world.server.keyLog.map { $0 + "\n" }.joined()
        report.misconduct = Dictionary(
            uniqueKeysWithValues: [
                "teleport", "non_unit_quaternion", "out_of_bounds", "stale", "authentication_failure",
                "clear_text_credentials", "replay", "rate_limit", "clock_skew",
            ].map { ($0, 1) })
        world.server.state.write(name: world.server.space.name, into: &report)
    }

    /// Somebody who is let in, and of whom only the capture knows.
    private final class Guest {
        let end: End
        private let answer: End
        private let server: SpaceServer

        init(_ number: UInt16, _ server: SpaceServer, _ network: Network) {
            self.server = server
            let address = IPAddress(ipv4: 0x0A07_0700 | UInt32(number))
            end = End(
                network, local: Endpoint(address: address, port: 41_000 + number), remote: server.endpoints[0],
                direction: .client)
            answer = End(network, local: server.endpoints[0], remote: end.local, direction: .server)
        }

        /// - Parameter rateLimit: octets a second that the server allows; 0: any number.
        func connect(
            _ name: String, auth: AuthRequest? = nil, code: ErrorCode = .success, reason: String = "",
            rateLimit: UInt32 = 0, clockError: UInt64 = 0
        ) {
            let network = end.network
            let config = ConnectionConfig(capabilities: .all)
            end.show(
                .connect(
                    Connect(
                        config: config, clientID: network.generator.uuid(), role: .participant, name: name, auth: auth)),
                clockError: clockError)
            let flow = FlowControl(windowSize: 65_536, rateLimit: rateLimit, congestionThreshold: 0.05)
            let spaces = code == .success ? [server.space] : []
            answer.show(
                .connectAck(
                    ConnectAck(
                        code: code, sessionID: network.generator.uuid(), serverID: server.id, config: config,
                        flow: flow, spaces: spaces, reason: reason)), after: 3)
        }

        func leave(after milliseconds: Int) {
            end.show(.disconnect(Disconnect(category: .none, code: .success, reason: "good bye")), after: milliseconds)
        }

        /// Says where an entity is, so many milliseconds from now.
        func tell(_ entity: UUID, at position: Vector3, velocity: Vector3f, after milliseconds: Int) {
            let stamp = end.network.milliseconds + UInt64(milliseconds)
            let address = SpatialAddress(
                spaceID: server.space.spaceID, position: position, precision: 0.05, confidence: 0.95, timestamp: stamp)
            let update = EntityUpdate(entityID: entity, kind: 3, position: position, velocity: velocity)
            end.show(
                .spatialUpdate(SpatialUpdate(updates: [update])), End.Form(stream: 1, address: address),
                after: milliseconds)
        }
    }

    /// A token that everybody can read, and that the server does not take.
    private static func showToken(to server: SpaceServer, _ network: Network) {
        let request = AuthRequest(
            method: .token, credentials: Array("correct horse battery staple".utf8), timestamp: network.milliseconds)
        Guest(1, server, network).connect("mallory", auth: request, code: .unauthorized, reason: "token unknown")
    }

    /// A kite that the wind takes over the edge of the plaza, and that is pulled back.
    private static func leaveTheSpace(_ server: SpaceServer, _ network: Network) {
        let guest = Guest(2, server, network)
        guest.connect("kite flyer")
        let kite = network.generator.uuid()
        let steps = 30
        for step in 0...steps {
            let way = Double(min(step, steps - step))
            guest.tell(
                kite, at: Vector3(28 + way * 0.4, 5, 0), velocity: Vector3f(step * 2 < steps ? 4 : -4, 0, 0),
                after: 10 + step * 100)
        }
        guest.leave(after: 20 + steps * 100)
    }

    /// A beacon that is heard ten times a second, then for five seconds not, then again.
    private static func fallSilent(_ server: SpaceServer, _ network: Network) {
        let guest = Guest(3, server, network)
        guest.connect("beacon keeper")
        let beacon = network.generator.uuid()
        for start in [0, 6000] {
            for step in 0..<10 {
                guest.tell(beacon, at: Vector3(-20, 10, 0), velocity: Vector3f(0, 0, 0), after: 10 + start + step * 100)
            }
        }
        guest.leave(after: 7100)
    }

    /// One update of a visitor that is not as it should be.
    private static func move(
        _ visitor: Visitor, _ world: PlazaWorld, _ network: Network, _ change: (inout EntityUpdate) -> Void
    ) {
        var update = world.crowd.update(visitor.profile.entities[0])
        change(&update)
        visitor.end.send(
            .spatialUpdate(SpatialUpdate(updates: [update])), End.Form(stream: 1, address: visitor.address()))
    }

    /// A sealed message that somebody recorded and sends again.
    private static func replay(_ visitor: Visitor, _ network: Network) {
        let end = visitor.end
        let transmit = end.transmit
        end.transmit = { [unowned network, unowned end] messages, isSpared in
            transmit(messages, isSpared)
            end.transmit = transmit
            network.plan(in: 3) { [unowned network] in
                let octets = messages.flatMap(\.octets)
                network.show(octets, messages, from: end.local, to: end.remote)
            }
        }
    }

    /// 30 kB a second where 20 are allowed, for four seconds.
    private static func flood(_ server: SpaceServer, _ network: Network) {
        let guest = Guest(4, server, network)
        guest.connect("hose", rateLimit: 20_000)
        let payload = Payload.custom(type: 1, data: [UInt8](repeating: 0x2E, count: 475))
        for number in 0..<240 { guest.end.show(payload, End.Form(stream: 5), after: 10 + number * 50 / 3) }
        guest.leave(after: 4100)
    }

    /// A clock that is a minute and a half ahead.
    private static func tellWrongTime(to server: SpaceServer, _ network: Network) {
        let guest = Guest(5, server, network)
        let clockError: UInt64 = 90_000_000
        guest.connect("cuckoo", clockError: clockError)
        for number in 0..<6 {
            guest.end.show(.ping(Ping(pingID: UInt32(number))), after: 500 + number * 500, clockError: clockError)
        }
    }
}
