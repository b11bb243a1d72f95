import Foundation
import Inspection
import Simulation
import SpatioSession
import Testing

/// What is found in simulated captures, whose truth is known.
struct MisconductTests {
    /// The rules of conduct and of claims against evidence.
    private static let rules: [FindingRule] = [
        .teleport, .nonUnitQuaternion, .outOfBounds, .stale, .authenticationFailure, .clearTextCredentials, .replay,
        .rateLimit, .clockSkew,
    ]

    private func play(_ scenario: Scenario, seed: UInt64) throws -> (truth: SimulationReport, found: FindingLog) {
        let file = TemporaryFile()
        var options = SimulationOptions()
        options.seed = seed
        if scenario == .flood { options.messages = 20_000 }
        let truth = try simulate(scenario, options: options, to: file.path)
        let source = try CaptureSource(paths: [file.path], keepsPackets: false)
        var analysis = Analysis(keyLog: KeyLog(parsing: Array((truth.keyLog ?? "").utf8)), keepsIndex: false)
        while let packet = source.next() { analysis.take(packet) }
        analysis.finish()
        return (truth, analysis.book.chronicle.findings)
    }

    @Test("Each misdeed of the scenario is found as often as it was done", arguments: [1, 2, 3] as [UInt64])
    func misconduct(seed: UInt64) throws {
        let (truth, found) = try play(.misconduct, seed: seed)
        #expect(Set(truth.misconduct.keys) == Set(Self.rules.map(\.rawValue)))
        for rule in Self.rules { #expect(found.count(of: rule) == truth.misconduct[rule.rawValue], "\(rule)") }
        let leap = found.kept(0, of: .teleport)
        #expect(leap.text.contains(" moved 2"))
        #expect(
            found.kept(0, of: .clockSkew).text
                == "the clock of cuckoo (10.7.7.5:41005) is 90.0 s ahead of the capture's")
        #expect(found.kept(0, of: .rateLimit).text.hasSuffix("; it may send 20000"))
        #expect(found.kept(0, of: .outOfBounds).text.hasSuffix(" outside the bounds of plaza"))
    }

    @Test(
        "Ordinary traffic, and a bad network, are no misconduct",
        arguments: Scenario.allCases.filter { ![.misconduct, .broken, .congested].contains($0) }, [1, 2] as [UInt64])
    func ordinary(scenario: Scenario, seed: UInt64) throws {
        let (_, found) = try play(scenario, seed: seed)
        for rule in Self.rules {
            #expect(found.count(of: rule) == 0, "\(rule): \(found.next(after: 0, of: [rule])?.text ?? "")")
        }
    }
}
