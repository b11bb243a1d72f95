import NIOCore
import NIOPosix
import SpatioSession

/// A server's machine on sockets: UDP and TCP on any number of addresses. Everything happens on one event loop, so the
/// machine needs no locks.
///
/// `work` is called whenever something has come in or time has passed: there the machine's events are taken and answered.
public final class NetworkServer<Machine: ServerMachine>: Sendable {
    /// On the event loop, after the machine was told what came and what time it is, and before what it has to say goes
    /// out.
    public typealias Work = @Sendable (inout Machine, borrowing Connections, Moment) -> Void

    /// The TCP connections of a server.
    public struct Connections: ~Copyable {
        fileprivate let driver: ServerDriver<Machine>

        /// Closes one as soon as everything for it is out.
        public func close(_ address: PeerAddress) { driver.closeWhenSent(address) }
    }

    private let loop: any EventLoop
    private let driver: NIOLoopBoundBox<ServerDriver<Machine>>

    public init(_ machine: sending Machine, on loop: any EventLoop, work: @escaping Work) {
        self.loop = loop
        driver = .makeBoxSendingValue(ServerDriver(machine, loop, work), eventLoop: loop)
    }

    /// Opens a socket.
    ///
    /// - Returns: the address with the port that it got, where 0 was asked for.
    public func listen(at address: SocketAddress, by transport: TransportKind) -> EventLoopFuture<SocketAddress> {
        loop.flatSubmit { self.driver.value.listen(at: address, by: transport) }
    }

    /// Opens sockets for UDP and TCP at the same port.
    ///
    /// - Returns: the address with the port that they got, where 0 was asked for.
    public func listen(at address: SocketAddress) -> EventLoopFuture<SocketAddress> {
        listen(at: address, tries: address.port == 0 ? freePortTries : 1)
    }

    private func listen(at address: SocketAddress, tries: Int) -> EventLoopFuture<SocketAddress> {
        listen(at: address, by: .tcp).flatMap { bound in
            self.listen(at: bound, by: .udp).flatMapError { error in
                // Where any port will do, this one is free for TCP alone.
                tries > 1 ? self.listen(at: address, tries: tries - 1) : self.loop.makeFailedFuture(error)
            }
        }
    }

    /// Opens sockets for UDP and TCP at an address of this machine, or at all of them: "127.0.0.1", "::", "0.0.0.0".
    ///
    /// - Parameter port: 0: a free one.
    /// - Returns: the port.
    public func listen(at address: String, port: Int = spatioPort) async throws -> Int {
        try await listen(at: SocketAddress(ipAddress: address, port: port)).get().port ?? port
    }

    /// Runs something with the machine on the event loop; what it wants to send goes out afterwards.
    public func perform(_ body: @escaping @Sendable (inout Machine, Moment) -> Void) {
        loop.execute { self.driver.value.perform(body) }
    }

    /// Says good-bye to all sessions and closes the sockets when that is out.
    public func close(reason: String) -> EventLoopFuture<Void> {
        loop.flatSubmit { self.driver.value.close(reason: reason) }
    }

    /// Says good-bye to all sessions, and returns when the sockets are closed.
    public func stop(reason: String) async {
        // Only a socket that is closed already cannot be closed.
        try? await close(reason: reason).get()
    }
}

/// Tries for a port that is free for both UDP and TCP.
private let freePortTries = 20

/// What a `NetworkServer` does on its event loop.
final class ServerDriver<Machine: ServerMachine> {
    private struct Connection {
        var channel: SocketChannel
        var unsent = 0
        var closesWhenSent = false
    }

    private let loop: any EventLoop
    private let work: NetworkServer<Machine>.Work
    private var machine: Machine
    private var alarm: Alarm
    /// UDP sockets; which one reaches an address is known by what came from it.
    private var sockets: [SocketChannel] = []
    private var listeners: [SocketChannel] = []
    private var connections: [UInt32: Connection] = [:]
    private var lastConnection: UInt32 = 0
    /// Sockets that have something to flush: UDP by place, TCP by number.
    private var unflushed: Set<Int> = []
    private var unflushedConnections: Set<UInt32> = []
    /// The UDP socket by which each peer came last, where there are several for its family.
    private var ways: [PeerAddress: Int] = [:]
    private var isPumping = false
    private var isClosed = false

