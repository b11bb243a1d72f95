import Capture
import Inspection
import SpatioSession
import SpatioWire

/// Endpoints, ids and times that the tests share.
enum Sample {
    static let client = endpoint("10.7.1.1:40001")
    static let otherClient = endpoint("10.7.1.2:40002")
    static let server = endpoint("10.7.0.1:7728")
    /// 2026-10-26, nanoseconds since the Unix epoch.
    static let start: Int64 = 1_793_000_000_000_000_000

    static func endpoint(_ text: String) -> Endpoint {
        guard let endpoint = Endpoint(parsing: text) else { preconditionFailure("\(text) is no endpoint") }
        return endpoint
    }

    /// Ids that differ in their last digits.
    static func id(_ number: Int) -> UUID {
        UUID(high: 0x5350_4154_494F_4000, low: 0x8000_0000_0000_0000 | UInt64(number))
    }

    static let space = id(0xA)
    static let session = id(0x5)

    /// - Parameter stamp: the sender's time in milliseconds, counted from the start.
    static func address(
        _ space: UUID = Sample.space, stamp: Int = 0, system: CoordinateSystem = .cartesian(nil)
    ) -> SpatialAddress {
        SpatialAddress(
            spaceID: space, coordinateSystem: system, precision: 0.5, confidence: 1,
            timestamp: UInt64(start / 1_000_000) + UInt64(stamp))
    }

    static func update(_ entity: Int, at position: Vector3 = .zero) -> Payload {
        .spatialUpdate(SpatialUpdate(updates: [EntityUpdate(entityID: id(entity), kind: 1, position: position)]))
    }

    static func connect(client: Int = 1, name: String = "alice", role: PeerRole = .participant) -> Payload {
        .connect(
            Connect(config: ConnectionConfig(capabilities: []), clientID: id(0x100 + client), role: role, name: name))
    }

    static func accept(
        _ session: UUID = Sample.session, code: ErrorCode = .success, spaces: [SpaceInfo] = [],
        security: SecurityLevel = .none, largest: UInt32 = UInt32(WireLimits.defaultMessageSize)
    ) -> Payload {
        .connectAck(
            ConnectAck(
                code: code, sessionID: session, serverID: id(0x200),
                config: ConnectionConfig(capabilities: [], maxMessageSize: largest, securityLevel: security),
                flow: flow, spaces: spaces))
    }

    static let flow = FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: 0.05)
    static let ping = Payload.ping(Ping(pingID: 1))
    static let goodbye = Payload.disconnect(
        Disconnect(category: ErrorCategory(rawValue: 0), code: .success, reason: "done"))

    static func sync(_ version: UInt64, delta: Bool = false, _ entries: [StateSyncEntry]) -> StateSync {
        StateSync(
            spaceID: space, version: version, timestamp: UInt64(start / 1_000_000) &+ version, delta: delta,
            entries: entries)
    }

    static func full(_ version: UInt64, _ entries: StateSyncEntry...) -> Payload {
        .stateSync(sync(version, entries))
    }

    static func delta(_ base: UInt64, _ entries: StateSyncEntry...) -> Payload {
        .deltaUpdate(DeltaUpdate(baseVersion: base, sync: sync(base + 1, delta: true, entries)))
    }

    static func entry(
        _ change: StateChange, _ entity: Int, version: UInt64, _ fields: [String: Value] = [:]
    ) -> StateSyncEntry {
        StateSyncEntry(
            change: change, entityID: id(entity), entityVersion: version,
            fields: fields.sorted { $0.key < $1.key }.map { StateField($0.key, $0.value) })
    }
}

/// Messages between some ends, and the model that watches them pass.
struct Talk {
    var model: Model
    private var chronicler = Chronicler(keepsSeries: true)
    /// Capture time of the last message, nanoseconds since the start.
    private(set) var now: Int64 = 0
    private var nextSequences: [String: UInt32] = [:]

    init(keyLog: KeyLog = KeyLog()) { model = Model(keyLog: keyLog) }

