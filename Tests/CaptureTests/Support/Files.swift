import Foundation

import Capture

/// A packet as a capture file holds it.
struct Record {
    var seconds = 1_793_000_000
    /// Micro- or nanoseconds, as the file has it.
    var fraction = 0
    var octets: Octets
    var originalLength: Int?
}

/// Classic capture files built octet by octet.
enum Pcap {
    static func file(
        _ records: [Record], order: FileOrder = .little, magic: Int = 0xa1b2_c3d4, linkType: Int = 1
    ) -> Octets {
        let header =
            order.u32(magic) + order.u16(2) + order.u16(4) + order.u32(0) + order.u32(0) + order.u32(262_144)
            + order.u32(linkType)
        return records.reduce(header) { $0 + record($1, order, magic) }
    }

    private static func record(_ record: Record, _ order: FileOrder, _ magic: Int) -> Octets {
        order.u32(record.seconds) + order.u32(record.fraction) + order.u32(record.octets.count)
            + order.u32(record.originalLength ?? record.octets.count)
            + (magic == 0xa1b2_cd34 ? Octets(repeating: 0, count: 8) : []) + record.octets
    }
}

/// Blocks of pcapng built octet by octet.
struct Pcapng {
    var order = FileOrder.little

    func block(_ type: Int, _ content: Octets) -> Octets {
        let length = order.u32(12 + padded(content).count)
        return order.u32(type) + length + padded(content) + length
    }

    func section(options: Octets = []) -> Octets {
        block(0x0a0d_0d0a, order.u32(0x1a2b_3c4d) + order.u16(1) + order.u16(0) + order.u64(-1) + options)
    }

    func interface(linkType: Int = 1, snapLength: Int = 0, options: Octets = []) -> Octets {
        block(1, order.u16(linkType) + order.u16(0) + order.u32(snapLength) + options)
    }

    func packet(
        _ octets: Octets, interface: Int = 0, time: Int, originalLength: Int? = nil, options: Octets = []
    ) -> Octets {
        block(
            6,
            order.u32(interface) + order.u32(time >> 32) + order.u32(time) + order.u32(octets.count)
                + order.u32(originalLength ?? octets.count) + padded(octets) + options)
    }

    /// Counters of an interface since its capture began.
    func statistics(interface: Int = 0, options: Octets) -> Octets {
        block(5, order.u32(interface) + order.u32(0) + order.u32(0) + options)
    }

    func simplePacket(_ octets: Octets, originalLength: Int? = nil) -> Octets {
        block(3, order.u32(originalLength ?? octets.count) + octets)
    }

    func obsoletePacket(_ octets: Octets, interface: Int, time: Int) -> Octets {
        block(
            2,
            order.u16(interface) + order.u16(0) + order.u32(time >> 32) + order.u32(time) + order.u32(octets.count)
                + order.u32(octets.count) + octets)
    }

    func option(_ code: Int, _ value: Octets) -> Octets {
        order.u16(code) + order.u16(value.count) + padded(value)
    }

    private func padded(_ octets: Octets) -> Octets {
        octets + Octets(repeating: 0, count: (4 - octets.count % 4) % 4)
    }
}

/// A file in a folder of its own, gone when the test ends.
final class TemporaryFile {
    let path: String
    private let folder: URL

    init(_ octets: Octets, name: String = "sample.pcap") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("capture-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try Data(octets).write(to: file)
        path = file.path
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    func replace(_ octets: Octets) throws {
        try Data(octets).write(to: URL(fileURLWithPath: path))
    }

    var octets: Octets {
        Octets(FileManager.default.contents(atPath: path) ?? Data())
    }
}

/// A packet that outlives the reader's next call.
struct Seen: Equatable {
    var time: Int64
    var octets: Octets
    var originalLength: Int
    var linkType: LinkType
    var interface: Int
    var position: UInt64
    var file: UInt8

    init(_ packet: CapturedPacket) {
        time = packet.time
        octets = Octets(packet.octets)
        originalLength = packet.originalLength
        linkType = packet.linkType
        interface = packet.interface
        position = packet.position
        file = packet.file
    }
}

/// All packets of a capture, and the error that ended it.
struct Contents {
    var packets: [Seen] = []
    var error: CaptureError?

    /// Opens and reads a file of these octets; an error at opening counts as one at the start.
    init(of octets: Octets) throws {
        let file = try TemporaryFile(octets)
        self.init(at: file.path)
    }

    init(at path: String) {
        do throws(CaptureError) {
            read(try CaptureFile(path: path, keepsPackets: false))
        } catch {
            self.error = error
        }
    }

    init(of capture: CaptureFile) {
        read(capture)
    }

    private mutating func read(_ capture: CaptureFile) {
        do throws(CaptureError) {
            while let packet = try capture.next() { packets.append(Seen(packet)) }
        } catch {
            self.error = error
        }
    }
}
