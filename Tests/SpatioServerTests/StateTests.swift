import SpatioSession
import SpatioWire
import Testing

@testable import SpatioServer

@Suite struct StateTests {
    private static let score = StateField("score", .int(1))

    private static func plan(_ strategy: ConflictStrategy = .lastWriteWins) -> ServerPlan {
        Stage.plaza {
            $0.conflictStrategy = strategy
            $0.entities = [EntityPlan(id: uuid(1), fields: [StateField("name", .string("door")), score])]
        }
    }

    private func resolutions(_ stage: Stage, _ handle: SessionHandle) -> [ConflictResolve] {
        stage.payloads(to: handle).compactMap {
            if case .conflictResolve(let resolution) = $0 { resolution } else { nil }
        }
    }

    private func replica(_ stage: Stage, _ handle: SessionHandle) -> Replica {
        var replica = Replica()
        replica.take(stage.payloads(to: handle))
        return replica
    }

    // MARK: Telling

    @Test func `who joins gets everything, reliably and in order`() {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        let first = stage.sent(to: alice).first
        guard case .stateSync(let sync)? = first?.payload else {
            Issue.record("no STATE_SYNC")
            return
        }
        #expect(!sync.delta)
        #expect(sync.version == 1)
        #expect(sync.timestamp == stage.now.wallMilliseconds)
        #expect(sync.entries.map(\.entityID) == [uuid(1)])
        #expect(first?.delivery.reliable == true)
        #expect(first?.delivery.ordered == true)
        #expect(first?.delivery.stream == 2)
    }

    @Test func `a change makes the next version and goes to all as a delta on what they have`() {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.forget()
        stage.write([modified(1, StateField("score", .int(5))), added(2, Self.score)], base: 1, from: alice)
        for handle in [alice, bob] {
            guard case .deltaUpdate(let update)? = stage.payloads(to: handle).first else {
                Issue.record("no DELTA_UPDATE")
                return
            }
            #expect(update.baseVersion == 1)
            #expect(update.sync.version == 2)
            #expect(update.sync.entries.map(\.change) == [.modified, .added])
            #expect(update.sync.entries.map(\.entityVersion) == [2, 1])
        }
    }

    @Test func `a client without DELTA_SYNC gets it as STATE_SYNC, one without STATE_SYNC nothing`() {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        let old = stage.join(2, capabilities: Capabilities.all.subtracting(.deltaSync))
        let deaf = stage.join(3, capabilities: [])
        stage.write([removed(1)], base: 1, from: alice)
        #expect(replica(stage, old) == replica(stage, alice))
        #expect(stage.payloads(to: old).allSatisfy { $0.type == .stateSync })
        #expect(stage.payloads(to: deaf).isEmpty)
    }

    @Test func `who has missed something gets everything, once, when it may have caught up`() {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.server.lost(bob)
        stage.forget()
        for version in 1...5 {
            stage.write([modified(1, StateField("score", .int(Int64(version))))], base: UInt64(version), from: alice)
        }
        #expect(stage.payloads(to: bob).isEmpty)
        stage.pass(milliseconds: 1000)
        stage.write([removed(1)], base: 6, from: alice)
        #expect(stage.payloads(to: bob).map(\.type) == [.stateSync, .deltaUpdate])
        #expect(replica(stage, bob) == Replica(stage.server.spaces[0].state))
    }

    // MARK: Asking

    private func ask(
        _ stage: inout Stage, _ handle: SessionHandle, _ mode: SyncMode, known: UInt64, space: UUID = Stage.plaza
    ) -> [Payload] {
        stage.forget()
        stage.send(
            .stateRequest(StateRequest(requestID: 3, spaceID: space, knownVersion: known, mode: mode)), from: handle)
        return stage.payloads(to: handle)
    }

    private func written() -> (Stage, SessionHandle, [Replica]) {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        var versions = [Replica(), Replica(stage.server.spaces[0].state)]
        let writes: [[StateSyncEntry]] = [
            [added(2, Self.score)], [modified(2, StateField("score", .int(9))), removed(1)],
            [added(1, StateField("name", .string("gate")))], [added(3, Self.score)], [removed(3)],
        ]
        for write in writes {
            stage.write(write, base: stage.server.spaces[0].state.version, from: alice)
            versions.append(Replica(stage.server.spaces[0].state))
        }
        return (stage, alice, versions)
    }

