import NIOCore
import NIOPosix
import SpatioSession
import SpatioWire

/// A client's session machine on a socket: UDP or TCP, one try. Everything happens on one event loop; the functions may
/// be called from any thread.
///
/// The machine says what to do (``Client``); this class brings its octets to the socket and back, tells it the time, and
/// hands its events to whoever made it. When it has ended, make another one (``PersistentClient`` does so).
public final class NetworkClient: Sendable {
    /// Called on the event loop with every event, and with the machine, so that an answer goes out with the same
    /// datagram.
    public typealias EventHandler = @Sendable (ClientEvent, inout Client, Moment) -> Void

    /// What can be told beside the machine's events.
    public struct Observation: Sendable {
        /// Every octet that went out or came in, as it was on the wire.
        public var traffic: (@Sendable (Traffic) -> Void)?
        /// The socket could not be opened, or the network says that nobody is there; the session may still go on, as
        /// datagrams do get lost.
        public var failure: (@Sendable (String) -> Void)?

        public init(
            traffic: (@Sendable (Traffic) -> Void)? = nil, failure: (@Sendable (String) -> Void)? = nil
        ) {
            self.traffic = traffic
            self.failure = failure
        }
    }

    private let loop: any EventLoop
    private let driver: NIOLoopBoundBox<ClientDriver>

    /// - Parameter configuration: its `isStream` is set by `transport`.
    public init(
        _ configuration: ClientConfiguration, to server: SocketAddress, by transport: TransportKind,
        on loop: any EventLoop, observation: Observation = Observation(), events: @escaping EventHandler
    ) {
        self.loop = loop
        var configuration = configuration
        configuration.isStream = transport == .tcp
        let plan = ClientDriver.Plan(
            configuration: configuration, server: server, observation: observation, events: events)
        driver = .makeBoxSendingValue(ClientDriver(plan, loop), eventLoop: loop)
    }

    /// Opens the socket and begins the handshake.
    public func start() { loop.execute { self.driver.value.start() } }

    /// Runs something with the machine on the event loop; what it wants to send goes out afterwards.
    public func perform(_ body: @escaping @Sendable (inout Client, Moment) -> Void) {
        loop.execute { self.driver.value.perform(body) }
    }

    /// Runs something with the machine again and again, until the session has ended.
    public func `repeat`(every interval: TimeAmount, _ body: @escaping @Sendable (inout Client, Moment) -> Void) {
        loop.execute { self.driver.value.repeat(every: interval, body) }
    }

    /// Sends a message.
    ///
    /// - Parameter failed: told on the event loop why it was not sent.
    public func send(
        _ payload: Payload, _ delivery: Delivery, failed: (@Sendable (SessionError) -> Void)? = nil
    ) {
        perform { client, now in
            do throws(SessionError) { try client.send(payload, delivery, at: now) } catch { failed?(error) }
        }
    }

    /// Says DISCONNECT and closes the socket when that is out.
    @discardableResult
    public func disconnect(_ code: ErrorCode = .success, reason: String) -> EventLoopFuture<Void> {
        loop.flatSubmit { self.driver.value.disconnect(code, reason: reason) }
    }
}

/// What a `NetworkClient` does on its event loop.
final class ClientDriver {
    struct Plan: Sendable {
        var configuration: ClientConfiguration
        var server: SocketAddress
        var observation: NetworkClient.Observation
        var events: NetworkClient.EventHandler
    }

    private let plan: Plan
    private let loop: any EventLoop
    private var client: Client?
    private var channel: (SocketChannel)?
    private var alarm: Alarm
    private var repeated: [RepeatedTask] = []
    private var isPumping = false
    private var isEnding = false

    init(_ plan: Plan, _ loop: any EventLoop) {
        self.plan = plan
        self.loop = loop
        alarm = Alarm(loop)
    }

    // MARK: From outside, on the loop

