import SpatioSession
import SpatioWire
import Testing

@testable import SpatioServer

private func config(_ number: UInt64, roles: [PeerRole] = [.participant], range: Float = 0) -> PeerConfig {
    PeerConfig(
        peerID: Stage.client(number),
        capabilities: PeerCapabilities(spatialRange: range, maxConnections: 4, bandwidth: 1000, roles: roles),
        discoveryMode: .broadcast)
}

private func announcement(_ number: UInt64, _ groups: [MulticastGroup] = []) -> Payload {
    .peerAnnounce(PeerAnnounce(peer: config(number), endpoints: ["192.0.2.1:9"], groups: groups))
}

private func group(_ number: UInt64, _ mode: AccessMode = .open, members: [UUID] = []) -> MulticastGroup {
    MulticastGroup(
        groupID: uuid(number), spatialBounds: .sphere(center: .zero, radius: 9), ttl: 1,
        qos: QualityOfService(
            reliable: true, ordered: false, priority: .critical,
            flow: FlowControl(windowSize: 1, rateLimit: 1, congestionThreshold: 0)),
        accessControl: AccessControl(mode: mode, members: members), endpoint: "239.77.28.9:7728")
}

@Suite struct PeerTests {
    private func announced(_ stage: Stage, _ handle: SessionHandle) -> [UUID] {
        stage.payloads(to: handle).compactMap { payload in
            if case .peerAnnounce(let announce) = payload { announce.peer.peerID } else { nil }
        }
    }

    @Test func `who looks for peers is told of those that match, and of the server`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.send(announcement(1), from: alice)
        stage.send(.peerDiscover(config(2, roles: [])), from: bob)
        #expect(announced(stage, bob) == [Stage.serverID, Stage.client(1)])
        stage.forget()
        stage.send(.peerDiscover(config(2, roles: [.participant])), from: bob)
        stage.send(.peerDiscover(config(2, roles: [.relay])), from: bob)
        #expect(announced(stage, bob) == [Stage.client(1)])
    }

    @Test func `peers beyond the range are not told of`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.send(.spatialUpdate(SpatialUpdate(updates: [])), from: alice, at: Vector3(30, 0, 0))
        stage.send(.spatialUpdate(SpatialUpdate(updates: [])), from: bob)
        stage.send(announcement(1), from: alice)
        stage.send(.peerDiscover(config(2, range: 29)), from: bob)
        #expect(announced(stage, bob).isEmpty)
        stage.send(.peerDiscover(config(2, range: 31)), from: bob)
        #expect(announced(stage, bob) == [Stage.client(1)])
    }

    @Test func `who has looked hears of new ones, and of those that leave`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2)
        let carol = stage.join(3)
        stage.send(.peerDiscover(config(2)), from: bob)
        stage.send(announcement(1), from: alice)
        #expect(announced(stage, bob) == [Stage.client(1)])
        stage.leave(alice, .timeout)
        let leave = PeerLeave(peerID: Stage.client(1), code: .timeout, reason: "")
        #expect(stage.payloads(to: bob).last == .peerLeave(leave))
        #expect(!stage.payloads(to: carol).contains { $0.type == .peerAnnounce || $0.type == .peerLeave })
    }

    @Test func `nobody speaks for another`() {
        var stage = Stage()
        let alice = stage.join(1)
        stage.send(announcement(2), from: alice)
        stage.send(.peerDiscover(config(2)), from: alice)
        stage.send(.peerLeave(PeerLeave(peerID: Stage.client(2), code: .success, reason: "")), from: alice)
        #expect(stage.faults == ["UNAUTHORIZED", "UNAUTHORIZED", "UNAUTHORIZED"])
    }
}

@Suite struct GroupTests {
    private func message(_ routing: RoutingStrategy = .flood, group: UInt64 = 50) -> MulticastForm {
        MulticastForm(groupID: uuid(group), routing: routing)
    }

    private let hello = Payload.custom(type: 1, data: [1, 2, 3])

