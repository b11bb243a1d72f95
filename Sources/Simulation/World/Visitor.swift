import Capture
import SpatioSession
import SpatioWire

/// A client: it connects, says where its entities are, asks, and leaves in time.
final class Visitor {
    struct Profile {
        var name: String
        var endpoint: Endpoint
        var server: Endpoint
        /// Nanoseconds to the capture point.
        var distance: Int64
        /// Seconds from the beginning.
        var arrival: Double
        /// Updates a second.
        var rate: Double
        /// Its entities in the crowd.
        var entities: [Int]
        var role = PeerRole.participant
        var securityLevel = SecurityLevel.none
        var suite = CipherSuite.chaCha20Poly1305
        var compression = Compression.none
        var extensions: [ExtensionOffer] = []
        var flags: MessageFlags = []
        /// Seconds between queries; nil: it asks nothing.
        var queryInterval: Double?
        /// How many entities it wants to be told of in an answer.
        var maxResults: UInt16 = 8
        /// What it wants to hear of around itself.
        var subscription: ((Vector3) -> BoundingVolume)?
        var isCaptured = true
        /// Over a TCP connection that treats its segments so; nil: over UDP.
        var connection: ((Direction, TCPConnection.Piece) -> TCPConnection.Fate)?
    }

    let network: Network
    let profile: Profile
    let end: End
    let id: UUID
    private let crowd: Crowd
    private let server: SpaceServer
    private var space: SpaceInfo { server.space }
    private var connection: TCPConnection?
    private(set) var sessionID: UUID?
    private var connect: Connect
    private var transcript: [UInt8] = []
    private var agreement: KeyAgreement?
    private var epoch: UInt16 = 0
    private var lastQuery: UInt32 = 0
    private var lastRequest: UInt32 = 0
    private(set) var isActive = false
    /// Extension headers of its spatial updates.
    var updateExtensions: () -> [ExtensionHeader] = { [] }
    /// Called once when it may speak.
    var onReady: () -> Void = {}
    var onMessage: (Message) -> Void = { _ in }

    /// It has one subscription, which goes with it: each new one with this number replaces the one before.
    private static let subscriptionID: UInt32 = 1
    /// Messages of the last seconds are never lost: it says goodbye then.
    private static let departure = 0.9

    init(_ network: Network, _ profile: Profile, server: SpaceServer) {
        self.network = network
        self.profile = profile
        self.server = server
        let crowd = server.crowd
        self.crowd = crowd
        id = profile.entities.first.map { crowd.walkers[$0].id } ?? network.generator.uuid()
        end = End(
            network, local: profile.endpoint, remote: profile.server, direction: .client, isCaptured: profile.isCaptured
        )
        end.flags = profile.flags
        connect = Connect(
            config: ConnectionConfig(
                capabilities: Self.capabilities(profile), compression: profile.compression,
                securityLevel: profile.securityLevel), clientID: id, role: profile.role, name: profile.name,
            spaces: [server.space.spaceID], extensions: profile.extensions)
        network.keep(self)
        network.attach(profile.endpoint, distance: profile.distance) { [unowned self] messages, _ in
            end.receive(messages)
        }
        end.onMessage = { [unowned self] in receive($0) }
        network.plan(in: profile.arrival) { [unowned self] in arrive() }
        network.plan(at: network.end - Int64((Self.departure - 0.05 * Double(profile.endpoint.port % 8)) * 1e9)) {
            [unowned self] in leave()
        }
    }

    private func arrive() {
        guard let fate = profile.connection else {
            end.send(.connect(connect), isSpared: true)
            return
        }
        let server = server.session(profile.server, profile.endpoint).end
        connection = TCPConnection(network, client: end, server: server, fate: fate) { [unowned self] in
            end.send(.connect(connect))
        }
    }

    /// Everything but what only servers, relays and observers can do.
    private static func capabilities(_ profile: Profile) -> Capabilities {
        Capabilities(rawValue: profile.role == .observer ? 0x7FFF : 0x2FFF)
    }

    private func receive(_ message: Message) {
        guard case .payload(let payload) = message.body else {
            onMessage(message)
            return
        }
        switch payload {
        case .challenge(let challenge):
            end.batch(isSpared: true) {
                end.send(
                    .challengeResponse(ChallengeResponse(challengeID: challenge.challengeID, proof: challenge.nonce)))
                end.send(.connect(connect))
            }
        case .connectAck(let ack):
            sessionID = ack.sessionID
            transcript = KeyAgreement.transcript(
                connect: Payload.connect(connect).encoded(), connectAck: Payload.connectAck(ack).encoded())
            if profile.securityLevel == .none { begin() } else { exchangeKeys() }
        case .keyExchange(let exchange): finish(exchange)
        default: onMessage(message)
        }
    }

