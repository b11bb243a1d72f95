import SpatioSession
import SpatioWire

/// What all habits of one participant share: who and where it is, what it knows of the state, and what it says.
struct Presence: Sendable {
    /// Streams by what is on them: none has RELIABLE messages beside others, so that none waits for what never comes.
    private enum Stream {
        static let motion: UInt32 = 1
        static let state: UInt32 = 2
        static let application: UInt32 = 3
        static let questions: UInt32 = 4
    }

    let name: String
    let spaceID: UUID
    /// Offers messages with a trace context.
    let isTraced: Bool
    /// Metres, and how sure it is of them.
    let precision, confidence: Float
    private(set) var body: Walker
    var generator: Generator
    private(set) var replica: StateReplica
    private(set) var now = Moment(monotonic: 0, wall: 0)
    /// It leaves now and comes back after so many seconds.
    var absence: Double?
    /// It has said good bye to the other peers.
    var isLeaving = false
    private var said: [(payload: Payload, delivery: Delivery)] = []
    private var lastID: UInt32 = 0
    private var movedAt: Int64?

    /// Nobody covers more than this at once, in nanoseconds: who was held up goes on from where it was.
    private static let longestStep: Int64 = 250_000_000
    /// Steering is followed in steps of at most so many nanoseconds.
    private static let shortStep: Int64 = 50_000_000

    init(
        _ body: Walker, in spaceID: UUID, isTraced: Bool, precision: Float, confidence: Float,
        generator: inout Generator
    ) {
        self.body = body
        name = body.name
        self.spaceID = spaceID
        self.isTraced = isTraced
        self.precision = precision
        self.confidence = confidence
        self.generator = generator.fork()
        replica = StateReplica(spaceID: spaceID)
    }

    var id: UUID { body.id }
    var position: Vector3 { body.position.rounded(to: 1000) }
    var isInformed: Bool { replica.version > 0 }

    // MARK: Time

    /// A new session begins: of the state nothing is known.
    mutating func join(at now: Moment) {
        self.now = now
        absence = nil
        isLeaving = false
        said = []
        replica = StateReplica(spaceID: spaceID)
    }

    /// Moves on to a time. The wall clock is only told on, it moves nobody.
    mutating func advance(to now: Moment) {
        self.now = now
        defer { movedAt = now.monotonic }
        var left = min(max(now.monotonic - (movedAt ?? now.monotonic), 0), Self.longestStep)
        while left > 0 {
            let step = min(left, Self.shortStep)
            body.step(Double(step) / 1e9, isHalting: false)
            left -= step
        }
    }

    // MARK: Hearing

    /// Takes in what a message says of the state, and asks for what was missed.
    mutating func learn(_ payload: Payload, at now: Moment) {
        self.now = now
        guard !replica.take(payload) else { return }
        replica = StateReplica(spaceID: spaceID)
        requestState(.full)
    }

    // MARK: Saying

    /// What was said since this was asked last.
    mutating func takeSaid() -> [(payload: Payload, delivery: Delivery)] {
        defer { said = [] }
        return said
    }

    private var address: SpatialAddress {
        SpatialAddress(
            spaceID: spaceID, position: position, orientation: body.orientation, precision: precision,
            confidence: confidence, timestamp: now.wallMilliseconds)
    }

    private mutating func nextID() -> UInt32 {
        lastID += 1
        return lastID
    }

    /// A trace of its own for each question, as a client with W3C trace context would send it.
    private mutating func trace() -> [ExtensionHeader] {
        guard isTraced else { return [] }
        let context = TraceContext(traceID: generator.octets(16), parentID: generator.octets(8), flags: 1)
        return [ExtensionHeader(extensionID: ExtensionID.traceContext, data: context.encoded())]
    }

    mutating func tellPosition() {
        said.append(
            (.spatialUpdate(SpatialUpdate(updates: [body.update])), Delivery(stream: Stream.motion, address: address)))
    }

    mutating func ask(_ parameters: SpatialQuery.Parameters, maxResults: UInt16) {
        let query = SpatialQuery(queryID: nextID(), parameters: parameters, maxResults: maxResults, timeout: 500)
        question(.spatialQuery(query), trace())
    }

    mutating func ask(_ query: ExtendedQuery, maxResults: UInt32) {
        let request = ExtendedQueryRequest(queryID: nextID(), query: query, maxResults: maxResults)
        question(
            .extension(ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: request.encoded())), trace())
    }

    /// What has to arrive and is about places.
    mutating func question(_ payload: Payload, _ extensions: [ExtensionHeader] = []) {
        said.append(
            (payload, Delivery(stream: Stream.questions, reliable: true, address: address, extensions: extensions)))
    }

    /// What concerns no place: peers and relays.
    mutating func control(_ payload: Payload) { said.append((payload, Delivery(reliable: true))) }

    mutating func relay(to target: UUID, _ text: String) {
        let inner = Message(
            header: MessageHeader(
                type: .custom, flags: .checksum, streamID: Stream.application, sequence: lastID, timestamp: now.wall),
            body: .payload(.custom(type: Self.textType, data: Array(text.utf8))))
        control(
            .relayRequest(
                RelayRequest(requestID: nextID(), source: id, target: target, ttl: 4, payload: inner.encoded())))
    }

    /// The application's number for a message that is text.
    private static let textType: UInt16 = 7

    mutating func say(_ text: String, to groupID: UUID, by routing: RoutingStrategy) {
        said.append(
            (
                .custom(type: Self.textType, data: Array(text.utf8)),
                Delivery(
                    stream: Stream.application, address: address,
                    multicast: MulticastForm(groupID: groupID, routing: routing))
            ))
    }

    mutating func extend(_ extensionID: UInt16, _ data: [UInt8]) {
        said.append(
            (
                .extension(ExtensionHeader(extensionID: extensionID, data: data)),
                Delivery(stream: Stream.application, address: address)
            ))
    }

    // MARK: The state

    /// What somebody has seen of an entity before he changes it.
    struct Sight: Sendable {
        var version, entityVersion: UInt64
    }

    func sight(of entityID: UUID) -> Sight {
        Sight(version: replica.version, entityVersion: replica.entityVersion(entityID))
    }

    /// Changes an entity of the state.
    ///
    /// - Parameter sight: when it was looked at; nil: just now.
    mutating func write(
        _ change: StateChange, _ entityID: UUID, _ fields: [StateField], seen sight: Sight? = nil
    ) {
        let sight = sight ?? self.sight(of: entityID)
        let sync = StateSync(
            spaceID: spaceID, version: sight.version + 1, timestamp: now.wallMilliseconds, delta: true,
            entries: [
                StateSyncEntry(
                    change: change, entityID: entityID, entityVersion: sight.entityVersion + 1, fields: fields)
            ])
        state(.deltaUpdate(DeltaUpdate(baseVersion: sight.version, sync: sync)))
    }

    mutating func requestState(_ mode: SyncMode) {
        state(
            .stateRequest(
                StateRequest(
                    requestID: nextID(), spaceID: spaceID, knownVersion: mode == .full ? 0 : replica.version,
                    mode: mode)))
    }

    private mutating func state(_ payload: Payload) {
        said.append(
            (payload, Delivery(stream: Stream.state, reliable: true, ordered: true, priority: .high, compresses: true)))
    }
}
