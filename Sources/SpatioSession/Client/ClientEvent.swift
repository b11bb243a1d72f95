import SpatioWire

/// What happened to a client.
public enum ClientEvent: Hashable, Sendable {
    /// The server takes us. Nothing of it is proved before `ready`.
    case accepted(ConnectAck)
    /// Messages may be sent from now on. With security above NONE both ends have shown that they have the same keys and
    /// agreed on the same things.
    case ready(SessionSummary)
    /// A whole message, once, and in order where ORDERED. Mirrored ones have `origin`.
    case message(Message)
    /// The secret of a new epoch, for the key log.
    case keys(KeyLog.Entry)
    /// Something that came was refused and changed nothing.
    case dropped(Refusal)
    /// Nanoseconds there and back.
    case roundTrip(Int64)
    /// The last event.
    case closed(Closing)
}
