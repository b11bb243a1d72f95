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
        /// Whether a datagram goes on its way, out (true) or in: a bad network, to see what a session makes of it.
        public var passes: (@Sendable (Bool) -> Bool)?

        public init(
            traffic: (@Sendable (Traffic) -> Void)? = nil, failure: (@Sendable (String) -> Void)? = nil,
            passes: (@Sendable (Bool) -> Bool)? = nil
        ) {
            self.traffic = traffic
            self.failure = failure
            self.passes = passes
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

    /// Runs something with the machine on the event loop, and tells what came of it.
    func performing<Result: Sendable>(
        _ body: @escaping @Sendable (inout Client, Moment) throws -> Result
    ) -> EventLoopFuture<Result> {
        loop.submit { try self.driver.value.performing(body) }
    }

    /// Says DISCONNECT and closes the socket when that is out.
    @discardableResult
    public func disconnect(_ code: ErrorCode = .success, reason: String) -> EventLoopFuture<Void> {
        loop.flatSubmit { self.driver.value.disconnect(code, reason: reason) }
    }
}
