import Screen
import SpatioServer
import SpatioWire

extension ServerFileReader {
    static func space(_ table: inout TableReader) -> SpacePlan? {
        let name = table.needed({ $0.text("name") }, "name")
        let id = table.uuid("id") ?? name.map(UUID.init(ofSpaceNamed:))
        let kind = table.choice("coordinates", [CoordinateSystem.Kind.cartesian, .geodetic]) ?? .cartesian
        let bounds = table.volume("bounds")
        let strategy = table.choice("conflicts", [ConflictStrategy.lastWriteWins, .merge]) ?? .lastWriteWins
        var entities: [EntityPlan] = []
        table.tables("entity") { if let entity = entity(&$0) { entities.append(entity) } }
        var regions: [RegionPlan] = []
        table.tables("region") { region in
            let entity = region.uuid("entity")
            let id = region.needed({ $0.uuid("id") }, "id")
            let bounds = region.needed({ $0.volume("bounds") }, "bounds")
            guard let id, let bounds else { return }
            regions.append(RegionPlan(id: id, entityID: entity, bounds: bounds))
        }
        var groups: [MulticastGroup] = []
        table.tables("group") { if let group = group(&$0) { groups.append(group) } }
        guard let name, let id else { return nil }
        var space = SpacePlan(id: id, name: name)
        space.coordinateSystem = kind == .geodetic ? .geodetic(nil) : .cartesian(nil)
        space.bounds = bounds
        space.conflictStrategy = strategy
        space.entities = entities
        space.regions = regions
        space.groups = groups
        return space
    }

    private static func entity(_ table: inout TableReader) -> EntityPlan? {
        let kind: UInt16 = table.integer("kind", 0...0xFFFF) ?? 0
        let position = table.vector("position")
        let orientation = table.numbers("orientation", 4).map {
            Quaternion(Float($0[0]), Float($0[1]), Float($0[2]), Float($0[3]))
        }
        let fields = table.fields("fields")
        guard let id = table.needed({ $0.uuid("id") }, "id") else { return nil }
        if !table.has("position"), !table.has("fields") {
            table.note("position", "an entity needs a position, or fields")
        }
        var entity = EntityPlan(id: id, position: position, fields: fields)
        entity.kind = kind
        entity.orientation = orientation
        return entity
    }

    private static func group(_ table: inout TableReader) -> MulticastGroup? {
        let quality = QualityOfService(
            reliable: table.flag("reliable") ?? false, ordered: table.flag("ordered") ?? false,
            priority: table.choice("priority", Priority.allCases) ?? .medium,
            flow: FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: 0.05))
        let members = (table.texts("members") ?? []).compactMap { text in
            let id = UUID(parsing: text)
            if id == nil { table.note("members", "\"\(text)\" is no UUID") }
            return id
        }
        let access = AccessControl(mode: table.choice("access", AccessMode.allCases) ?? .open, members: members)
        let ttl: UInt8 = table.integer("ttl", 0...255) ?? 1
        let id = table.needed({ $0.uuid("id") }, "id")
        let bounds = table.needed({ $0.volume("bounds") }, "bounds")
        let endpoint = table.needed({ $0.text("endpoint") }, "endpoint")
        guard let id, let bounds, let endpoint else { return nil }
        return MulticastGroup(
            groupID: id, spatialBounds: bounds, ttl: ttl, qos: quality, accessControl: access, endpoint: endpoint)
    }
}

extension UUID {
    /// The same name gives the same number on every server: two halves of FNV-1a, marked as of version 8 (RFC 9562).
    init(ofSpaceNamed name: String) {
        func hash(_ seed: UInt64) -> UInt64 {
            name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        }
        let high = hash(0xCBF2_9CE4_8422_2325)
        self.init(high: high & ~0xF000 | 0x8000, low: hash(high) & ~(3 << 62) | 1 << 63)
    }
}
