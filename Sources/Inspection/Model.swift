import Capture
import SpatioSession
import SpatioWire

/// Everything that messages mean up to some time: sessions, streams, spaces, entities.
///
/// A value: a copy is a checkpoint. It changes only by `apply`, in capture order, so that the same messages always
/// give the same model. Everything in it is bounded by `Room` and `Limits`.
package struct Model: Sendable {
    /// How many sessions, streams and entities a flood can make us keep; beyond it messages are still indexed and shown,
    /// and `overflow` counts what was not followed.
    package struct Room: Equatable, Sendable {
        package var flows = 65_536
        package var sessions = 65_536
        package var streams = 131_072
        package var entities = 500_000
        /// Streams with round-trip figures; each holds a histogram of some 90 kB.
        package var roundTrips = 4_096

        /// Of a capture, which is kept whole.
        package static let capture = Room()
        /// Of what is live, where what is new takes the place of what is forgotten. Some copies of the model are there at
        /// a time, and an entity takes 800 octets in each: 100 MiB.
        package static let live = Room(entities: 131_072, roundTrips: 1_024)
    }

    /// What is bounded beside that.
    package enum Limits {
        package static let spaces = 4_096
        /// Memory for the fields of all states: a few octets of compression blow up to a megabyte of text.
        package static let stateOctets = 256 << 20
        /// RELIABLE messages of all streams that wait for their acknowledgement, 8 octets each; those beyond are not
        /// counted as under way.
        package static let unacknowledged = 1 << 18
        /// Characters of a name that are kept; more is shown nowhere.
        package static let nameLength = 1_024
    }

    package struct Counters: Equatable, Sendable {
        package var messages = 0
        package var octets = 0
        package var malformed = 0
        /// Messages that the snap length has cut.
        package var cut = 0
        package var reassembled = 0
        package var undecrypted = 0
        /// Sequences of all streams that are missing.
        package var lost = 0
        package var duplicates = 0
        package var reordered = 0
        package var retransmits = 0
        /// Retransmissions of what had come before.
        package var repeats = 0
        /// Messages whose flow, stream, space, entity or fields found no room.
        package var overflow = 0
    }

    package internal(set) var counters = Counters()
    package internal(set) var sessions = PagedArray<Session>()
    package internal(set) var streams = PagedArray<Stream>()
    package internal(set) var roundTrips: [RoundTripFigures] = []
    package internal(set) var spaces: [Space] = []
    package internal(set) var entities = PagedArray<Entity>()
    package internal(set) var states = PagedArray<EntityState>()
    /// What the fields of all states take in memory, about.
    var stateOctets = 0
    /// RELIABLE messages of all streams that wait for their acknowledgement.
    var unacknowledgedCount = 0
    /// Of the missing sequences of all streams, those that may still come.
    var unsettled = 0
    /// Parallel to `entities` where trails are kept, else empty.
    package internal(set) var trails = PagedArray<Trail>()
    package internal(set) var schemas = ExtensionSchemas()
    package internal(set) var flows = PagedArray<Flow>()
    package internal(set) var firstTime: Int64?
    package internal(set) var lastTime: Int64 = 0
    /// Grows whenever a session or a space gets another id or name, or a session's ends change their parts: what was
    /// worked out from these before is stale.
    package internal(set) var identities = 0

    /// What may be forgotten for something new.
    var forgetting = Forgetting()

    let serverPorts: Set<UInt16>
    let keepsTrails: Bool
    package let room: Room
    var security: SecurityTable
    var assembler = SegmentAssembler()

    var flowTable = FlatTable<FlowKey>()
    /// The session that each flow is in; -1 before its first message.
    var flowSessions: [Int] = []
    /// The stream that each flow was on last, sent by its first endpoint and by its second; -1 before there is one.
    var flowStreams: [[2 of Int]] = []
    var streamTable = FlatTable<StreamKey>()
    var spaceTable = FlatTable<UUID>()
    var entityTable = FlatTable<EntityKey>()
    var sessionsByID: [UUID: Int] = [:]
    /// The stream and space of the last message: the next is likely of the same.
    var lastStream: (key: StreamKey, index: Int)?
    var lastSpace: (id: UUID, index: Int)?
    /// Reused from message to message.
    var updates: [EntityUpdate] = []

    /// - Parameter schemas: the reader's own, known before the first message.
    package init(
        keyLog: KeyLog = KeyLog(), schemas: ExtensionSchemas = ExtensionSchemas(), serverPorts: Set<UInt16> = [7728],
        keepsTrails: Bool = true, room: Room = .capture
    ) {
        self.room = room
        security = SecurityTable(keyLog: keyLog)
        self.schemas = schemas
        self.serverPorts = serverPorts
        self.keepsTrails = keepsTrails
    }

    /// The number of a flow, and whether `source` is its first endpoint; nil when there are too many flows.
    @inline(__always)
    package mutating func flow(
        from source: Endpoint, to destination: Endpoint, _ transport: Transport
    ) -> (flow: Int, isForward: Bool)? {
        let key = FlowKey(source, destination, transport)
        if let index = flowTable.index(of: key) { return (index, flows[index].first == source) }
        return addFlow(key, Flow(first: source, second: destination, transport: transport)).map { ($0, true) }
    }

    /// The session that a flow is in now; the flow itself becomes one when it has none.
    mutating func session(of flow: Int, from source: Endpoint, time: Int64) -> Int? {
        let current = flowSessions[flow]
        if current >= 0 { return current }
        let isServer = isServerSide(source, of: flows[flow])
        return beginSession(flow, client: isServer ? peer(of: source, flow) : source, state: .joined, time: time)
    }

    mutating func beginSession(_ flow: Int, client: Endpoint, state: Session.State, time: Int64) -> Int? {
        let session = add(
            Session(
                flow: flow, client: client, server: peer(of: client, flow), transport: flows[flow].transport,
                state: state, firstTime: time, lastTime: time))
        if let session { flowSessions[flow] = session }
        return session
    }

    /// Joined in the middle, the side with a server's port is the server; else the one that spoke first is the client.
    private func isServerSide(_ endpoint: Endpoint, of flow: Flow) -> Bool {
        let other = endpoint == flow.first ? flow.second : flow.first
        if serverPorts.contains(other.port) || other.address.isMulticast { return false }
        return serverPorts.contains(endpoint.port)
    }

    func peer(of endpoint: Endpoint, _ flow: Int) -> Endpoint {
        flows[flow].first == endpoint ? flows[flow].second : flows[flow].first
    }

    mutating func stream(_ key: StreamKey, _ arrival: MessageArrival) -> Int? {
        if let lastStream, lastStream.key == key { return lastStream.index }
        guard let index = streamTable.index(of: key) ?? addStream(key, arrival) else { return nil }
        lastStream = (key, index)
        if key.mirroredOn == nil { flowStreams[arrival.flow][arrival.isForward ? 0 : 1] = index }
        return index
    }

    mutating func space(_ id: UUID) -> Int? {
        if let lastSpace, lastSpace.id == id { return lastSpace.index }
        var index = spaceTable.index(of: id)
        if index == nil, spaces.count < Limits.spaces {
            index = spaceTable.append(id)
            spaces.append(Space(id: id))
        }
        if let index { lastSpace = (id, index) }
        return index
    }

    mutating func entity(_ id: UUID, space: Int, stream: Int, time: Int64) -> Int? {
        let key = EntityKey(space: UInt32(space), id: id)
        return entityTable.index(of: key) ?? addEntity(key, stream: stream, time: time)
    }

    @inline(never)
    mutating func addEntity(_ key: EntityKey, stream: Int, time: Int64) -> Int? {
        let entity = Entity(
            id: key.id, space: Int(key.space), stream: stream, time: time, message: counters.messages)
        guard let index = add(entity, key) else {
            counters.overflow += 1
            return nil
        }
        spaces[Int(key.space)].entities += 1
        return index
    }

    // MARK: Looking things up

    package func spaceIndex(_ id: UUID) -> Int? { spaceTable.index(of: id) }

    package func entityIndex(_ id: UUID, space: Int) -> Int? {
        entityTable.index(of: EntityKey(space: UInt32(space), id: id))
    }

    package func state(of entity: Entity) -> EntityState? { entity.state.map { states[$0] } }

    /// The name from its state, else the first digits of its id.
    package func label(of entity: Entity) -> String {
        if case .string(let name)? = state(of: entity)?["name"], !name.isEmpty { return name }
        return entity.id.shortDescription
    }

    /// The session that a message told of by its place in the model; nil where another one has taken that place since.
    package func session(_ index: Int, toldBy message: Int) -> Session? {
        sessions.indices.contains(index) && sessions[index].since <= message ? sessions[index] : nil
    }

    /// The same of a stream.
    package func stream(_ index: Int, toldBy message: Int) -> Stream? {
        streams.indices.contains(index) && streams[index].since <= message ? streams[index] : nil
    }

    /// Who sends and who receives on a stream.
    package func endpoints(of stream: Stream) -> (source: Endpoint, destination: Endpoint) {
        let session = sessions[stream.session]
        return stream.direction == .client ? (session.client, session.server) : (session.server, session.client)
    }

    /// Whether `endpoint` sends on a stream of the client's direction.
    package func roundTrip(of stream: Stream) -> RoundTripFigures? { stream.roundTrip.map { roundTrips[$0] } }
}
