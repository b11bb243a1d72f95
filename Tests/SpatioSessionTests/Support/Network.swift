import SpatioSession

/// What a network does to what it carries.
struct Conditions: Sendable {
    /// Nanoseconds from one end to the other.
    var latency: Int64 = 20_000_000
    /// Nanoseconds added at random, so that datagrams overtake each other.
    var jitter: Int64 = 0
    /// Shares of datagrams, 0...1.
    var loss = 0.0
    var duplication = 0.0

    static let good = Conditions()
    static let bad = Conditions(latency: 30_000_000, jitter: 40_000_000, loss: 0.15, duplication: 0.1)
}

/// Octets on their way, from a seed. Streams keep their order and lose nothing, but arrive in other pieces.
struct Network {
    enum Way: Hashable {
        case toServer(client: Int)
        case toClient(Int)
    }

    struct Parcel {
        var way: Way
        var octets: [UInt8]
        var arrival: Int64
        var number: Int
    }

    var conditions: Conditions
    var isStream: Bool
    var generator: SeededGenerator
    private(set) var parcels: [Parcel] = []
    private var sent = 0
    private var lastArrival: [Way: Int64] = [:]

    init(_ conditions: Conditions, isStream: Bool, seed: UInt64) {
        self.conditions = conditions
        self.isStream = isStream
        generator = SeededGenerator(state: seed)
    }

    var nextArrival: Int64? { parcels.map(\.arrival).min() }

    mutating func carry(_ octets: [UInt8], _ way: Way, at now: Int64) {
        guard isStream else {
            if chance(conditions.loss) { return }
            add(octets, way, now + delay())
            if chance(conditions.duplication) { add(octets, way, now + delay()) }
            return
        }
        var rest = octets[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...max(1, min(rest.count, 700)), using: &generator)
            let arrival = max(now + delay(), lastArrival[way] ?? 0)
            lastArrival[way] = arrival
            add(Array(rest.prefix(size)), way, arrival)
            rest = rest.dropFirst(size)
        }
    }

    mutating func arrived(at now: Int64) -> [Parcel] {
        let due = parcels.filter { $0.arrival <= now }.sorted { ($0.arrival, $0.number) < ($1.arrival, $1.number) }
        parcels.removeAll { $0.arrival <= now }
        return due
    }

    private mutating func add(_ octets: [UInt8], _ way: Way, _ arrival: Int64) {
        parcels.append(Parcel(way: way, octets: octets, arrival: arrival, number: sent))
        sent += 1
    }

    private mutating func delay() -> Int64 {
        conditions.latency + (conditions.jitter > 0 ? Int64.random(in: 0..<conditions.jitter, using: &generator) : 0)
    }

    mutating func chance(_ share: Double) -> Bool { share > 0 && Double.random(in: 0..<1, using: &generator) < share }
}
