import SpatioSession
import SpatioWire
import Testing

/// A server and its clients on one network under one clock that only goes on when the test says so.
final class Pair {
    /// Changes what is on its way; nil: it never arrives.
    typealias Tamper = (Network.Way, [UInt8]) -> [UInt8]?

    var server: Server
    var clients: [Client] = []
    var network: Network
    var serverEvents: [ServerEvent] = []
    var clientEvents: [[ClientEvent]] = []
    /// Every datagram, or piece of a stream, that was sent.
    var sent: [(way: Network.Way, octets: [UInt8])] = []
    var tamper: Tamper = { $1 }
    /// Whether a client that asks is taken.
    var decide: (ConnectRequest) -> Result<Welcome, Refusal> = { _ in .success(.plaza) }
    /// Nothing in these directions is carried any more.
    var isServerSilent = false
    private(set) var now = Moment(monotonic: 5_000_000_000, wall: 1_793_000_000_000_000)
    private let isStream: Bool
    private var steps = 0

    init(
        _ configuration: ServerConfiguration = .plain, conditions: Conditions = .good, isStream: Bool = false,
        seed: UInt64 = 1
    ) {
        server = Server(configuration, secret: (0..<32).map { UInt8($0) }, at: now)
        network = Network(conditions, isStream: isStream, seed: seed)
        self.isStream = isStream
    }

    static func address(_ client: Int, isStream: Bool) -> PeerAddress {
        PeerAddress(
            host: .v4(0x0A07_0101 + UInt32(client) / 100), port: 40_000 + UInt16(client),
            connection: isStream ? UInt32(client) + 1 : 0)
    }

    func address(_ client: Int) -> PeerAddress { Self.address(client, isStream: isStream) }

    /// Adds a client that connects now.
    @discardableResult func connect(_ configuration: ClientConfiguration = .plain) -> Int {
        var configuration = configuration
        configuration.isStream = isStream
        clients.append(Client(configuration, at: now))
        clientEvents.append([])
        if isStream { server.connectionOpened(address(clients.count - 1), at: now) }
        pump()
        return clients.count - 1
    }

    /// Adds a client whose wall clock is so many milliseconds ahead of the server's while it connects.
    func connectLater(_ configuration: ClientConfiguration, clockAhead milliseconds: Int64) {
        let wall = UInt64(Int64(now.wall) + milliseconds * 1000)
        clients.append(Client(configuration, at: Moment(monotonic: now.monotonic, wall: wall)))
        clientEvents.append([])
    }

    // MARK: Time

    /// Lets so many seconds pass, or fewer if something has come true.
    @discardableResult func run(_ seconds: Double = 5, until isTrue: (Pair) -> Bool = { _ in false }) -> Bool {
        let end = now.monotonic + Int64(seconds * 1e9)
        pump()
        while !isTrue(self) {
            let deadlines = [network.nextArrival, server.deadline] + clients.map(\.deadline)
            let next = max(deadlines.compactMap { $0 }.min() ?? end, now.monotonic + 100_000)
            guard next < end else {
                set(end)
                advance()
                return isTrue(self)
            }
            set(next)
            for parcel in network.arrived(at: now.monotonic) { deliver(parcel) }
            advance()
            steps += 1
            if steps > 2_000_000 {
                Issue.record("the two ends never come to rest")
                return false
            }
        }
        return true
    }

    private func set(_ time: Int64) {
        now = Moment(monotonic: time, wall: now.wall + UInt64(max(time - now.monotonic, 0)) / 1000)
    }

    private func advance() {
        server.advance(to: now)
        for index in clients.indices { clients[index].advance(to: now) }
        pump()
    }

    private func deliver(_ parcel: Network.Parcel) {
        parcel.octets.withUnsafeBytes { octets in
            switch parcel.way {
            case .toServer(let client): server.receive(octets, from: address(client), at: now)
            case .toClient(let client): clients[client].receive(octets, at: now)
            }
        }
        pump()
    }

    /// Octets out of nowhere, at once.
    func inject(_ octets: [UInt8], _ way: Network.Way) {
        octets.withUnsafeBytes { octets in
            switch way {
            case .toServer(let client): server.receive(octets, from: address(client), at: now)
            case .toClient(let client): clients[client].receive(octets, at: now)
            }
        }
        pump()
    }

