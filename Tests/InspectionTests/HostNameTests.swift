import Capture
import Foundation
import Inspection
import Testing

/// Names of hosts that a capture has in a Name Resolution Block.
@Suite struct HostNameTests {
    private static func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
        let length = little(UInt32(12 + padded.count))
        return little(type) + length + padded + length
    }

    private static func little(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) } }
    private static func little16(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }

    private static func name(_ address: [UInt8], _ name: String) -> [UInt8] {
        let value = address + Array(name.utf8) + [0]
        let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
        return little16(1) + little16(UInt16(value.count)) + value + padding
    }

    @Test func `the first name of an address is kept, and what is no name is left out`() throws {
        let section = Self.block(
            0x0A0D_0D0A,
            Self.little(0x1A2B_3C4D) + Self.little16(1) + Self.little16(0) + Self.little(.max)
                + Self.little(.max))
        let interface = Self.block(1, Self.little16(101) + Self.little16(0) + Self.little(0))
        let names =
            Self.name([10, 7, 1, 1], "desk") + Self.name([10, 7, 1, 1], "other") + Self.name([10, 7, 0, 1], "hall")
            + Self.little(0)
        let file = TemporaryFile("names.pcapng")
        try Data(section + interface + Self.block(4, names)).write(to: URL(fileURLWithPath: file.path))
        let source = try CaptureSource(paths: [file.path], keepsPackets: false)
        while source.next() != nil {}
        #expect(source.problems.isEmpty)
        let desk = try #require(IPAddress(parsing: "10.7.1.1"))
        let hall = try #require(IPAddress(parsing: "10.7.0.1"))
        #expect(source.hostNames == [desk: "desk", hall: "hall"])
        #expect(source.hostNames.count == 2)
    }
}
