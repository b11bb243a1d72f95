import Capture
import SpatioSession
import SpatioWire

/// A server of one space: it lets clients in, keeps what they tell, answers, and tells everybody of changes.
final class SpaceServer {
    /// One client at this server.
    final class Session {
        let end: End
        fileprivate(set) var id = UUID.zero
        fileprivate(set) var connect: Connect?
        fileprivate(set) var isReady = false
        fileprivate var nonce: [UInt8] = []
        fileprivate var isValidated = false
        fileprivate var subscription: RegionSubscribe?
        fileprivate var transcript: [UInt8] = []

        init(_ end: End) { self.end = end }
    }

    struct Region {
        var id: UUID
        var entityID: UUID?
        var bounds: BoundingVolume
    }

    let network: Network
    let endpoints: [Endpoint]
    let id: UUID
    let space: SpaceInfo
    let crowd: Crowd
    /// Entities of the crowd that the server moves itself.
    let residents: [Int]
    var state: SharedState
    var regions: [Region] = []
    var groups: [MulticastGroup] = []
    var extensions: [ExtensionOffer] = []
    var securityLevel = SecurityLevel.none
    /// What clients may send; nil: as much as ends usually allow.
    var flow: FlowControl? {
        didSet { for session in sessions { session.end.flow = flow ?? session.end.flow } }
    }
    /// Lines of the key log.
    private(set) var keyLog: [String] = []
    private(set) var sessions: [Session] = []
    /// Called once when a client is let in and, where asked for, has keys.
    var onReady: (Session) -> Void = { _ in }
    /// Everything that is not the server's own business.
    var onMessage: (Session, Message) -> Void = { _, _ in }
    /// Everything that passes between the server and a participant.
    var onTraffic: (Session, Message, OriginDirection) -> Void = { _, _, _ in }
    /// Whether a subscriber is told of an entity; nil: as he asked.
    var tells: (Session, EntityUpdate) -> Bool? = { _, _ in nil }
    /// Seconds until a query is answered, from those that it usually takes; nil: never.
    var answers: (Session, SpatialQuery, Double) -> Double? = { _, _, usual in usual }
    private var told: [UUID: EntityUpdate] = [:]
    private var order: [UUID] = []
    /// The only client whose traffic passes the capture point; nil: everybody's does.
    private let onlyCaptured: Endpoint?

    /// Everybody whom a client wants to hear of in one message; more do not fit into a datagram.
    private static let mostUpdates = 16
    private static let distance: Int64 = 60_000

    init(
        _ network: Network, endpoints: [Endpoint], space: SpaceInfo, crowd: Crowd, residents: [Int],
        onlyCaptured: Endpoint? = nil
    ) {
        self.network = network
        self.endpoints = endpoints
        self.space = space
        self.crowd = crowd
        self.residents = residents
        self.onlyCaptured = onlyCaptured
        id = network.generator.uuid()
        state = SharedState(spaceID: space.spaceID)
        network.keep(self)
        for endpoint in endpoints {
            network.attach(endpoint, distance: Self.distance) { [unowned self] messages, source in
                session(endpoint, source).end.receive(messages)
            }
        }
    }

    /// The session with a client, which begins with the first datagram or connection.
    func session(_ local: Endpoint, _ remote: Endpoint) -> Session {
        if let known = sessions.last(where: { $0.end.remote == remote && $0.end.local == local }) { return known }
        let end = End(
            network, local: local, remote: remote, direction: .server,
            isCaptured: onlyCaptured == nil || onlyCaptured == remote)
        if let flow { end.flow = flow }
        let session = Session(end)
        sessions.append(session)
        end.onMessage = { [unowned self, unowned session] in receive($0, session) }
        end.onTraffic = { [unowned self, unowned session] in onTraffic(session, $0, $1) }
        return session
    }

    // MARK: Letting in

