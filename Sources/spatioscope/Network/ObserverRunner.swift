import Capture
import Inspection
import NIOCore
import NIOPosix
import SpatioNetwork
import SpatioSession
import SpatioWire
import Synchronization

/// Joins a server as an observer and multicast groups as a listener, comes back when it was cut off, and hands all that
/// passes to a feed.
final class ObserverRunner: LiveRunner {
    private struct State {
        /// What CONNECT asks for; known when the names of spaces are.
        var spaces: [UUID] = []
        var isResolved = false
        var hasJoined = false
        var joined = ConnectionState.connecting
        var lastHeard: Int64 = 0
        var client: PersistentClient?
        var sockets: [MulticastSocket] = []
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state = Mutex(State())

    /// Until a server that does not answer any more is left to itself.
    private static let patience = TimeAmount.seconds(1)

    private let joined: @Sendable () -> Void

    convenience init() { self.init {} }

    /// - Parameter joined: called the first time that a server has let us in, on the thread of the network.
    init(joined: @escaping @Sendable () -> Void) { self.joined = joined }

    func start(_ request: AttachRequest, feed: LiveFeed) throws {
        let keyLog: KeyLogFile?
        do { keyLog = try KeyLogFile.ofEnvironment() } catch { throw Failure("\(error)") }
        let loop = group.next()
        try listen(to: request.groups, feed, loop)
        guard let server = request.server else { return }
        let ids = request.spaces.compactMap { UUID(parsing: $0) }
        state.withLock {
            $0.spaces = ids.count == request.spaces.count ? ids : []
            $0.isResolved = ids.count == request.spaces.count
        }
        let clientID = UUID.random()
        let client = PersistentClient(
            to: server.host, port: server.port, by: request.isStream ? .tcp : .udp, on: loop,
            configuration: { self.configuration(request, clientID) },
            traffic: { [self] traffic in
                if !traffic.isSent { state.withLock { $0.lastHeard = SystemClock.time(traffic.time) } }
                feed.take(traffic)
            }
        ) { [self] report, _, now in
            take(report, request, feed, keyLog, SystemClock.time(now.wall))
        }
        state.withLock { $0.client = client }
        client.start()
    }

    func stop() {
        let (client, sockets) = state.withLock { ($0.client, $0.sockets) }
        for socket in sockets { socket.close() }
        if let client {
            // The good-bye is out when the socket is closed; a server that takes no TCP octets is not waited for.
            let left = client.stop(reason: "the observer leaves")
            let patience = group.next().scheduleTask(in: Self.patience) {}.futureResult
            try? left.race(with: patience).wait()
        }
        try? group.syncShutdownGracefully()
    }

    private func configuration(_ request: AttachRequest, _ clientID: UUID) -> ClientConfiguration {
        var configuration = ClientConfiguration(clientID: clientID, name: request.name, role: .observer)
        configuration.spaces = state.withLock { $0.spaces }
        configuration.securityLevel = request.security
        configuration.serverKey = request.serverKey
        if let token = request.token { configuration.credentials = .token(token) }
        configuration.extensions = []
        return configuration
    }

    // MARK: Groups

    private func listen(to groups: [Endpoint], _ feed: LiveFeed, _ loop: any EventLoop) throws {
        for group in groups {
            feed.ownFlows.listen(to: group)
            do {
                let socket = try MulticastSocket.join(PeerAddress(group).socketAddress, on: loop) { feed.take($0) }
                    .wait()
                state.withLock { $0.sockets.append(socket) }
            } catch {
                throw Failure("\(error)")
            }
        }
    }

    // MARK: What happens

    private func take(
        _ report: PersistentClient.Report, _ request: AttachRequest, _ feed: LiveFeed, _ keyLog: KeyLogFile?,
        _ now: Int64
    ) {
        switch report {
        case .connecting: feed.report(.connecting, at: now)
        case .unreachable(let reason): feed.report(.unreachable(reason: reason), at: now)
        case .silent(let since): feed.report(.silent(since: SystemClock.time(since.wall)), at: now)
        case .heard: feed.report(state.withLock { $0.joined }, at: now)
        case .waiting(let until, let attempt):
            feed.report(.waiting(until: SystemClock.time(until.wall), attempt: attempt), at: now)
        case .finished: if request.groups.isEmpty { feed.finish() }
        case .event(.accepted): feed.report(.authenticating, at: now)
        case .event(.keys(let entry)):
            feed.add(entry)
            keyLog?.write(entry)
        case .event(.ready(let summary)): join(summary, request, feed, now)
        case .event(.closed(let closing)): leave(closing, feed, now)
        case .event(.message), .event(.dropped), .event(.roundTrip): break
        }
    }