    @Test(arguments: [SyncMode.full, .delta, .incremental], 0...6 as ClosedRange<UInt64>)
    func `every mode leads from every version to the newest`(mode: SyncMode, known: UInt64) {
        var (stage, alice, versions) = written()
        var replica = versions[Int(known)]
        let payloads = ask(&stage, alice, mode, known: known)
        guard case .stateResponse(let response)? = payloads.first else {
            Issue.record("no STATE_RESPONSE")
            return
        }
        #expect(response.requestID == 3)
        #expect(response.code == .success)
        replica.take(payloads)
        #expect(replica == versions[6])
        if mode == .full { #expect(payloads.count == 1) }
        if mode == .incremental, known > 0 { #expect(payloads.count == max(1, 6 - Int(known))) }
        if mode == .delta { #expect(payloads.count <= 2) }
    }

    @Test func `what is too long ago is answered with everything`() {
        var plan = Self.plan()
        plan.limits.history = 3
        var stage = Stage(plan)
        let alice = stage.join(1)
        for version in 1...9 {
            stage.write([modified(1, StateField("score", .int(Int64(version))))], base: UInt64(version), from: alice)
        }
        for (known, isDelta) in [(6, false), (7, true), (9, true)] as [(UInt64, Bool)] {
            guard case .stateResponse(let response)? = ask(&stage, alice, .incremental, known: known).first else {
                Issue.record("no STATE_RESPONSE")
                return
            }
            #expect(response.sync?.delta == isDelta)
        }
    }

    @Test func `a mode of one's own, a version to come and a strange space are refused with their codes`() {
        var (stage, alice, _) = written()
        let codes = [
            ask(&stage, alice, .custom(4), known: 1), ask(&stage, alice, .delta, known: 7),
            ask(&stage, alice, .full, known: 0, space: uuid(99)),
        ].map { payloads -> ErrorCode? in
            if case .stateResponse(let response)? = payloads.first { response.code } else { nil }
        }
        #expect(codes == [.syncFailed, .versionConflict, .unauthorized])
    }

    // MARK: Conflicts

    @Test func `the later of two concurrent writes wins, and all are told of both`() throws {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        let bob = stage.join(2)
        let early = stage.now.wallMilliseconds - 500
        stage.write([modified(1, StateField("score", .int(10)))], base: 1, from: alice, timestamp: early + 10)
        stage.forget()
        stage.write([modified(1, StateField("score", .int(20)))], base: 1, from: bob, timestamp: early)
        let resolution = try #require(resolutions(stage, alice).first)
        #expect(resolutions(stage, bob) == [resolution])
        #expect(resolution.version == 3)
        #expect(resolution.strategy == .lastWriteWins)
        #expect(resolution.candidates.map(\.nodeID) == [Stage.client(1), Stage.client(2)])
        #expect(resolution.candidates.map(\.timestamp) == [early + 10, early])
        #expect(resolution.resolved == [StateField("score", .int(10))])
        stage.write([modified(1, StateField("score", .int(30)))], base: 1, from: bob, timestamp: early + 20)
        let second = try #require(resolutions(stage, alice).last)
        #expect(second.resolved == [StateField("score", .int(30))])
        #expect(Replica(stage.server.spaces[0].state).fields[uuid(1)]?["score"] == .int(30))
    }

    @Test func `merged writes keep what each has changed, and the later of what both have`() throws {
        var stage = Stage(Self.plan(.merge))
        let alice = stage.join(1)
        let bob = stage.join(2)
        let early = stage.now.wallMilliseconds - 500
        stage.write(
            [modified(1, StateField("score", .int(10)), StateField("lock", .bool(true)))], base: 1, from: alice,
            timestamp: early + 10)
        stage.write(
            [modified(1, StateField("score", .int(20)), StateField("paint", .string("red")))], base: 1, from: bob,
            timestamp: early)
        let fields = Replica(stage.server.spaces[0].state).fields[uuid(1)]
        #expect(
            fields == ["name": .string("door"), "score": .int(10), "lock": .bool(true), "paint": .string("red")])
        #expect(resolutions(stage, bob).first?.strategy == .merge)
    }

    @Test func `a clock that is ahead wins nothing by it`() throws {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.write([modified(1, StateField("score", .int(10)))], base: 1, from: alice, timestamp: .max)
        stage.pass(milliseconds: 5)
        stage.write([modified(1, StateField("score", .int(20)))], base: 1, from: bob)
        #expect(resolutions(stage, bob).first?.resolved == [StateField("score", .int(20))])
    }

    @Test func `one's own writes are not in conflict, nor those of different entities`() {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.write([modified(1, StateField("score", .int(2)))], base: 1, from: alice)
        stage.write([modified(1, StateField("score", .int(3)))], base: 1, from: alice)
        stage.write([added(2, Self.score)], base: 1, from: bob)
        #expect(resolutions(stage, alice).isEmpty)
        #expect(stage.server.spaces[0].state.version == 4)
    }

    @Test func `what another has changed meanwhile is not removed`() {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.write([modified(1, StateField("score", .int(2)))], base: 1, from: alice)
        stage.forget()
        stage.write([removed(1)], base: 1, from: bob)
        #expect(stage.faults == ["STATE_CONFLICT"])
        #expect(stage.server.spaces[0].state.count == 1)
        stage.pass(milliseconds: 1000)
        #expect(replica(stage, bob) == Replica(stage.server.spaces[0].state), "told how it is, all the same")
    }

    // MARK: Refusing

    @Test func `writes that cannot be are refused with their codes`() {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        stage.write([modified(9, Self.score)], base: 1, from: alice)
        stage.write([modified(1, Self.score)], base: 2, from: alice)
        let everything = StateSync(spaceID: Stage.plaza, version: 2, timestamp: 0, delta: false, entries: [])
        stage.send(.stateSync(everything), from: alice)
        var strange = everything
        strange.spaceID = uuid(99)
        strange.delta = true
        stage.send(.stateSync(strange), from: alice)
        #expect(stage.faults == ["INVALID_STATE", "VERSION_CONFLICT", "INVALID_STATE", "UNAUTHORIZED"])
        #expect(stage.server.spaces[0].state.version == 1)
    }

    @Test func `a delta in a STATE_SYNC is a write as well`() {
        var stage = Stage(Self.plan())
        let alice = stage.join(1)
        stage.send(
            .stateSync(
                StateSync(
                    spaceID: Stage.plaza, version: 2, timestamp: stage.now.wallMilliseconds, delta: true,
                    entries: [removed(1)])), from: alice)
        #expect(stage.server.spaces[0].state.count == 0)
        #expect(stage.server.spaces[0].state.version == 2)
    }

    @Test func `the state is bounded in octets, fields and entities of a write`() {
        var plan = Self.plan()
        plan.limits.stateOctets = 400
        plan.limits.fieldsPerEntity = 3
        plan.limits.entriesPerWrite = 4
        var stage = Stage(plan)
        let alice = stage.join(1)
        stage.write([added(2, StateField("blob", .bytes(Array(repeating: 0, count: 500))))], base: 1, from: alice)
        stage.write(
            [modified(1, StateField("a", .null), StateField("b", .null))], base: 1, from: alice)
        stage.write((3...7).map { added($0) }, base: 1, from: alice)
        #expect(stage.faults == ["STORAGE_FULL", "STORAGE_FULL", "STORAGE_FULL"])
        #expect(stage.server.spaces[0].state.version == 1)
    }

    @Test(arguments: [ConflictStrategy.lastWriteWins, .merge], 1...6 as ClosedRange<UInt64>)
    func `whatever clients write, all hold what the server holds`(strategy: ConflictStrategy, seed: UInt64) {
        var dice = Dice(state: seed)
        var plan = Self.plan(strategy)
        plan.limits.history = 12
        plan.limits.writesPerSecond = 0
        plan.limits.messagesPerSecond = 0
        plan.limits.faultsPerSecond = 0
        var stage = Stage(plan)
        var handles = (1...4).map { stage.join($0) }
        var replicas = Dictionary(uniqueKeysWithValues: handles.map { ($0, Replica()) })
        for round in 0..<300 {
            for handle in handles { replicas[handle]?.take(stage.payloads(to: handle)) }
            stage.forget()
            let handle = handles[dice.number(0..<handles.count)]
            let entries = (0..<dice.number(1..<4)).map { _ -> StateSyncEntry in
                let entity = UInt64(dice.number(1..<6))
                let field = StateField("f\(dice.number(0..<3))", .int(Int64(round)))
                return switch dice.number(0..<5) {
                case 0: removed(entity)
                case 1, 2: added(entity, field)
                default: modified(entity, field)
                }
            }
            let version = stage.server.spaces[0].state.version
            stage.write(entries, base: version - min(version, UInt64(dice.number(0..<4))), from: handle)
            if dice.number(0..<20) == 0 { stage.server.lost(handle) }
            if dice.number(0..<10) == 0 { stage.pass(milliseconds: 400) }
            if dice.number(0..<40) == 0 {
                handles.append(stage.join(UInt64(10 + round)))
                replicas[SessionHandle(number: UInt64(10 + round))] = Replica()
            }
        }
        stage.pass(milliseconds: 3000)
        for handle in handles {
            replicas[handle]?.take(stage.payloads(to: handle))
            #expect(replicas[handle] == Replica(stage.server.spaces[0].state))
        }
        #expect(
            stage.server.spaces[0].state.octets
                == stage.server.spaces[0].state.full(at: 0).entries.reduce(0) {
                    $0 + StateSyncEntry.octets(of: $1.fields)
                })
    }
}
