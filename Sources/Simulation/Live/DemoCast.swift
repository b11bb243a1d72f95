import SpatioServer
import SpatioSession
import SpatioWire

/// Who takes part in the demo: some dozen participants of a server that is planned with them. One seed, one cast.
package struct DemoCast: Sendable {
    package private(set) var participants: [Participant] = []
    /// Their server, with nothing said of where it is and who may come in.
    package var plan: ServerPlan { places.plan }

    private var places: DemoPlaces
    private var generator: Generator
    /// Turns that are given away, by space.
    private var turns: [UUID: Int] = [:]

    private static let drones = 6
    private static let guests = [
        "quentin", "rosa", "sven", "tala", "uma", "viktor", "wanda", "xenia", "yusuf", "zoe",
    ]
    private static let strollers = 16
    /// The share of datagrams that the lossy one loses, in each direction.
    private static let loss = 0.15

    package init(seed: UInt64) {
        var generator = Generator(seed: seed)
        places = DemoPlaces(&generator)
        self.generator = generator
        let strollers = (0..<Self.strollers).map { walker(Plaza.name($0), DemoPlaces.square) }
        let guests = Self.guests.map { walker($0, DemoPlaces.floor) }
        places.found(guides: guests.prefix(3).map(\.id), &self.generator)
        for (index, body) in strollers.enumerated() { join(stroller: body, index, among: strollers) }
        for (index, body) in guests.enumerated() { join(guest: body, index, among: guests) }
        for index in 0..<Self.drones { join(drone: index) }
        joinSensors()
        joinRelay()
    }

    // MARK: Bodies

    private mutating func walker(_ name: String, _ area: Walker.Area) -> Walker {
        Walker(
            name: name, kindName: "visitor", kind: EntityKind.visitor, speed: generator.number(0.9...1.6), area: area,
            generator: &generator)
    }

    /// Something that stays where it is.
    private mutating func fixture(_ name: String, _ kindName: String, _ kind: UInt16, at place: Vector3) -> Walker {
        Walker(
            name: name, kindName: kindName, kind: kind, speed: 0, area: Walker.Area(minimum: place, maximum: place),
            generator: &generator)
    }

    // MARK: Joining

    /// What differs from one participant to the next beside its habits.
    private struct Traits {
        var spaces: [UUID]?
        var role = PeerRole.participant
        var rate: Double
        var extensions: [ExtensionOffer] = []
        var compression = Compression.none
        var isTraced = false
        var precision: Float = 0.05
        var confidence: Float = 0.95
        var fields: [StateField] = []
    }

    private mutating func join(
        _ body: Walker, in spaceID: UUID, _ traits: Traits, loss: Double? = nil, _ habits: [any Habit]
    ) {
        places.enter(body.id, Self.fields(body) + traits.fields, in: spaceID)
        var configuration = ClientConfiguration(clientID: body.id, name: body.name, role: traits.role)
        configuration.spaces = traits.spaces ?? [spaceID]
        configuration.extensions = traits.extensions
        configuration.compression = traits.compression
        let presence = Presence(
            body, in: spaceID, isTraced: traits.isTraced, precision: traits.precision, confidence: traits.confidence,
            generator: &generator)
        var participant = Participant(configuration, presence, rate: traits.rate, habits: habits)
        participant.network = loss.map { LossyNetwork(loss: $0, seed: generator.next()) }
        participants.append(participant)
    }

    private static func fields(_ body: Walker) -> [StateField] {
        [StateField("name", .string(body.name)), StateField("kind", .string(body.kindName))]
    }

    private mutating func turn(in space: SpacePlan) -> Turn {
        defer { turns[space.id, default: 0] += 1 }
        return Turn(number: turns[space.id, default: 0])
    }

    private static let profile = [
        ExtensionOffer(extensionID: ExtensionID.spatialQuery, version: SemanticVersion(1, 0, 0)),
        ExtensionOffer(extensionID: ExtensionID.stateSync, version: SemanticVersion(1, 0, 0)),
        ExtensionOffer(extensionID: ExtensionID.manifest, version: SemanticVersion(1, 0, 0)),
        ExtensionOffer(extensionID: ExtensionID.traceContext, version: SemanticVersion(1, 0, 0)),
    ]

    /// An address for documentation (RFC 5737): nobody is reached there, and nobody is to be.
    private func endpoint(_ number: Int) -> String { "192.0.2.\(number + 1):7728" }

    private mutating func join(stroller body: Walker, _ index: Int, among others: [Walker]) {
        var traits = Traits(rate: [5, 10, 20][index % 3])
        var habits: [any Habit] = [Watching(reach: 14, frequency: 200)]
        // Every second one asks, every fourth one by the extension, too.
        if index % 2 == 0 {
            habits.append(Asking(every: generator.number(3...4), isExtended: index % 4 == 0))
            traits.extensions = Self.profile + [Sensor.weather.offer]
            traits.isTraced = index % 4 == 0
        }
        if index < 6 {
            habits.append(
                Meeting(
                    as: [.participant], at: endpoint(index), in: places.plaza.groups,
                    friends: others.prefix(2).map(\.id)))
        }
        switch index {
        case 0: habits.append(Contending(.bid, for: places.painting, every: 12))
        case 1: habits.append(Contending(.bid, for: places.painting, every: 12))
        case 2: habits.append(Keeping(.score, of: places.scoreboard, every: 4, turn(in: places.plaza)))
        case 3: habits.append(Keeping(.door, of: places.kiosk, every: 6, turn(in: places.plaza)))
        case 4: habits.append(Verifying(every: 6, turn(in: places.plaza)))
        // A friend, and somebody whom only the relay knows.
        case 5: habits.append(Calling([others[0].id, generator.uuid()], every: 6))
        case 9:
            habits.append(
                Meeting(as: [.participant], at: endpoint(index), in: places.plaza.groups))
            let turn = turn(in: places.plaza)
            habits += [
                Introducing(fields: Self.fields(body), turn: turn), Leaving(stay: 18, absence: 7, turn: turn),
            ]
        default: break
        }
        let isLossy = index == 14
        if isLossy { habits.append(Asking(every: 1)) }
        join(body, in: places.plaza.id, traits, loss: isLossy ? Self.loss : nil, habits)
    }

    private mutating func join(guest body: Walker, _ index: Int, among others: [Walker]) {
        var traits = Traits(rate: index % 2 == 0 ? 10 : 5, extensions: [Sensor.noise.offer])
        traits.compression = [.none, .lz4, .zstd][index % 3]
        var habits: [any Habit] = [Watching(reach: 10, frequency: 250)]
        if index < 3 {
            habits.append(
                Meeting(
                    as: [.participant], at: endpoint(20 + index), in: places.hall.groups,
                    friends: others.prefix(1).map(\.id)))
        }
        switch index {
        case 0: habits.append(Contending(.setting("lights"), for: places.console, every: 15))
        case 1: habits.append(Contending(.setting("sound"), for: places.console, every: 15))
        case 2: habits.append(Keeping(.notice, of: places.notices, every: 9, turn(in: places.hall)))
        case 3: habits.append(Keeping(.scan, of: places.model, every: 10, turn(in: places.hall)))
        case 4: habits.append(Keeping(.door, of: places.northDoor, every: 5, turn(in: places.hall)))
        case 5: habits.append(Keeping(.door, of: places.southDoor, every: 7, turn(in: places.hall)))
        case 6: habits += [Asking(every: 6), Verifying(every: 6, turn(in: places.hall))]
        default: break
        }
        join(body, in: places.hall.id, traits, habits)
    }

    private mutating func join(drone index: Int) {
        let body = Walker(
            name: "drone-\(index + 1)", kindName: "drone", kind: EntityKind.drone, speed: generator.number(4...8),
            area: DemoPlaces.air, generator: &generator)
        let traits = Traits(
            rate: 20, extensions: Self.profile, isTraced: index == 0, precision: 0.1, confidence: 0.9,
            fields: [StateField("battery", .float((generator.number(0.5...1) * 1000).rounded() / 1000))])
        var habits: [any Habit] = [
            Watching(reach: 25, frequency: 250), Keeping(.battery, of: body.id, every: 5, turn(in: places.plaza)),
            Filming(regionID: generator.uuid(), interval: 1),
        ]
        if index == 0 { habits.append(Asking(every: 3, isExtended: true)) }
        join(body, in: places.plaza.id, traits, habits)
    }

    private mutating func joinSensors() {
        let traits = Traits(rate: 1, extensions: [Sensor.weather.offer], precision: 0.01, confidence: 1)
        for (name, place) in [("weather-mast", Vector3(-38, 28, 6)), ("weather-roof", Vector3(36, -28, 12))] {
            let body = fixture(name, "sensor", EntityKind.sensor, at: place)
            join(body, in: places.plaza.id, traits, [Measuring(.weather)])
        }
        let body = fixture("noise-meter", "sensor", EntityKind.sensor, at: Vector3(30, 20, 3))
        var meter = traits
        meter.extensions = [Sensor.noise.offer]
        join(body, in: places.hall.id, meter, [Measuring(.noise, registers: true)])
    }

    /// The relay is in both spaces.
    private mutating func joinRelay() {
        let body = fixture("relay-1", "relay", EntityKind.relay, at: Vector3(40, 34, 5))
        let traits = Traits(spaces: [places.plaza.id, places.hall.id], role: .relay, rate: 1)
        join(
            body, in: places.plaza.id, traits,
            [Relaying(), Meeting(as: [.participant, .relay], at: endpoint(60))])
    }
}
