import Capture
import Testing

@Suite struct DissectorTests {
    private static let payload = pattern(50)
    private static let ipv4 = Packet.ipv4(Packet.udp(payload))
    private static let ipv6 = Packet.ipv6(Packet.udp(payload))
    private static let tag: Octets = [0x81, 0x00, 0x00, 0x05]

    /// Whether this frame gives the payload, from its right place.
    private func carries(_ frame: Octets, _ linkType: LinkType) -> Bool {
        let bench = Bench([frame], linkType: linkType)
        guard let unit = bench.units.first, bench.units.count == 1 else { return false }
        let offset = UInt64(frame.count - Self.payload.count)
        return unit.octets == Self.payload && !unit.isTruncated && unit.gap == 0
            && unit.origin == .file(position: 1000 + offset, packetPosition: 1000, file: 3)
    }

    @Test func `A UDP payload comes with its endpoints, time and place`() {
        let bench = Bench([Packet.datagram(Self.payload)])
        #expect(bench.units.count == 1)
        #expect(bench.units.first?.source == "10.7.1.1:40001")
        #expect(bench.units.first?.destination == "10.7.0.1:7728")
        #expect(bench.units.first?.transport == .udp)
        #expect(bench.units.first?.time == 1_793_000_000_000_000_000)
        #expect(bench.units.first?.octets == Self.payload)
        #expect(bench.units.first?.origin == .file(position: 1042, packetPosition: 1000, file: 3))
        let version6 = Bench([Packet.ethernet(Self.ipv6, type: 0x86dd)])
        #expect(version6.units.first?.source == "[fe80::1]:40001")
        #expect(version6.units.first?.destination == "[ff15::7728]:7728")
    }

