import SpatioWire

/// A state that is too large for a datagram, for three clients that take it plain, as LZ4 and as Zstandard, over a
/// network that changes the order of segments and loses some.
enum Segments {
    private static let entities = 100

    static func play(_ network: Network, _ options: SimulationOptions, _ report: inout SimulationReport) {
        let compressions: [Compression] = [.none, .lz4, .zstd]
        let total = max(options.entities ?? entities, compressions.count)
        let world = PlazaWorld(network, walkers: total, clients: compressions.count, isDetailed: true) {
            index, profile in
            profile.compression = compressions[index]
            profile.subscription = nil
            profile.queryInterval = nil
            profile.rate = 10
        }
        for visitor in world.visitors {
            network.every(network.generator.number(3.5...4.5)) {
                if visitor.isActive { visitor.requestState() }
                // What is lost at the end could not be repaired in time.
                return network.left > 3
            }
        }
        network.run()
        world.server.state.write(name: world.server.space.name, into: &report)
    }
}
