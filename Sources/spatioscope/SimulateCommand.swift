import ArgumentParser
import Glibc
import Simulation

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Write a capture of a simulated space; the same seed gives the same octets.",
        discussion: "Scenarios:\n"
            + Scenario.allCases.map { "  \($0.rawValue.padded(to: 10)) \($0.summary)" }.joined(separator: "\n"))

    @Argument(help: "One of the scenarios below.")
    var scenario: Scenario

    @Option(
        name: [.short, .long], help: ArgumentHelp("Where to write: pcapng, or pcap when it ends so.", valueName: "file")
    )
    var output: String

    @Option(help: "The seed.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Seconds of simulated time.", valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("Messages to write (flood).", valueName: "n"))
    var messages: Int?

    @Option(help: ArgumentHelp("Entities in the space.", valueName: "n"))
    var entities: Int?

    @Option(help: ArgumentHelp("Share of packets lost, 0 to 1.", valueName: "share"))
    var loss: Double?

    @Option(help: ArgumentHelp("Share of packets that come twice, 0 to 1.", valueName: "share"))
    var duplication: Double?

    @Option(help: ArgumentHelp("Share of packets that are overtaken, 0 to 1.", valueName: "share"))
    var reordering: Double?

    @Option(help: ArgumentHelp("Delay of every packet, milliseconds.", valueName: "ms"))
    var delay: Double?

    @Option(help: ArgumentHelp("Variation of the delay, milliseconds.", valueName: "ms"))
    var jitter: Double?

    mutating func validate() throws {
        for (name, share) in [("--loss", loss), ("--duplication", duplication), ("--reordering", reordering)] {
            if let share, !(0...1).contains(share) { throw ValidationError("\(name) is 0 to 1") }
        }
        for (name, milliseconds) in [("--delay", delay), ("--jitter", jitter)] {
            if let milliseconds, !(0...Self.longestDelay).contains(milliseconds) {
                throw ValidationError("\(name) is 0 to \(Int(Self.longestDelay)) ms")
            }
        }
        if let duration, !SimulationOptions.durations.contains(duration) {
            throw ValidationError(
                "--duration is \(Int(SimulationOptions.durations.lowerBound)) to "
                    + "\(Int(SimulationOptions.durations.upperBound)) seconds")
        }
        if let messages, !SimulationOptions.messageCounts.contains(messages) {
            throw ValidationError("--messages is 1 to \(SimulationOptions.messageCounts.upperBound)")
        }
        if let entities, !SimulationOptions.entityCounts.contains(entities) {
            throw ValidationError("--entities is 1 to \(SimulationOptions.entityCounts.upperBound)")
        }
    }

    /// A minute: beyond it a sender has given up.
    private static let longestDelay = 60_000.0

    func run() throws {
        let isImpaired = [loss, duplication, reordering, delay, jitter].contains { $0 != nil }
        let impairments = Impairments(
            loss: loss ?? 0, duplication: duplication ?? 0, reordering: reordering ?? 0,
            delay: Int64((delay ?? 0) * 1e6), jitter: Int64((jitter ?? 0) * 1e6))
        let report = try simulate(
            scenario,
            options: SimulationOptions(
                seed: seed, duration: duration, messages: messages, entities: entities,
                impairments: isImpaired ? impairments : nil), to: output)
        StandardOutput.print("\(output): \(report.packets) packets, \(report.messages) messages")
        guard let keys = report.keyLog else { return }
        let path = output.withoutCaptureSuffix + ".keylog"
        try writeFile(path, Array(keys.utf8))
        StandardOutput.print("\(path): the secrets of its sealed sessions")
    }
}

extension Scenario: ExpressibleByArgument {}

extension String {
    fileprivate var withoutCaptureSuffix: String {
        for suffix in [".pcapng", ".pcap"] where hasSuffix(suffix) { return String(dropLast(suffix.count)) }
        return self
    }
}

/// Writes a whole file that only its owner may read.
private func writeFile(_ path: String, _ octets: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    guard write(descriptor, octets, octets.count) == octets.count else {
        throw Failure("\(path): \(String(cString: strerror(errno)))")
    }
}
