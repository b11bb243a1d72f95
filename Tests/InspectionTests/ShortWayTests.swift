import Capture
import Foundation
import Inspection
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// An observer makes every message go the general way: with one and without one the same has to come out.
@Suite("The short way through the model")
struct ShortWayTests {
    @Test("leaves what the general way leaves", arguments: Scenario.allCases)
    func scenarios(_ scenario: Scenario) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: Foundation.UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "capture.pcapng").path
        var options = SimulationOptions()
        options.seed = 7
        if scenario == .flood { options.messages = 20_000 }
        _ = try simulate(scenario, options: options, to: path)
        try expectSame(path)
    }

    @Test("leaves what the general way leaves when updates are lost, late, doubled and mixed with others")
    func disorder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: Foundation.UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "capture.pcap").path
        var options = SimulationOptions()
        options.impairments = Impairments(loss: 0.1, duplication: 0.1, reordering: 0.2, jitter: 5_000_000)
        _ = try simulate(.plaza, options: options, to: path)
        try expectSame(path)
    }

    private func expectSame(_ path: String) throws {
        let general = try analysis(of: path, isObserved: true)
        let short = try analysis(of: path, isObserved: false)
        #expect(records(of: short) == records(of: general))
        #expect(short.book.timeline == general.book.timeline)
        #expect(StatisticsReport(short).json() == StatisticsReport(general).json())
        #expect(short.book.model.digest == general.book.model.digest)
        #expect(findings(of: short) == findings(of: general))
    }

    private func analysis(of path: String, isObserved: Bool) throws -> Analysis {
        let source = try CaptureSource(paths: [path], keepsPackets: true)
        var analysis = Analysis()
        if isObserved {
            while source.read(100, { analysis.take($0) { _, _ in } }) {}
            analysis.finish { _, _ in }
        } else {
            while source.read(100, { analysis.take($0) }) {}
            analysis.finish()
        }
        #expect(source.problems.isEmpty)
        return analysis
    }

    private func findings(of analysis: Analysis) -> [Finding] {
        let findings = analysis.book.chronicle.findings.findings
        return (0..<findings.count).map { findings[$0] }
    }

    private func records(of analysis: Analysis) -> [MessageRecord] {
        let index = analysis.book.index ?? MessageIndex()
        return (0..<index.count).map { index[$0] }
    }
}