    /// Peers whose way is remembered; beyond it all are forgotten, and the first socket of a family is taken.
    private static var wayLimit: Int { 65_536 }

    init(_ machine: sending Machine, _ loop: any EventLoop, _ work: @escaping NetworkServer<Machine>.Work) {
        self.machine = machine
        self.loop = loop
        self.work = work
        alarm = Alarm(loop)
    }

    // MARK: Sockets

    func listen(at address: SocketAddress, by transport: TransportKind) -> EventLoopFuture<SocketAddress> {
        let this = NIOLoopBound(self, eventLoop: loop)
        let isIPv6 = address.protocol == .inet6
        let opened: EventLoopFuture<SocketChannel>
        switch transport {
        case .udp:
            let place = sockets.count
            var bootstrap = DatagramBootstrap(group: loop)
                .channelOption(.datagramVectorReadMessageCount, value: SocketSizes.datagramsPerRead)
                .channelOption(.recvAllocator, value: SocketSizes.datagramAllocator)
                .channelOption(.socketOption(.so_rcvbuf), value: .init(SocketSizes.receiveBuffer))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(this.value.datagramHandler(place))
                    }
                }
            if isIPv6 {
                bootstrap = bootstrap.channelOption(
                    .socket(SocketOptionLevel(IPPROTO_IPV6), SocketOptionName(IPV6_V6ONLY)), value: 1)
            }
            // What others on this machine are in a group for is none of the server's business.
            let everyGroup =
                isIPv6
                ? (SocketOptionLevel(IPPROTO_IPV6), SocketOptionName(DiscoveryLink.ipv6MulticastAll))
                : (SocketOptionLevel(IPPROTO_IP), SocketOptionName(IP_MULTICAST_ALL))
            bootstrap = bootstrap.channelOption(.socket(everyGroup.0, everyGroup.1), value: 0)
            if address.port == spatioPort, address.isEverywhere, isListening(at: address) {
                // Otherwise nobody on this machine could be in a multicast group at the protocol's port. The socket for
                // TCP, which is there by now, keeps two servers apart.
                bootstrap = bootstrap.channelOption(.socketOption(.so_reuseaddr), value: 1)
            }
            opened = bootstrap.bind(to: address)
        case .tcp:
            var bootstrap = ServerBootstrap(group: loop, childGroup: loop)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try this.value.accept(channel) }
                }
            if isIPv6 {
                bootstrap = bootstrap.serverChannelOption(
                    .socket(SocketOptionLevel(IPPROTO_IPV6), SocketOptionName(IPV6_V6ONLY)), value: 1)
            }
            opened = bootstrap.bind(to: address)
        }
        return opened.assumeIsolated().flatMapThrowing { channel in
            switch transport {
            case .udp: self.sockets.append(channel)
            case .tcp: self.listeners.append(channel)
            }
            self.pump()
            return channel.localAddress ?? address
        }.nonisolated()
    }

    private func isListening(at address: SocketAddress) -> Bool {
        listeners.contains { $0.localAddress == address }
    }

    private func datagramHandler(_ place: Int) -> SocketHandler<AddressedEnvelope<ByteBuffer>> {
        SocketHandler(
            read: { envelope in
                guard let address = PeerAddress(envelope.remoteAddress) else { return }
                self.remember(place, for: address)
                envelope.data.withUnsafeReadableBytes { self.machine.receive($0, from: address, at: .now) }
            }, readComplete: { self.pump() })
    }

    private func accept(_ channel: SocketChannel) throws {
        guard !isClosed, let remote = channel.remoteAddress else { throw ChannelError.inputClosed }
        repeat { lastConnection &+= 1 } while lastConnection == 0 || connections[lastConnection] != nil
        let number = lastConnection
        guard let address = PeerAddress(remote, connection: number) else { throw ChannelError.inputClosed }
        connections[number] = Connection(channel: channel)
        let handler = SocketHandler<ByteBuffer>(
            read: { buffer in
                buffer.withUnsafeReadableBytes { self.machine.receive($0, from: address, at: .now) }
            }, readComplete: { self.pump() },
            inactive: {
                self.connections[number] = nil
                self.machine.connectionClosed(address, at: .now)
                self.pump()
            }, failed: { _ in channel.close(promise: nil) })
        try channel.pipeline.syncOperations.addHandler(handler)
        machine.connectionOpened(address, at: .now)
        pump()
    }

    private func remember(_ place: Int, for address: PeerAddress) {
        guard sockets.count > 1, ways[address] != place else { return }
        if ways.count >= Self.wayLimit { ways.removeAll() }
        ways[address] = place
    }

    func closeWhenSent(_ address: PeerAddress) {
        guard var connection = connections[address.connection] else { return }
        connection.closesWhenSent = true
        connections[address.connection] = connection
        unflushedConnections.insert(address.connection)
    }

    // MARK: The machine

    func perform(_ body: (inout Machine, Moment) -> Void) {
        guard !isClosed else { return }
        body(&machine, .now)
        pump()
    }

    func close(reason: String) -> EventLoopFuture<Void> {
        guard !isClosed else { return loop.makeSucceededVoidFuture() }
        machine.close(reason: reason, at: .now)
        pump()
        isClosed = true
        alarm.cancel()
        let channels = sockets + listeners + connections.values.map(\.channel)
        // Closing fails only what is closed already.
        return EventLoopFuture.andAllComplete(channels.map { $0.close() }, on: loop)
    }

    /// Lets the machine work and brings what it has to say to the sockets.
    private func pump() {
        guard !isPumping, !isClosed else { return }
        isPumping = true
        defer { isPumping = false }
        let now = Moment.now
        var isIdle = false
        while !isIdle {
            isIdle = true
            machine.advance(to: now)
            work(&machine, NetworkServer<Machine>.Connections(driver: self), now)
            // What has gone out may give the machine more to say: to observers, who see it.
            while let (address, octets) = machine.nextTransmission(at: now) {
                isIdle = false
                if address.isStream { write(octets, to: address.connection) } else { write(octets, to: address) }
            }
        }
        flush()
        let this = NIOLoopBound(self, eventLoop: loop)
        alarm.set(machine.deadline) { this.value.pump() }
    }

    private func write(_ octets: [UInt8], to address: PeerAddress) {
        let place = ways[address] ?? sockets.firstIndex { $0.localAddress?.isIPv6 == address.isIPv6 }
        guard let place, place < sockets.count else { return }
        let socket = sockets[place]
        let buffer = socket.allocator.buffer(bytes: octets)
        socket.write(AddressedEnvelope(remoteAddress: address.socketAddress, data: buffer), promise: nil)
        unflushed.insert(place)
    }

    private func write(_ octets: [UInt8], to number: UInt32) {
        guard let connection = connections[number] else { return }
        guard connection.unsent + octets.count <= SocketSizes.mostUnsent else {
            connection.channel.close(promise: nil)
            return
        }
        connections[number]?.unsent += octets.count
        let count = octets.count
        let this = NIOLoopBound(self, eventLoop: loop)
        connection.channel.write(connection.channel.allocator.buffer(bytes: octets)).whenComplete { _ in
            this.value.connections[number]?.unsent -= count
        }
        unflushedConnections.insert(number)
    }

    private func flush() {
        for place in unflushed { sockets[place].flush() }
        unflushed.removeAll(keepingCapacity: true)
        for number in unflushedConnections {
            guard let connection = connections[number] else { continue }
            connection.channel.flush()
            // Closing waits for nothing: it goes behind what was flushed.
            if connection.closesWhenSent {
                connection.channel.writeAndFlush(ByteBuffer()).whenComplete { _ in
                    connection.channel.close(promise: nil)
                }
            }
        }
        unflushedConnections.removeAll(keepingCapacity: true)
    }
}

extension PeerAddress {
    fileprivate var isIPv6: Bool { if case .v6 = host { true } else { false } }
}

extension SocketAddress {
    fileprivate var isIPv6: Bool { self.protocol == .inet6 }
    fileprivate var isEverywhere: Bool { PeerAddress(self)?.host.isUnspecified == true }
}
