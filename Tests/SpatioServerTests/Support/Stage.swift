import SpatioSession
import SpatioWire

@testable import SpatioServer

/// A server with a clock that only tests move, and everything that it wanted done.
struct Stage {
    var server: SpaceServer
    var now = Moment(monotonic: 1_000_000_000, wall: 1_800_000_000_000_000)
    private(set) var commands: [ServerCommand] = []
    private var sequences: [UInt32: UInt32] = [:]

    static let plaza = uuid(1)
    static let park = uuid(2)
    static let serverID = uuid(0xFFFF)

    /// Two spaces: `plaza` of 100 by 100 metres with its middle at the origin, and `park` without bounds.
    static var plan: ServerPlan {
        var plan = ServerPlan()
        var plaza = SpacePlan(id: Self.plaza, name: "plaza")
        plaza.bounds = .box(min: Vector3(-50, -50, -50), max: Vector3(50, 50, 50))
        plan.spaces = [plaza, SpacePlan(id: Self.park, name: "park")]
        return plan
    }

    /// A plan with only `plaza`, changed by `change`.
    static func plaza(_ change: (inout SpacePlan) -> Void = { _ in }) -> ServerPlan {
        var plan = Self.plan
        plan.spaces.removeLast()
        change(&plan.spaces[0])
        return plan
    }

    init(_ plan: ServerPlan = Stage.plaza()) { server = SpaceServer(plan, serverID: Self.serverID, at: now) }

    // MARK: Clients

    @discardableResult
    mutating func join(
        _ number: UInt64, role: PeerRole = .participant, spaces: [UUID] = [], capabilities: Capabilities = .all,
        offers: [UInt16] = [], hasToken: Bool = false
    ) -> SessionHandle {
        let handle = SessionHandle(number: number)
        var connect = Self.connect(number, role: role, spaces: spaces, capabilities: capabilities)
        connect.extensions = offers.map { ExtensionOffer(extensionID: $0, version: SemanticVersion(1, 0, 0)) }
        server.opened(handle, sessionID: uuid(number << 32), connect: connect, hasToken: hasToken, at: now)
        take()
        return handle
    }

    static func connect(
        _ number: UInt64, role: PeerRole = .participant, spaces: [UUID] = [], capabilities: Capabilities = .all
    ) -> Connect {
        Connect(
            config: ConnectionConfig(capabilities: capabilities), clientID: client(number), role: role,
            name: "client \(number)", spaces: spaces)
    }

    /// What a client numbers itself with.
    static func client(_ number: UInt64) -> UUID { uuid(0x1000 + number) }

    mutating func leave(_ handle: SessionHandle, _ code: ErrorCode = .success) {
        server.closed(handle, code, at: now)
        take()
    }

    // MARK: Messages

    mutating func message(
        _ payload: Payload, in space: UUID? = plaza, at position: Vector3 = .zero, multicast: MulticastForm? = nil
    ) -> Message {
        let sequence = sequences[1, default: 0]
        sequences[1] = sequence + 1
        return Message(
            header: MessageHeader(
                type: payload.type ?? MessageType(rawValue: 0x77), streamID: 1, sequence: sequence, timestamp: now.wall),
            address: space.map {
                SpatialAddress(
                    spaceID: $0, position: position, precision: 0.1, confidence: 0.9,
                    timestamp: now.wallMilliseconds)
            }, multicast: multicast, body: .payload(payload))
    }

    mutating func send(
        _ payload: Payload, from handle: SessionHandle, in space: UUID? = plaza, at position: Vector3 = .zero,
        multicast: MulticastForm? = nil
    ) {
        let message = message(payload, in: space, at: position, multicast: multicast)
        server.received(message, octets: message.encoded().count, from: handle, at: now)
        take()
    }

    mutating func move(_ entity: UInt64, to position: Vector3, by handle: SessionHandle, in space: UUID = plaza) {
        send(
            .spatialUpdate(
                SpatialUpdate(updates: [EntityUpdate(entityID: uuid(entity), kind: 7, position: position)])),
            from: handle, in: space)
    }

    mutating func write(
        _ entries: [StateSyncEntry], base: UInt64, from handle: SessionHandle, timestamp: UInt64? = nil
    ) {
        let sync = StateSync(
            spaceID: Self.plaza, version: base + 1, timestamp: timestamp ?? now.wallMilliseconds, delta: true,
            entries: entries)
        send(.deltaUpdate(DeltaUpdate(baseVersion: base, sync: sync)), from: handle)
    }

    // MARK: Time

