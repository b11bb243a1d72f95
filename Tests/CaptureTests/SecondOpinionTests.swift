import Capture
import Foundation
import Testing

/// What other programs find in the same files; where they are not installed nothing is compared.
@Suite struct SecondOpinionTests {
    private static func path(of program: String) -> String? {
        ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/"].map { $0 + program }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The lines that a program prints, or nil where it is not installed.
    private func lines(of program: String, _ arguments: [String]) throws -> [String]? {
        guard let path = Self.path(of: program) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test(arguments: Sample.allCases.filter(\.isPlain))
    func `tcpdump finds as many packets, at the same times`(sample: Sample) throws {
        let file = try TemporaryFile(sample.octets)
        // Timestamps in seconds; one line a packet.
        let arguments = ["-r", file.path, "-n", "-tt", "-q", "--time-stamp-precision=nano", "-Z", "root"]
        let ours = try Contents(of: sample.octets).packets
        guard let lines = try lines(of: "tcpdump", arguments) else { return }
        let times = lines.filter { $0.first?.isNumber == true }.compactMap { $0.split(separator: " ").first }
        // libpcap gives a packet without a time the time zero.
        let timed = ours.prefix(times.count { $0 != "0.000000000" })
        #expect(times.count == ours.count)
        #expect(times.filter { $0 != "0.000000000" }.map(String.init) == timed.map { seconds($0.time) })
    }

    @Test(arguments: Sample.allCases)
    func `tshark finds the same UDP datagrams and the same TCP octets`(sample: Sample) throws {
        let file = try TemporaryFile(sample.octets)
        let fields = ["frame.time_epoch", "udp.length", "tcp.len"].flatMap { ["-e", $0] }
        let arguments = ["-n", "-r", file.path, "-T", "fields", "-E", "separator=,"] + fields
        let contents = try Contents(of: sample.octets)
        guard let lines = try lines(of: "tshark", arguments) else { return }
        let rows = lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        #expect(rows.count == contents.packets.count)
        var bench = Bench()
        for packet in contents.packets { bench.take(packet.octets, linkType: packet.linkType, time: packet.time) }
        bench.finish()
        let datagrams = rows.compactMap { $0.count > 1 ? Int($0[1]) : nil }
        #expect(datagrams == bench.units.filter { $0.transport == .udp }.map { $0.octets.count + 8 })
        let octets = rows.compactMap { $0.count > 2 ? Int($0[2]) : nil }.reduce(0, +)
        #expect(octets == bench.units.filter { $0.transport == .tcp }.reduce(0) { $0 + $1.octets.count })
        let times = zip(rows, contents.packets).dropLast().map { row, packet in row[0] == seconds(packet.time) }
        #expect(times.allSatisfy { $0 })
    }

    @Test(arguments: [CaptureWriter.Format.pcap, .pcapNanoseconds, .pcapng])
    func `tcpdump and tshark read what the writer writes`(format: CaptureWriter.Format) throws {
        let file = try TemporaryFile([])
        var writer = try CaptureWriter(path: file.path, format: format, interface: "lo", comment: "made by a test")
        for index in 0..<50 {
            let time = 1_793_000_000_000_000_000 + Int64(index) * 1000
            try writer.write(time: time, octets: Packet.datagram(pattern(index)))
        }
        try writer.close()
        if let lines = try lines(of: "tcpdump", ["-r", file.path, "-n", "-q", "-Z", "root"]) {
            #expect(lines.count { $0.contains("UDP") } == 50)
        }
        let fields = ["-T", "fields", "-e", "udp.length"]
        if let lines = try lines(of: "tshark", ["-n", "-r", file.path] + fields) {
            #expect(lines.compactMap { Int($0) } == (0..<50).map { $0 + 8 })
        }
    }

    /// Nanoseconds since the epoch in the way both programs print them.
    private func seconds(_ time: Int64) -> String {
        let fraction = String(time % 1_000_000_000)
        return "\(time / 1_000_000_000)." + String(repeating: "0", count: 9 - fraction.count) + fraction
    }
}