    /// Offers a new key pair for the next epoch.
    func exchangeKeys() {
        epoch += 1
        guard let pair = KeyAgreement(privateKey: network.generator.octets(KeyAgreement.keySize)) else { return }
        agreement = pair
        let others = CipherSuite.allCases.filter { $0 != profile.suite }
        end.send(
            .keyExchange(
                KeyExchange(
                    epoch: epoch, cipherSuites: ([profile.suite] + others).map(\.rawValue), publicKey: pair.publicKey)),
            isSpared: true)
    }

    private func finish(_ exchange: KeyExchange) {
        guard let sessionID, let suite = exchange.cipherSuites.first.flatMap(CipherSuite.init),
            let secret = agreement?.sessionSecret(
                with: exchange.publicKey, sessionID: sessionID, epoch: exchange.epoch, transcript: transcript)
        else { return }
        end.protect(
            with: KeyLog.Entry(sessionID: sessionID, epoch: exchange.epoch, suite: suite, secret: secret),
            profile.securityLevel)
        if !isActive { begin() }
    }

    private func begin() {
        isActive = true
        network.every(1) { [unowned self] in
            if isActive { end.ping() }
            return isActive
        }
        if !profile.entities.isEmpty {
            network.every(1 / profile.rate) { [unowned self] in
                if isActive { tell() }
                return isActive
            }
        }
        if profile.subscription != nil {
            subscribe()
            network.every(7) { [unowned self] in
                if isActive { subscribe() }
                return isActive
            }
        }
        if let interval = profile.queryInterval {
            network.every(interval) { [unowned self] in
                if isActive { ask() }
                return isActive
            }
        }
        onReady()
    }

    private func leave() {
        guard isActive else { return }
        isActive = false
        end.send(.disconnect(Disconnect(category: .none, code: .success, reason: "good bye")), isSpared: true)
        end.close()
        connection?.close()
    }

    /// Where it is itself.
    var position: Vector3 { profile.entities.first.map { crowd.update($0).position } ?? space.bounds?.middle ?? .zero }

    func address() -> SpatialAddress {
        let own = profile.entities.first.map { crowd.update($0) }
        return SpatialAddress(
            spaceID: space.spaceID, coordinateSystem: space.coordinateSystem, position: position,
            orientation: own?.orientation, precision: 0.05, confidence: 0.95, timestamp: network.milliseconds)
    }

    private func tell() {
        end.send(
            .spatialUpdate(SpatialUpdate(updates: profile.entities.map { crowd.update($0) })),
            End.Form(stream: 1, address: address(), extensions: updateExtensions()))
    }

    private func subscribe() {
        guard let volume = profile.subscription?(position) else { return }
        end.batch {
            end.send(
                .regionSubscribe(
                    RegionSubscribe(
                        subscriptionID: Self.subscriptionID, bounds: volume, updateFrequency: 200, priority: .medium)),
                End.Form(stream: 1, flags: .reliable, address: address()))
            // Its answer acknowledges.
            end.ping()
        }
    }

    /// One query of each kind in turn.
    private func ask() {
        lastQuery += 1
        let here = position
        let parameters: SpatialQuery.Parameters
        switch lastQuery % 4 {
        case 1: parameters = .radius(center: here, radius: 10)
        case 2: parameters = .bounds(min: here - Vector3(8, 8, 3), max: here + Vector3(8, 8, 3))
        case 3:
            parameters = .frustum(
                Frustum(
                    apex: here, orientation: profile.entities.first.map { crowd.walkers[$0].orientation } ?? .identity,
                    fovY: 0.75, aspect: 1.5, near: 0.5, far: 30))
        default: parameters = .point(here, tolerance: 2)
        }
        end.send(
            .spatialQuery(
                SpatialQuery(queryID: lastQuery, parameters: parameters, maxResults: profile.maxResults, timeout: 500)),
            End.Form(stream: 1, address: address()))
    }

    /// Says that it has changed something by itself.
    func propose(_ sync: StateSync) {
        end.batch(isSpared: true) {
            end.send(
                .deltaUpdate(DeltaUpdate(baseVersion: sync.version - 1, sync: sync)),
                End.Form(stream: 2, flags: [.reliable, .ordered], priority: .high))
            end.ping()
        }
    }

    /// Asks for the whole state.
    func requestState() {
        lastRequest += 1
        end.send(
            .stateRequest(
                StateRequest(requestID: lastRequest, spaceID: space.spaceID, knownVersion: 0, mode: .full)),
            End.Form(stream: 2, priority: .high))
    }
}
