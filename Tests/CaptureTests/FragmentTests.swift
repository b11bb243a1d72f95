import Capture
import Testing

@Suite struct FragmentTests {
    private static let payload = pattern(3000)
    private static let datagram = Packet.udp(payload)

    /// A fragment of the datagram over IPv4, from and to these octets.
    private func part(
        _ range: Range<Int>, identification: Int = 7, of datagram: Octets = FragmentTests.datagram
    ) -> Octets {
        Packet.ethernet(
            Packet.ipv4(
                Octets(datagram[range]), identification: identification, offset: range.lowerBound,
                more: range.upperBound < datagram.count))
    }

    /// The same over IPv6.
    private func part6(_ range: Range<Int>, of datagram: Octets = FragmentTests.datagram, next: Int = 17) -> Octets {
        Packet.ethernet(
            Packet.ipv6Fragment(
                Octets(datagram[range]), next: next, offset: range.lowerBound, more: range.upperBound < datagram.count,
                identification: 99),
            type: 0x86dd)
    }

    private static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    private static let ranges = [0..<1480, 1480..<2960, 2960..<3008]

    @Test(arguments: orders)
    func `Fragments are put together in any order`(order: [Int]) {
        for frames in [order.map { part(Self.ranges[$0]) }, order.map { part6(Self.ranges[$0]) }] {
            let bench = Bench(frames)
            #expect(bench.units.map(\.octets) == [Self.payload])
            #expect(bench.units.map(\.origin) == [.assembled])
            #expect(bench.counters.fragments == 3)
            #expect(bench.counters.fragmentsReassembled == 1)
            #expect(bench.counters.fragmentsDropped == 0)
        }
    }

    @Test func `Duplicates change nothing, and where fragments overlap the first wins`() {
        var other = Self.datagram
        for index in 800..<2400 { other[index] ^= 0xff }
        let bench = Bench([
            part(0..<1000), part(0..<1000), part(2000..<3008), part(2000..<3008),
            // Brings 1000..<2000 only.
            part(800..<2400, of: other),
        ])
        var expected = Self.datagram
        expected.replaceSubrange(1000..<2000, with: other[1000..<2000])
        #expect(bench.units.map(\.octets) == [Octets(expected[8...])])
    }

    @Test func `Packets with other identifications are kept apart`() {
        let bench = Bench([
            part(0..<1480, identification: 1), part(0..<1480, identification: 2),
            part(1480..<3008, identification: 2),
        ])
        #expect(bench.units.count == 1)
        #expect(bench.counters.fragmentsReassembled == 1)
    }

    @Test func `Destination options behind the fragment header are passed over`() {
        let datagram: Octets = [17, 0] + pattern(6) + Self.datagram
        let bench = Bench([part6(1480..<3016, of: datagram, next: 60), part6(0..<1480, of: datagram, next: 60)])
        #expect(bench.units.map(\.octets) == [Self.payload])
    }

    @Test func `Fragments are given up after 30 seconds of capture time`() {
        var bench = Bench()
        bench.take(part(0..<1480), time: 0)
        bench.take(part(1480..<3008), time: 30_000_000_000)
        #expect(bench.units.count == 1)
        bench.take(part(0..<1480), time: 100_000_000_000)
        bench.take(part(1480..<3008), time: 130_000_000_001)
        #expect(bench.units.count == 1)
        #expect(bench.counters.fragmentsDropped == 1)
        bench.finish()
        #expect(bench.counters.fragmentsDropped == 2)
    }

    @Test func `A bounded number of packets waits, and the oldest goes first`() {
        var bench = Bench()
        for identification in 0..<1025 {
            bench.take(part(0..<8, identification: identification), time: Int64(identification))
        }
        #expect(bench.counters.fragmentsDropped == 1)
        bench.take(part(8..<3008, identification: 0), time: 2000)
        #expect(bench.units.isEmpty)
        bench.take(part(8..<3008, identification: 1024), time: 2000)
        #expect(bench.units.map(\.octets) == [Self.payload])
    }

    @Test func `The octets that wait are bounded`() {
        var bench = Bench()
        let far = Octets(repeating: 0, count: 65_008)
        for identification in 0..<300 {
            bench.take(part(64_000..<65_000, identification: identification, of: far), time: Int64(identification))
        }
        #expect(bench.counters.fragmentsDropped == UInt64(300 - 16 * 1024 * 1024 / 65_000))
    }

    @Test func `A fragment that the snap length cut, or that reaches too far, or is no multiple of eight, is dropped`()
    {
        var bench = Bench()
        let whole = part(0..<1480)
        bench.take(Octets(whole[..<200]), originalLength: whole.count)
        bench.take(part(0..<1001))
        bench.take(Packet.ethernet(Packet.ipv4(pattern(16), offset: 65_528, more: false)))
        #expect(bench.units.isEmpty)
        #expect(bench.counters.fragments == 3)
        #expect(bench.counters.fragmentsDropped == 3)
    }

    @Test func `A fragment beyond the last one is dropped`() {
        let bench = Bench([part(1480..<3008), part(1480..<4000, of: pattern(4000)), part(0..<1480)])
        #expect(bench.units.map(\.octets) == [Self.payload])
        #expect(bench.counters.fragmentsDropped == 1)
    }
}
