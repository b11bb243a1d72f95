import Testing

@testable import Capture

@Suite struct InterfaceTrafficTests {
    private static let table = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo: 1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
          eth0: 5000      50    1    2    0     0          0         0      700       7    0    0    0     0       0          0
        eth0:1: 18446744073709551615 2    0    0    0     0          0         0        3       4    0    0    0     0       0          0
        """

    @Test func `the kernel's table is read, whatever stands in it`() {
        let counters = InterfaceCounters.parse(Octets(Self.table.utf8))
        #expect(
            counters == [
                InterfaceCounters(name: "lo", packetsIn: 10, octetsIn: 1000, packetsOut: 10, octetsOut: 1000),
                InterfaceCounters(name: "eth0", packetsIn: 50, octetsIn: 5000, packetsOut: 7, octetsOut: 700),
                InterfaceCounters(name: "eth0:1", packetsIn: 2, octetsIn: .max, packetsOut: 4, octetsOut: 3),
            ])
        for count in 0..<Self.table.utf8.count {
            #expect(InterfaceCounters.parse(Octets(Self.table.utf8.prefix(count))).count <= 3)
        }
    }

    @Test func `this machine has a loopback interface, and it is counted`() {
        #expect(InterfaceCounters.all().contains { $0.name == "lo" })
    }

    private static func counters(_ packets: UInt64, octets: UInt64, name: String = "eth0") -> InterfaceCounters {
        InterfaceCounters(name: name, packetsIn: packets, octetsIn: octets, packetsOut: 0, octetsOut: 0)
    }

    @Test func `a rate is over the real length of its interval`() {
        var traffic = InterfaceTraffic()
        traffic.take([Self.counters(100, octets: 1000)], at: 0)
        #expect(traffic.rates(of: "eth0").isEmpty)
        #expect(traffic.counts("eth0") && !traffic.counts("eth1"))
        traffic.take([Self.counters(150, octets: 2000)], at: 500_000_000)
        traffic.take([Self.counters(160, octets: 2000)], at: 2_500_000_000)
        #expect(
            traffic.rates(of: "eth0") == [
                InterfaceTraffic.Rate(packets: 100, octets: 2000), InterfaceTraffic.Rate(packets: 5, octets: 0),
            ])
    }

    @Test func `both ways count, and on the loopback interface once`() {
        var traffic = InterfaceTraffic()
        for second in 0...1 {
            let count = UInt64(second)
            traffic.take(
                ["lo", "eth0"].map {
                    InterfaceCounters(
                        name: $0, packetsIn: count, octetsIn: 10 * count, packetsOut: count, octetsOut: 10 * count)
                }, at: Int64(second) * 1_000_000_000)
        }
        #expect(traffic.rates(of: "lo") == [InterfaceTraffic.Rate(packets: 1, octets: 10)])
        #expect(traffic.rates(of: "eth0") == [InterfaceTraffic.Rate(packets: 2, octets: 20)])
        #expect(traffic.rates(of: "any") == [InterfaceTraffic.Rate(packets: 3, octets: 30)])
    }

    @Test func `counters that went back belong to another interface of that name`() {
        var traffic = InterfaceTraffic()
        traffic.take([Self.counters(100, octets: 1000)], at: 0)
        traffic.take([Self.counters(3, octets: 30)], at: 1_000_000_000)
        traffic.take([Self.counters(4, octets: 40)], at: 2_000_000_000)
        #expect(traffic.rates(of: "eth0") == [nil, InterfaceTraffic.Rate(packets: 1, octets: 10)])
    }

    @Test func `one that vanishes takes its history along, and the history is a minute long`() {
        var traffic = InterfaceTraffic()
        for second in 0..<200 {
            traffic.take([Self.counters(UInt64(second), octets: 0)], at: Int64(second) * 1_000_000_000)
        }
        #expect(traffic.rates(of: "eth0").count == 60)
        #expect(traffic.rates(of: "any").count == 60)
        traffic.take([Self.counters(0, octets: 0, name: "eth1")], at: 200_000_000_000)
        #expect(traffic.rates(of: "eth0").isEmpty && !traffic.counts("eth0"))
    }
}
