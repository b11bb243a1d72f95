import SpatioWire

/// What came out of what was received, or of time that passed.
public enum ChannelEvent: Hashable, Sendable {
    /// A whole message, opened, decompressed, put together: its body is a payload. Once, and in order where ORDERED.
    ///
    /// PING and PONG are not among them, unless they are mirrored ones. `data` tells how a DATA message was cut (the form
    /// of its first segment; its `segmentSize` is that of all but the last), so that `forward` cuts it the same way; the
    /// header is the one of its first segment.
    case message(Message)
    /// With `Channel.reportsTraffic`: a message that was sent or received, PING and PONG too, as `message` has it.
    case passed(Message, isSent: Bool)
    /// The first message under the keys of an epoch that are installed or prepared came; the other end uses them.
    case confirmed(epoch: UInt16)
    /// Something that came was dropped; nothing else changed by it. Duplicates are not reported, only counted.
    case refused(ErrorCode, reason: String)
    /// A PING came back: nanoseconds there and back, without the time that the other end held it.
    case roundTrip(Int64)
    /// The channel gave up: TIMEOUT, or INVALID_MESSAGE of a byte stream whose messages cannot be told apart any more.
    /// It has queued a DISCONNECT as its last message; nothing else goes out or comes in.
    case dead(ErrorCode, reason: String)
}

/// Counted since the channel began.
public struct ChannelCounters: Hashable, Sendable {
    /// Messages, segments counted one by one, repeats too.
    public var messagesSent = 0
    /// Octets of datagrams, or of the stream.
    public var octetsSent = 0
    public var datagramsSent = 0
    public var messagesRepeated = 0
    /// Mirrored messages that were not sent because too much waited already.
    public var forwardsDropped = 0
    /// Messages that were taken, segments counted one by one.
    public var messagesReceived = 0
    public var octetsReceived = 0
    public var datagramsReceived = 0
    /// By stream and sequence; also what is too old to tell.
    public var duplicates = 0
    public var refused = 0
    /// ORDERED and not RELIABLE, older than what was delivered already: dropped.
    public var overtaken = 0
    /// ORDERED and RELIABLE, on a mixed stream, after its turn had been given up: delivered all the same.
    public var late = 0
    /// PINGs that went without an answer because too many came at once.
    public var pingsIgnored = 0

    public init() {}
}
