import Capture
import Foundation
import Inspection
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// The JSON of `stats` and `dump` is a contract with other programs (design section 5).
struct ReportTests {
    private func analysis(_ scenario: Scenario, keyLog: KeyLog = KeyLog()) throws -> (Analysis, [String]) {
        let file = TemporaryFile("\(scenario.rawValue).pcapng")
        _ = try simulate(scenario, options: SimulationOptions(seed: 2, duration: 5), to: file.path)
        let source = try CaptureSource(paths: [file.path], keepsPackets: false)
        var analysis = Analysis(keyLog: keyLog, keepsIndex: false)
        var lines: [String] = []
        let observe = { (event: borrowing MessageEvent, model: borrowing Model) in
            let text = MessageText(event, schemas: model.schemas, sizeLimit: WireLimits.defaultMessageSize)
            var json = JSONText()
            text.writeJSON(to: &json)
            lines.append(json.text)
        }
        while let packet = source.next() { analysis.take(packet, observe: observe) }
        analysis.finish(observe: observe)
        return (analysis, lines)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func has(_ object: [String: Any], _ keys: Set<String>) -> Bool { keys.isSubset(of: Set(object.keys)) }

    @Test(
        "stats has every key of its contract, in every scenario", arguments: [Scenario.lossy, .broken, .tcp, .sealed])
    func stats(scenario: Scenario) throws {
        let report = try object(StatisticsReport(try analysis(scenario).0).json())
        #expect(
            has(
                report,
                [
                    "packets", "messages", "malformed", "reassembled", "undecrypted", "sessions", "streams", "spaces",
                    "entities", "findings",
                ]))
        let lists: [(String, Set<String>)] = [
            ("sessions", ["session_id", "client", "server", "transport", "security"]),
            (
                "streams",
                [
                    "source", "destination", "stream_id", "messages", "bytes", "lost", "duplicates", "reordered",
                    "retransmits", "jitter_ms", "rtt_ms",
                ]
            ),
            ("spaces", ["space_id", "name", "entities", "state_version"]),
            ("entities", ["entity_id", "space_id", "updates", "position", "state"]),
            ("findings", ["rule", "severity", "count"]),
        ]
        for (name, keys) in lists {
            let items = try #require(report[name] as? [[String: Any]])
            #expect(items.allSatisfy { has($0, keys) }, "\(name)")
        }
        for stream in try #require(report["streams"] as? [[String: Any]]) {
            let roundTrip = try #require(stream["rtt_ms"] as? [String: Any])
            #expect(Set(roundTrip.keys) == ["smoothed", "p50", "p99"])
        }
    }

    @Test("Where there is no data the value is null, never 0")
    func noData() throws {
        let empty = try object(StatisticsReport(Analysis()).json())
        #expect(empty["messages"] as? Int == 0)
        #expect((empty["streams"] as? [Any])?.isEmpty == true)
        let report = try object(StatisticsReport(try analysis(.peers).0).json())
        let streams = try #require(report["streams"] as? [[String: Any]])
        // Nobody pings a multicast group.
        #expect(streams.contains { ($0["rtt_ms"] as? [String: Any])?["smoothed"] is NSNull })
        let single = streams.filter { $0["messages"] as? Int == 1 }
        #expect(single.allSatisfy { $0["jitter_ms"] is NSNull })
    }

    @Test("What the capture says that was dropped is in both forms of the report, and what it does not say is null")
    func drops() throws {
        let file = TemporaryFile("drops.pcapng")
        var writer = try CaptureWriter(path: file.path, format: .pcapng)
        try writer.write(InterfaceCapture.Drops(byKernel: 30, byInterface: 2), time: 0, interface: 0)
        try writer.close()
        let source = try CaptureSource(paths: [file.path], keepsPackets: false)
        #expect(source.drops == nil)
        #expect(source.next() == nil)
        #expect(source.drops == InterfaceCapture.Drops(byKernel: 30, byInterface: 2))
        let report = StatisticsReport(Analysis(), files: source.files)
        #expect(try object(report.json())["dropped"] as? [String: Int] == ["by_kernel": 30, "by_interface": 2])
        #expect(report.text().contains("\ndropped: 30 by the kernel, 2 by the interface when it was captured\n"))
        #expect(try object(StatisticsReport(Analysis()).json())["dropped"] is NSNull)
        #expect(!StatisticsReport(Analysis()).text().contains("captured"))
    }

    @Test("The figures of the report are those of the simulation")
    func figures() throws {
        let file = TemporaryFile("lossy.pcapng")
        let truth = try simulate(.lossy, options: SimulationOptions(seed: 9, duration: 8), to: file.path)
        let source = try CaptureSource(paths: [file.path], keepsPackets: false)
        var analysis = Analysis(keepsIndex: false)
        while let packet = source.next() { analysis.take(packet) }
        analysis.finish()
        let report = try object(StatisticsReport(analysis).json())
        let streams = try #require(report["streams"] as? [[String: Any]])
        func sum(_ key: String) -> Int { streams.reduce(0) { $0 + ($1[key] as? Int ?? 0) } }
        #expect(report["messages"] as? Int == truth.messages + truth.malformed)
        #expect(report["packets"] as? Int == truth.packets)
        #expect(sum("lost") == truth.lost)
        #expect(sum("duplicates") == truth.duplicates)
        #expect(sum("reordered") == truth.reordered)
        #expect(sum("retransmits") == truth.retransmits)
    }

    @Test("The text of the report names its sections and never writes a 0 for what was not measured")
    func text() throws {
        let text = StatisticsReport(try analysis(.peers).0).text()
        for title in ["packets ", "\nsessions\n", "\nstreams\n", "\nentities\n"] { #expect(text.contains(title)) }
        #expect(text.split(separator: "\n").contains { $0.hasSuffix(" -        -   -   -") || $0.hasSuffix("-") })
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { !$0.hasSuffix(" ") })
    }

    @Test("A line of dump has every key of its contract, numbered from 1", arguments: [Scenario.broken, .segments])
    func dump(scenario: Scenario) throws {
        let lines = try analysis(scenario).1
        for (number, line) in lines.enumerated() {
            let object = try object(line)
            let keys: Set = ["number", "time", "source", "destination", "transport", "message", "findings"]
            #expect(has(object, keys))
            #expect(object["number"] as? Int == number + 1)
            #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            if let malformed = object["malformed"] as? [String: Any] {
                #expect(has(malformed, ["offset", "reason"]))
            } else {
                #expect(object["message"] is [String: Any])
            }
            if let reassembled = object["reassembled"] as? [String: Any] {
                #expect(has(reassembled, ["segments", "size", "payload"]))
            }
        }
        #expect(lines.contains { $0.contains(scenario == .broken ? "\"malformed\":{" : "\"reassembled\":{") })
    }

    @Test("Times are written with microseconds, also before 1970")
    func times() {
        #expect(TimeText.seconds(Sample.start + 123_456_789) == "1793000000.123456")
        #expect(TimeText.seconds(0) == "0.000000")
        #expect(TimeText.seconds(-1_500_000_000) == "-1.500000")
        #expect(TimeText.calendar(Sample.start) == "2026-10-26 07:33:20.000")
        #expect(TimeText.calendar(-1) == "1969-12-31 23:59:59.999")
        #expect(TimeText.clock(86_399_999_999_999) == "23:59:59.999")
        #expect(TimeText.duration(12_480_000_000) == "00:12.480")
        #expect(TimeText.duration(3_600_000_000_000) == "1:00:00.000")
        #expect(TimeText.duration(-1_000_000) == "-00:00.001")
    }

    @Test("Numbers are written without a locale, and what is no number is a dash")
    func numbers() {
        #expect(DecimalText.fixed(1.005, places: 1) == "1.0")
        #expect(DecimalText.fixed(-0.04, places: 1) == "0.0")
        #expect(DecimalText.fixed(-0.06, places: 1) == "-0.1")
        #expect(DecimalText.fixed(12, places: 0) == "12")
        #expect(DecimalText.fixed(.nan, places: 2) == "-")
        #expect(DecimalText.fixed(.infinity, places: 2) == "-")
        #expect(DecimalText.fixed(1e300, places: 2) == "1e+300")
    }

    @Test("Text from the network cannot steer a terminal")
    func visible() {
        #expect(VisibleText.visible("a\u{1B}[2J\u{7}\u{7F}\u{9B}b") == "a\u{241B}[2J\u{2407}\u{2421}\u{FFFD}b")
        #expect(VisibleText.visible("\u{202E}x\u{200B}\u{2028}") == "\u{FFFD}x\u{FFFD}\u{FFFD}")
        #expect(VisibleText.visible("zoë ☕ 日本") == "zoë ☕ 日本")
    }
}
