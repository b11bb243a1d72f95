import SpatioSession
import SpatioWire
import Testing

@testable import SpatioServer

@Suite struct AdmissionTests {
    private func spaces(_ admission: SpaceServer.Admission) -> [UUID]? {
        if case .accepted(let spaces, _, _) = admission { spaces.map(\.spaceID) } else { nil }
    }

    private func code(_ admission: SpaceServer.Admission) -> ErrorCode? {
        if case .refused(let code, _) = admission { code } else { nil }
    }

    @Test func `a client gets the spaces that it names, as far as they are open to it`() {
        let stage = Stage(Stage.plan)
        #expect(spaces(stage.server.admission(of: Stage.connect(1))) == [Stage.plaza, Stage.park])
        #expect(spaces(stage.server.admission(of: Stage.connect(1, spaces: [Stage.park, uuid(9)]))) == [Stage.park])
        #expect(spaces(stage.server.admission(of: Stage.connect(1), granted: [Stage.park])) == [Stage.park])
        #expect(code(stage.server.admission(of: Stage.connect(1, spaces: [uuid(9)]))) == .unauthorized)
        #expect(
            code(stage.server.admission(of: Stage.connect(1, spaces: [Stage.plaza]), granted: [Stage.park]))
                == .unauthorized)
    }

    @Test func `observers need their capability, and there are so many and no more`() {
        var plan = Stage.plaza()
        plan.limits.observers = 1
        var stage = Stage(plan)
        let without = Stage.connect(1, role: .observer, capabilities: [])
        #expect(code(stage.server.admission(of: without)) == .protocolError)
        let eve = stage.join(1, role: .observer)
        #expect(code(stage.server.admission(of: Stage.connect(2, role: .observer))) == .bandwidthExceeded)
        #expect(code(stage.server.admission(of: Stage.connect(2))) == nil)
        stage.leave(eve)
        #expect(code(stage.server.admission(of: Stage.connect(2, role: .observer))) == nil)
    }
}

@Suite struct LimitTests {
    @Test func `more than the advertised rate is refused, and waiting helps`() {
        var plan = Stage.plaza()
        plan.flow.rateLimit = 1000
        var stage = Stage(plan)
        let alice = stage.join(1)
        // Each takes 131 octets; two seconds' worth may be saved up.
        for _ in 0..<17 { stage.move(5, to: .zero, by: alice) }
        #expect(stage.faults == ["RATE_LIMITED", "RATE_LIMITED"])
        stage.pass(milliseconds: 1000)
        for _ in 0..<7 { stage.move(5, to: .zero, by: alice) }
        #expect(stage.faults.count == 2)
    }

    @Test func `queries over the limit are answered with RATE_LIMITED`() {
        var plan = Stage.plaza()
        plan.limits.queriesPerSecond = 1
        var stage = Stage(plan)
        let alice = stage.join(1)
        for number in 1...3 {
            stage.send(
                .spatialQuery(
                    SpatialQuery(
                        queryID: UInt32(number), parameters: .point(.zero, tolerance: 1), maxResults: 1, timeout: 0)),
                from: alice)
        }
        #expect(stage.answers(to: alice).map(\.code) == [.success, .success, .rateLimited])
    }

    @Test func `who does wrong again and again is sent away with the code of the last`() throws {
        var stage = Stage()
        let alice = stage.join(1)
        for _ in 0..<21 { stage.move(5, to: Vector3(99, 0, 0), by: alice) }
        let (category, code) = try #require(stage.disconnection(of: alice))
        #expect(category == .spatialError)
        #expect(code == .outOfBounds)
        #expect(stage.faults.count == 20)
        stage.forget()
        stage.move(5, to: Vector3(99, 0, 0), by: alice)
        stage.leave(alice)
        #expect(stage.payloads(to: alice).isEmpty)
        #expect(stage.server.sessions.isEmpty)
    }

    @Test func `what only a server says is refused`() {
        var stage = Stage()
        let alice = stage.join(1)
        stage.send(.spatialResponse(SpatialResponse(queryID: 1, results: [])), from: alice)
        #expect(stage.faults == ["PROTOCOL_ERROR"])
    }

