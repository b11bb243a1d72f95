import SpatioSession
import SpatioWire

/// What the server wants done: it does nothing itself.
public enum ServerCommand: Sendable {
    /// A message to a client. Whoever cannot send it says so with `SpaceServer.lost(_:)`.
    case send(Payload, Delivery, to: SessionHandle)
    /// Another session's message to an observer, as it is.
    case forward(Message, to: SessionHandle)
    case disconnect(SessionHandle, ErrorCategory, ErrorCode, reason: String)
    case log(ServerEntry)
}

/// One entry of the server's log.
public struct ServerEntry: Hashable, Sendable {
    public enum Level: Hashable, Sendable { case debug, info, warning }

    public var level: Level
    /// A constant sentence: what differs stands in `metadata`.
    public var text: String
    public var metadata: [(key: String, value: String)] {
        pairs.map { ($0.key, $0.value) }
    }
    private var pairs: [Pair]

    private struct Pair: Hashable, Sendable {
        var key, value: String
    }

    public init(_ level: Level, _ text: String, _ metadata: KeyValuePairs<String, String>) {
        self.level = level
        self.text = text
        pairs = metadata.map { Pair(key: $0.key, value: $0.value) }
    }
}
