import Capture
import Testing

@Suite struct PacketFilterTests {
    private func matches(_ filter: PacketFilter, _ frame: Octets, _ linkType: LinkType) -> Bool {
        frame.withUnsafeBytes { octets in
            filter.matches(
                CapturedPacket(time: 0, octets: octets, originalLength: frame.count, linkType: linkType))
        }
    }

    @Test func `A filter lets through what its expression says, on every link layer`() throws {
        let filter = try PacketFilter(expression: "udp port 7728 and host 10.7.1.1", linkType: .ethernet)
        let wanted = Packet.ipv4(Packet.udp([1]))
        let other = Packet.ipv4(Packet.udp([1], to: 7729))
        let cooked: Octets = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0]
        for _ in 0..<2 {
            #expect(matches(filter, Packet.ethernet(wanted), .ethernet))
            #expect(!matches(filter, Packet.ethernet(other), .ethernet))
            #expect(matches(filter, wanted, .raw))
            #expect(!matches(filter, other, .raw))
            #expect(matches(filter, cooked + wanted, .linuxSLL))
            #expect(!matches(filter, cooked + other, .linuxSLL))
        }
        #expect(!matches(filter, [], .ethernet))
    }

    @Test func `Where the expression makes no sense on a link layer, nothing passes there`() throws {
        let filter = try PacketFilter(expression: "ether host 02:00:00:00:00:01", linkType: .ethernet)
        #expect(matches(filter, Packet.datagram([1]), .ethernet))
        #expect(!matches(filter, Packet.ipv4(Packet.udp([1])), .raw))
    }

    @Test func `A wrong expression is refused with libpcap's reason`() {
        let error = #expect(throws: CaptureError.self) {
            _ = try PacketFilter(expression: "udp prt 7728", linkType: .ethernet)
        }
        #expect(error?.file == "filter \"udp prt 7728\"")
        #expect(error?.reason.contains("syntax error") == true)
    }
}
