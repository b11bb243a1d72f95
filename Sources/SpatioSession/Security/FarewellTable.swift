/// The last words of sessions that ended, by the address of their client.
struct FarewellTable: Sendable {
    /// Those that are kept; what does not fit is not said again.
    private static let limit = 1024

    private var farewells: [PeerAddress: Farewell] = [:]
    /// The first to be forgotten first.
    private var order = Fifo<(address: PeerAddress, until: Int64)>()

    /// - Parameter octets: the last datagram that went to an address.
    mutating func add(_ octets: [UInt8], for address: PeerAddress, at now: Moment) {
        forget(at: now)
        guard farewells.count < Self.limit else { return }
        let farewell = Farewell(octets, at: now)
        farewells[address] = farewell
        order.append((address, farewell.until))
    }

    /// What to answer to a datagram of an address without a session; nil where nothing is to be said again.
    mutating func answer(to address: PeerAddress, at now: Moment) -> [UInt8]? {
        farewells[address]?.answer(at: now)
    }

    /// Drops those whose time is over.
    mutating func forget(at now: Moment) {
        while let oldest = order.first, oldest.until <= now.monotonic {
            _ = order.popFirst()
            if let farewell = farewells[oldest.address], farewell.until <= now.monotonic {
                farewells[oldest.address] = nil
            }
        }
    }
}
