import Capture
import SpatioWire

/// Ethernet frames with IPv4 or IPv6, and UDP or TCP, with right lengths and checksums.
enum Frames {
    static let ethernetSize = 14
    static let udpSize = 8
    private static let udp: UInt8 = 17
    private static let tcp: UInt8 = 6

    struct TCPFlags: OptionSet {
        var rawValue: UInt8
        static let fin = TCPFlags(rawValue: 0x01)
        static let syn = TCPFlags(rawValue: 0x02)
        static let reset = TCPFlags(rawValue: 0x04)
        static let push = TCPFlags(rawValue: 0x08)
        static let ack = TCPFlags(rawValue: 0x10)
    }

    struct TCPSegment {
        var sequence: UInt32
        var acknowledgement: UInt32
        var flags: TCPFlags
        var octets: [UInt8] = []
    }

    static func udp(from source: Endpoint, to destination: Endpoint, _ octets: [UInt8]) -> [UInt8] {
        var segment = WireWriter()
        segment.u16(source.port)
        segment.u16(destination.port)
        segment.u16(UInt16(udpSize + octets.count))
        segment.u16(0)
        segment.octets += octets
        var checksum = transportChecksum(segment.octets, source.address, destination.address, udp)
        // 0 would say that there is none (RFC 768).
        if checksum == 0 { checksum = 0xFFFF }
        segment.octets[6] = UInt8(checksum >> 8)
        segment.octets[7] = UInt8(truncatingIfNeeded: checksum)
        return packet(from: source.address, to: destination.address, udp, segment.octets)
    }

    static func tcp(from source: Endpoint, to destination: Endpoint, _ tcpSegment: TCPSegment) -> [UInt8] {
        // Only a SYN has an option: the largest segment that the sender takes.
        let options: [UInt8] = tcpSegment.flags.contains(.syn) ? [2, 4, 0x05, 0xA8] : []
        var segment = WireWriter()
        segment.u16(source.port)
        segment.u16(destination.port)
        segment.u32(tcpSegment.sequence)
        segment.u32(tcpSegment.flags.contains(.ack) ? tcpSegment.acknowledgement : 0)
        segment.u8(UInt8((20 + options.count) / 4) << 4)
        segment.u8(tcpSegment.flags.rawValue)
        segment.u16(64_240)
        segment.u16(0)
        segment.u16(0)
        segment.octets += options + tcpSegment.octets
        let checksum = transportChecksum(segment.octets, source.address, destination.address, tcp)
        segment.octets[16] = UInt8(checksum >> 8)
        segment.octets[17] = UInt8(truncatingIfNeeded: checksum)
        return packet(from: source.address, to: destination.address, tcp, segment.octets)
    }

    private static func packet(
        from source: IPAddress, to destination: IPAddress, _ nextHeader: UInt8, _ segment: [UInt8]
    ) -> [UInt8] {
        var frame = WireWriter()
        frame.octets.reserveCapacity(ethernetSize + 40 + segment.count)
        frame.octets += hardwareAddress(destination) + hardwareAddress(source)
        // A multicast stays on the link, the capture point is a few hops from everybody else.
        let hops: UInt8 = destination.isMulticast ? 1 : 61
        if source.isIPv4 {
            frame.u16(0x0800)
            var header = WireWriter()
            header.u16(0x4500)
            header.u16(UInt16(20 + segment.count))
            // Not to be fragmented, hence without an identification (RFC 6864).
            header.u32(0x4000)
            header.u8(hops)
            header.u8(nextHeader)
            header.u16(0)
            header.u32(UInt32(truncatingIfNeeded: source.low))
            header.u32(UInt32(truncatingIfNeeded: destination.low))
            let checksum = onesComplement(header.octets)
            header.octets[10] = UInt8(checksum >> 8)
            header.octets[11] = UInt8(truncatingIfNeeded: checksum)
            frame.octets += header.octets
        } else {
            frame.u16(0x86DD)
            frame.u32(0x6000_0000)
            frame.u16(UInt16(segment.count))
            frame.u8(nextHeader)
            frame.u8(hops)
            for address in [source, destination] {
                frame.u64(address.high)
                frame.u64(address.low)
            }
        }
        frame.octets += segment
        return frame.octets
    }

    /// Locally administered, from the last four octets of the IP address; for a group what RFC 1112 and RFC 2464 say.
    private static func hardwareAddress(_ address: IPAddress) -> [UInt8] {
        let tail = (0..<4).map { UInt8(truncatingIfNeeded: address.low >> UInt64(24 - 8 * $0)) }
        guard address.isMulticast else { return [0x02, 0x00] + tail }
        return address.isIPv4 ? [0x01, 0x00, 0x5E, tail[1] & 0x7F, tail[2], tail[3]] : [0x33, 0x33] + tail
    }

    private static func transportChecksum(
        _ segment: [UInt8], _ source: IPAddress, _ destination: IPAddress, _ nextHeader: UInt8
    ) -> UInt16 {
        // The mapped form's leading words of an IPv4 address must not count.
        let words = [source, destination].flatMap { address in
            address.isIPv4 ? [address.low & 0xFFFF_FFFF] : [address.high, address.low]
        }
        var sum = UInt64(segment.count) + UInt64(nextHeader)
        for word in words {
            for shift: UInt64 in [0, 16, 32, 48] { sum += word >> shift & 0xFFFF }
        }
        return onesComplement(segment, sum)
    }

    /// The checksum of RFC 1071.
    static func onesComplement(_ octets: [UInt8], _ start: UInt64 = 0) -> UInt16 {
        var sum = start
        var index = 0
        while index + 1 < octets.count {
            sum += UInt64(octets[index]) << 8 | UInt64(octets[index + 1])
            index += 2
        }
        if index < octets.count { sum += UInt64(octets[index]) << 8 }
        while sum >> 16 != 0 { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(truncatingIfNeeded: sum)
    }
}
