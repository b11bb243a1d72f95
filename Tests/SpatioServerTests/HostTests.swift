import SpatioSession
import SpatioWire
import Testing

@testable import SpatioServer

/// A server and its clients in one room: what one sends the others receive at once, nothing is lost.
private struct Room {
    var host: SpaceHost
    var clients: [UInt16: Client] = [:]
    var events: [UInt16: [ClientEvent]] = [:]
    var logs: [ServerEntry] = []
    var now = Moment(monotonic: 1_000_000_000, wall: 1_800_000_000_000_000)

    init(_ plan: ServerPlan = Stage.plaza()) throws {
        host = try SpaceHost(plan, serverID: Stage.serverID, secret: Array(repeating: 7, count: 32), at: now)
    }

    private static func address(_ number: UInt16) -> PeerAddress {
        PeerAddress(host: .v4(0x7F00_0001), port: number)
    }

    mutating func join(
        _ number: UInt16, role: PeerRole = .participant, _ change: (inout ClientConfiguration) -> Void = { _ in }
    ) {
        var configuration = ClientConfiguration(
            clientID: Stage.client(UInt64(number)), name: "client \(number)", role: role)
        change(&configuration)
        clients[number] = Client(configuration, at: now)
        for _ in 0..<100 where clients[number]?.state != .ready && clients[number]?.state != .closed {
            pass(milliseconds: 10)
        }
        settle()
        // What keeps to a rate takes some time.
        pass(milliseconds: 100)
    }

    mutating func send(_ payload: Payload, from number: UInt16, stream: UInt32 = 1) throws {
        let address = SpatialAddress(
            spaceID: Stage.plaza, precision: 0.1, confidence: 1, timestamp: now.wallMilliseconds)
        try clients[number]?.send(payload, Delivery(stream: stream, reliable: true, address: address), at: now)
        settle()
    }

    /// Lets everything arrive that is on its way.
    mutating func settle() {
        var isMoving = true
        while isMoving {
            isMoving = false
            for number in clients.keys.sorted() {
                while let octets = clients[number]?.nextTransmission(at: now) {
                    isMoving = true
                    octets.withUnsafeBytes { host.receive($0, from: Self.address(number), at: now) }
                }
            }
            while let (address, octets) = host.nextTransmission(at: now) {
                isMoving = true
                octets.withUnsafeBytes { clients[address.port]?.receive($0, at: now) }
            }
            for number in clients.keys {
                while let event = clients[number]?.nextEvent() { events[number, default: []].append(event) }
            }
            while let event = host.nextEvent() { if case .log(let entry) = event { logs.append(entry) } }
        }
    }

    mutating func pass(milliseconds: Int) {
        for _ in 0..<milliseconds / 10 {
            now.monotonic += 10_000_000
            now.wall += 10_000
            if let deadline = host.deadline, deadline <= now.monotonic { host.advance(to: now) }
            for number in clients.keys { clients[number]?.advance(to: now) }
            settle()
        }
    }

    func messages(of number: UInt16) -> [Message] {
        (events[number] ?? []).compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    func payloads(of number: UInt16) -> [Payload] {
        messages(of: number).compactMap { if case .payload(let payload) = $0.body { payload } else { nil } }
    }

    func closing(of number: UInt16) -> Closing? {
        (events[number] ?? []).lazy.compactMap { if case .closed(let closing) = $0 { closing } else { nil } }.first
    }
}

@Suite struct HostTests {
    private func move(_ entity: UInt64, _ x: Double) -> Payload {
        .spatialUpdate(
            SpatialUpdate(updates: [EntityUpdate(entityID: uuid(entity), kind: 1, position: Vector3(x, 0, 0))]))
    }

    private let everywhere = RegionSubscribe(
        subscriptionID: 1, bounds: .sphere(center: .zero, radius: 40), updateFrequency: 100, priority: .medium)

    @Test(arguments: [SecurityLevel.none, .sign, .encrypt])
    func `clients meet in a space: state, regions and queries, at every level of security`(
        level: SecurityLevel
    ) throws {
        var plan = Stage.plaza { $0.entities = [EntityPlan(id: uuid(1), fields: [StateField("a", .int(1))])] }
        plan.securityLevel = level
        var room = try Room(plan)
        room.join(1)
        room.join(2)
        try room.send(.regionSubscribe(everywhere), from: 2)
        try room.send(move(5, 3), from: 1)
        room.pass(milliseconds: 200)
        try room.send(
            .spatialQuery(
                SpatialQuery(
                    queryID: 9, parameters: .radius(center: .zero, radius: 4), maxResults: 5, timeout: 50)),
            from: 2)
        let change = StateSync(
            spaceID: Stage.plaza, version: 2, timestamp: room.now.wallMilliseconds, delta: true,
            entries: [modified(1, StateField("a", .int(2)))])
        try room.send(.deltaUpdate(DeltaUpdate(baseVersion: 1, sync: change)), from: 1)
        let payloads = room.payloads(of: 2)
        #expect(payloads.first?.type == .stateSync)
        #expect(payloads.contains(move(5, 3)))
        #expect(
            payloads.contains {
                if case .spatialResponse(let response) = $0 { response.results.count == 1 } else { false }
            })
        #expect(payloads.last?.type == .deltaUpdate)
    }

