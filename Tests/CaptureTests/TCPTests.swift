import Capture
import Testing

/// A conversation of a client (port 40001) with a server (port 7728), whose sequence numbers count from these.
private struct Conversation {
    var bench = Bench()
    let clientStart: Int
    let serverStart: Int

    init(clientStart: Int = 1000, serverStart: Int = 500_000) {
        self.clientStart = clientStart
        self.serverStart = serverStart
    }

    var counters: DissectionCounters { bench.counters }

    /// Opens the connection; 0 is then the first octet of either side.
    mutating func open() {
        client(at: -1, [], flags: .syn)
        server(at: -1, [], flags: [.syn, .ack], acknowledging: 0)
        client(at: 0, [], acknowledging: 0)
    }

    /// The client sends octets that lie at `offset` of what it sends.
    mutating func client(at offset: Int, _ octets: Octets, flags: Packet.Flags = .ack, acknowledging: Int = 0) {
        let segment = Packet.tcp(
            octets, from: 40001, to: 7728, sequence: clientStart + offset,
            acknowledgement: flags.contains(.ack) ? serverStart + acknowledging : 0, flags: flags)
        bench.take(Packet.ethernet(Packet.ipv4(segment, protocolNumber: 6)))
    }

    mutating func client(_ range: Range<Int>, flags: Packet.Flags = .ack) {
        client(at: range.lowerBound, pattern(range.count, from: range.lowerBound), flags: flags)
    }

    mutating func server(at offset: Int, _ octets: Octets, flags: Packet.Flags = .ack, acknowledging: Int) {
        let segment = Packet.tcp(
            octets, from: 7728, to: 40001, sequence: serverStart + offset,
            acknowledgement: clientStart + acknowledging, flags: flags)
        bench.take(
            Packet.ethernet(Packet.ipv4(segment, protocolNumber: 6, from: [10, 7, 0, 1], to: [10, 7, 1, 1])))
    }

    /// The server says how many octets of the client have come.
    mutating func acknowledge(_ count: Int) {
        server(at: 0, [], acknowledging: count)
    }

    mutating func finish() {
        bench.finish()
    }

    /// What the client sent, as it was put together.
    var units: [Unit] { bench.units.filter { $0.source == "10.7.1.1:40001" } }
    var octets: Octets { units.flatMap { $0.octets } }
    var gaps: [Int] { units.map { $0.gap } }
}

@Suite struct TCPTests {
    @Test func `Segments in order come at once, from where they lie`() {
        var talk = Conversation()
        talk.open()
        talk.client(0..<100)
        talk.server(at: 0, [7, 8, 9], acknowledging: 100)
        talk.client(100..<150)
        #expect(talk.octets == pattern(150))
        #expect(talk.bench.units.map { $0.transport } == [.tcp, .tcp, .tcp])
        #expect(talk.bench.units.map { $0.isStart } == [true, true, false])
        #expect(talk.bench.units[1].octets == [7, 8, 9])
        #expect(talk.bench.units[1].source == "10.7.0.1:7728")
        let origin = OctetOrigin.file(position: 3_001_000 + 54, packetPosition: 3_001_000, file: 3)
        #expect(talk.bench.units[0].origin == origin)
    }

    @Test func `Segments in any order come in order, each from where it lies`() {
        var talk = Conversation()
        talk.open()
        for range in [20..<30, 0..<10, 30..<40, 10..<20] { talk.client(range) }
        #expect(talk.octets == pattern(40))
        #expect(talk.gaps == [0, 0, 0, 0])
        let places = talk.units.map { unit -> UInt64? in
            if case .file(_, let packet, _) = unit.origin { packet } else { nil }
        }
        #expect(places == [4_001_000, 6_001_000, 3_001_000, 5_001_000])
    }

