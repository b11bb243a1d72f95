import Capture
import Foundation
import Simulation
import Testing

/// The samples in `captures/` are what the commands in its README make.
@Suite struct SampleTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var scenario: Scenario
        var options: SimulationOptions
        var file: String

        var testDescription: String { file }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("captures")

    /// Read from the README's commands: what it says is what is tested.
    private static let samples: [Sample] = {
        let text = (try? String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: { " `|".contains($0) }).map(String.init)
            guard let start = words.firstIndex(of: "simulate"), let scenario = Scenario(rawValue: words[start + 1]),
                let output = words.firstIndex(of: "-o")
            else { return nil }
            func number(_ option: String) -> String? { words.firstIndex(of: option).map { words[$0 + 1] } }
            return Sample(
                scenario: scenario,
                options: SimulationOptions(
                    seed: number("--seed").flatMap { UInt64($0) } ?? 1,
                    duration: number("--duration").flatMap { Double($0) }),
                file: URL(fileURLWithPath: words[output + 1]).lastPathComponent)
        }
    }()

    @Test("There is a sample of every scenario but the flood, none large") func everyScenario() throws {
        #expect(Set(Self.samples.map(\.scenario)) == Set(Scenario.allCases).subtracting([.flood]))
        let files = try FileManager.default.contentsOfDirectory(
            at: Self.folder, includingPropertiesForKeys: [.fileSizeKey])
        let sizes = try files.map { try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0 }
        #expect(sizes.allSatisfy { $0 < 300_000 })
        #expect(sizes.reduce(0, +) < 1_750_000)
    }

    @Test("A sample is made by its command", arguments: samples)
    func sample(_ sample: Sample) throws {
        try withTemporaryFile { path in
            let report = try simulate(sample.scenario, options: sample.options, to: path)
            let stored = Self.folder.appendingPathComponent(sample.file).path
            if FileManager.default.fileExists(atPath: stored) {
                #expect(try octets(of: stored) == octets(of: path))
            } else {
                // Compressed by a program of the system: what is in it has to be the same.
                #expect(try packets(of: stored + ".zst") == packets(of: path))
            }
            let keyLog = Self.folder.appendingPathComponent("\(sample.scenario.rawValue).keylog")
            #expect((try? String(contentsOf: keyLog, encoding: .utf8)) == report.keyLog)
        }
    }

    private func packets(of path: String) throws -> [[UInt8]] {
        let file = try CaptureFile(path: path)
        var packets: [[UInt8]] = []
        while let packet = try file.next() {
            packets.append(Array(packet.octets) + Array("\(packet.time)".utf8))
        }
        return packets
    }
}
