import Foundation
import Glibc
import Testing

@testable import Capture

@Suite struct RotatingWriterTests {
    private static let interfaces: [(name: String, linkType: LinkType)] = [("lo", .ethernet), ("any", .linuxSLL2)]

    /// Writes packets that are a second apart, into a folder of its own; what each file there holds, by name.
    private func record(
        _ count: Int, _ limits: RotatingWriter.Limits, size: Int = 100
    ) throws -> (files: [String: [CapturedPacketTime]], removed: Int, octets: UInt64) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rotating-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var writer = try RotatingWriter(path: "\(folder)/a.b.pcapng", limits: limits, interfaces: Self.interfaces)
        let octets = Octets(repeating: 1, count: size)
        for number in 0..<count {
            try octets.withUnsafeBytes { octets in
                try writer.write(
                    time: Int64(number) * 1_000_000_000, octets: octets, originalLength: size, interface: number % 2)
            }
        }
        writer.drops = [.init(byKernel: 1, byInterface: 2, byRing: 4), .init(byInterface: 8)]
        try writer.close()
        #expect(writer.packets == UInt64(count))
        var files: [String: [CapturedPacketTime]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let file = try CaptureFile(path: "\(folder)/\(name)")
            files[name] = []
            while let packet = try file.next() {
                #expect(packet.linkType == Self.interfaces[Int(packet.time / 1_000_000_000 % 2)].linkType)
                files[name]?.append(packet.time / 1_000_000_000)
            }
            #expect(file.interfaceNames == ["lo", "any"])
            // Those of our own ring are no interface's.
            let isLast = "\(folder)/\(name)" == writer.files.last
            #expect(file.drops == (isLast ? .init(byKernel: 5, byInterface: 10) : .init()))
        }
        #expect(Set(writer.files) == Set(files.keys.map { "\(folder)/\($0)" }))
        return (files, writer.removedFiles, writer.octets)
    }

    private typealias CapturedPacketTime = Int64

    @Test func `Without limits there is one file of the name that was given`() throws {
        #expect(try record(10, .init()).files == ["a.b.pcapng": Array(0..<10)])
    }

    @Test func `A file is full after so many packets`() throws {
        let files = try record(10, .init(packets: 4)).files
        #expect(
            files == [
                "a.b-00001.pcapng": [0, 1, 2, 3], "a.b-00002.pcapng": [4, 5, 6, 7], "a.b-00003.pcapng": [8, 9],
            ])
    }

    @Test func `A file is full after so long`() throws {
        let files = try record(7, .init(time: 3_000_000_000)).files
        #expect(files == ["a.b-00001.pcapng": [0, 1, 2], "a.b-00002.pcapng": [3, 4, 5], "a.b-00003.pcapng": [6]])
    }

    @Test func `A file is full after so many octets`() throws {
        let (files, _, octets) = try record(30, .init(octets: 2000), size: 200)
        #expect(files.count > 3)
        #expect(files.values.flatMap { $0 }.sorted() == Array(0..<30))
        #expect(octets > 30 * 200)
    }

    @Test func `The oldest files go when more than those to keep are there`() throws {
        let (files, removed, _) = try record(10, .init(packets: 2, files: 2))
        #expect(files == ["a.b-00004.pcapng": [6, 7], "a.b-00005.pcapng": [8, 9]])
        #expect(removed == 3)
    }

    @Test(arguments: [
        ("plaza.pcapng", "plaza-00007.pcapng"), ("/x.y/plaza", "/x.y/plaza-00007"), ("a/.hidden", "a/.hidden-00007"),
    ])
    func `The number stands before the extension`(path: String, expected: String) {
        #expect(RotatingWriter.path(path, number: 7) == expected)
    }
}

/// A file that cannot grow for ever: a limit on its size does what a full disk does.
@Suite(.serialized) struct FullDiskTests {
    @Test(
        .enabled(if: geteuid() == 0, "nobody may mount a small file system here: this takes root"),
        arguments: [CaptureWriter.Format.pcap, .pcapNanoseconds, .pcapng])
    func `On a full disk the file ends with its last whole packet`(format: CaptureWriter.Format) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("full-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        guard mount("tmpfs", folder, "tmpfs", 0, "size=600k") == 0 else {
            try Test.cancel("no file system can be mounted here")
        }
        defer { umount(folder) }
        let path = "\(folder)/full"
        var writer = try CaptureWriter(path: path, format: format)
        var reason = ""
        var accepted = 0
        do throws(CaptureError) {
            while accepted < 100_000 {
                try writer.write(time: Int64(accepted), octets: Octets(repeating: 5, count: 100))
                accepted += 1
            }
        } catch {
            reason = error.description
        }
        #expect(reason == "\(path): cannot be written: No space left on device")
        let contents = Contents(of: try CaptureFile(path: path))
        #expect(contents.error == nil)
        #expect(contents.packets.count > 4000 && contents.packets.count <= accepted + 1)
        #expect(contents.packets.allSatisfy { $0.octets == Octets(repeating: 5, count: 100) })
    }
}
