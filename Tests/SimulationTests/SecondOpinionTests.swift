import Capture
import Foundation
import Simulation
import Testing

/// What tcpdump and tshark say of the files; where they are not installed, nothing.
@Suite struct SecondOpinionTests {
    @Test("tcpdump counts the same packets", arguments: Scenario.allCases, ["pcap", "pcapng"])
    func tcpdump(scenario: Scenario, suffix: String) throws {
        try withTemporaryFile(suffix) { path in
            let report = try simulate(scenario, options: scenario.short, to: path)
            guard let text = try output(of: "tcpdump", ["-r", path, "--count"]) else { return }
            #expect(text.hasPrefix("\(report.packets) packets"))
        }
    }

    @Test("tshark finds right checksums and no malformed packet", arguments: Scenario.allCases)
    func tshark(scenario: Scenario) throws {
        try withTemporaryFile { path in
            let report = try simulate(scenario, options: scenario.short, to: path)
            let checks = ["ip", "udp", "tcp"].flatMap { ["-o", "\($0).check_checksum:TRUE"] }
            let arguments = ["-r", path, "-T", "fields", "-e", "frame.number"]
            let wrong =
                "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0"
            guard let all = try output(of: "tshark", arguments),
                let bad = try output(of: "tshark", arguments + checks + ["-Y", wrong])
            else { return }
            #expect(all.split(separator: "\n").count == report.packets)
            #expect(bad.isEmpty, "\(bad)")
        }
    }
}
