import Simulation
import SpatioWire
import Testing

@testable import Inspection

/// What lies between two values, and between two contents.
struct StateDifferenceTests {
    private func measure(
        _ old: Value, _ new: Value, isPosition: Bool = true, _ coordinates: CoordinateSystem.Kind = .cartesian
    ) -> StateMeasure? {
        StateMeasure(from: old, to: new, isPosition: isPosition, coordinates)
    }

    @Test("Positions differ in metres")
    func metres() {
        #expect(measure(.vector3(Vector3(1, 2, 3)), .vector3(Vector3(4, 6, 3))) == .metres(5))
    }

    @Test("Positions in degrees differ in metres over the earth, and in height")
    func earth() throws {
        guard
            case .metres(let north)? = measure(
                .vector3(Vector3(8.5, 47, 0)), .vector3(Vector3(8.5, 48, 0)), .geodetic),
            case .metres(let east)? = measure(
                .vector3(Vector3(8.5, 60, 0)), .vector3(Vector3(9.5, 60, 0)), .geodetic),
            case .metres(let height)? = measure(
                .vector3(Vector3(8.5, 47, 400)), .vector3(Vector3(8.5, 47, 412)), .geodetic)
        else {
            Issue.record("not in metres")
            return
        }
        // A degree of latitude is 111.2 km on the mean sphere; one of longitude at 60 degrees north half of that.
        #expect(abs(north - 111_195) < 1)
        #expect(abs(east - 55_597) < 5)
        #expect(abs(height - 12) < 1e-9)
        // Any other vector than the position is in metres everywhere.
        #expect(
            measure(.vector3(.zero), .vector3(Vector3(0, 3, 4)), isPosition: false, .geodetic) == .metres(5))
    }

    @Test("Orientations differ by an angle, whatever their sign and length")
    func angle() {
        func degrees(_ old: Quaternion, _ new: Quaternion) -> Double? {
            guard case .degrees(let angle)? = measure(.quaternion(old), .quaternion(new)) else { return nil }
            return (angle * 1000).rounded() / 1000
        }
        let quarter = Quaternion(0, 0, 0.70710678, 0.70710678)
        #expect(degrees(.identity, quarter) == 90)
        #expect(degrees(.identity, Quaternion(0, 0, -0.70710678, -0.70710678)) == 90)
        #expect(degrees(.identity, Quaternion(0, 0, 2, 0)) == 180)
        #expect(degrees(quarter, quarter) == 0)
        #expect(degrees(.identity, Quaternion(0, 0, 0, 0)) == nil)
    }

    @Test("Numbers and times differ by a number, other values only by what they are")
    func numbers() {
        #expect(measure(.int(5), .int(3)) == .difference(-2))
        #expect(measure(.float(0.5), .float(2)) == .difference(1.5))
        #expect(measure(.timestamp(1000), .timestamp(4500)) == .milliseconds(3500))
        #expect(measure(.timestamp(.max), .timestamp(0)) == .milliseconds(-Double(UInt64.max)))
        #expect(measure(.int(.min), .int(.max)) == .difference(Double(UInt64.max)))
        #expect(measure(.string("a"), .string("b")) == nil)
        #expect(measure(.int(1), .float(1)) == nil)
    }

    @Test("Entities and fields are added, removed and changed")
    func contents() throws {
        var old = StateContent(version: 1, isComplete: true)
        var new = StateContent(version: 1, isComplete: true)
        let step = { (payload: Payload) throws in try #require(StateStep(payload)) }
        let first = Sample.full(
            1, Sample.entry(.added, 1, version: 1, ["a": .int(1), "b": .int(2), "c": .int(3)]),
            Sample.entry(.added, 2, version: 1, ["a": .int(1)]), Sample.entry(.added, 4, version: 1, ["a": .int(1)]))
        old.apply(try step(first), message: 0)
        new.apply(try step(first), message: 0)
        new.apply(
            try step(
                Sample.delta(
                    1, Sample.entry(.modified, 1, version: 2, ["a": .int(5), "d": .int(4)]),
                    Sample.entry(.removed, 2, version: 2), Sample.entry(.added, 3, version: 1, ["a": .int(9)]))),
            message: 7)
        let difference = StateDifference(old, new, coordinates: nil)
        #expect(difference.entities.map(\.id) == [Sample.id(1), Sample.id(2), Sample.id(3)])
        #expect(difference.entities.map(\.change) == [.changed, .removed, .added])
        #expect(difference.entities[0].fields.map(\.key) == ["a", "d"])
        #expect(difference.entities[0].fields.map(\.old) == [.int(1), nil])
        #expect(difference.entities[0].fields.map(\.new) == [.int(5), .int(4)])
        #expect(difference.entities[0].oldVersion == 1)
        #expect(difference.entities[0].newVersion == 2)
        #expect(difference.entities.map(\.message) == [7, 0, 7])
        #expect(difference.fieldCount == 4)
        #expect(StateDifference(new, new, coordinates: nil).entities.isEmpty)
    }
}

/// The versions of the scenario that is about them.
struct VersionScenarioTests {
    private func load(_ scenario: Scenario, _ options: SimulationOptions) throws -> (Snapshot, SimulationReport) {
        let file = TemporaryFile("versions.pcapng")
        let report = try simulate(scenario, options: options, to: file.path)
        return (try snapshot(of: file.path), report)
    }

