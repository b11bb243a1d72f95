import SpatioWire

/// How one end of a conversation behaves; both ends need not have the same.
public struct ChannelOptions: Sendable {
    /// Who this end is: it decides which keys it sends with.
    public var direction: Direction
    /// A byte stream (TCP) instead of datagrams: nothing is repeated, and messages may arrive in pieces.
    public var isStream: Bool
    /// Octets of a datagram, headers of UDP and IP not counted. 1,200 passes every path that carries IPv6 at all
    /// (RFC 8200: an MTU of 1,280). A message that cannot be cut smaller goes alone in a larger one.
    public var datagramSize = 1200
    /// `max_message_size` as negotiated, in octets of a payload before compression.
    public var maximumMessageSize = WireLimits.defaultMessageSize
    /// As negotiated; messages use it that say so (`Delivery.compresses`).
    public var compression = Compression.none
    /// What this end advertises in its PONGs: how the other one is to send.
    public var flow: FlowControl
    /// Every message that is sent ends with a checksum.
    public var checksums = true
    /// Messages with the `origin` extension header are taken for another session's, exempt from everything that keeps
    /// order in this channel's own streams. For observers only: anybody else would let a peer around those checks.
    public var acceptsMirrored = false

    public init(direction: Direction, isStream: Bool, flow: FlowControl = .standard) {
        self.direction = direction
        self.isStream = isStream
        self.flow = flow
    }

    /// The smallest datagram that holds a segment with every part that is sent beside it.
    static let smallestDatagram = 512
}

extension FlowControl {
    /// What an end advertises, and takes the other to want, unless it is told otherwise: 64 KiB unacknowledged, any
    /// rate, half of it at over a twentieth lost.
    public static let standard = FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: 0.05)
}