    mutating func pass(milliseconds: Int64) {
        let end = now.monotonic + milliseconds * 1_000_000
        while let deadline = server.deadline, deadline <= end {
            wait(until: max(deadline, now.monotonic))
            server.advance(to: now)
            take()
        }
        wait(until: end)
    }

    private mutating func wait(until time: Int64) {
        now.wall += UInt64(time - now.monotonic) / 1000
        now.monotonic = time
    }

    // MARK: What the server did

    mutating func take() {
        while let command = server.nextCommand() { commands.append(command) }
    }

    mutating func forget() { commands = [] }

    func sent(to handle: SessionHandle) -> [(payload: Payload, delivery: Delivery)] {
        commands.compactMap {
            if case .send(let payload, let delivery, handle) = $0 { (payload, delivery) } else { nil }
        }
    }

    func payloads(to handle: SessionHandle) -> [Payload] { sent(to: handle).map(\.payload) }

    func forwarded(to handle: SessionHandle) -> [Message] {
        commands.compactMap { if case .forward(let message, handle) = $0 { message } else { nil } }
    }

    /// Entities that a client was told of, in order.
    func updates(to handle: SessionHandle) -> [EntityUpdate] {
        payloads(to: handle).flatMap { (payload) -> [EntityUpdate] in
            if case .spatialUpdate(let update) = payload { update.updates } else { [] }
        }
    }

    func answers(to handle: SessionHandle) -> [SpatialResponse] {
        payloads(to: handle).compactMap { if case .spatialResponse(let response) = $0 { response } else { nil } }
    }

    /// Codes of the faults that were logged.
    var faults: [String] {
        commands.compactMap { command in
            guard case .log(let entry) = command, entry.text == "message refused" else { return nil }
            return entry.metadata.first { $0.key == "code" }?.value
        }
    }

    func disconnection(of handle: SessionHandle) -> (ErrorCategory, ErrorCode)? {
        commands.lazy.compactMap {
            if case .disconnect(handle, let category, let code, _) = $0 { (category, code) } else { nil }
        }.first
    }
}

func uuid(_ number: UInt64) -> UUID { UUID(high: 0xA, low: number) }

/// What a client holds of a space's state, kept by what it is told alone.
struct Replica: Equatable {
    var version: UInt64 = 0
    var fields: [UUID: [String: Value]] = [:]
    /// A delta came that does not apply to the version at hand.
    var gaps = 0

    mutating func take(_ payloads: [Payload]) {
        for payload in payloads {
            switch payload {
            case .stateSync(let sync): take(sync, base: sync.version &- 1)
            case .stateResponse(let response):
                if let sync = response.sync { take(sync, base: sync.version &- 1) }
            case .deltaUpdate(let update): take(update.sync, base: update.baseVersion)
            case .conflictResolve(let resolution):
                if version + 1 != resolution.version { gaps += 1 }
                version = resolution.version
                for field in resolution.resolved { fields[resolution.entityID, default: [:]][field.key] = field.value }
            default: break
            }
        }
    }

    private mutating func take(_ sync: StateSync, base: UInt64) {
        if !sync.delta { fields = [:] } else if base != version { gaps += 1 }
        version = sync.version
        for entry in sync.entries {
            switch entry.change {
            case .removed: fields[entry.entityID] = nil
            case .added, .modified:
                if entry.change == .added { fields[entry.entityID] = [:] }
                for field in entry.fields { fields[entry.entityID, default: [:]][field.key] = field.value }
            }
        }
    }

    init() {}

    /// What the server holds.
    init(_ state: SpaceState) {
        version = state.version
        for entry in state.full(at: 0).entries {
            fields[entry.entityID] = Dictionary(
                entry.fields.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        }
    }
}

func added(_ entity: UInt64, _ fields: StateField...) -> StateSyncEntry {
    StateSyncEntry(change: .added, entityID: uuid(entity), entityVersion: 1, fields: fields)
}

func modified(_ entity: UInt64, _ fields: StateField...) -> StateSyncEntry {
    StateSyncEntry(change: .modified, entityID: uuid(entity), entityVersion: 2, fields: fields)
}

func removed(_ entity: UInt64) -> StateSyncEntry {
    StateSyncEntry(change: .removed, entityID: uuid(entity), entityVersion: 2, fields: [])
}

/// SplitMix64: the same numbers for the same seed.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }
    mutating func number(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &self) }

    mutating func vector(_ reach: Double) -> Vector3 {
        Vector3(number(-reach...reach), number(-reach...reach), number(-reach...reach))
    }
}