    private func stage() -> (Stage, [SessionHandle]) {
        var stage = Stage(
            Stage.plaza { $0.groups = [group(50), group(51, .token), group(52, .list, members: [Stage.client(2)])] })
        let handles = (1...3 as ClosedRange<UInt64>).map { number -> SessionHandle in
            let handle = stage.join(number, hasToken: number == 3)
            stage.send(
                .spatialUpdate(SpatialUpdate(updates: [])), from: handle, at: Vector3(Double(number), 0, 0))
            stage.send(announcement(number, [group(50)]), from: handle)
            return handle
        }
        stage.forget()
        return (stage, handles)
    }

    @Test(arguments: [
        (RoutingStrategy.flood, [false, true, true]), (.selective(peers: [Stage.client(3)]), [false, false, true]),
        (.spatial(.sphere(center: Vector3(2, 0, 0), radius: 0.5)), [false, true, false]),
        (.gradient(origin: Vector3(3, 0, 0), falloff: 0.5), [false, false, true]),
    ]) func `a message goes to the members on its route, in the group's quality`(
        routing: RoutingStrategy, reached: [Bool]
    ) {
        var (stage, handles) = stage()
        stage.send(hello, from: handles[0], multicast: message(routing))
        #expect(handles.map { stage.payloads(to: $0) == [hello] } == reached)
        for handle in handles {
            for sent in stage.sent(to: handle) {
                #expect(sent.delivery.priority == .critical)
                #expect(sent.delivery.reliable)
                #expect(sent.delivery.multicast == message(routing))
            }
        }
    }

    @Test func `groups let in whom they are for`() {
        var (stage, handles) = stage()
        for (number, handle) in handles.enumerated() {
            stage.send(announcement(UInt64(number + 1), [group(51), group(52)]), from: handle)
        }
        let members = stage.server.spaces[0].groupMembers
        #expect(members[uuid(50)] == [])
        #expect(members[uuid(51)] == [handles[2]])
        #expect(members[uuid(52)] == [handles[1]])
        #expect(stage.faults == ["UNAUTHORIZED", "UNAUTHORIZED", "UNAUTHORIZED"])
    }

    @Test func `only members send to a group, and who leaves is none any more`() {
        var (stage, handles) = stage()
        stage.send(.peerLeave(PeerLeave(peerID: Stage.client(2), code: .success, reason: "")), from: handles[1])
        stage.leave(handles[2])
        stage.forget()
        stage.send(hello, from: handles[1], multicast: message())
        stage.send(hello, from: handles[0], multicast: message())
        stage.send(hello, from: handles[0], multicast: message(group: 99))
        #expect(stage.faults == ["UNAUTHORIZED", "UNAUTHORIZED"])
        #expect(handles.allSatisfy { stage.payloads(to: $0).isEmpty })
    }
}

@Suite struct RelayTests {
    private var inner: [UInt8] {
        Message(
            header: MessageHeader(type: .custom, streamID: 9, sequence: 0, timestamp: 0),
            body: .payload(.custom(type: 1, data: [1]))
        ).encoded()
    }

    private func request(_ source: UInt64, _ target: UInt64, ttl: UInt8 = 4) -> RelayRequest {
        RelayRequest(
            requestID: 6, source: Stage.client(source), target: Stage.client(target), ttl: ttl, payload: inner)
    }

    private func responses(_ stage: Stage, _ handle: SessionHandle) -> [RelayResponse] {
        stage.payloads(to: handle).compactMap { if case .relayResponse(let response) = $0 { response } else { nil } }
    }

