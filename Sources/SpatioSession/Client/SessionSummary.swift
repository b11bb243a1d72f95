import SpatioWire

/// What a session is, as both ends agreed on it.
public struct SessionSummary: Hashable, Sendable {
    public var sessionID: UUID
    public var serverID: UUID
    public var config: ConnectionConfig
    /// What the server advertised at first.
    public var flow: FlowControl
    public var spaces: [SpaceInfo]
    public var groups: [MulticastGroup]
    public var extensions: [ExtensionOffer]
    /// With security NONE there is none.
    public var suite: CipherSuite?
    public var epoch: UInt16?
    /// The server has shown that it has the pinned key.
    public var isServerProved: Bool

    init(_ ack: ConnectAck, keys: KeyLog.Entry?, isServerProved: Bool = false) {
        sessionID = ack.sessionID
        serverID = ack.serverID
        config = ack.config
        flow = ack.flow
        spaces = ack.spaces
        groups = ack.groups
        extensions = ack.extensions
        suite = keys?.suite
        epoch = keys?.epoch
        self.isServerProved = isServerProved
    }
}
