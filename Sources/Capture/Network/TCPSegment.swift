/// A TCP segment (RFC 9293) as far as reassembly needs it.
struct TCPSegment {
    struct Flags: OptionSet {
        let rawValue: UInt8

        static let fin = Flags(rawValue: 0x01)
        static let syn = Flags(rawValue: 0x02)
        static let rst = Flags(rawValue: 0x04)
        static let ack = Flags(rawValue: 0x10)
    }

    var time: Int64
    var source: Endpoint
    var destination: Endpoint
    var sequence: UInt32
    var acknowledgement: UInt32
    var flags: Flags
    /// The payload as it was captured.
    var octets: UnsafeRawBufferPointer
    /// The payload's length on the wire; never less than `octets.count`.
    var length: Int
    var origin: OctetOrigin

    /// Sequence number of the first octet of payload: SYN takes a number of its own.
    var firstOctet: UInt32 { flags.contains(.syn) ? sequence &+ 1 : sequence }

    /// Sequence number behind the payload, which is that of a FIN.
    var end: UInt32 { firstOctet &+ UInt32(truncatingIfNeeded: length) }
}

/// Which way and when: what units of one direction have in common.
struct TCPContext {
    var time: Int64
    var source: Endpoint
    var destination: Endpoint

    var reversed: TCPContext {
        TCPContext(time: time, source: destination, destination: source)
    }
}