    @Test func `What is held has the time of the segment that set it free`() {
        var talk = Conversation()
        talk.client(0..<10)
        talk.client(20..<30)
        let late = Packet.tcp(
            pattern(10, from: 10), from: 40001, to: 7728, sequence: 1010, acknowledgement: 0, flags: .ack)
        talk.bench.take(Packet.ethernet(Packet.ipv4(late, protocolNumber: 6)), time: 1_800_000_000_000_000_000)
        #expect(
            talk.units.map { $0.time } == [1_793_000_000_000_000_000]
                + Array(repeating: 1_800_000_000_000_000_000, count: 2))
    }

    @Test func `Retransmissions bring nothing, and where segments overlap the first wins`() {
        var talk = Conversation()
        talk.open()
        talk.client(0..<50)
        talk.client(at: 0, Octets(repeating: 0xff, count: 50))
        #expect(talk.counters.tcpRetransmitted == 1)
        talk.client(at: 40, Octets(repeating: 0xff, count: 10) + pattern(10, from: 50))
        #expect(talk.counters.tcpOverlapping == 1)
        talk.client(70..<80)
        talk.client(90..<100)
        var middle = pattern(50, from: 55)
        for index in 15..<25 { middle[index] = 0xff }
        middle.replaceSubrange(0..<5, with: Octets(repeating: 0xff, count: 5))
        middle.replaceSubrange(35..<45, with: Octets(repeating: 0xff, count: 10))
        talk.client(at: 55, middle)
        #expect(talk.counters.tcpOverlapping == 2)
        #expect(talk.octets == pattern(105))
        #expect(talk.counters.tcpGaps == 0)
    }

    @Test func `A held segment that comes again is a retransmission`() {
        var talk = Conversation()
        talk.open()
        talk.client(10..<20)
        talk.client(10..<20)
        talk.client(12..<18)
        #expect(talk.counters.tcpRetransmitted == 2)
        talk.client(0..<10)
        #expect(talk.octets == pattern(20))
    }

    @Test func `Sequence numbers wrap`() {
        for start in [0xffff_ffff, 0xffff_fff0, 0] {
            var talk = Conversation(clientStart: start, serverStart: 0xffff_fffe)
            talk.open()
            for range in [0..<10, 20..<30, 10..<20, 0..<10] { talk.client(range) }
            #expect(talk.octets == pattern(30))
            #expect(talk.counters.tcpRetransmitted == 1)
        }
    }

    @Test func `A hole is waited for until the other side acknowledges beyond it`() {
        var talk = Conversation()
        talk.open()
        talk.client(0..<10)
        talk.client(30..<40)
        talk.acknowledge(10)
        talk.acknowledge(29)
        #expect(talk.octets == pattern(10))
        talk.acknowledge(40)
        #expect(talk.octets == pattern(10) + pattern(10, from: 30))
        #expect(talk.gaps == [0, 20])
        #expect(talk.counters.tcpGaps == 1)
        #expect(talk.counters.tcpGapOctets == 20)
        talk.client(10..<30)
        #expect(talk.counters.tcpRetransmitted == 1)
    }

    @Test func `A hole that was acknowledged before anything came behind it is not waited for`() {
        var talk = Conversation()
        talk.open()
        talk.client(0..<10)
        talk.acknowledge(30)
        talk.client(30..<40)
        #expect(talk.gaps == [0, 20])
    }

    @Test func `Several holes are given up one by one`() {
        var talk = Conversation()
        talk.open()
        talk.client(10..<20)
        talk.client(30..<40)
        talk.acknowledge(20)
        #expect(talk.gaps == [10])
        talk.finish()
        #expect(talk.gaps == [10, 10])
        #expect(talk.octets == pattern(10, from: 10) + pattern(10, from: 30))
    }

    @Test func `A hole is given up when more than 1 MiB waits behind it`() {
        var talk = Conversation()
        talk.open()
        for index in 0..<800 {
            talk.client(10 + index * 1400..<10 + (index + 1) * 1400)
            if !talk.units.isEmpty { break }
        }
        #expect(talk.gaps.first == 10)
        #expect(talk.octets.count > 900_000 && talk.octets.count <= 1_048_576 + 1400)
        #expect(talk.octets == pattern(talk.octets.count, from: 10))
    }

    @Test func `FIN ends a direction once, behind all its octets`() {
        var talk = Conversation()
        talk.open()
        talk.client(10..<20, flags: [.fin, .ack])
        #expect(talk.units.isEmpty)
        talk.client(0..<10)
        talk.client(10..<20, flags: [.fin, .ack])
        talk.client(at: 20, [], flags: [.fin, .ack])
        #expect(talk.octets == pattern(20))
        #expect(talk.units.map { $0.isEnd } == [false, false, true])
        #expect(talk.units.last?.octets == [])
    }

    @Test func `What is missing before a FIN is told when it is acknowledged`() {
        var talk = Conversation()
        talk.open()
        talk.client(0..<10)
        talk.client(at: 30, [], flags: [.fin, .ack])
        #expect(talk.units.count == 1)
        talk.acknowledge(31)
        #expect(talk.gaps == [0, 20])
        #expect(talk.units.last?.isEnd == true)
    }

    @Test func `Where only one side was captured, FIN gives up the holes`() {
        var talk = Conversation()
        talk.client(0..<10)
        talk.client(20..<30, flags: [.fin, .ack])
        #expect(talk.gaps == [0, 10, 0])
        #expect(talk.units.map { $0.isEnd } == [false, false, true])
    }

    @Test func `RST ends both directions, after what they held`() {
        var talk = Conversation()
        talk.open()
        talk.server(at: 0, [1], acknowledging: 0)
        talk.client(0..<10)
        talk.client(20..<30)
        talk.server(at: 1, [], flags: .rst, acknowledging: 0)
        #expect(talk.gaps == [0, 10, 0])
        #expect(talk.bench.units.filter { $0.isEnd }.map { $0.source } == ["10.7.0.1:7728", "10.7.1.1:40001"])
        talk.client(30..<40)
        #expect(talk.units.count == 3)
        #expect(talk.counters.tcpAfterEnd == 1)
    }

    @Test func `A new SYN on the same ports starts a new connection`() {
        var talk = Conversation()
        talk.open()
        talk.client(0..<10)
        talk.client(20..<30)
        var next = Conversation(clientStart: 77_000_000, serverStart: 88_000_000)
        next.bench = talk.bench
        next.open()
        next.client(0..<5)
        next.server(at: 0, [9], acknowledging: 5)
        #expect(next.octets == pattern(10) + pattern(10, from: 20) + pattern(5))
        #expect(next.gaps == [0, 10, 0])
        #expect(next.units.map { $0.isStart } == [true, false, true])
        #expect(next.bench.units.last?.isStart == true)
    }

    @Test func `A repeated SYN changes nothing, and octets with a SYN count`() {
        var talk = Conversation()
        talk.client(at: -1, pattern(4), flags: .syn)
        talk.client(at: -1, [], flags: .syn)
        talk.client(4..<10)
        talk.client(at: -1, [], flags: .syn)
        talk.client(10..<12)
        #expect(talk.octets == pattern(12))
        #expect(talk.units.filter { $0.isStart }.count == 1)
    }

    @Test func `A connection joined in the middle starts with its first octets`() {
        var talk = Conversation()
        talk.client(500..<520)
        talk.acknowledge(520)
        talk.client(520..<530)
        #expect(talk.octets == pattern(30, from: 500))
        #expect(talk.units.map { $0.isStart } == [true, false])
        #expect(talk.gaps == [0, 0])
    }

    @Test func `A new connection whose SYN was lost starts again`() {
        var talk = Conversation()
        talk.client(0..<10)
        talk.client(at: 2_000_000_000, [1, 2, 3])
        #expect(talk.units.map { $0.isStart } == [true, true])
        talk.client(at: 2_000_000_003, [], flags: [.fin, .ack])
        talk.client(at: 2_100_000_000, [4])
        #expect(talk.units.map { $0.isStart } == [true, true, false, true])
        #expect(talk.counters.tcpGaps == 0)
    }

    @Test func `A keep-alive probe is no octet of the stream`() {
        var talk = Conversation()
        talk.open()
        talk.client(0..<10)
        talk.client(at: 9, [0])
        talk.client(at: 9, [])
        talk.client(10..<20)
        #expect(talk.octets == pattern(20))
        #expect(talk.counters.tcpKeepAlives == 1)
        #expect(talk.counters.tcpRetransmitted == 0)
    }

    @Test func `A connection that carries nothing gives nothing`() {
        var talk = Conversation()
        talk.open()
        talk.client(at: 0, [], flags: [.fin, .ack])
        talk.server(at: 0, [], flags: [.fin, .ack], acknowledging: 1)
        talk.server(at: 1, [], flags: .rst, acknowledging: 1)
        talk.finish()
        #expect(talk.bench.units.isEmpty)
    }

    @Test func `Octets that the snap length cut are a gap`() {
        var talk = Conversation()
        talk.open()
        let segment = Packet.tcp(pattern(100), from: 40001, to: 7728, sequence: 1000, acknowledgement: 0, flags: .ack)
        let frame = Packet.ethernet(Packet.ipv4(segment, protocolNumber: 6))
        talk.bench.take(Octets(frame.dropLast(60)), originalLength: frame.count)
        talk.acknowledge(100)
        talk.client(100..<110)
        #expect(talk.gaps == [0, 60])
        #expect(talk.octets == pattern(40) + pattern(10, from: 100))
        #expect(talk.counters.truncated == 1)
    }

    @Test func `TCP options are passed over, and a wrong header length is malformed`() {
        var bench = Bench()
        let options: Octets = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]
        let segment = Packet.tcp(
            [5, 6], from: 1, to: 2, sequence: 9, acknowledgement: 0, flags: .ack, options: options)
        bench.take(Packet.ethernet(Packet.ipv4(segment, protocolNumber: 6)))
        #expect(bench.units.map { $0.octets } == [[5, 6]])
        for length: UInt8 in [0x40, 0xf0] {
            var wrong = segment
            wrong[12] = length
            bench.take(Packet.ethernet(Packet.ipv4(wrong, protocolNumber: 6)))
        }
        #expect(bench.counters.malformed == 2)
    }

    @Test func `The connection that was idle longest is forgotten, after what it held`() {
        var bench = Bench()
        func segment(_ port: Int, _ sequence: Int) -> Octets {
            let tcp = Packet.tcp([1], from: port, to: 7728, sequence: sequence, acknowledgement: 0, flags: .ack)
            return Packet.ethernet(Packet.ipv4(tcp, protocolNumber: 6))
        }
        for port in 1...16_384 { bench.take(segment(port, 10)) }
        bench.take(segment(2, 12))
        bench.take(segment(1, 11))
        bench.take(segment(20_000, 10))
        bench.take(segment(20_001, 10))
        bench.take(segment(20_002, 10))
        #expect(bench.counters.evictions == 3)
        #expect(!bench.units.contains { $0.source == "10.7.1.1:2" && $0.gap == 1 })
        for port in 6...16_384 { bench.take(segment(port, 11)) }
        bench.take(segment(20_003, 10))
        #expect(bench.counters.evictions == 4)
        #expect(bench.units.contains { $0.source == "10.7.1.1:2" && $0.gap == 1 })
    }
}
