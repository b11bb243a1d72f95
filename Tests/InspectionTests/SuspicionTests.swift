import Inspection
import SpatioSession
import SpatioWire
import Testing

/// Claim against evidence: what is told of entities that cannot be.
struct SuspicionTests {
    private let bounds = BoundingVolume.box(min: Vector3(-20, -10, 0), max: Vector3(20, 10, 5))

    private func talk(_ bounds: BoundingVolume? = nil, system: CoordinateSystem = .cartesian(nil)) -> Talk {
        var talk = Talk()
        talk.send(Sample.connect())
        talk.send(
            Sample.accept(spaces: [
                SpaceInfo(spaceID: Sample.space, name: "plaza", coordinateSystem: system, bounds: bounds)
            ]), from: Sample.server, to: Sample.client)
        return talk
    }

    /// Says where entity 1 is, at a time in milliseconds.
    @discardableResult
    private func tell(
        _ talk: inout Talk, _ position: Vector3, at time: Double, velocity: Vector3f? = nil,
        orientation: Quaternion? = nil, system: CoordinateSystem = .cartesian(nil), precision: Float = 0.1,
        stamp: Int? = nil, isServers: Bool = false, sequence: UInt32? = nil
    ) -> [FindingRule] {
        var address = Sample.address(stamp: stamp ?? Int(time), system: system)
        address.precision = precision
        let update = EntityUpdate(
            entityID: Sample.id(1), kind: 1, position: position, orientation: orientation, velocity: velocity)
        return talk.send(
            .spatialUpdate(SpatialUpdate(updates: [update])), from: isServers ? Sample.server : Sample.client,
            to: isServers ? Sample.client : Sample.server, stream: 1, sequence: sequence, address: address, at: time
        ).findings.map(\.rule)
    }

    // MARK: Teleport

