import Capture
import Testing

@Suite struct PcapTests {
    private static let frame = Packet.datagram(pattern(33))

    @Test(arguments: FileOrder.allCases)
    func `A file with microseconds is read in both byte orders`(order: FileOrder) throws {
        let records = [
            Record(fraction: 999_999, octets: Self.frame), Record(seconds: 5, octets: [], originalLength: 9),
        ]
        let contents = try Contents(of: Pcap.file(records, order: order))
        #expect(contents.error == nil)
        #expect(contents.packets.map(\.time) == [1_793_000_000_999_999_000, 5_000_000_000])
        #expect(contents.packets.map(\.octets) == [Self.frame, []])
        #expect(contents.packets.map(\.originalLength) == [Self.frame.count, 9])
        #expect(contents.packets.map(\.position) == [40, UInt64(56 + Self.frame.count)])
        #expect(contents.packets.allSatisfy { $0.linkType == .ethernet && $0.interface == 0 })
    }

    @Test(arguments: FileOrder.allCases)
    func `A file with nanoseconds is read in both byte orders`(order: FileOrder) throws {
        let file = Pcap.file([Record(fraction: 999_999_999, octets: Self.frame)], order: order, magic: 0xa1b2_3c4d)
        #expect(try Contents(of: file).packets.map(\.time) == [1_793_000_000_999_999_999])
    }

    @Test func `The modified format with longer record headers is read`() throws {
        let file = Pcap.file([Record(octets: Self.frame), Record(octets: [1])], magic: 0xa1b2_cd34)
        let contents = try Contents(of: file)
        #expect(contents.packets.map(\.octets) == [Self.frame, [1]])
        #expect(contents.packets.first?.position == 48)
    }

    @Test func `The upper bits of the link type, which tell of a frame check sequence, are left out`() throws {
        let contents = try Contents(of: Pcap.file([Record(octets: [1])], linkType: 0x2400_0001))
        #expect(contents.packets.first?.linkType == .ethernet)
    }

    @Test func `The latest time that a file can hold is not too much`() throws {
        let record = Record(seconds: 0xffff_ffff, fraction: 0xffff_ffff, octets: [1])
        let time: Int64 = 4_294_967_295_000_000_000 + 4_294_967_295_000
        #expect(try Contents(of: Pcap.file([record])).packets.first?.time == time)
    }

    @Test func `A packet longer than the reader's buffer is read whole`() throws {
        let long = pattern(3_000_000)
        let file = Pcap.file([Record(octets: [1]), Record(octets: long), Record(octets: [2])])
        #expect(try Contents(of: file).packets.map(\.octets) == [[1], long, [2]])
    }

    @Test func `An original length below the captured length is raised to it`() throws {
        let file = Pcap.file([Record(octets: Self.frame, originalLength: 3)])
        #expect(try Contents(of: file).packets.first?.originalLength == Self.frame.count)
    }

    @Test func `A captured length over 16 MiB is an error with its place, behind the packets before`() throws {
        let bad = FileOrder.little.u32(0) + FileOrder.little.u32(0) + FileOrder.little.u32(16_777_217)
        let file = Pcap.file([Record(octets: Self.frame)]) + bad + FileOrder.little.u32(16_777_217)
        let contents = try Contents(of: file)
        #expect(contents.packets.count == 1)
        #expect(contents.error?.position == UInt64(40 + Self.frame.count))
        #expect(contents.error?.reason == "a packet of 16777217 octets is over the limit of 16777216")
    }

    @Test func `A file cut short gives its whole packets, then one error, then its end`() throws {
        let file = try TemporaryFile(Pcap.file([Record(octets: Self.frame), Record(octets: Self.frame)]).dropLast(1))
        let capture = try CaptureFile(path: file.path)
        #expect(try capture.next() != nil)
        let error = #expect(throws: CaptureError.self) { _ = try capture.next() }
        #expect(error?.description == "\(file.path): cut short within a packet (at octet \(40 + Self.frame.count))")
        #expect(try capture.next() == nil)
    }

    @Test func `Another version is refused`() throws {
        var file = Pcap.file([])
        file[4] = 3
        #expect(try Contents(of: file).error?.reason == "pcap version 3 is not known")
    }
}