    private func join(_ summary: SessionSummary, _ request: AttachRequest, _ feed: LiveFeed, _ now: Int64) {
        let isResolved = state.withLock { $0.isResolved }
        guard isResolved || request.spaces.isEmpty else { return resolve(summary, request, feed, now) }
        let names = summary.spaces.map(\.name)
        let connection = state.withLock { state in
            defer {
                state.hasJoined = true
                state.joined = .joined(spaces: names, security: summary.config.securityLevel, returned: false)
            }
            return ConnectionState.joined(
                spaces: names, security: summary.config.securityLevel, returned: state.hasJoined)
        }
        feed.report(connection, at: now)
        if case .joined(_, _, returned: false) = connection { joined() }
    }

    /// The server has told the names of its spaces: those that were asked for by name are joined by id.
    private func resolve(_ summary: SessionSummary, _ request: AttachRequest, _ feed: LiveFeed, _ now: Int64) {
        var chosen: [UUID] = []
        for name in request.spaces {
            guard let space = summary.spaces.first(where: { $0.name == name || $0.spaceID == UUID(parsing: name) })
            else {
                let there = summary.spaces.map(\.name).joined(separator: ", ")
                feed.report(
                    .refused(
                        .unauthorized, reason: "no space \(name) for us; there is \(there.isEmpty ? "none" : there)"),
                    at: now)
                _ = state.withLock { $0.client }?.stop(reason: "no such space")
                return feed.finish()
            }
            chosen.append(space.spaceID)
        }
        let client = state.withLock { state in
            state.spaces = chosen
            state.isResolved = true
            return state.client
        }
        client?.rejoin(reason: "joins the spaces that were chosen")
    }

    private func leave(_ closing: Closing, _ feed: LiveFeed, _ now: Int64) {
        let (isJoined, lastHeard) = state.withLock { ($0.joined.isJoined, $0.lastHeard) }
        let connection: ConnectionState?
        switch closing.code {
        case .success where !closing.byPeer: connection = nil
        case _ where closing.byPeer:
            connection =
                isJoined
                ? .ended(closing.code, reason: closing.reason) : .refused(closing.code, reason: closing.reason)
        case .invalidSignature, .encryptionError, .versionMismatch, .authFailed, .unauthorized:
            connection = .untrusted(reason: closing.reason)
        case .timeout where isJoined: connection = .lost(since: lastHeard)
        default: connection = .unreachable(reason: closing.reason)
        }
        state.withLock { $0.joined = .connecting }
        if let connection { feed.report(connection, at: now) }
    }
}

extension EventLoopFuture where Value == Void {
    /// Whichever comes first.
    fileprivate func race(with other: EventLoopFuture<Void>) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let isDone = Mutex(false)
        let finish: @Sendable (Result<Void, any Error>) -> Void = { result in
            guard
                isDone.withLock({ done in
                    let was = done; done = true; return !was
                })
            else { return }
            promise.completeWith(result)
        }
        whenComplete(finish)
        other.whenComplete(finish)
        return promise.futureResult
    }
}

extension LiveFeed {
    /// Takes over what passed a socket.
    func take(_ traffic: Traffic) {
        guard let source = Endpoint(traffic.source), let destination = Endpoint(traffic.destination) else { return }
        let time = SystemClock.time(traffic.time)
        if traffic.isStream {
            stream(traffic.octets, from: source, to: destination, at: time)
        } else {
            datagram(traffic.octets, from: source, to: destination, at: time)
        }
    }
}

extension SystemClock {
    /// Nanoseconds since the Unix epoch, where the sockets' clock had so many microseconds.
    fileprivate static func time(_ microseconds: UInt64) -> Int64 {
        wallSteps.continued(Int64(clamping: microseconds.multipliedReportingOverflow(by: 1000).partialValue))
    }
}

extension Endpoint {
    init?(_ address: SocketAddress) {
        guard let peer = PeerAddress(address) else { return nil }
        switch peer.host {
        case .v4(let octets): self.init(address: IPAddress(ipv4: octets), port: peer.port)
        case .v6(let high, let low): self.init(address: IPAddress(high: high, low: low), port: peer.port)
        }
    }
}

extension PeerAddress {
    init(_ endpoint: Endpoint) {
        let address = endpoint.address
        self.init(
            host: address.isIPv4
                ? .v4(UInt32(truncatingIfNeeded: address.low)) : .v6(high: address.high, low: address.low),
            port: endpoint.port)
    }
}
