import SpatioSession
import SpatioWire

/// A link that is too narrow: two visitors upload more and more, past the window and the rate that the server allows,
/// lose some of it on the way, and heed the lower limits that the server then advertises.
enum Congested {
    private static let visitors = 3
    /// What the server allows at first, and what from the last third on.
    private static let allowed = FlowControl(windowSize: 16_384, rateLimit: 20_000, congestionThreshold: 0.05)
    private static let reduced = FlowControl(windowSize: 8_192, rateLimit: 10_000, congestionThreshold: 0.02)
    /// Octets of content of one message of an upload, and seconds between two looks at how many are due.
    private static let size = 500
    private static let interval = 0.1
    /// Shares of uploads that are lost before the capture point while there are too many.
    private static let loss = 0.12

    /// The thirds of the scenario.
    private enum Phase {
        case easy, crowded, heeding

        init(_ network: Network) {
            let share = Double(network.now - network.start) / Double(network.end - network.start)
            self = share < 0.33 ? .easy : share < 0.67 ? .crowded : .heeding
        }

        /// Messages that a visitor uploads each tenth of a second: 5, 26 and 7 kB/s.
        func messages(_ tick: Int) -> Int {
            switch self {
            case .easy: 1
            case .crowded: 5
            case .heeding: tick % 3 == 0 ? 2 : 1
            }
        }
    }

    static func play(_ network: Network, _ report: inout SimulationReport) {
        let world = PlazaWorld(network, walkers: 4, clients: visitors) { _, profile in profile.queryInterval = 1.5 }
        world.server.flow = allowed
        network.plan(at: network.start + (network.end - network.start) * 2 / 3) { [unowned world] in
            world.server.flow = reduced
        }
        // The third visitor only looks on.
        for visitor in world.visitors.dropLast() { upload(visitor, network) }
        network.run()
        world.server.state.write(name: world.server.space.name, into: &report)
    }

    private static func upload(_ visitor: Visitor, _ network: Network) {
        let transmit = visitor.end.transmit
        visitor.end.transmit = { [unowned network] messages, isSpared in
            let isUpload = messages.contains { $0.plain.header.type == .custom }
            if isUpload, case .crowded = Phase(network), network.generator.chance(loss) { return }
            transmit(messages, isSpared)
        }
        var tick = 0
        network.every(interval) { [unowned visitor, unowned network] in
            // What is lost at the end could not be repaired in time.
            guard network.left > 2 else { return false }
            guard visitor.isActive else { return true }
            tick += 1
            for _ in 0..<Phase(network).messages(tick) {
                visitor.end.send(
                    .custom(type: 9, data: [UInt8](repeating: UInt8(tick & 0xFF), count: size)),
                    End.Form(stream: 3, flags: .reliable, priority: .low))
            }
            return true
        }
    }
}