    @Test func `a server that closes tells everybody, and nothing more`() {
        var stage = Stage()
        let alice = stage.join(1)
        let eve = stage.join(2, role: .observer)
        stage.forget()
        stage.server.shutDown(at: stage.now)
        stage.take()
        for handle in [alice, eve] { #expect(stage.disconnection(of: handle)?.1 == .success) }
        stage.move(5, to: .zero, by: alice)
        stage.leave(alice)
        #expect(stage.payloads(to: alice).isEmpty)
        #expect(stage.server.deadline == nil)
    }

    @Test func `comings and goings are logged, and secrets are not`() {
        var stage = Stage()
        var connect = Stage.connect(1)
        connect.auth = AuthRequest(method: .token, credentials: Array("hunter2".utf8), timestamp: 0)
        stage.server.opened(SessionHandle(number: 1), sessionID: uuid(8), connect: connect, at: stage.now)
        stage.server.closed(SessionHandle(number: 1), .timeout, reason: "silence", at: stage.now)
        stage.take()
        let entries = stage.commands.compactMap { if case .log(let entry) = $0 { entry } else { nil } }
        #expect(entries.map(\.text) == ["session opened", "session closed"])
        #expect(entries[0].metadata.contains { $0 == ("name", "client 1") })
        #expect(entries[1].metadata.contains { $0 == ("code", "TIMEOUT") })
        #expect(!entries.contains { "\($0.metadata)".contains("hunter2") })
    }
}

@Suite struct MirrorTests {
    private let update = Payload.spatialUpdate(
        SpatialUpdate(updates: [EntityUpdate(entityID: uuid(5), kind: 1, position: .zero)]))

    @Test func `observers get each message of their space as it was, with its origin`() throws {
        var stage = Stage(Stage.plan)
        let alice = stage.join(1)
        let eve = stage.join(2, role: .observer, spaces: [Stage.plaza])
        let oscar = stage.join(3, role: .observer, spaces: [Stage.park])
        var message = stage.message(update)
        message.header.streamID = 7
        message.header.sequence = 1234
        stage.server.passed(message, .toServer, of: alice, at: stage.now)
        stage.take()
        let mirrored = try #require(stage.forwarded(to: eve).first)
        #expect(stage.forwarded(to: oscar).isEmpty)
        #expect(mirrored.header.streamID == 7)
        #expect(mirrored.header.sequence == 1234)
        #expect(mirrored.header.timestamp == message.header.timestamp)
        #expect(mirrored.body == message.body)
        #expect(mirrored.address == message.address)
        let header = try #require(mirrored.extensions.first)
        #expect(header.extensionID == ExtensionID.origin)
        #expect(
            try Origin.decode(header.data)
                == Origin(sessionID: uuid(1 << 32), direction: .toServer, seen: stage.now.wall))
        // It is what it says on the wire as well.
        #expect(try mirrored.encoded().withOctets { try Message.decode($0).message } == mirrored)
    }

    @Test func `what names no space goes to the observers of any space of its session`() {
        var stage = Stage(Stage.plan)
        let alice = stage.join(1, spaces: [Stage.plaza])
        let eve = stage.join(2, role: .observer)
        let oscar = stage.join(3, role: .observer, spaces: [Stage.park])
        stage.server.passed(
            stage.message(.ping(Ping(pingID: 1)), in: nil), .fromServer, of: alice, at: stage.now)
        stage.take()
        #expect(stage.forwarded(to: eve).count == 1)
        #expect(stage.forwarded(to: oscar).isEmpty)
    }

    @Test
    func `what observers send and get is not mirrored, and of what proves somebody no more than that it was there`()
        throws
    {
        var stage = Stage()
        let alice = stage.join(1)
        let eve = stage.join(2, role: .observer)
        let oscar = stage.join(3, role: .observer)
        stage.server.passed(stage.message(update), .fromServer, of: eve, at: stage.now)
        stage.take()
        #expect(stage.forwarded(to: oscar).isEmpty)
        let auth = AuthRequest(method: .token, credentials: [1, 2], timestamp: 0, signature: [3])
        var connect = Stage.connect(1)
        connect.auth = auth
        let secrets: [Payload] = [
            .connect(connect), .authRequest(auth),
            .authResponse(AuthResponse(code: .success, token: [1, 2], expires: 0, reason: "")),
            .challengeResponse(ChallengeResponse(challengeID: 1, proof: [1, 2])),
        ]
        for secret in secrets {
            stage.server.passed(stage.message(secret, in: nil), .toServer, of: alice, at: stage.now)
        }
        stage.take()
        connect.auth = nil
        #expect(
            stage.forwarded(to: oscar).map(\.body) == [
                .payload(.connect(connect)),
                .payload(.authRequest(AuthRequest(method: .token, credentials: [], timestamp: 0))),
                .payload(.authResponse(AuthResponse(code: .success, token: [], expires: 0, reason: ""))),
                .payload(.challengeResponse(ChallengeResponse(challengeID: 1, proof: []))),
            ])
    }

    @Test func `an observer is told once what there is, in the server's own words`() throws {
        var stage = Stage(Stage.plaza { $0.entities = [EntityPlan(id: uuid(1), fields: [StateField("a", .null)])] })
        let eve = stage.join(2, role: .observer)
        let payloads = stage.payloads(to: eve)
        guard case .stateSync(let sync) = try #require(payloads.first) else {
            Issue.record("\(payloads)")
            return
        }
        #expect(payloads.count == 1)
        #expect(!sync.delta)
        #expect(sync.entries.map(\.entityID) == [uuid(1)])
        // Whoever comes later is told it, too; the observer is shown that.
        stage.forget()
        stage.join(3)
        #expect(stage.payloads(to: eve).isEmpty)
    }
}
