import Capture
import Foundation
import Testing

@Suite struct CaptureFileTests {
    /// What opening this file says.
    private func complaint(_ octets: Octets) throws -> String? {
        let file = try TemporaryFile(octets)
        let error = #expect(throws: CaptureError.self) { _ = try CaptureFile(path: file.path) }
        return error?.description.replacingOccurrences(of: file.path, with: "F")
    }

    @Test func `What is not a capture is refused with one clear sentence`() throws {
        #expect(try complaint([]) == "F: the file is empty")
        #expect(try complaint([0xd4, 0xc3, 0xb2]) == "F: not a capture: it has only 3 octets")
        #expect(try complaint(Array("Dear diary".utf8)) == "F: not a capture (at octet 0)")
        #expect(
            try complaint([0xd4, 0xc3, 0xb2, 0xa1, 2]) == "F: cut short within the file's header (at octet 0)")
    }

    @Test func `A directory, a missing file and a forbidden one are told apart`() throws {
        func complaint(_ path: String) -> String? {
            #expect(throws: CaptureError.self) { _ = try CaptureFile(path: path) }?.description
        }
        #expect(complaint("/tmp") == "/tmp: is a directory")
        #expect(complaint("/tmp/no/such.pcap") == "/tmp/no/such.pcap: no such file")
        // Root may read everything.
        if geteuid() != 0 {
            let file = try TemporaryFile(Pcap.file([]))
            chmod(file.path, 0)
            #expect(complaint(file.path) == "\(file.path): cannot be opened: no permission")
        }
    }

    @Test func `A capture without packets is no error`() throws {
        let contents = try Contents(of: Pcap.file([]))
        #expect(contents.error == nil)
        #expect(contents.packets.isEmpty)
    }

    @Test func `A plain file is read again at any position, without a copy`() throws {
        let frames = (0..<20).map { Packet.datagram(pattern(50, from: $0)) }
        let file = try TemporaryFile(Pcap.file(frames.map { Record(octets: $0) }))
        let capture = try CaptureFile(path: file.path, index: 7)
        let packets = Contents(of: capture).packets
        #expect(packets.allSatisfy { $0.file == 7 })
        for packet in packets.reversed() {
            #expect(capture.store.read(at: packet.position, count: packet.octets.count) == packet.octets)
        }
        #expect(capture.store.read(at: 0, count: 0) == [])
        #expect(capture.store.read(at: UInt64(file.octets.count) - 1, count: 2) == nil)
        #expect(capture.store.read(at: .max, count: 2) == nil)
        #expect(capture.store.read(at: 0, count: -1) == nil)
    }

    @Test func `Progress counts the octets of the file`() throws {
        let octets = Pcap.file((0..<9000).map { Record(octets: Packet.datagram(pattern(60, from: $0))) })
        let file = try TemporaryFile(octets)
        let capture = try CaptureFile(path: file.path)
        #expect(capture.octetsTotal == UInt64(octets.count))
        _ = try capture.next()
        #expect(capture.octetsRead > 0 && capture.octetsRead < UInt64(octets.count))
        _ = Contents(of: capture)
        #expect(capture.octetsRead == UInt64(octets.count))
    }

    @Test func `A pipe is read as it comes, and can be read again`() throws {
        let frame = Packet.datagram(pattern(40))
        let file = Pcap.file((0..<3).map { Record(fraction: $0, octets: frame) })
        let folder = try TemporaryFile([])
        let path = folder.path + ".pipe"
        #expect(mkfifo(path, 0o600) == 0)
        let writer = Thread {
            FileHandle(forWritingAtPath: path)?.write(Data(file))
        }
        writer.start()
        let capture = try CaptureFile(path: path)
        #expect(capture.octetsTotal == nil)
        let packets = Contents(of: capture).packets
        #expect(packets.map(\.octets) == [frame, frame, frame])
        #expect(capture.store.read(at: packets[1].position, count: 40) == Octets(frame[..<40]))
    }
}
