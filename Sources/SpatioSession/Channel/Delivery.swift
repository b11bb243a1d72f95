import SpatioWire

/// How a payload is to be sent.
///
/// ORDERED costs least on a stream whose messages are all RELIABLE, or none of them: a receiver cannot know whether a
/// message that is missing will be repeated. On a mixed stream it waits some seconds for each hole.
public struct Delivery: Hashable, Sendable {
    public var stream: UInt32
    public var reliable: Bool
    public var ordered: Bool
    public var priority: Priority
    public var address: SpatialAddress?
    public var extensions: [ExtensionHeader]
    public var multicast: MulticastForm?
    /// Compress with what the session negotiated, where that makes it smaller.
    public var compresses: Bool

    public init(
        stream: UInt32 = 0, reliable: Bool = false, ordered: Bool = false, priority: Priority = .medium,
        address: SpatialAddress? = nil, extensions: [ExtensionHeader] = [], multicast: MulticastForm? = nil,
        compresses: Bool = false
    ) {
        self.stream = stream
        self.reliable = reliable
        self.ordered = ordered
        self.priority = priority
        self.address = address
        self.extensions = extensions
        self.multicast = multicast
        self.compresses = compresses
    }

    var flags: MessageFlags {
        var flags: MessageFlags = []
        if reliable { flags.insert(.reliable) }
        if ordered { flags.insert(.ordered) }
        return flags
    }
}

/// Why a payload was not taken; nothing was sent of it.
public enum SendError: Error, Hashable, Sendable {
    /// Over the session's `max_message_size`, or its parts beside the payload fill a datagram.
    case tooLarge
    /// What waits already is over the bound: the other end takes it too slowly.
    case queueFull
    /// More streams than a channel keeps (`Channel.outgoingStreamLimit`).
    case tooManyStreams
    /// The sequences of this stream are used up under these keys: a new epoch has to come first.
    case sequencesExhausted
    /// The channel was closed or is dead.
    case closed
}

/// What each message of a session has beside its content (profile section 8).
public enum Protection: Hashable, Sendable {
    case none, sign, encrypt

    public init(_ level: SecurityLevel) {
        switch level {
        case .none: self = .none
        case .sign: self = .sign
        case .encrypt: self = .encrypt
        }
    }
}
