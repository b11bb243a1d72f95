import NIOCore

/// Octets that went out of or came in through a socket: a datagram, or a piece of a TCP connection in its order.
public struct Traffic: Sendable {
    public var octets: [UInt8]
    public var source: SocketAddress
    public var destination: SocketAddress
    public var isStream: Bool
    public var isSent: Bool
    /// Microseconds since the Unix epoch.
    public var time: UInt64
}

/// How messages get to the other side (profile section 2).
public enum TransportKind: String, Hashable, Sendable, CaseIterable {
    case udp, tcp
}

/// The port of the protocol, UDP and TCP.
public let spatioPort = 7728
