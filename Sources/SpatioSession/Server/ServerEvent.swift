import SpatioWire

/// A client that asks to join. It has shown who it is, where that is demanded.
public struct ConnectRequest: Hashable, Sendable {
    public var connect: Connect
    public var address: PeerAddress
    /// As negotiated.
    public var config: ConnectionConfig
    /// Who it is and what it may see; nil: nobody in particular.
    public var grant: TokenGrant?
}

/// What a server tells a client that it takes.
public struct Welcome: Hashable, Sendable {
    public var spaces: [SpaceInfo]
    public var groups: [MulticastGroup]
    public var extensions: [ExtensionOffer]

    public init(spaces: [SpaceInfo], groups: [MulticastGroup] = [], extensions: [ExtensionOffer] = []) {
        self.spaces = spaces
        self.groups = groups
        self.extensions = extensions
    }
}

/// What happened to a server.
public enum ServerEvent: Hashable, Sendable {
    /// To be answered by `accept` or `refuse`, at once or while the handshake lasts.
    case asked(SessionHandle, ConnectRequest)
    /// Messages may be sent from now on; with security above NONE both ends have shown that they have the same keys.
    case opened(SessionHandle, ConnectRequest)
    /// A whole message of an open session, once, and in order where ORDERED; never one that its sender's role forbids.
    case message(SessionHandle, Message)
    /// With `reportsTraffic`: a whole message that passed between the server and the client of an open session, PING and
    /// PONG too, with the stream and the sequence that it had, without seal and signature. Where it was cut, the header
    /// is its first segment's, and `data` says how.
    case passed(SessionHandle, Message, OriginDirection)
    /// The last event of a session; only of those that were `asked`.
    case closed(SessionHandle, Closing)
    /// Something that came was refused and changed nothing.
    case dropped(PeerAddress, SessionHandle?, Refusal)
    /// The secret of a new epoch, for the key log.
    case keys(SessionHandle, KeyLog.Entry)
    /// Of connections (TCP): close it, when everything is sent that `nextTransmission` gave before this event.
    case finished(PeerAddress)
}
