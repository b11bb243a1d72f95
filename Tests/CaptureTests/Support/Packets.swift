/// Packets built octet by octet.
enum Packet {
    static func ethernet(_ payload: Octets, type: Int = 0x0800, tags: [Octets] = []) -> Octets {
        [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2] + tags.flatMap { $0 } + big16(type) + payload
    }

    /// - Parameters:
    ///   - offset: of a fragment, in octets.
    ///   - length: what the header says, where it shall differ from the truth.
    static func ipv4(
        _ payload: Octets, protocolNumber: Int = 17, from source: Octets = [10, 7, 1, 1],
        to destination: Octets = [10, 7, 0, 1], identification: Int = 1, offset: Int = 0, more: Bool = false,
        options: Octets = [], length: Int? = nil
    ) -> Octets {
        let headerLength = 20 + options.count
        let total = length ?? headerLength + payload.count
        return [UInt8(0x40 + headerLength / 4), 0] + big16(total) + big16(identification)
            + big16(offset / 8 | (more ? 0x2000 : 0)) + [64, UInt8(protocolNumber), 0, 0] + source + destination
            + options + payload
    }

    static let ipv6Source: Octets = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    static let ipv6Destination: Octets = [0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77, 0x28]

    static func ipv6(_ payload: Octets, next: Int = 17, length: Int? = nil) -> Octets {
        [0x60, 0, 0, 0] + big16(length ?? payload.count) + [UInt8(next), 64] + ipv6Source + ipv6Destination + payload
    }

    static func ipv6Fragment(_ payload: Octets, next: Int, offset: Int, more: Bool, identification: Int) -> Octets {
        ipv6([UInt8(next), 0] + big16(offset | (more ? 1 : 0)) + big32(identification) + payload, next: 44)
    }

    static func udp(_ payload: Octets, from source: Int = 40001, to destination: Int = 7728, length: Int? = nil)
        -> Octets
    {
        big16(source) + big16(destination) + big16(length ?? 8 + payload.count) + [0, 0] + payload
    }

    struct Flags: OptionSet {
        let rawValue: Int

        static let fin = Flags(rawValue: 1)
        static let syn = Flags(rawValue: 2)
        static let rst = Flags(rawValue: 4)
        static let ack = Flags(rawValue: 16)
    }

    static func tcp(
        _ payload: Octets, from source: Int, to destination: Int, sequence: Int, acknowledgement: Int, flags: Flags,
        options: Octets = []
    ) -> Octets {
        big16(source) + big16(destination) + big32(sequence) + big32(acknowledgement)
            + [UInt8((20 + options.count) * 4), UInt8(flags.rawValue), 0xff, 0xff, 0, 0, 0, 0] + options + payload
    }

    /// A whole frame with a UDP datagram over IPv4.
    static func datagram(_ payload: Octets, from source: Int = 40001) -> Octets {
        ethernet(ipv4(udp(payload, from: source)))
    }
}