    @Test(arguments: [SecurityLevel.none, .encrypt])
    func `an observer sees both directions of every session as they were`(level: SecurityLevel) throws {
        var plan = Stage.plaza()
        plan.securityLevel = level
        var room = try Room(plan)
        room.join(9, role: .observer)
        room.join(1)
        room.join(2)
        try room.send(.regionSubscribe(everywhere), from: 2)
        for x in 0..<5 { try room.send(move(5, Double(x)), from: 1) }
        room.pass(milliseconds: 3000)
        var seen: [String: [UInt32]] = [:]
        for message in room.messages(of: 9) {
            guard let header = message.extensions.first(where: { $0.extensionID == ExtensionID.origin }) else {
                continue
            }
            let origin = try Origin.decode(header.data)
            let stream = "\(origin.sessionID) \(origin.direction.name) \(message.header.streamID)"
            seen[stream, default: []].append(message.header.sequence)
        }
        #expect(seen.count >= 6, "\(seen.keys.sorted())")
        for (stream, sequences) in seen {
            // What a client sends behind its CONNECT before its address is proved, a server never takes.
            let taken = sequences.sorted().dropFirst(stream.hasSuffix(" 0") ? 1 : 0)
            let first = try #require(taken.first)
            #expect(Array(taken) == (0..<UInt32(taken.count)).map { first + $0 }, "\(stream) has a gap")
        }
        #expect(room.payloads(of: 9).filter { $0.type == .spatialUpdate }.count >= 6)
        if level == .encrypt { #expect(room.logs.contains { $0.text.hasPrefix("observer of a sealed session") }) }
    }

    @Test func `an observer is shown everything as it is sent, pings and their answers too`() throws {
        var room = try Room()
        room.join(1)
        room.join(9, role: .observer)
        try room.send(move(5, 1), from: 1)
        room.pass(milliseconds: 5000)
        var pongs = 0
        for message in room.messages(of: 9) {
            guard let header = message.extensions.first(where: { $0.extensionID == ExtensionID.origin }) else {
                continue
            }
            // A client's message says when it was sent, and nothing takes time here.
            #expect(try Origin.decode(header.data).seen == message.header.timestamp)
            if message.header.type == .pong { pongs += 1 }
        }
        #expect(pongs > 0)
    }

    @Test func `a token opens its spaces and no other`() throws {
        var plan = Stage.plan
        plan.demandsToken = true
        plan.tokens = [TokenGrant(name: "alice", secret: [1, 2, 3], spaces: [Stage.park])]
        var room = try Room(plan)
        room.join(1) { $0.credentials = .token([1, 2, 3]) }
        room.join(2)
        room.join(3) {
            $0.credentials = .token([1, 2, 3])
            $0.spaces = [Stage.plaza]
        }
        #expect(room.clients[1]?.session?.spaces.map(\.spaceID) == [Stage.park])
        #expect(room.closing(of: 2)?.code == .unauthorized)
        #expect(room.closing(of: 3)?.code == .unauthorized)
        #expect(room.host.spaces.sessions.count == 1)
    }

    @Test func `a server that closes says so to every client`() throws {
        var room = try Room()
        room.join(1)
        room.join(2, role: .observer)
        room.host.close(at: room.now)
        room.settle()
        for number in [1, 2] as [UInt16] {
            #expect(room.closing(of: number)?.reason == "the server closes")
            #expect(room.closing(of: number)?.byPeer == true)
        }
        #expect(room.logs.contains { $0.text == "server closes" })
        #expect(room.host.nextTransmission(at: room.now) == nil)
    }

    @Test func `who does wrong too often is told why it is sent away`() throws {
        var room = try Room()
        room.join(1)
        for _ in 0..<30 {
            try? room.send(move(5, 99), from: 1)
            room.pass(milliseconds: 10)
        }
        #expect(room.closing(of: 1)?.code == .outOfBounds)
        #expect(room.host.spaces.sessions.isEmpty)
    }

    @Test func `a plan that cannot be carried out is refused`() {
        var plan = ServerPlan()
        let now = Moment(monotonic: 0, wall: 0)
        #expect(throws: SpaceHost.PlanError.noSpace) {
            try SpaceHost(plan, serverID: uuid(1), secret: Array(repeating: 1, count: 32), at: now)
        }
        plan = .standard
        plan.identity = [1, 2, 3]
        #expect(throws: SpaceHost.PlanError.identity) {
            try SpaceHost(plan, serverID: uuid(1), secret: Array(repeating: 1, count: 32), at: now)
        }
    }
}
