import Capture
import Testing

@Suite struct PcapngTests {
    private static let frame = Packet.datagram(pattern(30))

    /// The time of the only packet of a file whose interface counts like this.
    private func time(_ count: Int, resolution: UInt8?, offset: Int? = nil, order: FileOrder = .little) throws -> Int64?
    {
        let make = Pcapng(order: order)
        let options =
            (resolution.map { make.option(9, [$0]) } ?? []) + (offset.map { make.option(14, order.u64($0)) } ?? [])
        let contents = try Contents(
            of: make.section() + make.interface(options: options) + make.packet([1], time: count))
        #expect(contents.error == nil)
        return contents.packets.first?.time
    }

    @Test(arguments: FileOrder.allCases)
    func `Enhanced packets are read in both byte orders`(order: FileOrder) throws {
        let make = Pcapng(order: order)
        let file =
            make.section() + make.interface() + make.packet(Self.frame, time: 1_793_000_000_000_001)
            + make.packet([1, 2, 3], time: 7, originalLength: 99)
        let contents = try Contents(of: file)
        #expect(contents.error == nil)
        #expect(contents.packets.map(\.octets) == [Self.frame, [1, 2, 3]])
        #expect(contents.packets.map(\.time) == [1_793_000_000_000_001_000, 7000])
        #expect(contents.packets.map(\.originalLength) == [Self.frame.count, 99])
        #expect(contents.packets.map(\.position) == [76, UInt64(76 + Self.frame.count + 4 + 28)])
    }

    @Test(arguments: FileOrder.allCases)
    func `Times follow the interface's resolution and offset`(order: FileOrder) throws {
        #expect(try time(5, resolution: nil, order: order) == 5000)
        #expect(try time(5, resolution: 0, order: order) == 5_000_000_000)
        #expect(try time(5, resolution: 9, order: order) == 5)
        #expect(try time(5999, resolution: 12, order: order) == 5)
        #expect(try time(3, resolution: 0x81, order: order) == 1_500_000_000)
        #expect(try time(1 << 40, resolution: 0xa0, order: order) == 256_000_000_000)
        #expect(try time(7, resolution: 9, offset: 2, order: order) == 2_000_000_007)
        #expect(try time(7, resolution: 9, offset: -2, order: order) == -1_999_999_993)
    }

    @Test(arguments: FileOrder.allCases)
    func `What was dropped is what the last block of each interface says`(order: FileOrder) throws {
        let make = Pcapng(order: order)
        func drops(_ interface: Int, _ byInterface: Int, _ byKernel: Int) -> Octets {
            make.statistics(
                interface: interface,
                options: make.option(4, order.u64(99)) + make.option(5, order.u64(byInterface))
                    + make.option(7, order.u64(byKernel)) + order.u32(0))
        }
        let start = make.section() + make.interface() + make.interface() + make.packet(Self.frame, time: 1)
        func read(_ octets: Octets) throws -> InterfaceCapture.Drops? {
            let temporary = try TemporaryFile(octets)
            return try withExtendedLifetime(temporary) {
                let file = try CaptureFile(path: temporary.path, keepsPackets: false)
                while try file.next() != nil {}
                return file.drops
            }
        }
        #expect(try read(start) == nil)
        // One that says nothing of drops, one of no interface, and one that is cut short.
        #expect(try read(start + make.statistics(options: make.option(4, order.u64(1))) + drops(2, 1, 1)) == nil)
        #expect(try read(start + make.block(5, order.u32(0))) == nil)
        let all = start + drops(0, 1, 2) + drops(1, 10, 20) + make.packet(Self.frame, time: 2) + drops(0, 3, 4)
        #expect(try read(all) == InterfaceCapture.Drops(byKernel: 24, byInterface: 13))
        // A second section has interfaces of its own.
        #expect(try read(all + start + drops(0, 100, 0)) == InterfaceCapture.Drops(byKernel: 24, byInterface: 113))
        #expect(try read(all + drops(1, -1, -1)) != nil)
    }

    @Test func `Times that do not fit are clamped`() throws {
        #expect(try time(-1, resolution: 9) == CapturedPacket.times.upperBound)
        #expect(try time(-1, resolution: 0) == CapturedPacket.times.upperBound)
        #expect(try time(-1, resolution: 0x80) == CapturedPacket.times.upperBound)
        #expect(try time(-1, resolution: 0xff) == 0)
        #expect(try time(-1, resolution: 127) == 0)
        #expect(try time(-1, resolution: 28) == 1)
        #expect(try time(-1, resolution: 29) == 0)
        #expect(try time(0, resolution: 9, offset: .min) == CapturedPacket.times.lowerBound)
        #expect(try time(-1, resolution: 9, offset: .max) == CapturedPacket.times.upperBound)
    }

