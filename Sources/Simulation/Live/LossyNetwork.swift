/// A network that loses a share of the datagrams that pass it, each by chance.
package struct LossyNetwork: Sendable {
    private let loss: Double
    private var generator: Generator

    /// - Parameter loss: the share that is lost, 0...1.
    package init(loss: Double, seed: UInt64) {
        self.loss = loss
        generator = Generator(seed: seed)
    }

    /// Whether the next datagram arrives, in whichever direction it goes.
    package mutating func passes() -> Bool { !generator.chance(loss) }
}