    private func receive(_ message: Message, _ session: Session) {
        guard case .payload(let payload) = message.body else {
            onMessage(session, message)
            return
        }
        switch payload {
        case .connect(let connect): receive(connect, session)
        case .challengeResponse(let response): session.isValidated = response.proof == session.nonce
        case .keyExchange(let exchange): receive(exchange, session)
        case .spatialUpdate(let update) where message.address?.coordinateSystem.kind == space.coordinateSystem.kind:
            for entity in update.updates { tell(entity) }
        case .spatialQuery(let query): answer(query, session)
        case .regionSubscribe(let subscription): subscribe(subscription, session)
        case .stateRequest(let request): answer(request, session)
        case .disconnect: leave(session)
        default: onMessage(session, message)
        }
    }

    private func receive(_ connect: Connect, _ session: Session) {
        guard session.isValidated || session.end.isStream else {
            session.nonce = network.generator.octets(16)
            let challenge = Challenge(
                challengeID: UInt32(truncatingIfNeeded: network.generator.next()), nonce: session.nonce)
            session.end.send(.challenge(challenge), isSpared: true)
            return
        }
        session.id = network.generator.uuid()
        session.connect = connect
        let ack = ConnectAck(
            code: .success, sessionID: session.id, serverID: id,
            config: ConnectionConfig(
                capabilities: connect.config.capabilities, maxMessageSize: connect.config.maxMessageSize,
                compression: connect.config.compression, securityLevel: connect.config.securityLevel),
            flow: session.end.flow,
            spaces: [
                SpaceInfo(
                    spaceID: space.spaceID, name: space.name, coordinateSystem: space.coordinateSystem,
                    bounds: space.bounds, stateVersion: state.version)
            ], groups: groups, extensions: extensions)
        session.transcript = KeyAgreement.transcript(
            connect: Payload.connect(connect).encoded(), connectAck: Payload.connectAck(ack).encoded())
        session.end.send(.connectAck(ack), isSpared: true)
        if connect.config.securityLevel == .none { begin(session) }
    }

    /// Answers with a key pair from the seed, and uses the keys from then on.
    private func receive(_ exchange: KeyExchange, _ session: Session) {
        guard let suite = exchange.cipherSuites.first.flatMap(CipherSuite.init),
            let agreement = KeyAgreement(privateKey: network.generator.octets(KeyAgreement.keySize)),
            let secret = agreement.sessionSecret(
                with: exchange.publicKey, sessionID: session.id, epoch: exchange.epoch, transcript: session.transcript)
        else { return }
        session.end.send(
            .keyExchange(
                KeyExchange(
                    epoch: exchange.epoch, cipherSuites: [suite.rawValue], publicKey: agreement.publicKey)),
            isSpared: true)
        let entry = KeyLog.Entry(sessionID: session.id, epoch: exchange.epoch, suite: suite, secret: secret)
        keyLog.append(KeyLog.line(for: entry))
        session.end.protect(with: entry, session.connect?.config.securityLevel ?? .none)
        if !session.isReady { begin(session) }
    }

    private func begin(_ session: Session) {
        session.isReady = true
        guard session.connect?.role != .observer else {
            onReady(session)
            return
        }
        session.end.batch {
            session.end.send(
                .stateSync(state.full(at: network.milliseconds)),
                End.Form(
                    stream: 2, flags: [.reliable, .ordered], priority: .high,
                    compression: session.connect?.config.compression ?? .none))
            for region in regions { send(region, session) }
            session.end.ping()
        }
        session.end.network.every(1) { [unowned session] in
            if session.isReady { session.end.ping() }
            return session.isReady
        }
        onReady(session)
    }

    private func leave(_ session: Session) {
        session.isReady = false
        session.end.close()
    }

    // MARK: Telling

    func tell(_ entity: EntityUpdate) {
        if told.updateValue(entity, forKey: entity.entityID) == nil { order.append(entity.entityID) }
    }

    /// Where everybody is, as far as the server knows.
    var everybody: [EntityUpdate] { residents.map { crowd.update($0) } + order.compactMap { told[$0] } }

    /// Who takes part, without those who only watch.
    var participants: [Session] { sessions.filter { $0.isReady && $0.connect?.role != .observer } }

    /// The address of what the server itself says.
    func address() -> SpatialAddress {
        SpatialAddress(
            spaceID: space.spaceID, coordinateSystem: space.coordinateSystem, position: space.bounds?.middle ?? .zero,
            precision: 0.05, confidence: 1, timestamp: network.milliseconds)
    }

