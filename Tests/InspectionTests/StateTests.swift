import Inspection
import SpatioWire
import Testing

/// State by versions: full, delta, gap, late, removal, conflict.
struct StateTests {
    private var version: (Talk) -> UInt64? { { $0.model.spaces.first?.stateVersion } }

    @Test("A full state is what it says, and replaces what was known")
    func full() {
        var talk = Talk()
        talk.tell(
            Sample.full(
                4, Sample.entry(.added, 1, version: 1, ["score": .int(1), "kind": .string("robot")]),
                Sample.entry(.added, 2, version: 1)))
        talk.tell(Sample.full(9, Sample.entry(.added, 1, version: 3, ["score": .int(2)])))
        #expect(version(talk) == 9)
        #expect(talk.state(1) == ["score": .int(2)])
        #expect(talk.entity(2)?.isRemoved == true)
        #expect(talk.model.spaces.first?.entities == 1)
    }

    @Test("A delta changes the fields that it names and leaves the others")
    func delta() {
        var talk = Talk()
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1, ["a": .int(1), "b": .int(2)])))
        talk.tell(
            Sample.delta(
                1, Sample.entry(.modified, 1, version: 2, ["b": .int(3), "c": .null]),
                Sample.entry(.added, 2, version: 1, ["a": .bool(true)])))
        #expect(version(talk) == 2)
        #expect(talk.state(1) == ["a": .int(1), "b": .int(3), "c": .null])
        #expect(talk.state(2) == ["a": .bool(true)])
        #expect(talk.count(of: .versionGap) == 0)
    }

    @Test("A full state of a version that is known by its delta fills in what that did not say")
    func fullBehindDelta() {
        var talk = Talk()
        talk.tell(Sample.delta(6, Sample.entry(.modified, 1, version: 4, ["score": .int(2)])))
        talk.tell(
            Sample.full(7, Sample.entry(.added, 1, version: 4, ["score": .int(2), "name": .string("scoreboard")])))
        #expect(version(talk) == 7)
        #expect(talk.state(1) == ["score": .int(2), "name": .string("scoreboard")])
    }

    @Test("Every message that carries a state means the same: STATE_SYNC with delta, and STATE_RESPONSE")
    func otherMessages() {
        var talk = Talk()
        talk.tell(
            .stateResponse(
                StateResponse(requestID: 1, sync: Sample.sync(3, [Sample.entry(.added, 1, version: 1, ["a": .int(1)])]))
            )
        )
        talk.tell(.stateSync(Sample.sync(4, delta: true, [Sample.entry(.modified, 1, version: 2, ["a": .int(2)])])))
        talk.tell(.stateResponse(StateResponse(requestID: 2, code: .syncFailed, sync: nil)))
        #expect(version(talk) == 4)
        #expect(talk.state(1) == ["a": .int(2)])
    }

    @Test("A delta on a version that its receiver does not have is a gap, and is applied as far as it goes")
    func gap() {
        var talk = Talk()
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1, ["a": .int(1)])))
        let outcome = talk.tell(Sample.delta(3, Sample.entry(.modified, 1, version: 4, ["a": .int(4)])))
        #expect(outcome.marks.contains(.versionGap))
        #expect(outcome.findings.map(\.rule) == [.versionGap])
        #expect(outcome.severity == .warning)
        #expect(version(talk) == 4)
        #expect(talk.state(1) == ["a": .int(4)])
    }

    @Test("The delta after a gap is no second gap")
    func afterTheGap() {
        var talk = Talk()
        talk.tell(Sample.full(1))
        talk.tell(Sample.delta(3))
        talk.tell(Sample.delta(4))
        #expect(talk.count(of: .versionGap) == 1)
    }

    @Test("The first delta that is seen of a space is no gap: nobody knows what its receiver has")
    func firstDelta() {
        var talk = Talk()
        talk.tell(Sample.delta(40))
        #expect(talk.count(of: .versionGap) == 0)
        #expect(version(talk) == 41)
    }

    @Test("A receiver that got the version on another stream has it")
    func versionOnAnotherStream() {
        var talk = Talk()
        talk.tell(Sample.full(1))
        talk.send(Sample.full(8), from: Sample.server, to: Sample.client, stream: 5)
        talk.tell(Sample.delta(8))
        #expect(talk.count(of: .versionGap) == 0)
    }

    @Test("What one receiver has says nothing of another")
    func twoReceivers() {
        var talk = Talk()
        let other = Sample.otherClient
        talk.tell(Sample.full(1))
        talk.send(Sample.full(1), from: Sample.server, to: other, stream: 2)
        talk.tell(Sample.delta(1))
        talk.tell(Sample.delta(2))
        let outcome = talk.send(Sample.delta(2), from: Sample.server, to: other, stream: 2)
        #expect(outcome.marks.contains(.versionGap))
    }

    @Test("A late delta still tells of entities that no newer version has spoken of, and of no others")
    func lateDelta() {
        var talk = Talk()
        talk.tell(
            Sample.full(
                1, Sample.entry(.added, 1, version: 1, ["a": .int(1)]), Sample.entry(.added, 2, version: 1)),
            sequence: 0)
        talk.tell(Sample.delta(2, Sample.entry(.modified, 1, version: 3, ["a": .int(3)])), sequence: 2)
        talk.tell(
            Sample.delta(
                1, Sample.entry(.modified, 1, version: 2, ["a": .int(2)]),
                Sample.entry(.modified, 2, version: 2, ["b": .int(2)])), sequence: 1)
        #expect(version(talk) == 3)
        #expect(talk.state(1) == ["a": .int(3)])
        #expect(talk.state(2) == ["b": .int(2)])
    }

    @Test("A delta from before a full state changes nothing, and brings back nobody whom that state removed")
    func lateDeltaBeforeAFullState() {
        var talk = Talk()
        talk.tell(
            Sample.full(
                1, Sample.entry(.added, 1, version: 1, ["a": .int(1)]),
                Sample.entry(.added, 2, version: 1, ["a": .int(1)])), sequence: 0)
        talk.tell(Sample.full(5, Sample.entry(.added, 1, version: 2, ["a": .int(5)])), sequence: 2)
        talk.tell(
            Sample.delta(
                2, Sample.entry(.modified, 2, version: 3, ["a": .int(2)]),
                Sample.entry(.added, 3, version: 1, ["a": .int(2)])), sequence: 1)
        #expect(version(talk) == 5)
        #expect(talk.state(1) == ["a": .int(5)])
        #expect(talk.entity(2)?.isRemoved == true)
        #expect(talk.state(2).isEmpty)
        #expect(talk.entity(3)?.isRemoved ?? true)
        #expect(talk.model.spaces.first?.entities == 1)
    }

    @Test("An older full state that comes late changes nothing")
    func lateFullState() {
        var talk = Talk()
        talk.tell(Sample.full(5, Sample.entry(.added, 1, version: 5, ["a": .int(5)])), sequence: 1)
        talk.tell(Sample.full(3, Sample.entry(.added, 2, version: 1)), sequence: 0)
        #expect(version(talk) == 5)
        #expect(talk.state(1) == ["a": .int(5)])
        #expect(talk.entity(2) == nil)
    }

    @Test("A removed entity has no fields and is no longer counted; added again, it begins empty")
    func removal() {
        var talk = Talk()
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1, ["a": .int(1), "b": .int(1)])))
        talk.tell(Sample.delta(1, Sample.entry(.removed, 1, version: 2)))
        #expect(talk.entity(1)?.isRemoved == true)
        #expect(talk.state(1).isEmpty)
        #expect(talk.model.spaces.first?.entities == 0)
        talk.tell(Sample.delta(2, Sample.entry(.added, 1, version: 3, ["a": .int(9)])))
        #expect(talk.entity(1)?.isRemoved == false)
        #expect(talk.state(1) == ["a": .int(9)])
        #expect(talk.model.spaces.first?.entities == 1)
    }

    @Test("An entity known from updates only is not removed by a full state that does not name it")
    func notStated() {
        var talk = Talk()
        talk.move(1)
        talk.tell(Sample.full(1))
        #expect(talk.entity(1)?.isRemoved == false)
    }

    @Test("The position of a state places an entity, unless an update is newer")
    func position() {
        var talk = Talk()
        talk.tell(Sample.full(10, Sample.entry(.added, 1, version: 1, ["position": .vector3(Vector3(7, 8, 9))])))
        #expect(talk.entity(1)?.position == Vector3(7, 8, 9))
        talk.move(1, to: Vector3(1, 0, 0), stamp: 500)
        talk.tell(Sample.delta(10, Sample.entry(.modified, 1, version: 2, ["position": .vector3(.zero)])))
        #expect(talk.entity(1)?.position == Vector3(1, 0, 0))
        #expect(talk.state(1)["position"] == .vector3(.zero))
    }

    @Test("An entity is called by its name, without one by the first digits of its id")
    func label() throws {
        var talk = Talk()
        talk.move(1)
        let entity = try #require(talk.entity(1))
        #expect(talk.model.label(of: entity) == "53504154")
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1, ["name": .string("alice")])))
        let named = try #require(talk.entity(1))
        #expect(talk.model.label(of: named) == "alice")
    }

    @Test("A resolved conflict is a version of the state with the fields that won")
    func conflict() {
        var talk = Talk()
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1, ["a": .int(1), "b": .int(1)])))
        let candidates = [5, 6].map {
            ConflictResolve.Candidate(
                nodeID: Sample.id($0), entityVersion: UInt64($0), timestamp: 0,
                fields: [StateField("a", .int(Int64($0)))])
        }
        let resolution = ConflictResolve(
            spaceID: Sample.space, entityID: Sample.id(1), version: 2, strategy: .lastWriteWins,
            candidates: candidates, resolved: [StateField("a", .int(6))])
        talk.tell(.conflictResolve(resolution))
        #expect(version(talk) == 2)
        #expect(talk.state(1) == ["a": .int(6), "b": .int(1)])
        // The late delta of a version that lost is older than the winner.
        talk.tell(Sample.delta(0, Sample.entry(.modified, 1, version: 5, ["a": .int(5)])))
        #expect(talk.state(1)["a"] == .int(6))
    }

    @Test("Version 0 and the last version there is give no trap")
    func extremeVersions() {
        var talk = Talk()
        talk.tell(.stateSync(Sample.sync(0, delta: true, [])))
        talk.tell(Sample.full(.max, Sample.entry(.added, 1, version: .max)))
        talk.tell(.stateSync(Sample.sync(0, delta: true, [])))
        #expect(version(talk) == .max)
    }

    @Test("CONNECT_ACK names the spaces")
    func spaceInfo() {
        var talk = Talk()
        talk.send(Sample.connect())
        let info = SpaceInfo(spaceID: Sample.space, name: "plaza", coordinateSystem: .geodetic(nil), stateVersion: 12)
        talk.send(Sample.accept(spaces: [info]), from: Sample.server, to: Sample.client)
        #expect(talk.model.spaces.map(\.name) == ["plaza"])
        #expect(talk.model.spaces.map(\.label) == ["plaza"])
        #expect(talk.model.spaces.map(\.coordinates) == [.geodetic])
    }
}
