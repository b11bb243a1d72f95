import Foundation
import Testing

/// tcpdump and tshark count the same packets and datagrams in every sample.
struct SecondOpinionTests {
    static let samples = [
        "broken.pcapng", "drones.pcapng", "extension.pcapng", "lossy.pcapng", "peers.pcapng", "sealed.pcapng",
        "segments.pcapng", "tcp.pcapng", "plaza.pcapng.zst",
    ]

    /// A plain copy where the sample is compressed: not every version of the tools reads these.
    private func plain(_ sample: String, in folder: TemporaryFolder) throws -> String {
        guard sample.hasSuffix(".zst") else { return "captures/\(sample)" }
        let path = try folder.file("plain.pcapng")
        #expect(try shell("zstd -dqo '\(path)' captures/\(sample)").status == 0)
        return path
    }

    private func statistics(_ arguments: String) throws -> [String: Any] {
        let outcome = try shell("spatioscope stats \(arguments) --format json")
        #expect(outcome.status == 0)
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    private func lines(_ command: String) throws -> Int {
        let outcome = try shell("\(command) 2>/dev/null | wc -l")
        return try #require(Int(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    @Test("tcpdump counts the same packets, all of them and those of each transport", arguments: samples)
    func tcpdump(sample: String) throws {
        let folder = try TemporaryFolder()
        let path = try plain(sample, in: folder)
        for expression in ["", "udp", "tcp", "udp port 7728"] {
            let expected = try lines("tcpdump -nn -r '\(path)' \(expression)")
            let bpf = expression.isEmpty ? "" : "--bpf '\(expression)'"
            #expect(try statistics("captures/\(sample) \(bpf)")["packets"] as? Int == expected, "\(expression)")
        }
    }

    @Test("tshark counts the same datagrams to and from the port, and each of them holds a message", arguments: samples)
    func tshark(sample: String) throws {
        let folder = try TemporaryFolder()
        let path = try plain(sample, in: folder)
        let datagrams = try lines("tshark -n -r '\(path)' -Y 'udp.port == 7728 && !icmp'")
        let report = try statistics("captures/\(sample) --bpf 'udp port 7728'")
        #expect(report["packets"] as? Int == datagrams)
        #expect(try #require(report["messages"] as? Int) >= datagrams)
    }
}