    @Test func `Ethernet is read with VLAN tags of every kind`() {
        #expect(carries(Packet.ethernet(Self.ipv4), .ethernet))
        #expect(carries(Packet.ethernet(Self.ipv6, type: 0x86dd), .ethernet))
        #expect(carries(Packet.ethernet(Self.ipv4, tags: [Self.tag]), .ethernet))
        #expect(carries(Packet.ethernet(Self.ipv4, tags: [[0x88, 0xa8, 0, 7], Self.tag]), .ethernet))
        #expect(
            carries(Packet.ethernet(Self.ipv6, type: 0x86dd, tags: [[0x91, 0, 0, 7], Self.tag, Self.tag]), .ethernet))
    }

    @Test func `Linux cooked captures of both versions are read`() {
        let version1: Octets = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
        #expect(carries(version1 + [8, 0] + Self.ipv4, .linuxSLL))
        #expect(carries(version1 + [0x86, 0xdd] + Self.ipv6, .linuxSLL))
        #expect(carries(version1 + Self.tag + [8, 0] + Self.ipv4, .linuxSLL))
        let version2: Octets = [0, 0, 0, 0, 0, 2, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0]
        #expect(carries([8, 0] + version2 + Self.ipv4, .linuxSLL2))
        #expect(carries([0x86, 0xdd] + version2 + Self.ipv6, .linuxSLL2))
    }

    @Test func `Raw IP is read under all its numbers`() {
        for number: UInt32 in [12, 14, 101] {
            #expect(carries(Self.ipv4, LinkType(rawValue: number)))
            #expect(carries(Self.ipv6, LinkType(rawValue: number)))
        }
        #expect(carries(Self.ipv4, .ipv4))
        #expect(carries(Self.ipv6, .ipv6))
    }

    @Test func `Loopback headers are read in either byte order`() {
        for linkType: LinkType in [.null, .loop] {
            #expect(carries([2, 0, 0, 0] + Self.ipv4, linkType))
            #expect(carries([0, 0, 0, 2] + Self.ipv4, linkType))
            for family: UInt8 in [10, 24, 28, 30] {
                #expect(carries([family, 0, 0, 0] + Self.ipv6, linkType))
                #expect(carries([0, 0, 0, family] + Self.ipv6, linkType))
            }
        }
    }

    @Test func `Other link layers, networks and transports are counted and left out`() {
        var bench = Bench()
        bench.take(Self.ipv4, linkType: LinkType(rawValue: 105))
        bench.take(Packet.ethernet(pattern(28), type: 0x0806))
        bench.take(Packet.ethernet(pattern(60), type: 46))
        bench.take([7, 0, 0, 0] + Self.ipv4, linkType: .null)
        bench.take(Packet.ethernet(Packet.ipv4(pattern(30), protocolNumber: 1)))
        bench.take(Packet.ethernet(Packet.ipv6(pattern(30), next: 58), type: 0x86dd))
        #expect(bench.units.isEmpty)
        #expect(bench.counters.packets == 6)
        #expect(bench.counters.otherLinkLayer == 1)
        #expect(bench.counters.otherNetwork == 3)
        #expect(bench.counters.otherTransport == 2)
        #expect(bench.counters.malformed == 0)
    }

    @Test func `The padding of a short frame is not payload`() {
        let frame = Packet.ethernet(Packet.ipv4(Packet.udp([1, 2, 3])) + Octets(repeating: 0, count: 15))
        #expect(Bench([frame]).units.map(\.octets) == [[1, 2, 3]])
        let version6 = Packet.ethernet(Packet.ipv6(Packet.udp([1, 2, 3])) + pattern(9), type: 0x86dd)
        #expect(Bench([version6]).units.map(\.octets) == [[1, 2, 3]])
    }

    @Test func `IPv4 options are passed over, and a length of zero is that of the packet`() {
        #expect(carries(Packet.ethernet(Packet.ipv4(Packet.udp(Self.payload), options: pattern(40))), .ethernet))
        #expect(carries(Packet.ethernet(Packet.ipv4(Packet.udp(Self.payload), length: 0)), .ethernet))
    }

    @Test func `IPv6 extension headers are passed over`() {
        let udp = Packet.udp(Self.payload)
        let options: Octets = [17, 1] + pattern(14)
        let authentication: Octets = [60, 4] + pattern(22)
        let routing: Octets = [51, 0] + pattern(6)
        let hopByHop: Octets = [43, 2] + pattern(22)
        let packet = Packet.ipv6(hopByHop + routing + authentication + options + udp, next: 0)
        #expect(carries(packet, .ipv6))
        // An atomic fragment (RFC 6946) is a whole packet.
        #expect(
            carries(Packet.ipv6Fragment(udp, next: 17, offset: 0, more: false, identification: 1), .ipv6))
    }

    @Test func `Headers that contradict themselves are malformed`() {
        var version = Self.ipv4
        version[0] = 0x55
        var headerLength = Self.ipv4
        headerLength[0] = 0x44
        let frames: [Octets] = [
            Packet.ethernet(version), Packet.ethernet(headerLength),
            Packet.ethernet(Packet.ipv4(Packet.udp(Self.payload), length: 19)),
            Packet.ethernet(Packet.ipv4(Packet.udp(Self.payload, length: 7))),
            Packet.ethernet(Packet.ipv4(Packet.udp(Self.payload, length: 0))),
            Packet.ethernet(Packet.ipv4(Packet.udp(Self.payload, length: 59))),
            Packet.ethernet(Packet.ipv4(pattern(7))), Packet.ethernet(pattern(19)), pattern(13),
            Packet.ethernet(Self.ipv4, type: 0x86dd), Packet.ethernet([0x60] + pattern(30), type: 0x86dd),
        ]
        let bench = Bench(frames)
        #expect(bench.units.isEmpty)
        #expect(bench.counters.malformed == UInt64(frames.count))
    }

    @Test func `A datagram that the snap length cut comes as far as it is there`() {
        let frame = Packet.datagram(Self.payload)
        var bench = Bench()
        for length in 0..<frame.count { bench.take(Octets(frame[..<length]), originalLength: frame.count) }
        #expect(bench.counters.truncated == UInt64(frame.count))
        #expect(bench.counters.malformed == 0)
        #expect(bench.units.map(\.octets) == (0..<50).map { Octets(Self.payload[..<$0]) })
        #expect(bench.units.allSatisfy { $0.isTruncated })
    }

    @Test func `A UDP length below that of the packet bounds the payload`() {
        let frame = Packet.ethernet(Packet.ipv4(Packet.udp(Self.payload, length: 18)))
        #expect(Bench([frame]).units.map(\.octets) == [Octets(Self.payload[..<10])])
    }
}
