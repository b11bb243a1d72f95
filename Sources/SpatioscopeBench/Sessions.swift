import Glibc
import NIOCore
import NIOPosix
import SpatioNetwork
import SpatioServer
import SpatioSession
import SpatioWire
import Synchronization

/// Clients and servers: in memory, over the loopback interface, and a whole space of them. The reference is an echo of
/// plain datagrams of the same size through the same sockets.
enum Sessions {
    private static let messages = 100_000
    private static let handshakes = 500
    /// Messages under way at a time over a socket.
    private static let window = 64

    static func measure() throws(BenchError) {
        do {
            let echo = try Echo.measure(messages, window: window)
            for (level, name) in [(SecurityLevel.none, "in clear"), (.sign, "signed"), (.encrypt, "sealed")] {
                let rate = InMemory.rate(of: messages, level)
                Table.row(
                    "messages, client to server in memory, \(name)", "\(Table.text(rate / 1000)) k/s",
                    reference: "datagram echo \(Table.text(echo.rate / 1000)) k/s", value: rate / echo.rate, unit: "x",
                    bar: nil, goal: nil)
            }
            for (level, name) in [(SecurityLevel.none, "in clear"), (.encrypt, "sealed")] {
                let rate = try Loopback.rate(of: messages, window: window, level)
                Table.row(
                    "messages there and back by loopback, \(name)", "\(Table.text(rate / 1000)) k/s",
                    reference: "datagram echo \(Table.text(echo.rate / 1000)) k/s", value: rate / echo.rate, unit: "x",
                    bar: nil, goal: nil)
            }
            for (level, name) in [(SecurityLevel.none, "in clear"), (.encrypt, "sealed")] {
                let rate = InMemory.handshakes(handshakes, level)
                Table.row(
                    "handshakes in memory, \(name)", "\(Table.text(rate)) /s",
                    reference: "datagram echo \(Table.text(echo.rate / 1000)) k/s", value: echo.rate / rate,
                    unit: " echoes", bar: nil, goal: nil)
            }
            let space = try Crowded.measure()
            Table.row(
                "server, CPU of a client at 20 updates/s", "\(Table.text(space.processor * 1e6)) us/s",
                reference: "20 echoes \(Table.text(echo.processor * 20 * 1e6)) us",
                value: space.processor / echo.processor / 20,
                unit: "x", bar: nil, goal: nil)
            Table.row(
                "server of 200 clients and 5 observers", "\(Table.text(space.share * 100)) % of a core",
                reference: "\(space.sent) updates, \(space.mirrored) mirrored", value: Double(space.lost),
                unit: " lost",
                bar: 0, goal: 0)
        } catch {
            throw BenchError("\(error)")
        }
    }

    /// One walker's step: what nearly every message is.
    static func update(_ number: Int) -> (payload: Payload, address: SpatialAddress) {
        let place = Double(number % 1000) / 100
        return (
            .spatialUpdate(
                SpatialUpdate(updates: [
                    EntityUpdate(
                        entityID: UUID(high: 7, low: 9), kind: 1, position: Vector3(place, 1, 0),
                        velocity: Vector3f(1, 0, 0))
                ])),
            SpatialAddress(
                spaceID: space, coordinateSystem: .cartesian(nil), position: Vector3(place, 1, 0), precision: 0.1,
                confidence: 1, timestamp: Moment.now.wallMilliseconds)
        )
    }

    static let space = ServerPlan.standard.spaces[0].id
}

/// Datagrams to a socket that sends them back.
private enum Echo {
    /// Octets of a datagram: a SPATIAL_UPDATE of one entity.
    private static let size = 150

