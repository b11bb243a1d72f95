import NIOCore
import NIOPosix
import SpatioSession
import SpatioWire

/// A client that comes back: it looks the server up, joins, and when the session ends for a reason that passes, waits
/// and joins again. Everything happens on one event loop.
public final class PersistentClient: Sendable {
    /// How it stands, told on the event loop.
    public enum Report: Sendable {
        /// A CONNECT is about to go out.
        case connecting
        /// The session's own.
        case event(ClientEvent)
        /// The server's name has no address, or the network says that nobody is there.
        case unreachable(String)
        /// Joined, and nothing has been heard for a while; the time of what was heard last.
        case silent(since: Moment)
        /// Something has been heard again.
        case heard
        /// Not connected; the next try, in order from 1, is at this time.
        case waiting(until: Moment, attempt: Int)
        /// Nothing more will be tried.
        case finished
    }

    /// Called with every report; the machine is there while there is a session.
    public typealias Handler = @Sendable (Report, inout Client?, Moment) -> Void

    /// How long a joined server may say nothing, in nanoseconds.
    struct Patience: Sendable {
        /// Then it is asked whether it is still there: one that has nothing to say answers before it counts as silent.
        var inquiry: Int64 = 3_000_000_000
        /// Then a user wants to know: between two looks at a busy map.
        var silence: Int64 = 5_000_000_000
        /// Then the session is given up and another one begun. The protocol would wait for 45 s; but who only watches
        /// loses nothing by it, and a server that was started anew knows nothing of the session.
        var abandonment: Int64 = 15_000_000_000
    }

    private let loop: any EventLoop
    private let keeper: NIOLoopBoundBox<ClientKeeper>

    /// - Parameters:
    ///   - host: a name or an address.
    ///   - configuration: of the next session, asked for at each try.
    ///   - traffic: every octet that goes out or comes in.
    public convenience init(
        to host: String, port: UInt16, by transport: TransportKind, on loop: any EventLoop,
        configuration: @escaping @Sendable () -> ClientConfiguration,
        traffic: (@Sendable (Traffic) -> Void)? = nil, handler: @escaping Handler
    ) {
        self.init(
            ClientKeeper.Plan(
                host: host, port: port, transport: transport, patience: Patience(), configuration: configuration,
                traffic: traffic, handler: handler), on: loop)
    }

    init(_ plan: ClientKeeper.Plan, on loop: any EventLoop) {
        self.loop = loop
        keeper = .makeBoxSendingValue(ClientKeeper(plan, loop), eventLoop: loop)
    }

    public func start() { loop.execute { self.keeper.value.connect() } }

    /// Says DISCONNECT where there is somebody to say it to, and tries no more.
    public func stop(reason: String) -> EventLoopFuture<Void> {
        loop.flatSubmit { self.keeper.value.stop(reason: reason) }
    }

    /// Ends the session, if there is one, and begins another at once: with another configuration.
    public func rejoin(reason: String) { loop.execute { self.keeper.value.rejoin(reason: reason) } }
}

extension ErrorCode {
    /// Whether trying again later can help: what is full or away comes back, what is forbidden stays so.
    public var passes: Bool {
        switch self {
        case .versionMismatch, .protocolError, .authFailed, .unauthorized, .tokenExpired, .invalidSignature,
            .encryptionError:
            false
        default: true
        }
    }
}

/// What a `PersistentClient` does on its event loop.
final class ClientKeeper {
    struct Plan: Sendable {
        var host: String
        var port: UInt16
        var transport: TransportKind
        var patience: PersistentClient.Patience
        var configuration: @Sendable () -> ClientConfiguration
        var traffic: (@Sendable (Traffic) -> Void)?
        var handler: PersistentClient.Handler
    }

    private let plan: Plan
    private let loop: any EventLoop
    private var backoff = Backoff()
    private var client: NetworkClient?
    /// Tells the tries apart: what belongs to an earlier one comes too late.
    private var attempt = 0
    private var isReady = false
    private var isSilent = false
    private var isAsked = false
    /// Addresses of the host that have not been tried since it was looked up.
    private var untried: [SocketAddress] = []
    private var startedAt: Int64 = 0
    private var lastHeard = Moment.now
    /// When the network said that nobody takes our datagrams.
    private var rejectedAt: Int64?
    private var watch: RepeatedTask?
    private var wait: Scheduled<Void>?
    private var isStopped = false
    private var isRejoining = false

    /// Between two looks at the silence.
    private static let watchInterval = TimeAmount.milliseconds(250)
    /// Nanoseconds without a word after the network said that nobody is there: then it is believed.
    private static let rejectionPatience: Int64 = 1_000_000_000
    /// Nanoseconds without an answer after which the next address of the host is tried, where it has more than one.
    private static let addressPatience: Int64 = 3_000_000_000

    init(_ plan: Plan, _ loop: any EventLoop) {
        self.plan = plan
        self.loop = loop
    }