    @Test("A leap that neither speed nor precision explains is found once, with the entity and what it did")
    func leap() throws {
        var talk = talk()
        tell(&talk, .zero, at: 1000, velocity: Vector3f(1, 0, 0))
        #expect(tell(&talk, Vector3(25, 0, 0), at: 1100, velocity: Vector3f(1, 0, 0)) == [.teleport])
        let finding = talk.chronicle.findings.kept(0, of: .teleport)
        #expect(finding.entity == Sample.id(1))
        #expect(
            finding.text
                == "53504154 moved 25.0 m in 0.100 s (250 m/s); it states 1.0 m/s, and the places are good to 0.20 m "
                + "together")
        // Where it is now it stays.
        #expect(tell(&talk, Vector3(25.1, 0, 0), at: 1200) == [])
        #expect(tell(&talk, Vector3(0, 0, 0), at: 1300) == [.teleport])
    }

    @Test("An entity that two senders throw to and fro is one finding until it moves as it should")
    func toAndFro() {
        var talk = talk()
        for step in 0..<10 { tell(&talk, Vector3(step % 2 == 0 ? 0 : 30, 0, 0), at: 1000 + Double(step) * 50) }
        #expect(talk.count(of: .teleport) == 1)
        tell(&talk, Vector3(30, 0, 0), at: 1501)
        tell(&talk, Vector3(0, 0, 0), at: 1550)
        #expect(talk.count(of: .teleport) == 2)
    }

    @Test(
        "What explains a move is no teleport",
        arguments: [
            ("5 m in 0.1 s is 50 m/s, the bound", Vector3(5, 0, 0), 100.0, nil, Float(0.01), false),
            ("5.2 m in 0.1 s is over it", Vector3(5.2, 0, 0), 100, nil, 0.01, true),
            ("three times its stated speed", Vector3(29, 0, 0), 100, Vector3f(100, 0, 0), 0.01, false),
            ("more than that", Vector3(31, 0, 0), 100, Vector3f(100, 0, 0), 0.01, true),
            ("three times the precision of both places", Vector3(29, 0, 0), 100, nil, 5, false),
            ("more than that", Vector3(31, 0, 0), 100, nil, 5, true),
            ("less than a metre, in no time", Vector3(0.99, 0, 0), 0, nil, 0.01, false),
            ("more than a metre, in no time", Vector3(1.2, 0, 0), 0, nil, 0.01, true),
            ("far, in a long time", Vector3(44, 0, 0), 900, nil, 0.01, false),
        ] as [(String, Vector3, Double, Vector3f?, Float, Bool)])
    func explained(name: String, to: Vector3, after: Double, velocity: Vector3f?, precision: Float, isFound: Bool) {
        var talk = talk()
        for step in 0..<5 { tell(&talk, .zero, at: Double(600 + step * 100), precision: precision) }
        tell(&talk, to, at: 1000 + after, velocity: velocity, precision: precision)
        #expect(talk.count(of: .teleport) == (isFound ? 1 : 0), "\(name)")
    }

    @Test("Degrees are metres on the ground: what is far in a city is near in numbers")
    func geodetic() {
        let system = CoordinateSystem.geodetic(nil)
        var talk = talk(system: system)
        tell(&talk, Vector3(8.54, 47.37, 500), at: 1000, system: system)
        // 0.0001 degrees of latitude are 11 m.
        #expect(tell(&talk, Vector3(8.54, 47.3701, 500), at: 1100, system: system) == [.teleport])
        #expect(tell(&talk, Vector3(8.54, 47.37013, 500), at: 1200, system: system) == [])
        // Over the date line is no way at all.
        tell(&talk, Vector3(179.999_99, 0, 0), at: 5000, system: system)
        tell(&talk, Vector3(179.999_99, 0, 0), at: 5100, system: system)
        #expect(tell(&talk, Vector3(-179.999_99, 0, 0), at: 5200, system: system) == [])
    }

    @Test("A place in another frame is not compared with the last")
    func frames() {
        var talk = talk()
        tell(&talk, Vector3(500, 0, 0), at: 1000)
        let drone = CoordinateSystem.relative(reference: Sample.id(9), offset: .zero)
        #expect(tell(&talk, Vector3(0, 0, 0), at: 1100, system: drone) == [])
        let other = CoordinateSystem.relative(reference: Sample.id(8), offset: .zero)
        #expect(tell(&talk, Vector3(300, 0, 0), at: 1200, system: other) == [])
        #expect(tell(&talk, Vector3(330, 0, 0), at: 1300, system: other) == [.teleport])
        #expect(tell(&talk, Vector3(9, 0, 0), at: 1400, system: .custom(typeID: 7, parameters: [])) == [])
        #expect(tell(&talk, Vector3(9000, 0, 0), at: 1500, system: .custom(typeID: 7, parameters: [])) == [])
    }

    @Test("Who comes back after having been gone may be anywhere")
    func respawn() {
        var talk = talk()
        for step in 0..<3 { tell(&talk, .zero, at: 1000 + Double(step) * 100) }
        #expect(tell(&talk, Vector3(1000, 0, 0), at: 2900) == [])
        #expect(tell(&talk, Vector3(1000, 0, 0), at: 3000) == [])
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1)))
        talk.tell(Sample.delta(1, Sample.entry(.removed, 1, version: 2)))
        #expect(tell(&talk, Vector3(0, 0, 0), at: 3100) == [])
    }

    @Test("What the server tells of an entity later is not held against its own client")
    func relayed() {
        var talk = talk()
        for step in 0..<20 {
            tell(&talk, Vector3(Double(step) * 3, 0, 0), at: 1000 + Double(step) * 100)
            tell(
                &talk, Vector3(Double(step) * 3 - 40, 0, 0), at: 1003 + Double(step) * 100,
                stamp: 1001 + step * 100, isServers: true)
        }
        #expect(talk.count(of: .teleport) == 0)
        // When the client falls silent, the server is believed.
        for step in 0..<30 {
            tell(&talk, Vector3(17, 0, 0), at: 3000 + Double(step) * 100, isServers: true)
        }
        #expect(tell(&talk, Vector3(99, 0, 0), at: 6000, isServers: true) == [.teleport])
    }

    @Test("A sender whose address has no time of its own is judged by the time of its messages")
    func noStamp() {
        var talk = talk()
        for step in 0..<20 { tell(&talk, Vector3(Double(step) * 4, 0, 0), at: 1000 + Double(step) * 100, stamp: 0) }
        #expect(talk.count(of: .teleport) == 0)
    }

    @Test("What was overtaken is no evidence, and neither is a clock that was set back")
    func outOfOrder() {
        var talk = talk()
        tell(&talk, .zero, at: 1000, stamp: 101_000, sequence: 10)
        tell(&talk, Vector3(30, 0, 0), at: 1900, stamp: 101_900, sequence: 12)
        tell(&talk, Vector3(15, 0, 0), at: 1901, stamp: 101_901, sequence: 11)
        #expect(talk.count(of: .teleport) == 0)
        tell(&talk, Vector3(300, 0, 0), at: 2000, stamp: 50_000, sequence: 13)
        #expect(talk.count(of: .teleport) == 0)
    }

    // MARK: Orientation

    @Test(
        "The length of an orientation is 1 within a thousandth",
        arguments: [(0.9985, true), (0.9995, false), (1, false), (1.0005, false), (1.0015, true), (0, true)]
            as [(Float, Bool)])
    func length(length: Float, isFound: Bool) {
        var talk = talk()
        let found = tell(&talk, .zero, at: 1000, orientation: Quaternion(0, 0, 0.6 * length, 0.8 * length))
        #expect(found == (isFound ? [.nonUnitQuaternion] : []))
        #expect(talk.model.counters.malformed == 0)
    }

    @Test("An orientation that stays wrong is told once; one that was right in between again")
    func crookedOnce() {
        var talk = talk()
        let wrong = Quaternion(0, 0, 0, 2)
        let told: [Quaternion?] = [wrong, wrong, nil, wrong, Quaternion.identity, wrong]
        let found = told.enumerated().map { step, orientation in
            tell(&talk, .zero, at: 1000 + Double(step) * 100, orientation: orientation).count
        }
        #expect(found == [1, 0, 0, 0, 0, 1])
        #expect(
            talk.chronicle.findings.kept(0, of: .nonUnitQuaternion).text
                == "the orientation of 53504154 has length 2.0000")
    }

    @Test("The orientation that a state gives is looked at, too")
    func state() {
        var talk = talk()
        let wrong = Value.quaternion(Quaternion(0, 0, 0, 0.5))
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1, ["orientation": wrong])))
        talk.tell(Sample.delta(1, Sample.entry(.modified, 1, version: 2, ["orientation": wrong])))
        #expect(talk.count(of: .nonUnitQuaternion) == 1)
        talk.tell(Sample.delta(2, Sample.entry(.modified, 1, version: 3, ["orientation": .quaternion(.identity)])))
        talk.tell(Sample.delta(3, Sample.entry(.modified, 1, version: 4, ["orientation": wrong])))
        #expect(talk.count(of: .nonUnitQuaternion) == 2)
    }

    // MARK: Bounds

    @Test("Outside is what is farther from the bounds than the position is good to")
    func outside() {
        var talk = talk(bounds)
        #expect(tell(&talk, Vector3(20, 10, 5), at: 1000) == [])
        #expect(tell(&talk, Vector3(20.09, 10, 5), at: 1100) == [])
        #expect(tell(&talk, Vector3(20.11, 10, 5), at: 1200) == [.outOfBounds])
        #expect(
            talk.chronicle.findings.kept(0, of: .outOfBounds).text == "53504154 is 0.11 m outside the bounds of plaza")
    }

    @Test("One excursion is one finding")
    func excursion() {
        var talk = talk(bounds)
        for step in 0..<20 { tell(&talk, Vector3(19 + Double(step % 10) * 0.5, 0, 1), at: 1000 + Double(step) * 100) }
        #expect(talk.count(of: .outOfBounds) == 2)
    }

    @Test("A sphere has no corners, and bounds in degrees hold degrees")
    func shapes() {
        var round = talk(.sphere(center: .zero, radius: 10))
        #expect(tell(&round, Vector3(7, 7, 1), at: 1000) == [])
        #expect(tell(&round, Vector3(7, 7, 3), at: 1100) == [.outOfBounds])
        let system = CoordinateSystem.geodetic(nil)
        var city = talk(.box(min: Vector3(8.5, 47.3, 400), max: Vector3(8.6, 47.4, 600)), system: system)
        #expect(tell(&city, Vector3(8.55, 47.35, 599.9), at: 1000, system: system) == [])
        #expect(tell(&city, Vector3(8.55, 47.35, 600.8), at: 1100, system: system) == [.outOfBounds])
    }

    @Test("Without bounds, and in a frame that is not the space's, nothing is outside")
    func unbounded() {
        var free = talk()
        #expect(tell(&free, Vector3(1e9, 0, 0), at: 1000) == [])
        var bound = talk(bounds)
        let relative = CoordinateSystem.relative(reference: Sample.id(9), offset: .zero)
        #expect(tell(&bound, Vector3(100, 0, 0), at: 1000, system: relative) == [])
        #expect(tell(&bound, Vector3(100, 0, 0), at: 1100, system: .geodetic(nil)) == [])
    }

    // MARK: Silence

    @Test("Ten usual intervals are silence; ten are not more than ten")
    func silence() {
        var talk = talk()
        for step in 0..<10 { tell(&talk, .zero, at: 1000 + Double(step) * 200) }
        #expect(tell(&talk, .zero, at: 4790) == [])
        var longer = self.talk()
        for step in 0..<10 { tell(&longer, .zero, at: 1000 + Double(step) * 200) }
        #expect(tell(&longer, .zero, at: 4810) == [.stale])
        #expect(
            longer.chronicle.findings.kept(0, of: .stale).text
                == "53504154 is heard of again after 2.0 s; usually it is every 0.200 s")
        #expect(tell(&longer, .zero, at: 5010) == [])
    }

    @Test("What was heard too seldom has no usual interval, and of what a server tells nobody may have been interested")
    func noHabit() {
        var talk = talk()
        for time in [1000.0, 1100, 1200, 60_000] { tell(&talk, .zero, at: time) }
        var told = self.talk()
        for step in 0..<20 { tell(&told, .zero, at: 1000 + Double(step) * 100, isServers: true) }
        tell(&told, .zero, at: 60_000, isServers: true)
        #expect(talk.count(of: .stale) + told.count(of: .stale) == 0)
    }

    @Test("Who is silent now is listed, the longest silent first; who said good bye is not")
    func silentNow() throws {
        var talk = Talk()
        talk.open()
        for step in 0..<10 {
            for entity in 1...3 {
                talk.move(entity, stamp: 1000 + step * 100, at: 1000 + Double(step * 100 + entity))
            }
        }
        talk.move(2, stamp: 2300, at: 2300)
        talk.move(3, stamp: 4000, at: 4000)
        let silent = SilentEntities(in: talk.model, at: Sample.start + 4_100_000_000)
        #expect(silent.count == 2)
        #expect(silent.longest.map { talk.model.entities[$0.entity].id } == [Sample.id(1), Sample.id(2)])
        #expect(silent.longest.map { $0.silence / 1_000_000 } == [2199, 1800])
        talk.send(Sample.goodbye, at: 4050)
        #expect(SilentEntities(in: talk.model, at: Sample.start + 4_100_000_000).count == 0)
    }
}
