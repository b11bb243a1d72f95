import SpatioSession
import SpatioWire
import Testing

@testable import SpatioServer

/// Valid messages of every type, in any state, from anybody: nothing breaks, nothing grows without end, and the same
/// input gives the same commands.
@Suite struct FuzzTests {
    private static func plan() -> ServerPlan {
        var plan = Stage.plan
        plan.spaces[0].groups = [
            MulticastGroup(
                groupID: uuid(50), spatialBounds: .sphere(center: .zero, radius: 9), ttl: 1,
                qos: QualityOfService(reliable: true, ordered: true, priority: .low, flow: .standardForTests),
                accessControl: AccessControl(mode: .open), endpoint: "239.77.28.9:7728")
        ]
        plan.spaces[1].conflictStrategy = .merge
        plan.limits.entities = 60
        plan.limits.entitiesPerSession = 25
        plan.limits.history = 20
        plan.limits.stateOctets = 3000
        plan.limits.regions = 10
        plan.limits.pendingRelays = 8
        plan.limits.subscriptionsPerSession = 3
        plan.limits.faultsPerSecond = 30
        return plan
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func `random messages in random states`(seed: UInt64) {
        let first = Self.run(seed)
        #expect(first == Self.run(seed), "the same input gives the same commands")
    }

    /// Runs a whole life of a server; returns all of its commands as a text.
    private static func run(_ seed: UInt64) -> String {
        var dice = Dice(state: seed)
        var messages = RandomMessages(dice: Dice(state: seed &* 77))
        var stage = Stage(plan())
        var handles: [SessionHandle] = []
        var text = ""
        for round in 0..<600 {
            if dice.number(0..<40) == 0 || handles.isEmpty {
                let roles = [PeerRole.participant, .participant, .observer, .relay, .server]
                handles.append(
                    stage.join(
                        UInt64(1 + dice.number(0..<12) + round / 100 * 100), role: roles[dice.number(0..<5)],
                        spaces: dice.number(0..<3) == 0 ? [Stage.plaza] : [],
                        capabilities: dice.number(0..<4) == 0 ? [] : .all, offers: [1, 2, 0x9001]))
            }
            let handle = handles[dice.number(0..<handles.count)]
            let payload = messages.payload()
            let message = stage.message(
                payload,
                in: dice.number(0..<8) == 0 && payload.type != .spatialUpdate
                    ? nil : [Stage.plaza, Stage.park, uuid(99)][dice.number(0..<3)],
                at: dice.vector(60),
                multicast: dice.number(0..<6) == 0 ? MulticastForm(groupID: uuid(50), routing: .flood) : nil)
            // What is sent is what can be on the wire.
            #expect(throws: Never.self) { try message.encoded().withOctets { _ = try Message.decode($0) } }
            stage.server.received(message, octets: 100, from: handle, at: stage.now)
            stage.server.passed(message, .toServer, of: handle, at: stage.now)
            stage.take()
            if dice.number(0..<50) == 0 { stage.server.lost(handle) }
            if dice.number(0..<60) == 0 { stage.leave(handle) }
            if dice.number(0..<4) == 0 { stage.pass(milliseconds: Int64(dice.number(0..<200))) }
            for command in stage.commands { text += "\(command)\n" }
            check(stage)
            stage.forget()
        }
        return text
    }

    private static func check(_ stage: Stage) {
        let server = stage.server
        let limits = server.plan.limits
        for space in server.spaces {
            #expect(space.places.count <= limits.entities)
            #expect(space.state.octets <= limits.stateOctets)
            #expect(space.regions.count <= limits.regions)
            #expect(Set(space.members).count == space.members.count)
            #expect((space.members + space.observers).allSatisfy { server.sessions[$0] != nil })
        }
        #expect(server.relays.count <= limits.pendingRelays)
        for session in server.sessions.values {
            #expect(session.subscriptions.count <= limits.subscriptionsPerSession)
            #expect(session.placeCount <= limits.entitiesPerSession)
        }
        for command in stage.commands {
            switch command {
            case .send(let payload, let delivery, _):
                #expect(payload.type != nil)
                #expect(!delivery.extensions.contains { $0.extensionID == ExtensionID.origin })
            case .forward(let message, let observer):
                #expect(message.extensions.last?.extensionID == ExtensionID.origin)
                #expect(server.sessions[observer]?.isObserver ?? true)
            case .disconnect, .log: break
            }
        }
    }
}

extension FlowControl {
    fileprivate static let standardForTests = FlowControl(windowSize: 1, rateLimit: 1, congestionThreshold: 0)
}

/// Payloads of every type with numbers that are often the same, so that messages meet.
private struct RandomMessages {
    var dice: Dice

