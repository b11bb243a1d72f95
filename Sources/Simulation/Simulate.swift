import Capture
import SpatioWire

/// Plays a scenario and writes what passes the capture point to a file: pcap where the path ends in `.pcap`, else
/// pcapng. The same scenario with the same options gives the same octets.
package func simulate(
    _ scenario: Scenario, options: SimulationOptions = SimulationOptions(), to path: String
) throws(SimulationError) -> SimulationReport {
    try options.validated()
    do throws(CaptureError) {
        if scenario == .flood { return try Flood.write(options, to: path) }
        return try play(scenario, options, to: path)
    } catch {
        throw SimulationError(error.description)
    }
}

private func play(
    _ scenario: Scenario, _ options: SimulationOptions, to path: String
) throws(CaptureError) -> SimulationReport {
    let impairments = scenario.impairments.adding(options.impairments ?? Impairments())
    let network = Network(
        generator: Generator(seed: options.seed, of: scenario),
        duration: options.duration ?? scenario.usualDuration, impairments: impairments)
    var report = SimulationReport()
    switch scenario {
    case .plaza, .lossy: Plaza.play(network, options, &report)
    case .drones: Drones.play(network, options, &report)
    case .regions: Regions.play(network, &report)
    case .sealed: Sealed.play(network, &report)
    case .segments: Segments.play(network, options, &report)
    case .peers: Peers.play(network)
    case .strangers: Strangers.play(network)
    case .extension: Extensions.play(network, &report)
    case .tcp: OverTCP.play(network, &report)
    case .versions: Versions.play(network, &report)
    case .broken: Broken.play(network, &report)
    case .misconduct: Misconduct.play(network, &report)
    case .congested: Congested.play(network, &report)
    case .flood: break
    }
    try network.recorder.write(to: path, comment: options.command(scenario), into: &report)
    return report
}

extension SimulationOptions {
    /// The command that makes such a capture, without the file.
    fileprivate func command(_ scenario: Scenario) -> String {
        var words = ["spatioscope simulate \(scenario.rawValue) --seed \(seed)"]
        if let duration { words.append("--duration \(duration)") }
        if let entities { words.append("--entities \(entities)") }
        return words.joined(separator: " ") + (impairments == nil ? "" : " with impairments")
    }
}

extension Scenario {
    /// What the scenario's own network does.
    fileprivate var impairments: Impairments {
        switch self {
        case .lossy: Impairments(loss: 0.05, duplication: 0.02, reordering: 0.03, jitter: 3_000_000)
        case .segments: Impairments(loss: 0.03, reordering: 0.15)
        default: Impairments()
        }
    }
}
