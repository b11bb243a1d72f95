/// Where octets lie.
package enum OctetOrigin: Equatable, Sendable {
    /// Contiguous in a file.
    ///
    /// - Parameters:
    ///   - position: offset of the first of them in the decompressed file.
    ///   - packetPosition: offset of the first octet of the packet that holds them.
    ///   - file: index of the file among those that are open.
    case file(position: UInt64, packetPosition: UInt64, file: UInt8)
    /// Put together in memory from several packets: IP fragments.
    case assembled

    /// The origin of octets that start `count` further on.
    func advanced(by count: Int) -> OctetOrigin {
        switch self {
        case .file(let position, let packetPosition, let file):
            .file(position: position + UInt64(count), packetPosition: packetPosition, file: file)
        case .assembled: .assembled
        }
    }
}

/// What a transport carried: a UDP payload, or the next octets of one direction of a TCP connection.
///
/// A borrowed view: `octets` are valid only while the closure that got the unit runs.
package struct TransportUnit {
    /// Nanoseconds since the Unix epoch, of the packet that made the unit complete: of the last fragment, of the
    /// segment that filled a hole or showed that it will not be filled. So units come in the order of the packets' times.
    package var time: Int64
    package var source: Endpoint
    package var destination: Endpoint
    package var transport: Transport
    /// A whole UDP payload, or the next contiguous octets of a TCP direction; none where `isEnd`.
    package var octets: UnsafeRawBufferPointer
    package var origin: OctetOrigin
    /// TCP: octets missing just before these, because the capture lost them; else 0.
    package var gap: Int = 0
    /// TCP: the first octets of a connection, or the first that were seen of it.
    package var isStart = false
    /// TCP: nothing more comes, because the direction was closed or the connection reset. Such a unit has no octets.
    package var isEnd = false
    /// UDP: the snap length cut the datagram; `octets` are what is there.
    package var isTruncated = false
}