    func connect() {
        guard !isStopped else { return }
        attempt += 1
        let number = attempt
        wait = nil
        report(.connecting)
        guard untried.isEmpty else { return begin(at: untried.removeFirst(), number) }
        let host = plan.host
        let port = plan.port
        // The resolver blocks, so it has a thread of its own.
        NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            Result { () throws(HostAddresses.Failure) in try HostAddresses.resolve(host, port: port) }
        }.assumeIsolated().whenComplete { result in
            guard number == self.attempt, !self.isStopped else { return }
            switch result {
            case .success(.success(let addresses)):
                self.untried = addresses
                self.begin(at: self.untried.removeFirst(), number)
            case .success(.failure(let failure)): self.giveUp(failure.text)
            case .failure(let error): self.giveUp(SocketFailure.text(error))
            }
        }
    }

    /// There is no address to try.
    private func giveUp(_ reason: String) {
        report(.unreachable(reason))
        retry()
    }

    private func begin(at address: SocketAddress, _ number: Int) {
        let this = NIOLoopBound(self, eventLoop: loop)
        isReady = false
        isSilent = false
        isAsked = false
        rejectedAt = nil
        lastHeard = .now
        startedAt = lastHeard.monotonic
        let traffic = plan.traffic
        let client = NetworkClient(
            plan.configuration(), to: address, by: plan.transport, on: loop,
            observation: NetworkClient.Observation(
                traffic: { octets in
                    if !octets.isSent { this.value.hear(number) }
                    traffic?(octets)
                },
                failure: { text in this.value.reject(text, number) })
        ) { event, client, now in
            this.value.take(event, &client, now, number)
        }
        self.client = client
        client.start()
        watch = loop.scheduleRepeatedTask(initialDelay: Self.watchInterval, delay: Self.watchInterval) { _ in
            this.value.look(number)
        }
    }

    // MARK: What happens

    private func take(_ event: ClientEvent, _ client: inout Client, _ now: Moment, _ number: Int) {
        guard number == attempt else { return }
        if case .ready = event {
            isReady = true
            untried = []
            backoff.reset()
        }
        var machine: Client? = client
        plan.handler(.event(event), &machine, now)
        if let machine { client = machine }
        guard case .closed(let closing) = event else { return }
        self.client = nil
        endWatch()
        if isStopped { return }
        if isRejoining {
            isRejoining = false
            let this = NIOLoopBound(self, eventLoop: loop)
            loop.execute { this.value.connect() }
        } else if closing.code.passes {
            retry()
        } else {
            isStopped = true
            report(.finished)
        }
    }

    private func hear(_ number: Int) {
        guard number == attempt else { return }
        lastHeard = .now
        isAsked = false
        rejectedAt = nil
        guard isSilent else { return }
        isSilent = false
        report(.heard)
    }

    private func reject(_ text: String, _ number: Int) {
        guard number == attempt, rejectedAt == nil else { return }
        rejectedAt = Moment.now.monotonic
        report(.unreachable(text))
    }

    private func look(_ number: Int) {
        guard number == attempt, let client else { return }
        let now = Moment.now
        let silence = now.monotonic - lastHeard.monotonic
        if let rejectedAt, !untried.isEmpty || now.monotonic - rejectedAt >= Self.rejectionPatience {
            // The session is given up without waiting for its timeouts: there is nobody any more.
            return abandon("nobody listens there any more")
        }
        guard isReady else {
            // Nothing heard: it is as when it began.
            if !untried.isEmpty, now.monotonic - startedAt >= Self.addressPatience, lastHeard.monotonic == startedAt {
                abandon("another address is tried")
            }
            return
        }
        if silence >= plan.patience.abandonment {
            let reason = "nothing was heard any more"
            report(.event(.closed(Closing(Refusal(.timeout, reason), byPeer: false))))
            return abandon(reason)
        }
        if silence >= plan.patience.inquiry, !isAsked {
            isAsked = true
            client.perform { machine, now in machine.ping(at: now) }
        }
        guard !isSilent, silence >= plan.patience.silence else { return }
        isSilent = true
        report(.silent(since: lastHeard))
    }

    /// Leaves a server that does not answer, and tries again.
    private func abandon(_ reason: String) {
        attempt += 1
        client?.disconnect(.connectionFailed, reason: reason)
        client = nil
        endWatch()
        retry()
    }

    private func retry() {
        guard !isStopped else { return }
        // The next address of the same host need not be waited for.
        guard untried.isEmpty else { return connect() }
        var generator = SystemRandomNumberGenerator()
        let delay = backoff.next(using: &generator)
        let now = Moment.now
        let until = Moment(monotonic: now.monotonic + delay, wall: now.wall + UInt64(delay / 1000))
        report(.waiting(until: until, attempt: backoff.attempts))
        let this = NIOLoopBound(self, eventLoop: loop)
        wait = loop.scheduleTask(in: .nanoseconds(delay)) { this.value.connect() }
    }

    func rejoin(reason: String) {
        guard let client, !isStopped else { return }
        isRejoining = true
        client.disconnect(reason: reason)
    }

    func stop(reason: String) -> EventLoopFuture<Void> {
        isStopped = true
        wait?.cancel()
        let ended = client?.disconnect(reason: reason) ?? loop.makeSucceededVoidFuture()
        endWatch()
        return ended
    }

    private func endWatch() {
        watch?.cancel()
        watch = nil
    }

    private func report(_ report: PersistentClient.Report) {
        var nothing: Client?
        plan.handler(report, &nothing, .now)
    }
}
