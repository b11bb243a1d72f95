import NIOCore
import NIOPosix
import SpatioSession
import SpatioWire

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
    private var client: Client
    /// Nil until the socket is open.
    private var channel: SocketChannel?
    private var alarm: Alarm
    private var repeated: [RepeatedTask] = []
    private var isPumping = false
    private var isEnding = false

    init(_ plan: Plan, _ loop: any EventLoop) {
        self.plan = plan
        self.loop = loop
        alarm = Alarm(loop)
        client = Client(plan.configuration, at: .now)
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
        guard channel != nil, !isEnding else { return }
        body(&client, .now)
        pump()
    }

    func performing<Result>(_ body: (inout Client, Moment) throws -> Result) throws -> Result {
        guard channel != nil, !isEnding else { throw SessionError.closed }
        defer { pump() }
        return try body(&client, .now)
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
        guard !isEnding else { return channel.close(promise: nil) }
        self.channel = channel
        pump()
    }

    private func fail(_ error: any Error) {
        plan.observation.failure?(SocketFailure.text(error))
        guard !isEnding else { return }
        // A machine that never had a socket cannot say so itself.
        plan.events(
            .closed(Closing(Refusal(.connectionFailed, SocketFailure.text(error)), byPeer: false)), &client, .now)
        end()
    }

    private func receive(_ buffer: ByteBuffer) {
        guard channel != nil, plan.observation.passes?(false) ?? true else { return }
        let now = Moment.now
        observe(buffer.readableBytesView, isSent: false, now)
        buffer.withUnsafeReadableBytes { client.receive($0, at: now) }
    }

    /// The connection ended under the session.
    private func disappear() {
        client.connectionClosed(at: .now)
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
        client.advance(to: now)
        var hasEnded = false
        var hasWritten = false
        while true {
            var isIdle = true
            while let event = client.nextEvent() {
                isIdle = false
                if case .closed = event { hasEnded = true }
                plan.events(event, &client, now)
            }
            while let octets = client.nextTransmission(at: now) {
                isIdle = false
                guard plan.observation.passes?(true) ?? true else { continue }
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
        alarm.set(client.deadline) { this.value.pump() }
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