    /// Datagrams there and back a second, and the processor seconds of the echoing side for each.
    static func measure(_ count: Int, window: Int) throws -> (rate: Double, processor: Double) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        defer { try? group.syncShutdownGracefully() }
        let loops = (group.next(), group.next())
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        let server = try bind(loops.0, address) { channel, envelope in
            channel.write(AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: envelope.data), promise: nil)
        }
        let target = server.localAddress ?? address
        let done = loops.1.makePromise(of: Void.self)
        let left = Mutex((sent: window, received: 0))
        let client = try bind(loops.1, address) { channel, envelope in
            let state = left.withLock { state in
                state.received += 1
                if state.sent < count { state.sent += 1 }
                return state
            }
            if state.received == count { done.succeed() }
            if state.sent <= count - 1 || state.received <= count - window {
                channel.write(AddressedEnvelope(remoteAddress: target, data: envelope.data), promise: nil)
            }
        }
        let before = try processorTime(of: loops.0)
        let time = try seconds {
            let data = ByteBuffer(repeating: 7, count: size)
            for _ in 0..<window {
                client.writeAndFlush(AddressedEnvelope(remoteAddress: target, data: data), promise: nil)
            }
            try done.futureResult.wait()
        }
        let processor = try processorTime(of: loops.0) - before
        try client.close().wait()
        try server.close().wait()
        return (Double(count) / time, processor / Double(count))
    }

    private static func bind(
        _ loop: any EventLoop, _ address: SocketAddress,
        _ read: @escaping @Sendable (any NIOCore.Channel, AddressedEnvelope<ByteBuffer>) -> Void
    ) throws -> any NIOCore.Channel {
        try DatagramBootstrap(group: loop)
            .channelOption(.datagramVectorReadMessageCount, value: 8)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8 << 16))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(channel, read))
                }
            }
            .bind(to: address).wait()
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        private let channel: any NIOCore.Channel
        private let read: (any NIOCore.Channel, InboundIn) -> Void

        init(_ channel: any NIOCore.Channel, _ read: @escaping (any NIOCore.Channel, InboundIn) -> Void) {
            self.channel = channel
            self.read = read
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { read(channel, unwrapInboundIn(data)) }
        func channelReadComplete(context: ChannelHandlerContext) { channel.flush() }
    }
}

/// Processor seconds of the thread of an event loop.
private func processorTime(of loop: any EventLoop) throws -> Double {
    try loop.submit {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }.wait()
}

/// A client and a server that hand each other their octets.
private struct InMemory {
    private var client: Client
    private var server: Server
    private let address = PeerAddress(host: .v4(0x7F00_0001), port: 40_000)
    private var received = 0

    private init(_ level: SecurityLevel, _ server: Server) {
        var configuration = ClientConfiguration(clientID: .random(), name: "bench")
        configuration.securityLevel = level
        client = Client(configuration, at: .now)
        self.server = server
    }

    private static func server() -> Server {
        var configuration = ServerConfiguration(serverID: .random())
        configuration.limits.handshakesPerSecond = .max
        configuration.flow.windowSize = 1 << 30
        return Server(configuration, secret: randomOctets(32), at: .now)
    }

    static func rate(of count: Int, _ level: SecurityLevel) -> Double {
        var pair = InMemory(level, server())
        pair.settle()
        let time = seconds {
            for number in 0..<count {
                let (payload, address) = Sessions.update(number)
                try? pair.client.send(payload, Delivery(stream: 1, address: address), at: .now)
                if number % 8 == 7 { pair.settle() }
            }
            pair.settle()
        }
        return Double(pair.received) / time
    }

    static func handshakes(_ count: Int, _ level: SecurityLevel) -> Double {
        var server = server()
        return Double(count)
            / seconds {
                for _ in 0..<count {
                    var pair = InMemory(level, server)
                    pair.settle()
                    pair.client.disconnect(reason: "done", at: .now)
                    pair.settle()
                    server = pair.server
                }
            }
    }

    private mutating func settle() {
        let now = Moment.now
        var isIdle = false
        while !isIdle {
            isIdle = true
            while let octets = client.nextTransmission(at: now) {
                isIdle = false
                octets.withUnsafeBytes { server.receive($0, from: address, at: now) }
            }
            while let event = server.nextEvent() {
                if case .asked(let session, _) = event { server.accept(session, Welcome(spaces: []), at: now) }
                if case .message = event { received += 1 }
            }
            while let (_, octets) = server.nextTransmission(at: now) {
                isIdle = false
                octets.withUnsafeBytes { client.receive($0, at: now) }
            }
            while client.nextEvent() != nil {}
        }
    }
}