    /// Sends a payload; what is not given is numbered and stamped as an honest sender would.
    ///
    /// - Parameters:
    ///   - time: capture time, milliseconds since the start; a millisecond after the last where nil.
    ///   - sent: the sender's time, microseconds since the start; the capture time where nil.
    @discardableResult
    mutating func send(
        _ payload: Payload, from source: Endpoint = Sample.client, to destination: Endpoint = Sample.server,
        stream: UInt32 = 0, sequence: UInt32? = nil, flags: MessageFlags = [], address: SpatialAddress? = nil,
        extensions: [ExtensionHeader] = [], at time: Double? = nil, sent: Int64? = nil,
        protect: (Message) -> Message = { $0 }
    ) -> MessageOutcome {
        let octets = message(
            payload, from: source, to: destination, stream: stream, sequence: sequence, flags: flags,
            address: address, extensions: extensions, at: time, sent: sent)
        return pass(protect(octets).encoded(), from: source, to: destination)
    }

    /// The message that `send` would send; the clock goes on.
    mutating func message(
        _ payload: Payload, from source: Endpoint = Sample.client, to destination: Endpoint = Sample.server,
        stream: UInt32 = 0, sequence: UInt32? = nil, flags: MessageFlags = [], address: SpatialAddress? = nil,
        extensions: [ExtensionHeader] = [], at time: Double? = nil, sent: Int64? = nil
    ) -> Message {
        now = time.map { Int64(($0 * 1e6).rounded()) } ?? now + 1_000_000
        let counter = "\(source) \(destination) \(stream)"
        let number = sequence ?? nextSequences[counter] ?? 0
        nextSequences[counter] = number &+ 1
        return Message(
            header: MessageHeader(
                type: payload.type ?? .custom, flags: flags, streamID: stream, sequence: number,
                timestamp: UInt64(Sample.start / 1000 + (sent ?? now / 1000))),
            address: address, extensions: extensions, body: .payload(payload))
    }

    /// Lets octets pass as they are, at the time of the last message.
    @discardableResult
    mutating func pass(
        _ octets: [UInt8], from source: Endpoint = Sample.client, to destination: Endpoint = Sample.server,
        isLeftOver: Bool = false
    ) -> MessageOutcome {
        guard let (flow, isForward) = model.flow(from: source, to: destination, .udp) else {
            return MessageOutcome(size: octets.count)
        }
        if Sample.start + now >= chronicler.intervalEnd { chronicler.endInterval(Sample.start + now, model) }
        return octets.withUnsafeBytes { octets in
            let arrival = MessageArrival(
                octets: octets, time: Sample.start + now, flow: flow, isForward: isForward,
                number: model.counters.messages + 1, isLeftOver: isLeftOver)
            var outcome = model.apply(arrival)
            chronicler.take(arrival, &outcome, model)
            return outcome
        }
    }

    var chronicle: Chronicle { chronicler.chronicle }

    func count(of rule: FindingRule) -> Int {
        rule == .loss ? model.counters.lost : chronicle.findings.count(of: rule)
    }

    /// An update of one entity on stream 1.
    @discardableResult
    mutating func move(
        _ entity: Int, to position: Vector3 = .zero, stamp: Int? = nil, sequence: UInt32? = nil,
        space: UUID = Sample.space, at time: Double? = nil, from source: Endpoint = Sample.client
    ) -> MessageOutcome {
        let next = time.map { Int($0) } ?? Int(now / 1_000_000) + 1
        return send(
            Sample.update(entity, at: position), from: source, stream: 1, sequence: sequence,
            address: Sample.address(space, stamp: stamp ?? next), at: time)
    }

    /// Connects and is accepted.
    mutating func open(
        _ session: UUID = Sample.session, security: SecurityLevel = .none, from client: Endpoint = Sample.client
    ) {
        send(Sample.connect(), from: client)
        send(Sample.accept(session, security: security), from: Sample.server, to: client)
    }

    /// A state message of the server on stream 2.
    @discardableResult
    mutating func tell(_ payload: Payload, sequence: UInt32? = nil) -> MessageOutcome {
        send(payload, from: Sample.server, to: Sample.client, stream: 2, sequence: sequence)
    }

    func entity(_ number: Int, in space: UUID = Sample.space) -> Entity? {
        model.spaceIndex(space).flatMap { model.entityIndex(Sample.id(number), space: $0) }.map { model.entities[$0] }
    }

    func state(_ number: Int) -> [String: Value] {
        let fields = entity(number).flatMap { model.state(of: $0) }?.fields ?? []
        return Dictionary(fields.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The only stream with this id in this direction that was not mirrored.
    func stream(_ id: UInt32, _ direction: Direction = .client) -> Inspection.Stream? {
        model.streams.first { $0.streamID == id && $0.direction == direction && !$0.isMirrored }
    }
}
