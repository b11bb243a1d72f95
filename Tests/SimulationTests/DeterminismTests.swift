import Capture
import Foundation
import Simulation
import Testing

@Suite struct DeterminismTests {
    @Test("The same seed gives the same octets and the same truth", arguments: Scenario.allCases)
    func sameSeed(scenario: Scenario) throws {
        var runs: [([UInt8], String)] = []
        for _ in 0..<2 {
            try withTemporaryFile { path in
                let report = try simulate(scenario, options: scenario.short, to: path)
                let truth =
                    "\(report.streams) \(report.spaces) \(report.entities.map(\.position)) \(report.keyLog ?? "")"
                runs.append((try octets(of: path), truth))
            }
        }
        #expect(runs[0].0.count > 10_000)
        #expect(runs[0].0 == runs[1].0)
        #expect(runs[0].1 == runs[1].1)
    }

    @Test("Another seed gives other octets", arguments: Scenario.allCases)
    func otherSeed(scenario: Scenario) throws {
        var runs: [[UInt8]] = []
        for seed: UInt64 in [1, 2] {
            var options = scenario.short
            options.seed = seed
            try withTemporaryFile { path in
                _ = try simulate(scenario, options: options, to: path)
                runs.append(try octets(of: path))
            }
        }
        #expect(runs[0] != runs[1])
    }

    @Test("pcap and pcapng hold the same packets at the same times") func formats() throws {
        let classic = try play(.lossy, Scenario.lossy.short, as: "pcap").reading
        let modern = try play(.lossy, Scenario.lossy.short, as: "pcapng").reading
        #expect(classic.packets == modern.packets)
        #expect(classic.messages.map(\.time) == modern.messages.map(\.time))
        #expect(classic.messages.map(\.octets) == modern.messages.map(\.octets))
    }

    @Test(
        "Options that make no sense are refused with a sentence",
        arguments: [
            SimulationOptions(duration: 0), SimulationOptions(duration: .nan), SimulationOptions(duration: 1e9),
            SimulationOptions(messages: 0), SimulationOptions(entities: 0), SimulationOptions(entities: 1_000_000),
            SimulationOptions(impairments: Impairments(loss: 1.5)),
            SimulationOptions(impairments: Impairments(reordering: .nan)),
            SimulationOptions(impairments: Impairments(delay: -1)),
        ])
    func nonsense(options: SimulationOptions) throws {
        try withTemporaryFile { path in
            #expect(throws: SimulationError.self) { try simulate(.plaza, options: options, to: path) }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("A file that cannot be made is named") func unwritable() {
        let error = #expect(throws: SimulationError.self) { try simulate(.peers, to: "/nowhere/at/all.pcapng") }
        #expect(error?.description.contains("/nowhere/at/all.pcapng") == true)
    }

    @Test("Every scenario has its line of help") func summaries() {
        #expect(Set(Scenario.allCases.map(\.summary)).count == Scenario.allCases.count)
        #expect(Scenario.allCases.allSatisfy { $0.summary.count < 100 && !$0.summary.contains("\n") })
    }
}
