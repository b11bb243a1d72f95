import SpatioWire

/// Is a peer: looks for others, says what it is and in which groups, and talks in these.
struct Meeting: Habit {
    let roles: [PeerRole]
    let endpoint: String
    let groups: [MulticastGroup]
    /// Whom it talks to when it talks to some only.
    let friends: [UUID]
    private var step = 0

    init(as roles: [PeerRole], at endpoint: String, in groups: [MulticastGroup] = [], friends: [UUID] = []) {
        self.roles = roles
        self.endpoint = endpoint
        self.groups = groups
        self.friends = friends
    }

    var delay: Double { 1 }

    /// Seconds between announcements, in steps of talk.
    private static let steps = 6
    private static let pause = 2.5

    mutating func act(_ presence: inout Presence) -> Double {
        guard !presence.isLeaving else { return .infinity }
        defer { step += 1 }
        if step == 0 { presence.control(.peerDiscover(wish(presence))) }
        if step % Self.steps == 0 {
            presence.control(
                .peerAnnounce(PeerAnnounce(peer: config(presence), endpoints: [endpoint], groups: groups)))
        } else {
            talk(&presence)
        }
        return Self.pause
    }

    /// To know everybody, whatever his role.
    private func wish(_ presence: Presence) -> PeerConfig {
        var config = config(presence)
        config.capabilities.roles = []
        return config
    }

    private func config(_ presence: Presence) -> PeerConfig {
        PeerConfig(
            peerID: presence.id,
            capabilities: PeerCapabilities(spatialRange: 60, maxConnections: 16, bandwidth: 500_000, roles: roles),
            discoveryMode: .rendezvous(servers: []),
            relayConfig: roles.contains(.relay)
                ? RelayConfig(relayID: presence.id, endpoint: endpoint, ttl: Relaying.ttl) : nil)
    }

    /// By one way of routing after the other.
    private func talk(_ presence: inout Presence) {
        guard let group = groups.first else { return }
        let here = presence.position
        let routing: RoutingStrategy =
            switch step % 4 {
            case 1: .flood
            case 2: .spatial(.sphere(center: here, radius: 20))
            case 3: .gradient(origin: here, falloff: 25)
            default: .selective(peers: friends)
            }
        presence.say("\(presence.name): can you hear me?", to: group.groupID, by: routing)
    }
}

/// Answers for those whom only it reaches.
struct Relaying: Habit {
    static let ttl: UInt8 = 4

    func act(_ presence: inout Presence) -> Double { .infinity }

    func hear(_ payload: Payload, _ presence: inout Presence) {
        guard case .relayRequest(let request) = payload, request.target != presence.id else { return }
        presence.control(
            .relayResponse(
                RelayResponse(requestID: request.requestID, code: .success, relayID: presence.id, hops: 1)))
    }
}

/// Sends a message through the server: to each of some peers in turn, here or beyond a relay.
struct Calling: Habit {
    let targets: [UUID]
    let interval: Double
    private var count = 0

    init(_ targets: [UUID], every interval: Double) {
        self.targets = targets
        self.interval = interval
    }

    var delay: Double { 4 }

    mutating func act(_ presence: inout Presence) -> Double {
        presence.relay(to: targets[count % targets.count], "hello \(count + 1)")
        count += 1
        return interval
    }
}

/// Is a sensor: tells what it measures in an extension's message.
struct Measuring: Habit {
    let sensor: Sensor
    /// Where nobody else has registered it.
    let registers: Bool
    private var reading: Double
    private var hasRegistered = false

    init(_ sensor: Sensor, registers: Bool = false) {
        self.sensor = sensor
        self.registers = registers
        reading = (sensor.range.lowerBound + sensor.range.upperBound) / 2
    }

    var delay: Double { 0.5 }

    private static let interval = 1.0
    /// Of the whole range, what a reading changes by at most.
    private static let change = 0.03

    mutating func act(_ presence: inout Presence) -> Double {
        if registers, !hasRegistered {
            hasRegistered = true
            presence.control(
                .extension(
                    ExtensionHeader(extensionID: ExtensionID.manifest, data: sensor.manifest.encoded())))
            return Self.interval
        }
        let reach = (sensor.range.upperBound - sensor.range.lowerBound) * Self.change
        reading += presence.generator.number(-reach...reach)
        reading = min(max(reading, sensor.range.lowerBound), sensor.range.upperBound)
        presence.extend(
            sensor.manifest.id, sensor.data((reading * 10).rounded() / 10, by: presence))
        return Self.interval
    }
}
