import SpatioWire

/// The last datagram of a conversation that is over on this side: said again while the other side, which may not have
/// got it, goes on talking.
struct Farewell: Sendable {
    /// Nanoseconds; what was on its way when the session ended has arrived by then, and a repetition too.
    static let patience: Int64 = 5_000_000_000
    /// Times that it is said again at most, and only ever in answer to a datagram.
    private static let most = 3

    private let octets: [UInt8]
    let until: Int64
    private var left = most

    init(_ octets: [UInt8], at now: Moment) {
        self.octets = Self.repeated(octets)
        until = now.monotonic + Self.patience
    }

    /// What to answer to a datagram of the other side, whose address was proved while the session lasted.
    mutating func answer(at now: Moment) -> [UInt8]? {
        guard left > 0, now.monotonic < until else { return nil }
        left -= 1
        return octets
    }

    /// The datagram with RETRANSMIT set in each of its messages.
    private static func repeated(_ octets: [UInt8]) -> [UInt8] {
        var repeated: [UInt8] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let size = Array(rest).withOctets { try? Envelope.decode($0).size }
            guard let size, size <= rest.count else { return octets }
            repeated += Self.repeatedMessage(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return repeated
    }

    private static func repeatedMessage(_ octets: [UInt8]) -> [UInt8] {
        var message = octets
        message[2] |= UInt8(MessageFlags.retransmit.rawValue >> 8)
        guard MessageFlags(rawValue: UInt16(message[3])).contains(.checksum) else { return message }
        let place = message.count - 4
        let checksum = message[..<place].withUnsafeBytes { crc32c($0) }
        for index in 0..<4 { message[place + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
        return message
    }
}
