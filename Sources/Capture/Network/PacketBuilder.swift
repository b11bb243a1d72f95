/// Makes IP packets with nothing before them (link type `raw`) around what a transport carries: right lengths and
/// checksums, no options, not fragmented.
package enum PacketBuilder {
    /// Octets that fit into one UDP datagram over IPv4 (RFC 768, RFC 791); over IPv6 it would be 20 more.
    package static let largestDatagram = 65_535 - 20 - 8
    /// Octets that fit into one TCP segment without options.
    package static let largestSegment = 65_535 - 20 - 20

    private static let udpNumber: UInt8 = 17
    private static let tcpNumber: UInt8 = 6
    /// ACK and PSH: octets in the middle of a connection.
    private static let segmentFlags: UInt8 = 0x18
    /// As many hops as most systems begin with.
    private static let hops: UInt8 = 64

    /// A UDP datagram; `octets` are at most `largestDatagram`.
    package static func udp(from source: Endpoint, to destination: Endpoint, _ octets: [UInt8]) -> [UInt8] {
        precondition(octets.count <= largestDatagram, "a datagram's length has 16 bits")
        var segment: [UInt8] = []
        segment.reserveCapacity(octets.count + 8)
        segment.append16(source.port)
        segment.append16(destination.port)
        segment.append16(UInt16(8 + octets.count))
        segment.append16(0)
        segment += octets
        let checksum = transportChecksum(segment, source.address, destination.address, udpNumber)
        // 0 would say that there is none (RFC 768).
        segment.set16(checksum == 0 ? 0xFFFF : checksum, at: 6)
        return packet(from: source.address, to: destination.address, udpNumber, segment)
    }

    /// A TCP segment in the middle of a connection; `octets` are at most `largestSegment`.
    package static func tcp(
        from source: Endpoint, to destination: Endpoint, sequence: UInt32, acknowledgement: UInt32, _ octets: [UInt8]
    ) -> [UInt8] {
        precondition(octets.count <= largestSegment, "a packet's length has 16 bits")
        var segment: [UInt8] = []
        segment.reserveCapacity(octets.count + 20)
        segment.append16(source.port)
        segment.append16(destination.port)
        segment.append32(sequence)
        segment.append32(acknowledgement)
        // Five words of header.
        segment += [5 << 4, segmentFlags]
        segment.append16(.max)
        segment.append32(0)
        segment += octets
        segment.set16(transportChecksum(segment, source.address, destination.address, tcpNumber), at: 16)
        return packet(from: source.address, to: destination.address, tcpNumber, segment)
    }

    private static func packet(
        from source: IPAddress, to destination: IPAddress, _ number: UInt8, _ segment: [UInt8]
    ) -> [UInt8] {
        var packet: [UInt8] = []
        packet.reserveCapacity(40 + segment.count)
        if source.isIPv4, destination.isIPv4 {
            packet.append16(0x4500)
            packet.append16(UInt16(20 + segment.count))
            // Not to be fragmented, hence without an identification (RFC 6864).
            packet.append32(0x4000)
            packet += [hops, number]
            packet.append16(0)
            packet.append32(UInt32(truncatingIfNeeded: source.low))
            packet.append32(UInt32(truncatingIfNeeded: destination.low))
            packet.set16(onesComplement(packet, 0), at: 10)
        } else {
            packet.append32(0x6000_0000)
            packet.append16(UInt16(segment.count))
            packet += [number, hops]
            for address in [source, destination] {
                packet.append64(address.high)
                packet.append64(address.low)
            }
        }
        return packet + segment
    }

    private static func transportChecksum(
        _ segment: [UInt8], _ source: IPAddress, _ destination: IPAddress, _ number: UInt8
    ) -> UInt16 {
        // The mapped form's leading words of an IPv4 address must not count.
        let isIPv4 = source.isIPv4 && destination.isIPv4
        var sum = UInt64(segment.count) + UInt64(number)
        for address in [source, destination] {
            for word in isIPv4 ? [address.low & 0xFFFF_FFFF] : [address.high, address.low] {
                for shift: UInt64 in [0, 16, 32, 48] { sum += word >> shift & 0xFFFF }
            }
        }
        return onesComplement(segment, sum)
    }

    /// The checksum of RFC 1071.
    private static func onesComplement(_ octets: [UInt8], _ start: UInt64) -> UInt16 {
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

extension [UInt8] {
    fileprivate mutating func append16(_ value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    fileprivate mutating func append32(_ value: UInt32) {
        append16(UInt16(value >> 16))
        append16(UInt16(truncatingIfNeeded: value))
    }

    fileprivate mutating func append64(_ value: UInt64) {
        append32(UInt32(value >> 32))
        append32(UInt32(truncatingIfNeeded: value))
    }

    fileprivate mutating func set16(_ value: UInt16, at index: Int) {
        self[index] = UInt8(value >> 8)
        self[index + 1] = UInt8(truncatingIfNeeded: value)
    }
}