    private mutating func id() -> UUID { uuid(UInt64(dice.number(0..<40))) }
    private mutating func client() -> UUID { Stage.client(UInt64(dice.number(0..<12))) }
    private mutating func space() -> UUID { [Stage.plaza, Stage.park, uuid(99)][dice.number(0..<3)] }
    private mutating func number() -> UInt32 { dice.number(0..<20) == 0 ? .max : UInt32(dice.number(0..<6)) }
    private mutating func octets() -> [UInt8] { (0..<dice.number(0..<40)).map { _ in UInt8(dice.number(0..<256)) } }

    private mutating func vector() -> Vector3 {
        dice.number(0..<20) == 0 ? Vector3(1e300, -1e300, 1e300) : dice.vector(60)
    }

    private mutating func frustum() -> Frustum {
        Frustum(
            apex: vector(), orientation: dice.number(0..<4) == 0 ? Quaternion(0, 0, 0, 0) : .identity,
            fovY: Float(dice.number(-1...4)), aspect: 1, near: 0.1, far: Float(dice.number(0...100)))
    }

    private mutating func volume() -> BoundingVolume {
        switch dice.number(0..<3) {
        case 0: .box(min: vector(), max: vector())
        case 1: .sphere(center: vector(), radius: dice.number(-5...100))
        default: .frustum(frustum())
        }
    }

    private mutating func fields() -> [StateField] {
        (0..<dice.number(0..<4)).map { _ in
            let values: [Value] = [
                .null, .bool(true), .int(5), .float(2), .string("text"), .bytes(octets()), .vector3(vector()),
                .quaternion(.identity), .uuid(id()), .timestamp(7),
            ]
            return StateField("f\(dice.number(0..<5))", values[dice.number(0..<values.count)])
        }
    }

    private mutating func sync(delta: Bool) -> StateSync {
        StateSync(
            spaceID: space(), version: UInt64(number()), timestamp: UInt64(dice.number(0..<3)) << 40, delta: delta,
            entries: (0..<dice.number(0..<4)).map { _ in
                StateSyncEntry(
                    change: [.added, .modified, .removed][dice.number(0..<3)], entityID: id(),
                    entityVersion: UInt64(number()), fields: fields())
            })
    }

    private mutating func peer() -> PeerConfig {
        PeerConfig(
            peerID: client(),
            capabilities: PeerCapabilities(
                spatialRange: Float(dice.number(0...50)), maxConnections: 1, bandwidth: 1,
                roles: dice.number(0..<2) == 0 ? [] : [.participant, .relay]),
            discoveryMode: .manual(peers: ["192.0.2.9:1"]),
            relayConfig: dice.number(0..<3) == 0 ? RelayConfig(relayID: id(), endpoint: "x", ttl: 3) : nil)
    }

    private mutating func groups() -> [MulticastGroup] {
        dice.number(0..<2) == 0
            ? []
            : [
                MulticastGroup(
                    groupID: uuid(50), spatialBounds: volume(), ttl: 1,
                    qos: QualityOfService(reliable: false, ordered: false, priority: .low, flow: .standardForTests),
                    accessControl: AccessControl(mode: .open), endpoint: "")
            ]
    }

