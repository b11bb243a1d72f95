import SpatioSession
import SpatioWire

/// Two sessions over TCP, whose segments the capture sees twice, late, in another order, or never.
enum OverTCP {
    static func play(_ network: Network, _ report: inout SimulationReport) {
        var generator = network.generator.fork()
        var holes = 0
        let world = PlazaWorld(network, walkers: 40, clients: 2, isDetailed: true) { index, profile in
            profile.subscription = { .sphere(center: $0, radius: 25) }
            profile.connection = { direction, piece in
                // One hole inside a large answer to the first client, one in what the second one says.
                let isHole =
                    index == 0
                    ? direction == .server && piece.isInside && piece.number > 20 && holes == 0
                    : direction == .client && piece.number == 60
                if isHole {
                    holes += 1
                    return .unseen
                }
                switch generator.unit() {
                case ..<0.02: return .repeated
                case ..<0.04: return .late
                case ..<0.07: return .overtaken
                default: return .normal
                }
            }
        }
        for visitor in world.visitors {
            network.every(2.5) {
                if visitor.isActive { visitor.requestState() }
                return network.left > 3
            }
        }
        network.run()
        world.server.state.write(name: world.server.space.name, into: &report)
    }
}