    @Test func `Interfaces of different link types and sections of different byte order are told apart`() throws {
        let little = Pcapng(order: .little)
        let big = Pcapng(order: .big)
        let file =
            little.section() + little.interface(linkType: 1, options: little.option(2, Array("eth0".utf8)))
            + little.interface(linkType: 113) + little.packet([1], interface: 1, time: 1)
            + little.packet([2], interface: 0, time: 2) + big.section()
            + big.interface(linkType: 276, options: big.option(2, Array("any".utf8))) + big.packet([3], time: 3)
        let capture = try TemporaryFile(file)
        let reader = try CaptureFile(path: capture.path)
        let contents = Contents(of: reader)
        #expect(contents.error == nil)
        #expect(contents.packets.map(\.interface) == [1, 0, 2])
        #expect(contents.packets.map(\.linkType) == [.linuxSLL, .ethernet, .linuxSLL2])
        #expect(reader.interfaceNames == ["eth0", "", "any"])
    }

    @Test func `A simple packet has the time of the packet before and is cut to the snap length`() throws {
        let make = Pcapng()
        let file =
            make.section() + make.interface(snapLength: 4) + make.packet([1], time: 9)
            + make.simplePacket([5, 6, 7, 8], originalLength: 60) + make.simplePacket([5, 6, 7])
        let packets = try Contents(of: file).packets
        #expect(packets.map(\.time) == [9000, 9000, 9000])
        #expect(packets.map(\.octets) == [[1], [5, 6, 7, 8], [5, 6, 7]])
        #expect(packets.map(\.originalLength) == [1, 60, 3])
    }

    @Test func `An obsolete packet block is read`() throws {
        let make = Pcapng()
        let file = make.section() + make.interface() + make.obsoletePacket(Self.frame, interface: 0, time: 4)
        let packets = try Contents(of: file).packets
        #expect(packets.map(\.octets) == [Self.frame])
        #expect(packets.map(\.time) == [4000])
    }

    @Test func `Blocks without packets are skipped`() throws {
        let make = Pcapng()
        let statistics = make.block(5, pattern(20))
        let secrets = make.block(10, pattern(40))
        let unknown = make.block(0x4000_0bad, pattern(400))
        let file =
            make.section() + unknown + make.interface() + statistics + secrets + make.packet([1], time: 1) + unknown
        let contents = try Contents(of: file)
        #expect(contents.error == nil)
        #expect(contents.packets.map(\.octets) == [[1]])
    }

    @Test func `Comments of sections, interfaces and packets, and names of addresses, are kept`() throws {
        let make = Pcapng()
        func comment(_ text: String) -> Octets { make.option(1, Array(text.utf8)) + make.option(0, []) }
        let names =
            make.option(1, [10, 7, 0, 1] + Array("server\0also\0".utf8))
            + make.option(2, Packet.ipv6Source + Array("alice\0".utf8)) + make.option(0, [])
        let file =
            make.section(options: comment("whole")) + make.interface(options: comment("wire")) + make.block(4, names)
            + make.packet(Self.frame, time: 1, options: comment("here"))
        let capture = try TemporaryFile(file)
        let reader = try CaptureFile(path: capture.path)
        #expect(Contents(of: reader).packets.count == 1)
        #expect(reader.comments == ["whole", "wire", "here"])
        #expect(reader.nameResolution.map(\.address) == ["10.7.0.1", "10.7.0.1", "fe80::1"])
        #expect(reader.nameResolution.map(\.name) == ["server", "also", "alice"])
    }

    @Test func `Comments are kept up to a bound`() throws {
        let make = Pcapng()
        let comment = make.option(1, Array("c".utf8))
        let packet = make.packet([1], time: 1, options: comment)
        let file = make.section() + make.interface() + (0..<4200).flatMap { _ in packet }
        let capture = try TemporaryFile(file)
        let reader = try CaptureFile(path: capture.path)
        #expect(Contents(of: reader).packets.count == 4200)
        #expect(reader.comments.count == 4096)
    }

    @Test(arguments: [0, 8, 13, 0x7fff_fff0, 0xffff_fffc])
    func `An impossible block length is an error with its place`(length: Int) throws {
        let make = Pcapng()
        let start = make.section() + make.interface() + make.packet([1], time: 1)
        let bad = FileOrder.little.u32(6) + FileOrder.little.u32(length) + FileOrder.little.u32(0)
        let contents = try Contents(of: start + bad)
        #expect(contents.packets.count == 1)
        #expect(contents.error?.position == UInt64(start.count))
        #expect(contents.error?.reason == "a block's length of \(length) octets is impossible")
    }

    @Test func `A block whose lengths differ, an unknown interface and a packet beyond its block are errors`() throws {
        let make = Pcapng()
        let start = make.section() + make.interface()
        var differing = start + make.packet([1], time: 1)
        differing[differing.count - 4] += 4
        #expect(try Contents(of: differing).error?.reason == "a block's two lengths differ: 36 and 40")
        let unknown = try Contents(of: start + make.packet([1], interface: 7, time: 1))
        #expect(unknown.error?.reason == "a packet names interface 7, which is not described")
        var beyond = start + make.packet([1], time: 1)
        beyond[start.count + 20] = 5
        #expect(try Contents(of: beyond).error?.reason == "a packet of 5 octets does not fit into its block")
    }
}
