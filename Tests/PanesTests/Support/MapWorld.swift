import Capture
import Inspection
import Panes
import Screen
import SpatioWire

/// A space as the model knows it from messages, for tests of what is drawn of it.
struct MapWorld {
    private(set) var model = Model()
    /// Nanoseconds since the Unix epoch.
    var time: Int64 = 1_793_000_000_000_000_000
    private var sequences: [UInt32: UInt32] = [:]
    private var number = 0
    private var stateVersion: UInt64 = 0

    static let plaza = UUID(high: 0x0A, low: 0x0B)

    /// An identifier that is the same in each run; the first digits tell them apart.
    static func id(_ number: Int) -> UUID {
        UUID(high: UInt64(number) << 40 | 0x4000, low: 0x8000_0000_0000_0000 | UInt64(number) &* 0x9E37_79B9)
    }

    static func selected(_ number: Int, in space: UUID = plaza) -> SelectedEntity {
        SelectedEntity(space: space, id: id(number))
    }

    /// Lets time pass.
    mutating func wait(seconds: Double) { time += Int64(seconds * 1e9) }

    /// A server's answer that tells of spaces.
    mutating func announce(_ spaces: [SpaceInfo]) {
        let ack = ConnectAck(
            code: .success, sessionID: UUID(high: 1, low: 1), serverID: UUID(high: 2, low: 2),
            config: ConnectionConfig(capabilities: []),
            flow: FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: 0.1), spaces: spaces)
        apply(.connectAck, stream: 0, address: nil, .payload(.connectAck(ack)), fromServer: true)
    }

    /// One SPATIAL_UPDATE with these entities.
    mutating func update(
        _ updates: [EntityUpdate], space: UUID = plaza, system: CoordinateSystem = .cartesian(nil),
        precision: Float = 0.05, frame: UUID? = nil
    ) {
        let address = SpatialAddress(
            spaceID: space, coordinateSystem: system, precision: precision, confidence: 1,
            timestamp: UInt64(time / 1_000_000), referenceFrame: frame)
        apply(.spatialUpdate, stream: 1, address: address, .payload(.spatialUpdate(SpatialUpdate(updates: updates))))
    }

    /// One entity at a place.
    mutating func put(
        _ number: Int, _ x: Double, _ y: Double, _ z: Double = 0, kind: UInt16 = 0, space: UUID = plaza,
        system: CoordinateSystem = .cartesian(nil), orientation: Quaternion? = nil, velocity: Vector3f? = nil,
        precision: Float = 0.05, frame: UUID? = nil
    ) {
        update(
            [
                EntityUpdate(
                    entityID: Self.id(number), kind: kind, position: Vector3(x, y, z), orientation: orientation,
                    velocity: velocity)
            ], space: space, system: system, precision: precision, frame: frame)
    }

    /// The entity says again what it said last.
    mutating func touch(_ number: Int, space: UUID = plaza) {
        guard let space = model.spaceIndex(space), let index = model.entityIndex(Self.id(number), space: space),
            let position = model.entities[index].position
        else { return }
        let entity = model.entities[index]
        put(
            number, position.x, position.y, position.z, kind: entity.kind ?? 0, orientation: entity.orientation,
            velocity: entity.velocity, precision: entity.precision ?? 0)
    }

    mutating func put(_ number: Int, _ x: Double, _ y: Double, relativeTo frame: Int, offset: Vector3 = .zero) {
        put(number, x, y, system: .relative(reference: Self.id(frame), offset: offset))
    }

    /// State fields for an entity: its name, and what else is wanted.
    mutating func name(_ number: Int, _ name: String, _ fields: [StateField] = [], space: UUID = plaza) {
        stateVersion += 1
        let entry = StateSyncEntry(
            change: .modified, entityID: Self.id(number), entityVersion: stateVersion,
            fields: [StateField("name", .string(name))] + fields)
        let sync = StateSync(
            spaceID: space, version: stateVersion, timestamp: UInt64(time / 1_000_000), delta: true, entries: [entry])
        apply(.stateSync, stream: 2, address: nil, .payload(.stateSync(sync)))
    }

    mutating func region(_ number: Int, _ bounds: BoundingVolume, of entity: Int? = nil, space: UUID = plaza) {
        let update = BoundUpdate(regionID: Self.id(number), entityID: entity.map { Self.id($0) }, bounds: bounds)
        let address = SpatialAddress(
            spaceID: space, precision: 0, confidence: 1, timestamp: UInt64(time / 1_000_000))
        apply(.boundUpdate, stream: 1, address: address, .payload(.boundUpdate(update)))
    }

    /// A message that nobody can read without a key.
    mutating func sealed() {
        apply(.stateSync, stream: 2, address: nil, .sealed([UInt8](repeating: 7, count: 40)))
    }

    private mutating func apply(
        _ type: MessageType, stream: UInt32, address: SpatialAddress?, _ body: Message.Body, fromServer: Bool = false
    ) {
        let client = Endpoint(address: IPAddress(ipv4: 0x0A07_0101), port: 40_001)
        let server = Endpoint(address: IPAddress(ipv4: 0x0A07_0001), port: 7728)
        let key = stream * 2 + (fromServer ? 1 : 0)
        let header = MessageHeader(
            type: type, streamID: stream, sequence: sequences[key, default: 0], timestamp: UInt64(time / 1000))
        sequences[key, default: 0] += 1
        number += 1
        let octets = Message(header: header, address: address, body: body).encoded()
        let (from, to) = fromServer ? (server, client) : (client, server)
        guard let (flow, isForward) = model.flow(from: from, to: to, .udp) else { return }
        octets.withUnsafeBytes { octets in
            _ = model.apply(
                MessageArrival(octets: octets, time: time, flow: flow, isForward: isForward, number: number))
        }
    }

    // MARK: What a pane gets

    var snapshot: Snapshot {
        var snapshot = Snapshot()
        snapshot.loading = .done
        snapshot.model = model
        snapshot.whole = model
        snapshot.time = time
        return snapshot
    }

    func context(
        selecting entity: SelectedEntity? = nil, theme: Theme = .dark, cellAspect: Double = 2
    ) -> PaneContext {
        var selection = Selection()
        selection.entity = entity
        return PaneContext(
            snapshot: snapshot, theme: theme, selection: selection, isFocused: true, cellAspect: cellAspect)
    }
}

/// A map on a screen of its own.
struct MapScreen {
    var pane = MapPane()
    var area: Rect
    private(set) var buffer: Buffer

    init(_ width: Int, _ height: Int, glyphs: GlyphSet = .braille) {
        area = Rect(x: 0, y: 0, width: width, height: height)
        buffer = Buffer(size: area.size, glyphs: glyphs)
    }

    var text: String { buffer.plainText }

    @discardableResult
    mutating func draw(_ context: PaneContext) -> String {
        buffer.clear()
        pane.draw(into: &buffer, area: area, context)
        return text
    }

    /// Where a character stands first, from the top.
    func find(_ scalar: Unicode.Scalar) -> Point? {
        for y in 0..<buffer.size.height {
            for x in 0..<buffer.size.width where buffer[x, y].scalar == scalar { return Point(x: x, y: y) }
        }
        return nil
    }
}
