import NIOCore
import NIOPosix
import SpatioSession
import SpatioWire

/// A session that a client has joined, for programs that wait (`await`) instead of handling events on an event loop.
/// It lasts until `leave`, or until the server or the network ends it.
public struct JoinedSession: Sendable {
    /// Events that wait for a slow reader; beyond it the oldest are forgotten, so that a peer cannot fill our memory. Whoever
    /// may miss none takes them on the event loop (`NetworkClient.init`).
    public static let eventBacklog = 4096

    public let client: NetworkClient
    /// What was agreed on: spaces, groups, security.
    public let summary: SessionSummary
    /// What happens in the session, for one reader. The last is `closed`.
    public let events: AsyncStream<ClientEvent>

    /// Sends a message.
    ///
    /// - Throws: `SessionError` where it is not even tried.
    public func send(_ payload: Payload, _ delivery: Delivery) async throws {
        try await client.performing { client, now in try client.send(payload, delivery, at: now) }.get()
    }

    /// Says DISCONNECT, and returns when the socket is closed.
    public func leave(reason: String) async {
        // Only a socket that is closed already cannot be closed.
        try? await client.disconnect(reason: reason).get()
    }
}

extension NetworkClient {
    /// Looks a server up and joins it; returns when messages may be sent.
    ///
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - keyLog: gets the secret of each epoch.
    /// - Throws: a `Refusal` with the reason where the server, the network or we refuse; else why the name has no address.
    public static func join(
        _ configuration: ClientConfiguration, at host: String, port: Int = spatioPort,
        by transport: TransportKind = .udp, keyLog: KeyLogFile? = nil,
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    ) async throws -> JoinedSession {
        // The resolver blocks, so it has a thread of its own.
        let server = try await NIOThreadPool.singleton.runIfActive {
            try SocketAddress.makeAddressResolvingHost(host, port: port)
        }
        let (events, reader) = AsyncStream<ClientEvent>.makeStream(
            bufferingPolicy: .bufferingNewest(JoinedSession.eventBacklog))
        let joined = loop.makePromise(of: SessionSummary.self)
        let client = NetworkClient(configuration, to: server, by: transport, on: loop) { event, _, _ in
            reader.yield(event)
            switch event {
            case .ready(let summary): joined.succeed(summary)
            case .keys(let entry): keyLog?.write(entry)
            case .closed(let closing):
                reader.finish()
                // Says nothing to a session that was joined long ago.
                joined.fail(Refusal(closing.code, closing.reason))
            case .accepted, .message, .dropped, .roundTrip: break
            }
        }
        client.start()
        return JoinedSession(client: client, summary: try await joined.futureResult.get(), events: events)
    }
}
