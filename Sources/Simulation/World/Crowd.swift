import SpatioWire

/// Everybody who moves, stepped together twenty times a second.
final class Crowd {
    private(set) var walkers: [Walker]
    /// How a walker's place and motion are told in the coordinate system of the space.
    private let tell: (Walker) -> EntityUpdate

    /// Everybody stands still at the end: whoever told a position last, it is the same.
    private static let standstill = 3.5
    private static let step = 0.05

    init(_ network: Network, _ walkers: [Walker], tell: @escaping (Walker) -> EntityUpdate = \.update) {
        self.walkers = walkers
        self.tell = tell
        network.keep(self)
        network.every(Self.step) { [unowned self, unowned network] in
            let isHalting = network.left < Self.standstill
            for index in walkers.indices { self.walkers[index].step(Self.step, isHalting: isHalting) }
            return true
        }
    }

    func update(_ index: Int) -> EntityUpdate { tell(walkers[index]) }
}