    @Test("What is wrong is found, no more and no less", arguments: [1, 2, 3, 4] as [UInt64], [8.0, 20.0])
    func truth(seed: UInt64, duration: Double) throws {
        let (snapshot, report) = try load(.versions, SimulationOptions(seed: seed, duration: duration))
        let truth = try #require(report.versions)
        let findings = snapshot.chronicle.findings
        #expect(findings.count(of: .versionGap) == truth.gaps)
        #expect(findings.count(of: .versionRegression) == truth.regressions)
        #expect(findings.count(of: .fork) == truth.forks)
        #expect(findings.count(of: .divergence) == truth.divergences)
        #expect(findings.count(of: .deltaChain) == truth.brokenChains)
        #expect(findings.count(of: .conflict) == truth.conflicts)
    }

    @Test("Where nothing is wrong, nothing is found", arguments: [Scenario.plaza, .drones, .tcp, .extension])
    func healthy(scenario: Scenario) throws {
        let (snapshot, report) = try load(scenario, SimulationOptions(seed: 5))
        let findings = snapshot.chronicle.findings
        for rule in [FindingRule.versionRegression, .fork, .divergence, .deltaChain] {
            #expect(findings.count(of: rule) == 0, "\(rule)")
        }
        #expect(findings.count(of: .conflict) == report.spaces.reduce(0) { $0 + $1.conflicts })
    }

    @Test("A bad network makes gaps, which retransmissions fill, and nothing that looks like another fault")
    func lossy() throws {
        let impairments = Impairments(loss: 0.1, duplication: 0.1, reordering: 0.1)
        let (snapshot, _) = try load(.plaza, SimulationOptions(seed: 2, impairments: impairments))
        let findings = snapshot.chronicle.findings
        #expect(findings.count(of: .versionGap) > 0)
        for rule in [FindingRule.versionRegression, .fork, .divergence, .deltaChain] {
            #expect(findings.count(of: rule) == 0, "\(rule)")
        }
    }

    @Test("Every replica that has the last version in full has what the simulation ended with")
    func contents() throws {
        let (snapshot, report) = try load(.versions, SimulationOptions(seed: 1, duration: 8))
        let states = try #require(snapshot.chronicle.states[0])
        var reader = StateReader()
        let expected = Dictionary(
            uniqueKeysWithValues: report.entities.compactMap { entity in entity.state.map { (entity.entityID, $0) } })
        for replica in states.replicas.indices {
            let count = states.replicas[replica].events.count
            let found = reader.content(of: replica, events: count, space: 0, snapshot)
            let content = try #require(found)
            #expect(content.isComplete)
            #expect(content.version == report.spaces.first?.stateVersion)
            let fields = content.entities.mapValues { entity in
                Dictionary(entity.fields.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
            }
            #expect(fields == expected, "replica \(replica)")
        }
    }

    @Test("A state put together step by step is the one put together at once, and its hash tells equal ones")
    func reader() throws {
        let (snapshot, _) = try load(.versions, SimulationOptions(seed: 1, duration: 8))
        let states = try #require(snapshot.chronicle.states[0])
        var walking = StateReader()
        var hashes: [UInt64: [UUID: [String: Value]]] = [:]
        for replica in states.replicas.indices {
            for place in states.replicas[replica].events.indices {
                let event = states.event(place, of: replica)
                let next = walking.content(of: replica, events: place + 1, space: 0, snapshot)
                var fresh = StateReader()
                let direct = fresh.content(of: replica, events: place + 1, space: 0, snapshot)
                let (walked, once) = (try #require(next), try #require(direct))
                #expect(StateDifference(walked, once, coordinates: nil).entities.isEmpty)
                #expect(walked.isComplete == once.isComplete)
                guard !event.isIgnored else { continue }
                #expect(walked.isComplete == (event.content != nil), "\(event)")
                guard let hash = event.content else { continue }
                let fields = walked.entities.mapValues { entity in
                    Dictionary(entity.fields.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
                }
                #expect(hashes[hash] ?? fields == fields)
                hashes[hash] = fields
            }
        }
        #expect(hashes.count > 20)
    }

    @Test("The history of an entity ends with its fields, each change once, with who made it")
    func history() throws {
        let (snapshot, report) = try load(.versions, SimulationOptions(seed: 1, duration: 8))
        let alice = try #require(report.entities.first { $0.name == "alice" && $0.state != nil })
        let history = snapshot.history(of: alice.entityID, space: 0)
        var fields: [String: Value] = [:]
        for entry in history {
            for field in entry.fields {
                if entry.change != .added, entry.kind != .conflict { #expect(fields[field.key] == field.old) }
                fields[field.key] = field.new
            }
        }
        #expect(fields == alice.state)
        #expect(history.map(\.version) == history.map(\.version).sorted())
        let conflicts = history.filter { $0.kind == .conflict }
        #expect(conflicts.count == 3)
        #expect(conflicts.compactMap(\.winner).map { snapshot.whole.name(ofNode: $0) } == ["bob", "fatima"])
        // As of an earlier message there is less of it.
        var earlier = snapshot
        earlier.cursor = history[2].message
        #expect(earlier.history(of: alice.entityID, space: 0).count == 2)
    }
}

/// A capture as the screen has it.
func snapshot(of path: String) throws -> Snapshot {
    let source = try CaptureSource(paths: [path], keepsPackets: true)
    var analysis = Analysis()
    while let packet = source.next() { analysis.take(packet) }
    analysis.finish()
    return Snapshot(analysis, of: source)
}