    /// Takes what everybody has to say and to send.
    func pump() {
        while let event = server.nextEvent() {
            serverEvents.append(event)
            guard case .asked(let handle, let request) = event else { continue }
            switch decide(request) {
            case .success(let welcome): server.accept(handle, welcome, at: now)
            case .failure(let refusal): server.refuse(handle, refusal, at: now)
            }
        }
        while let (address, octets) = server.nextTransmission(at: now) {
            guard !isServerSilent else { continue }
            carry(octets, .toClient(Int(address.port) - 40_000))
        }
        for index in clients.indices {
            while let octets = clients[index].nextTransmission(at: now) { carry(octets, .toServer(client: index)) }
            while let event = clients[index].nextEvent() { clientEvents[index].append(event) }
        }
        while let event = server.nextEvent() { serverEvents.append(event) }
    }

    private func carry(_ octets: [UInt8], _ way: Network.Way) {
        sent.append((way, octets))
        guard let changed = tamper(way, octets) else { return }
        network.carry(changed, way, at: now.monotonic)
    }

    // MARK: What happened

    func state(_ client: Int = 0) -> Client.State { clients[client].state }

    func closing(_ client: Int = 0) -> Closing? {
        clientEvents[client].lazy.compactMap { if case .closed(let closing) = $0 { closing } else { nil } }.first
    }

    func received(_ client: Int = 0) -> [Message] {
        clientEvents[client].compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    func dropped(_ client: Int = 0) -> [Refusal] {
        clientEvents[client].compactMap { if case .dropped(let refusal) = $0 { refusal } else { nil } }
    }

    var opened: [SessionHandle] {
        serverEvents.compactMap { if case .opened(let handle, _) = $0 { handle } else { nil } }
    }

    var asked: [ConnectRequest] {
        serverEvents.compactMap { if case .asked(_, let request) = $0 { request } else { nil } }
    }

    var serverClosings: [Closing] {
        serverEvents.compactMap { if case .closed(_, let closing) = $0 { closing } else { nil } }
    }

    var serverDropped: [Refusal] {
        serverEvents.compactMap { if case .dropped(_, _, let refusal) = $0 { refusal } else { nil } }
    }

    var serverKeys: [KeyLog.Entry] {
        serverEvents.compactMap { if case .keys(_, let entry) = $0 { entry } else { nil } }
    }

    func clientKeys(_ client: Int = 0) -> [KeyLog.Entry] {
        clientEvents[client].compactMap { if case .keys(let entry) = $0 { entry } else { nil } }
    }

    var serverReceived: [(SessionHandle, Message)] {
        serverEvents.compactMap { if case .message(let handle, let message) = $0 { (handle, message) } else { nil } }
    }

    /// The types of the messages of all datagrams in one direction, in order; only for datagrams.
    func types(_ way: Network.Way) -> [MessageType] {
        sent.filter { $0.way == way }.flatMap { messages($0.octets).map(\.header.type) }
    }

    /// The same without PING and PONG.
    func asks(_ way: Network.Way) -> [MessageType] { types(way).filter { $0 != .ping && $0 != .pong } }

    func messages(_ octets: [UInt8]) -> [Message] { octets.withUnsafeBytes { (try? Message.decodeDatagram($0)) ?? [] } }
}

extension Welcome {
    static let plaza = Welcome(spaces: [SpaceInfo(spaceID: UUID(high: 7, low: 7), name: "plaza")])
}

extension ServerConfiguration {
    static let plain = ServerConfiguration(serverID: UUID(high: 1, low: 1))

    static func secured(_ level: SecurityLevel, _ suites: [CipherSuite] = CipherSuite.allCases) -> ServerConfiguration {
        var configuration = plain
        configuration.securityLevel = level
        configuration.cipherSuites = suites
        return configuration
    }
}

extension ClientConfiguration {
    static let plain = ClientConfiguration(clientID: UUID(high: 2, low: 2), name: "alice")

    static func secured(_ level: SecurityLevel, _ suites: [CipherSuite] = CipherSuite.allCases) -> ClientConfiguration {
        var configuration = plain
        configuration.securityLevel = level
        configuration.cipherSuites = suites
        return configuration
    }
}

/// A message that says which one it is.
func numbered(_ number: Int) -> Payload {
    .custom(type: 9, data: (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
}

func number(_ message: Message) -> Int? {
    guard case .payload(.custom(9, let data)) = message.body, data.count == 8 else { return nil }
    return data.reduce(0) { $0 << 8 | Int($1) }
}

let promised = Delivery(stream: 2, reliable: true, ordered: true)
