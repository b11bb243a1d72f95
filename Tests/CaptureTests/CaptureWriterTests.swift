import Capture
import Glibc
import Testing

@Suite struct CaptureWriterTests {
    private static let frames = (0..<3000).map { Packet.datagram(pattern($0 % 300, from: $0)) }
    private static let start: Int64 = 1_793_000_000_123_456_789

    private func write(_ format: CaptureWriter.Format, to path: String) throws {
        var writer = try CaptureWriter(path: path, format: format)
        for (index, frame) in Self.frames.enumerated() {
            try writer.write(
                time: Self.start + Int64(index), octets: frame, originalLength: frame.count + index % 2)
        }
        try writer.close()
        try writer.close()
    }

    @Test(arguments: [CaptureWriter.Format.pcap, .pcapNanoseconds, .pcapng])
    func `What is written is read back`(format: CaptureWriter.Format) throws {
        let file = try TemporaryFile([])
        try write(format, to: file.path)
        let contents = Contents(of: try CaptureFile(path: file.path))
        #expect(contents.error == nil)
        #expect(contents.packets.map(\.octets) == Self.frames)
        #expect(contents.packets.map(\.originalLength) == Self.frames.enumerated().map { $1.count + $0 % 2 })
        let times = Self.frames.indices.map { index in
            let time = Self.start + Int64(index)
            return format == .pcap ? time / 1000 * 1000 : time
        }
        #expect(contents.packets.map(\.time) == times)
    }

    @Test func `The octets of a classic file are those of the format`() throws {
        let file = try TemporaryFile([])
        var writer = try CaptureWriter(path: file.path, format: .pcap, linkType: .raw)
        try writer.write(time: 5_000_007_000, octets: [1, 2, 3], originalLength: 9)
        try writer.close()
        let expected = Pcap.file(
            [Record(seconds: 5, fraction: 7, octets: [1, 2, 3], originalLength: 9)], linkType: 101)
        #expect(file.octets == expected)
        #expect(writer.octetsWritten == UInt64(expected.count))
    }

    @Test func `Interfaces and comments are written to pcapng`() throws {
        let file = try TemporaryFile([])
        var writer = try CaptureWriter(path: file.path, format: .pcapng, interface: "lo", comment: "a walk")
        let second = try writer.addInterface(linkType: .linuxSLL2, name: "any")
        let octets: Octets = [1, 2, 3, 4, 5]
        try writer.write(time: 1, octets: octets, interface: second, comment: "here")
        try writer.write(time: 2, octets: octets)
        try writer.close()
        let reader = try CaptureFile(path: file.path)
        let contents = Contents(of: reader)
        #expect(contents.packets.map(\.interface) == [1, 0])
        #expect(contents.packets.map(\.linkType) == [.linuxSLL2, .ethernet])
        #expect(reader.interfaceNames == ["lo", "any"])
        #expect(reader.comments == ["a walk", "here"])
    }

    @Test func `Times that a format cannot hold are clamped`() throws {
        let file = try TemporaryFile([])
        var writer = try CaptureWriter(path: file.path, format: .pcap)
        for time: Int64 in [-1, .max] {
            try writer.write(time: time, octets: [])
        }
        try writer.close()
        let times = Contents(of: try CaptureFile(path: file.path)).packets.map { $0.time / 1_000_000_000 }
        #expect(times == [0, 4_294_967_295])
    }

    @Test func `An interface that is not described is refused, and classic files have none to describe`() throws {
        let file = try TemporaryFile([])
        var pcapng = try CaptureWriter(path: file.path, format: .pcapng)
        do throws(CaptureError) {
            try pcapng.write(time: 0, octets: [], interface: 1)
            Issue.record("interface 1 was taken")
        } catch {
            #expect(error.reason == "interface 1 is not described")
        }
        var pcap = try CaptureWriter(path: file.path, format: .pcap)
        do throws(CaptureError) {
            _ = try pcap.addInterface(linkType: .ethernet)
            Issue.record("pcap took a second interface")
        } catch {
            #expect(error.reason == "only pcapng can describe interfaces")
        }
    }

    @Test func `A writer that is dropped has written everything`() throws {
        let file = try TemporaryFile([])
        func drop() throws {
            var writer = try CaptureWriter(path: file.path, format: .pcap)
            try writer.write(time: 0, octets: [])
        }
        try drop()
        #expect(Contents(of: try CaptureFile(path: file.path)).packets.count == 1)
    }

    @Test func `A full disk is an error`() throws {
        do throws(CaptureError) {
            _ = try CaptureWriter(path: "/dev/full", format: .pcap)
            Issue.record("/dev/full took octets")
        } catch {
            #expect(error.description == "/dev/full: cannot be written: No space left on device")
        }
    }
}
