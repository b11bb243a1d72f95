import SpatioSession
import SpatioWire

/// Three sessions that nobody reads without their keys: one for each cipher suite, which change to a second epoch
/// halfway, and one that is only signed.
enum Sealed {
    static func play(_ network: Network, _ report: inout SimulationReport) {
        let world = PlazaWorld(network, walkers: 5, clients: 3) { index, profile in
            profile.securityLevel = index == 2 ? .sign : .encrypt
            profile.suite = index == 1 ? .aes256GCM : .chaCha20Poly1305
        }
        for visitor in world.visitors where visitor.profile.securityLevel == .encrypt {
            network.plan(at: (network.start + network.end) / 2) { visitor.exchangeKeys() }
        }
        network.run()
        report.keyLog = world.server.keyLog.map { $0 + "\n" }.joined()
        world.server.state.write(name: world.server.space.name, into: &report)
    }
}
