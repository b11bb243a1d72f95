import Capture
import Testing

/// A packet that passes several interfaces of one machine is one packet.
@Suite struct SightingTests {
    private static let start: Int64 = 1_793_000_000_000_000_000
    private static let second: Int64 = 1_000_000_000
    private static let packet = Packet.ipv4(Packet.udp(pattern(50)))
    private static let packet6 = Packet.ipv6(Packet.udp(pattern(50)))

    /// As the interface "any" hands it over.
    private static func any(_ packet: Octets, interface: UInt8, hops: UInt8? = nil) -> Octets {
        let type: Octets = packet[0] >> 4 == 4 ? [8, 0] : [0x86, 0xdd]
        var packet = packet
        if let hops { packet[packet[0] >> 4 == 4 ? 8 : 7] = hops }
        return type + [0, 0, 0, 0, 0, interface, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0] + packet
    }

    private struct Sight {
        var octets: Octets
        var time = start
        var linkType = LinkType.linuxSLL2
        var interface = 0
        var file: UInt8 = 0
        var isOfSeveral = false
    }

    /// How many datagrams are found, and how many packets are repeats.
    private func found(
        _ sights: [Sight], interfaceFiles: Range<UInt8> = 0..<0
    ) -> (datagrams: Int, repeats: UInt64) {
        var dissector = Dissector(interfaceFiles: interfaceFiles)
        var datagrams = 0
        for sight in sights {
            sight.octets.withUnsafeBytes { octets in
                dissector.dissect(
                    CapturedPacket(
                        time: sight.time, octets: octets, originalLength: octets.count, linkType: sight.linkType,
                        interface: sight.interface, file: sight.file, isOfSeveral: sight.isOfSeveral)
                ) { _ in datagrams += 1 }
            }
        }
        return (datagrams, dissector.counters.repeats)
    }

    @Test(arguments: [packet, packet6])
    func `What passes two interfaces is one packet, also when a router lies between them`(packet: Octets) {
        let sights = [Self.any(packet, interface: 2, hops: 64), Self.any(packet, interface: 3, hops: 63)]
        #expect(found(sights.map { Sight(octets: $0) }) == (1, 1))
    }

    @Test func `What is twice on one interface is there twice`() {
        let sights = [2, 2].map { Sight(octets: Self.any(Self.packet, interface: $0)) }
        #expect(found(sights) == (2, 0))
    }

    @Test(arguments: [[2, 3, 2, 3], [2, 2, 3, 3], [3, 2, 2, 3]] as [[UInt8]])
    func `What the network has doubled passes each interface twice, and is there twice`(interfaces: [UInt8]) {
        let sights = interfaces.map { Sight(octets: Self.any(Self.packet, interface: $0)) }
        #expect(found(sights) == (2, 2))
    }

    @Test func `What differs in one octet of its headers or its end is another packet`() {
        for place in Self.packet.indices where place != 8 && place != 10 && place != 11 && place > 3 {
            var other = Self.packet
            other[place] ^= 1
            let sights = [Self.any(Self.packet, interface: 2), Self.any(other, interface: 3)]
            #expect(found(sights.map { Sight(octets: $0) }).repeats == 0, "octet \(place)")
        }
    }

    @Test func `The padding of a frame is no part of its packet`() {
        let sights = [Self.packet, Self.packet + [0, 0, 0]].enumerated().map { place, packet in
            Sight(octets: Self.any(packet, interface: UInt8(place)))
        }
        #expect(found(sights) == (1, 1))
    }

    @Test func `What comes much later, or as much earlier by a clock that was set back, is sent again`() {
        for distance in [2 * Self.second, -2 * Self.second] {
            let sights = [
                Sight(octets: Self.any(Self.packet, interface: 2)),
                Sight(octets: Self.any(Self.packet, interface: 3), time: Self.start + distance),
            ]
            #expect(found(sights) == (2, 0))
        }
    }

    @Test func `Two files are two machines, two interfaces that are captured here are one`() {
        let frame = Packet.ethernet(Self.packet)
        let sights = [
            Sight(octets: frame, linkType: .ethernet, file: 4),
            Sight(octets: Self.any(Self.packet, interface: 1), file: 5),
            Sight(octets: frame, linkType: .ethernet, file: 4),
        ]
        #expect(found(sights) == (3, 0))
        #expect(found(sights, interfaceFiles: 4..<6) == (2, 1))
        #expect(found(sights, interfaceFiles: 5..<6) == (3, 0))
    }

    @Test func `A file that describes several interfaces is of one machine`() throws {
        let pcapng = Pcapng()
        let frame = Packet.ethernet(Self.packet)
        let times = Int(Self.start / 1000)
        let octets =
            pcapng.section() + pcapng.interface() + pcapng.interface()
            + pcapng.packet(frame, interface: 0, time: times) + pcapng.packet(frame, interface: 1, time: times + 1)
        let stored = try TemporaryFile(octets)
        let file = try CaptureFile(path: stored.path)
        var dissector = Dissector()
        while let packet = try file.next() { dissector.dissect(packet) { _ in } }
        #expect(dissector.counters.packets == 2)
        #expect(dissector.counters.repeats == 1)
    }

    @Test func `Thousands of packets on their way at a time are told apart`() {
        let packets = (0..<5000).map { number in
            Packet.ipv4(Packet.udp([UInt8(number & 0xff), UInt8(number >> 8)]), identification: number)
        }
        let sights = [2, 3].flatMap { interface in
            packets.map { Sight(octets: Self.any($0, interface: interface)) }
        }
        #expect(found(sights) == (5000, 5000))
    }
}
