import Screen

/// What the map can show over the bare ground, from the bottom to the top as it is drawn. Keys, help and legend are made
/// from this table.
package enum MapLayer: UInt32, CaseIterable, Hashable, Sendable {
    case grid, cost, density, regions, groups, frusta, subscriptions, queries
    case trails, rings, velocities, headings, altitude, labels

    /// Switches it on and off.
    package var key: Key { .character(row.key) }
    package var name: String { row.name }
    /// How it looks, in the style of a role; empty where a ramp or nothing stands for it.
    var sign: String { row.sign }
    var role: Role { row.role }

    private struct Row {
        var key: Unicode.Scalar
        var name: String
        var sign: String
        var role: Role
    }

    private var row: Row {
        switch self {
        case .grid: Row(key: "#", name: "grid", sign: ".", role: .mapGrid)
        case .cost: Row(key: "$", name: "octets/s", sign: "", role: .text)
        case .density: Row(key: "D", name: "density", sign: "", role: .text)
        case .regions: Row(key: "R", name: "regions", sign: "[]", role: .mapRegion)
        case .groups: Row(key: "M", name: "multicast groups", sign: "[]", role: .mapMulticast)
        case .frusta: Row(key: "F", name: "frusta", sign: "<:", role: .mapFrustum)
        case .subscriptions: Row(key: "U", name: "subscriptions", sign: "[]", role: .mapSubscription)
        case .queries: Row(key: "Q", name: "queries", sign: "()", role: .mapQuery)
        case .trails: Row(key: "T", name: "trails", sign: "...", role: .mapTrail)
        case .rings: Row(key: "P", name: "precision", sign: "()", role: .mapRing)
        case .velocities: Row(key: "V", name: "velocities", sign: "---", role: .mapEntity)
        case .headings: Row(key: "H", name: "headings", sign: "-", role: .mapHeading)
        case .altitude: Row(key: "A", name: "altitude by colour", sign: "", role: .text)
        case .labels: Row(key: "L", name: "labels", sign: "abc", role: .mapLabel)
        }
    }

    static let standard: MapLayers = [
        .grid, .density, .regions, .trails, .rings, .velocities, .headings, .labels,
    ]

    /// The lines of the key table that switch layers.
    static var keys: [KeyBinding] {
        allCases.map { KeyBinding([$0.key], .layer($0), .map, "\($0.name) on or off") }
    }
}

/// Which layers are on.
struct MapLayers: Equatable, Sendable, ExpressibleByArrayLiteral {
    private var bits: UInt32 = 0

    init(arrayLiteral layers: MapLayer...) {
        for layer in layers { bits |= 1 << layer.rawValue }
    }

    func contains(_ layer: MapLayer) -> Bool { bits & 1 << layer.rawValue != 0 }

    mutating func toggle(_ layer: MapLayer) { bits ^= 1 << layer.rawValue }
    mutating func insert(_ layer: MapLayer) { bits |= 1 << layer.rawValue }
}