    @Test func `a message goes to its target with a lower ttl, and the sender learns of it`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.send(.relayRequest(request(1, 2)), from: alice)
        #expect(stage.payloads(to: bob).last == .relayRequest(request(1, 2, ttl: 3)))
        #expect(
            responses(stage, alice)
                == [RelayResponse(requestID: 6, code: .success, relayID: Stage.serverID, hops: 1)])
    }

    @Test func `what cannot go on is answered with why`() {
        var stage = Stage()
        let alice = stage.join(1)
        stage.join(2)
        stage.send(.relayRequest(request(1, 2, ttl: 0)), from: alice)
        stage.send(.relayRequest(request(1, 7)), from: alice)
        stage.send(.relayRequest(request(2, 1)), from: alice)
        var broken = request(1, 2)
        broken.payload.removeLast()
        stage.send(.relayRequest(broken), from: alice)
        #expect(
            responses(stage, alice).map(\.code) == [.relayFailed, .peerUnreachable, .unauthorized, .invalidMessage])
        #expect(responses(stage, alice).allSatisfy { $0.hops == 0 })
    }

    @Test func `a target elsewhere is asked for at a relay, whose answer comes back one hop longer`() {
        var stage = Stage()
        let alice = stage.join(1)
        let relay = stage.join(2, role: .relay)
        stage.forget()
        stage.send(.relayRequest(request(1, 7)), from: alice)
        guard case .relayRequest(let passed)? = stage.payloads(to: relay).first else {
            Issue.record("nothing was passed on")
            return
        }
        #expect(passed.ttl == 3)
        let answer = RelayResponse(requestID: passed.requestID, code: .success, relayID: uuid(77), hops: 2)
        stage.send(.relayResponse(answer), from: alice)
        #expect(responses(stage, alice).isEmpty, "only the relay itself can answer")
        stage.send(.relayResponse(answer), from: relay)
        stage.send(.relayResponse(answer), from: relay)
        #expect(
            responses(stage, alice) == [RelayResponse(requestID: 6, code: .success, relayID: uuid(77), hops: 3)])
    }

    @Test func `a relay that does not answer is given up`() {
        var stage = Stage()
        let alice = stage.join(1)
        stage.join(2, role: .relay)
        stage.send(.relayRequest(request(1, 7)), from: alice)
        stage.pass(milliseconds: 5000)
        #expect(responses(stage, alice).map(\.code) == [.timeout])
        #expect(stage.server.relays.count == 0)
    }
}

@Suite struct ExtensionTests {
    private let manifest = ExtensionManifest(
        id: 0x9001, name: "battery", type: .application, version: SemanticVersion(1, 2, 0), status: .beta)

    private func header(_ manifest: ExtensionManifest) -> Payload {
        .extension(ExtensionHeader(extensionID: ExtensionID.manifest, data: manifest.encoded()))
    }

    @Test func `manifests of the plan go to those who offer the extension`() {
        var plan = Stage.plaza()
        plan.extensions = [manifest]
        var stage = Stage(plan)
        let alice = stage.join(1, offers: [0x9001])
        let bob = stage.join(2)
        #expect(stage.payloads(to: alice).contains(header(manifest)))
        #expect(!stage.payloads(to: bob).contains(header(manifest)))
        var connect = Stage.connect(3)
        connect.extensions = [1, 0x9001, 0x9002].map {
            ExtensionOffer(extensionID: $0, version: SemanticVersion(9, 0, 0))
        }
        guard case .accepted(_, _, let extensions) = stage.server.admission(of: connect) else {
            Issue.record("not let in")
            return
        }
        #expect(extensions.map(\.extensionID) == [1, 0x9001])
        #expect(extensions.last?.version == manifest.version)
    }

    @Test func `what a client registers goes to those who offer it, and nobody takes it over`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2, offers: [0x9001])
        let carol = stage.join(3)
        stage.forget()
        stage.send(header(manifest), from: alice)
        let data = Payload.extension(ExtensionHeader(extensionID: 0x9001, data: [1]))
        stage.send(data, from: alice)
        #expect(stage.payloads(to: bob) == [header(manifest), data])
        #expect(stage.payloads(to: carol).isEmpty)
        stage.send(header(manifest), from: bob)
        #expect(stage.faults == ["EXTENSION_ERROR"])
        stage.leave(alice)
        stage.send(header(manifest), from: bob)
        #expect(stage.faults.count == 1)
    }

    @Test func `what nobody knows is passed on within its space, as it came`() {
        var stage = Stage(Stage.plan)
        let alice = stage.join(1)
        let bob = stage.join(2, spaces: [Stage.park])
        let carol = stage.join(3, spaces: [Stage.plaza])
        stage.forget()
        let data = Payload.extension(ExtensionHeader(extensionID: 0x9005, data: [1]))
        stage.send(data, from: alice, in: Stage.park)
        #expect(stage.payloads(to: bob) == [data])
        #expect(stage.payloads(to: carol).isEmpty)
        stage.send(.custom(type: 3, data: [4]), from: alice, in: nil)
        #expect(stage.payloads(to: carol) == [.custom(type: 3, data: [4])])
        #expect(stage.payloads(to: bob).count == 2)
    }
}
