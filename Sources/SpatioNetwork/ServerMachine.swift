import SpatioSession

/// What a `NetworkServer` brings to the network: a machine without I/O for many peers.
public protocol ServerMachine: SendableMetatype {
    /// One datagram, or any piece of a TCP connection.
    mutating func receive(_ octets: UnsafeRawBufferPointer, from address: PeerAddress, at now: Moment)
    /// A TCP connection ended under the machine.
    mutating func connectionClosed(_ address: PeerAddress, at now: Moment)
    /// Does what is due.
    mutating func advance(to now: Moment)
    /// When `advance` wants to be called next, monotonic nanoseconds; nil: never.
    var deadline: Int64? { get }
    /// What is to go out next; nil: nothing now.
    mutating func nextTransmission(at now: Moment) -> (to: PeerAddress, octets: [UInt8])?
    /// Says good-bye to everybody; what that needs to say is in `nextTransmission`.
    mutating func close(reason: String, at now: Moment)
}

extension Server: ServerMachine {}