    func start() {
        let this = NIOLoopBound(self, eventLoop: loop)
        let opened: EventLoopFuture<SocketChannel>
        if plan.configuration.isStream {
            opened = ClientBootstrap(group: loop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connectTimeout(.nanoseconds(plan.configuration.handshakeTimeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            this.value.handler { (buffer: ByteBuffer) in buffer })
                    }
                }
                .connect(to: plan.server)
        } else {
            opened = DatagramBootstrap(group: loop)
                .channelOption(.datagramVectorReadMessageCount, value: SocketSizes.datagramsPerRead)
                .channelOption(.recvAllocator, value: SocketSizes.datagramAllocator)
                .channelOption(.socketOption(.so_rcvbuf), value: .init(SocketSizes.receiveBuffer))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            this.value.handler { (envelope: AddressedEnvelope<ByteBuffer>) in envelope.data })
                    }
                }
                .connect(to: plan.server)
        }
        opened.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.begin(on: channel)
            case .failure(let error): self.fail(error)
            }
        }
    }

    private func handler<Inbound>(_ octets: @escaping (Inbound) -> ByteBuffer) -> SocketHandler<Inbound> {
        SocketHandler(
            read: { self.receive(octets($0)) }, readComplete: { self.pump() }, inactive: { self.disappear() },
            failed: { self.plan.observation.failure?(SocketFailure.text($0)) })
    }

    func perform(_ body: (inout Client, Moment) -> Void) {
        guard client != nil else { return }
        body(&client!, .now)
        pump()
    }

    func `repeat`(every interval: TimeAmount, _ body: @escaping @Sendable (inout Client, Moment) -> Void) {
        let this = NIOLoopBound(self, eventLoop: loop)
        repeated.append(
            loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in this.value.perform(body) })
    }

    func disconnect(_ code: ErrorCode, reason: String) -> EventLoopFuture<Void> {
        perform { client, now in client.disconnect(code, reason: reason, at: now) }
        end()
        return channel?.closeFuture ?? loop.makeSucceededVoidFuture()
    }

    // MARK: The socket

    private func begin(on channel: SocketChannel) {
        self.channel = channel
        client = Client(plan.configuration, at: .now)
        pump()
    }

    private func fail(_ error: any Error) {
        plan.observation.failure?(SocketFailure.text(error))
        // A machine that never had a socket cannot say so itself.
        guard client == nil else { return }
        var nothing = Client(plan.configuration, at: .now)
        plan.events(
            .closed(Closing(Refusal(.connectionFailed, SocketFailure.text(error)), byPeer: false)), &nothing, .now)
        end()
    }

    private func receive(_ buffer: ByteBuffer) {
        guard client != nil else { return }
        let now = Moment.now
        observe(buffer.readableBytesView, isSent: false, now)
        buffer.withUnsafeReadableBytes { client!.receive($0, at: now) }
    }

    /// The connection ended under the session.
    private func disappear() {
        client?.connectionClosed(at: .now)
        pump()
        end()
    }

    private func observe(_ octets: some Collection<UInt8>, isSent: Bool, _ now: Moment) {
        guard let traffic = plan.observation.traffic, let local = channel?.localAddress else { return }
        traffic(
            Traffic(
                octets: Array(octets), source: isSent ? local : plan.server, destination: isSent ? plan.server : local,
                isStream: plan.configuration.isStream, isSent: isSent, time: now.wall))
    }

    // MARK: The machine

    /// Brings everything that the machine has to say to where it belongs.
    private func pump() {
        // An event's handler may send, which comes back here.
        guard !isPumping, let channel else { return }
        isPumping = true
        defer { isPumping = false }
        let now = Moment.now
        client!.advance(to: now)
        var hasEnded = false
        var hasWritten = false
        while true {
            var isIdle = true
            while let event = client!.nextEvent() {
                isIdle = false
                if case .closed = event { hasEnded = true }
                plan.events(event, &client!, now)
            }
            while let octets = client!.nextTransmission(at: now) {
                isIdle = false
                hasWritten = true
                observe(octets, isSent: true, now)
                let buffer = channel.allocator.buffer(bytes: octets)
                if plan.configuration.isStream {
                    channel.write(buffer, promise: nil)
                } else {
                    channel.write(AddressedEnvelope(remoteAddress: plan.server, data: buffer), promise: nil)
                }
            }
            if isIdle { break }
        }
        if hasWritten { channel.flush() }
        if hasEnded { return end() }
        let this = NIOLoopBound(self, eventLoop: loop)
        alarm.set(client!.deadline) { this.value.pump() }
    }

    private func end() {
        guard !isEnding else { return }
        isEnding = true
        alarm.cancel()
        for task in repeated { task.cancel() }
        repeated.removeAll()
        channel?.close(promise: nil)
    }
}