    private mutating func extended() -> ExtensionHeader {
        let queries: [ExtendedQuery] = [
            .nearest(point: vector(), maxDistance: dice.number(-1...1e6)),
            .radius(center: vector(), radius: dice.number(-1...100)), .boundary(volume()), .visibility(frustum()),
            .custom(1, octets()),
        ]
        switch dice.number(0..<6) {
        case 0:
            let request = ExtendedQueryRequest(
                queryID: number(), query: queries[dice.number(0..<5)], maxResults: number(), kinds: [1, 2])
            return ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: request.encoded())
        case 1:
            let manifest = ExtensionManifest(
                id: UInt16(0x9000 + dice.number(0..<60)), name: "x", type: .application,
                version: SemanticVersion(1, 0, 0), status: .beta)
            return ExtensionHeader(extensionID: ExtensionID.manifest, data: manifest.encoded())
        case 2:
            return ExtensionHeader(extensionID: ExtensionID.all[dice.number(0..<5)], data: octets())
        default: return ExtensionHeader(extensionID: UInt16(0x9000 + dice.number(0..<60)), data: octets())
        }
    }

    private mutating func inner() -> [UInt8] {
        let message = Message(
            header: MessageHeader(type: .custom, streamID: 1, sequence: 1, timestamp: 1),
            body: .payload(.custom(type: 1, data: octets())))
        return dice.number(0..<3) == 0 ? octets() : message.encoded()
    }

    mutating func payload() -> Payload {
        switch dice.number(0..<30) {
        case 0: .connect(Stage.connect(3))
        case 1: .ping(Ping(pingID: number()))
        case 2, 3, 4, 5, 6:
            .spatialUpdate(
                SpatialUpdate(
                    updates: (0..<dice.number(0..<5)).map { _ in
                        EntityUpdate(entityID: id(), kind: UInt16(dice.number(0..<4)), position: vector())
                    }))
        case 7: .spatialQuery(query())
        case 8: .spatialResponse(SpatialResponse(queryID: 1, results: []))
        case 9: .boundUpdate(BoundUpdate(regionID: id(), entityID: id(), bounds: volume()))
        case 10, 11:
            .regionSubscribe(
                RegionSubscribe(
                    subscriptionID: number(), bounds: volume(),
                    updateFrequency: [0, 1, 50, .max][dice.number(0..<4)], priority: .high))
        case 12: .stateSync(sync(delta: dice.number(0..<2) == 0))
        case 13:
            .stateRequest(
                StateRequest(
                    requestID: number(), spaceID: space(), knownVersion: UInt64(number()),
                    mode: [.full, .delta, .incremental, .custom(3)][dice.number(0..<4)]))
        case 14: .stateResponse(StateResponse(requestID: 1, sync: nil))
        case 15, 16, 17, 18:
            .deltaUpdate(DeltaUpdate(baseVersion: UInt64(dice.number(0..<80)), sync: sync(delta: true)))
        case 19:
            .conflictResolve(
                ConflictResolve(
                    spaceID: space(), entityID: id(), version: 3, strategy: .merge, candidates: [], resolved: fields()))
        case 20: .peerDiscover(peer())
        case 21: .peerAnnounce(PeerAnnounce(peer: peer(), endpoints: ["a"], groups: groups()))
        case 22: .peerLeave(PeerLeave(peerID: client(), code: .success, reason: "bye"))
        case 23, 24:
            .relayRequest(
                RelayRequest(
                    requestID: number(), source: client(), target: client(), ttl: UInt8(dice.number(0..<4)),
                    payload: inner()))
        case 25: .relayResponse(RelayResponse(requestID: number(), code: .success, relayID: id(), hops: .max))
        case 26, 27: .extension(extended())
        case 28: .custom(type: 1, data: octets())
        default: .unknown(octets())
        }
    }

    private mutating func query() -> SpatialQuery {
        let parameters: [SpatialQuery.Parameters] = [
            .point(vector(), tolerance: dice.number(-1...9)), .radius(center: vector(), radius: dice.number(-1...99)),
            .bounds(min: vector(), max: vector()), .frustum(frustum()),
        ]
        return SpatialQuery(
            queryID: number(), parameters: parameters[dice.number(0..<4)], maxResults: UInt16(dice.number(0..<70)),
            timeout: UInt16(dice.number(0..<3)))
    }
}