/// A client and a server that sends everything back, over UDP.
private enum Loopback {
    static func rate(of count: Int, window: Int, _ level: SecurityLevel) throws -> Double {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        defer { try? group.syncShutdownGracefully() }
        let loops = (group.next(), group.next())
        let machine = Server(ServerConfiguration(serverID: .random()), secret: randomOctets(32), at: .now)
        let server = NetworkServer(machine, on: loops.0) { server, _, now in
            while let event = server.nextEvent() {
                switch event {
                case .asked(let session, _): server.accept(session, Welcome(spaces: []), at: now)
                case .message(let session, let message):
                    guard case .payload(let payload) = message.body else { continue }
                    try? server.send(payload, Delivery(stream: 1, address: message.address), to: session, at: now)
                default: continue
                }
            }
        }
        let address = try server.listen(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), by: .udp).wait()
        var configuration = ClientConfiguration(clientID: .random(), name: "bench")
        configuration.securityLevel = level
        let done = loops.1.makePromise(of: Void.self)
        let start = Mutex(ContinuousClock.now)
        let state = Mutex((sent: 0, received: 0))
        let client = NetworkClient(configuration, to: address, by: .udp, on: loops.1) { event, client, now in
            func send(_ number: Int) {
                let (payload, address) = Sessions.update(number)
                try? client.send(payload, Delivery(stream: 1, address: address), at: now)
            }
            switch event {
            case .ready:
                start.withLock { $0 = .now }
                state.withLock { $0.sent = window }
                for number in 0..<window { send(number) }
            case .message:
                let next: Int? = state.withLock { state in
                    state.received += 1
                    if state.received == count { done.succeed() }
                    guard state.sent < count else { return nil }
                    state.sent += 1
                    return state.sent
                }
                if let next { send(next) }
            case .closed(let closing): done.fail(BenchError("the session ended: \(closing)"))
            default: break
            }
        }
        client.start()
        try done.futureResult.wait()
        let (whole, atto) = (ContinuousClock.now - start.withLock { $0 }).components
        try client.disconnect(reason: "done").wait()
        try server.close(reason: "done").wait()
        return Double(count) / (Double(whole) + Double(atto) * 1e-18)
    }
}

/// The reference server with a space full of clients.
private enum Crowded {
    private static let clients = 200
    private static let observers = 5
    private static let interval = TimeAmount.milliseconds(50)
    private static let time: UInt32 = 5

    struct Result {
        /// Seconds of the server's processor time a second and client.
        var processor: Double
        /// Of a core, all clients together.
        var share: Double
        var sent: Int
        var mirrored: Int
        /// Updates that the server or an observer did not get.
        var lost: Int
    }

    static func measure() throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        defer { try? group.syncShutdownGracefully() }
        let loops = (group.next(), group.next())
        var plan = ServerPlan.standard
        plan.limits.sessionsPerAddress = clients + observers
        plan.limits.handshakesPerSecond = 10_000
        let host = try SpaceHost(plan, serverID: .random(), secret: randomOctets(32), at: .now)
        let server = NetworkServer(host, on: loops.0) { host, _, _ in while host.nextEvent() != nil {} }
        let address = try server.listen(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), by: .udp).wait()
        let ready = Mutex(0)
        let mirrored = Mutex(0)
        let sent = Mutex(0)
        let isSending = Mutex(false)
        func join(_ number: Int, _ role: PeerRole) -> NetworkClient {
            let id = UUID(high: 0x4000, low: 1 << 63 | UInt64(number))
            var configuration = ClientConfiguration(clientID: id, name: "client-\(number)", role: role)
            configuration.flow.windowSize = 16 << 20
            let client = NetworkClient(configuration, to: address, by: .udp, on: loops.1) { event, _, _ in
                if case .ready = event { ready.withLock { $0 += 1 } }
                if case .message(let message) = event, role == .observer, message.header.type == .spatialUpdate,
                    message.header.streamID == 1
                {
                    mirrored.withLock { $0 += 1 }
                }
            }
            client.start()
            if role == .participant {
                client.repeat(every: interval) { client, now in
                    guard client.state == .ready, isSending.withLock({ $0 }) else { return }
                    let place = Vector3(Double(number % 90) - 45, Double(number / 90 * 10), 1)
                    let payload = Payload.spatialUpdate(
                        SpatialUpdate(updates: [EntityUpdate(entityID: id, kind: 1, position: place)]))
                    let address = SpatialAddress(
                        spaceID: Sessions.space, coordinateSystem: .cartesian(nil), position: place, precision: 0.1,
                        confidence: 1, timestamp: now.wallMilliseconds)
                    if (try? client.send(payload, Delivery(stream: 1, address: address), at: now)) != nil {
                        sent.withLock { $0 += 1 }
                    }
                }
            }
            return client
        }
        let all = (0..<clients).map { join($0, .participant) } + (0..<observers).map { join(clients + $0, .observer) }
        for _ in 0..<1000 where ready.withLock({ $0 }) < all.count { usleep(10_000) }
        guard ready.withLock({ $0 }) == all.count else {
            throw BenchError("only \(ready.withLock { $0 }) of \(all.count) sessions were opened")
        }
        let before = try processorTime(of: loops.0)
        isSending.withLock { $0 = true }
        sleep(time)
        isSending.withLock { $0 = false }
        let processor = try processorTime(of: loops.0) - before
        usleep(500_000)
        for client in all { client.disconnect(reason: "done") }
        try server.close(reason: "done").wait()
        let updates = sent.withLock { $0 }
        let copies = mirrored.withLock { $0 }
        return Result(
            processor: processor / Double(time) / Double(clients), share: processor / Double(time), sent: updates,
            mirrored: copies, lost: updates * observers - copies)
    }
}
