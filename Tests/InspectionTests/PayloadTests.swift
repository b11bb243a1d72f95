import Inspection
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// What a message said when it passed can be read again later.
struct PayloadTests {
    @Test(
        "A payload read again is what it was, sealed, compressed and segmented ones too",
        arguments: [Scenario.plaza, .sealed, .segments, .tcp, .peers])
    func again(scenario: Scenario) throws {
        let file = TemporaryFile("\(scenario.rawValue).pcapng")
        let report = try simulate(scenario, options: SimulationOptions(seed: 3, duration: 5), to: file.path)
        let keyLog = KeyLog(parsing: Array((report.keyLog ?? "").utf8))
        let source = try CaptureSource(paths: [file.path], keepsPackets: true)
        var analysis = Analysis(keyLog: keyLog)
        var passed: [Int: Payload] = [:]
        while let packet = source.next() {
            analysis.take(packet) { event, _ in passed[event.number] = event.outcome.payload }
        }
        analysis.finish { event, _ in passed[event.number] = event.outcome.payload }
        let snapshot = Snapshot(analysis, of: source)
        #expect(passed.count > 10)
        for (number, payload) in passed { #expect(snapshot.payload(of: number - 1)?.payload == payload, "\(number)") }
    }
}