    private func subscribe(_ subscription: RegionSubscribe, _ session: Session) {
        session.subscription = subscription
        guard subscription.updateFrequency > 0 else { return }
        network.every(Double(subscription.updateFrequency) / 1000) { [unowned self, unowned session] in
            guard session.isReady, session.subscription == subscription else { return false }
            let updates = everybody.filter {
                $0.entityID != session.connect?.clientID
                    && tells(session, $0) ?? subscription.bounds.contains($0.position)
            }
            if !updates.isEmpty {
                session.end.send(
                    .spatialUpdate(SpatialUpdate(updates: Array(updates.prefix(Self.mostUpdates)))),
                    End.Form(stream: 1, priority: subscription.priority, address: address()))
            }
            return true
        }
    }

    /// Tells every participant of a change, each in the form that its client asked for.
    func publish(_ sync: StateSync) {
        for (index, session) in participants.enumerated() {
            let form = End.Form(stream: 2, flags: [.reliable, .ordered], priority: .high)
            session.end.batch {
                session.end.send(
                    index % 3 == 2
                        ? .stateSync(sync) : .deltaUpdate(DeltaUpdate(baseVersion: sync.version - 1, sync: sync)),
                    form)
                // Its answer acknowledges.
                session.end.ping()
            }
        }
    }

    func publish(_ resolved: ConflictResolve) {
        for session in participants {
            session.end.batch {
                session.end.send(
                    .conflictResolve(resolved), End.Form(stream: 2, flags: [.reliable, .ordered], priority: .high))
                session.end.ping()
            }
        }
    }

    func send(_ region: Region, _ session: Session) {
        session.end.send(
            .boundUpdate(BoundUpdate(regionID: region.id, entityID: region.entityID, bounds: region.bounds)),
            End.Form(stream: 1, flags: .reliable, address: address()))
    }

    func publish(_ region: Region) {
        for session in participants {
            session.end.batch {
                send(region, session)
                session.end.ping()
            }
        }
    }

    // MARK: Answering

    private func answer(_ query: SpatialQuery, _ session: Session) {
        let (found, isTruncated) = results(query.parameters, most: Int(query.maxResults))
        let response = SpatialResponse(queryID: query.queryID, truncated: isTruncated, results: found)
        guard let delay = answers(session, query, network.generator.number(0.001...0.004)) else { return }
        network.plan(in: delay) { [unowned self, unowned session] in
            session.end.send(.spatialResponse(response), End.Form(stream: 1, address: address()))
        }
    }

    /// Entities that a query finds, the nearest first.
    func results(
        _ parameters: SpatialQuery.Parameters, most: Int
    ) -> (results: [SpatialResponse.QueryResult], isTruncated: Bool) {
        let found = everybody.compactMap { entity -> SpatialResponse.QueryResult? in
            guard let distance = parameters.distance(to: entity.position) else { return nil }
            return SpatialResponse.QueryResult(
                entityID: entity.entityID, kind: entity.kind, position: entity.position, distance: Float(distance))
        }.sorted { ($0.distance, $0.entityID) < ($1.distance, $1.entityID) }
        return (Array(found.prefix(most)), found.count > most)
    }

    private func answer(_ request: StateRequest, _ session: Session) {
        network.plan(in: network.generator.number(0.002...0.008)) { [unowned self, unowned session] in
            session.end.batch {
                session.end.send(
                    .stateResponse(
                        StateResponse(requestID: request.requestID, sync: state.full(at: network.milliseconds))),
                    End.Form(
                        stream: 2, flags: [.reliable, .ordered], priority: .high,
                        compression: session.connect?.config.compression ?? .none))
                session.end.ping()
            }
        }
    }
}

extension End {
    /// Protects everything from now on with the keys of an epoch.
    func protect(with entry: KeyLog.Entry, _ level: SecurityLevel) {
        switch level {
        case .none: protection = .none
        case .sign: protection = .sign(SessionKeys(entry))
        case .encrypt: protection = .encrypt(SessionKeys(entry))
        }
    }
}
