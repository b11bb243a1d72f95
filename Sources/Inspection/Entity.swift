import SpatioWire

struct EntityKey: FlatKey {
    var space: UInt32
    var id: UUID

    @inline(__always)
    func mixed(with seed: UInt64) -> UInt64 { id.mixed(with: seed &+ UInt64(space)) }

    @inline(__always)
    func isSame(as other: EntityKey) -> Bool { id == other.id && space == other.space }
}

/// One entity of a space as it was last heard of.
package struct Entity: Sendable {
    package var id: UUID
    /// Index of its space.
    package var space: Int
    /// EntityUpdates that arrived.
    package var updates = 0
    package var kind: UInt16?
    package var position: Vector3?
    package var velocity: Vector3f?
    package var orientation: Quaternion?
    /// Metres.
    package var precision: Float?
    /// 0...1
    package var confidence: Float?
    package var coordinates: CoordinateSystem.Kind = .cartesian
    /// The frame that `position` is relative to.
    package var frame: UUID?
    package var frameOffset: Vector3 = .zero
    /// Capture time of what was heard last, nanoseconds since the Unix epoch.
    package var lastTime: Int64
    /// The message that it was heard with last, from 1.
    var lastMessage: Int
    /// The usual time between updates, nanoseconds; 0 before the second.
    package var interval: Int64 = 0
    /// Stream that it was last heard on.
    package var stream: Int
    /// Octets of the messages that carried it, each shared among its entities.
    package var octets = 0
    private var rate = OctetRate()
    package var isRemoved = false
    /// Index of its state fields; nil when there are none.
    package var state: Int?
    /// Sender's time and place in its stream of the newest position: an older one that comes late does not count.
    var stamp: UInt64 = 0
    var stampStream: Int = -1
    var stampSequence: UInt32 = 0
    /// Who is believed about it, and what that one told last.
    var witness = Witness()

    init(id: UUID, space: Int, stream: Int, time: Int64, message: Int) {
        self.id = id
        lastMessage = message
        self.space = space
        self.stream = stream
        lastTime = time
    }

    /// Takes in that something was heard.
    @inline(__always)
    mutating func hear(time: Int64, stream: Int, message: Int) {
        lastMessage = message
        let elapsed = time - lastTime
        if elapsed > 0 {
            // Where somebody is believed about it, his words alone tell how often it is spoken of: a server says the same
            // at once to everybody who wants to know.
            if witness.stream == .max { keepTime(elapsed) }
            lastTime = time
        }
        self.stream = stream
    }

    /// Takes in the time between two updates, nanoseconds.
    @inline(__always)
    mutating func keepTime(_ elapsed: Int64) {
        interval = interval == 0 ? elapsed : interval + (elapsed - interval) / 8
    }

    /// Counts an update and takes in what it says, unless what is known is newer.
    ///
    /// - Parameters:
    ///   - share: octets of the message that this update counts for.
    ///   - precision: of the message's address, as `confidence`, and the sender's time there as `stamp`.
    /// - Returns: whether it was news.
    @inline(__always)
    mutating func take(
        _ update: EntityUpdate, share: Int, precision: Float, confidence: Float, stamp: UInt64, sequence: UInt32
    ) -> Bool {
        updates += 1
        octets += share
        rate.add(share, time: lastTime)
        guard isNewer(stamp: stamp, stream: stream, sequence: sequence) else { return false }
        self.stamp = stamp
        stampStream = stream
        stampSequence = sequence
        kind = update.kind
        position = update.position
        if let new = update.orientation { orientation = new }
        velocity = update.velocity
        self.precision = precision
        self.confidence = confidence
        return true
    }

    /// Takes in what its position is counted from.
    ///
    /// - Parameter frame: the `reference_frame` of the address.
    mutating func set(_ system: CoordinateSystem, frame: UUID?) {
        switch system {
        case .cartesian:
            coordinates = .cartesian
            self.frame = frame
        case .geodetic:
            coordinates = .geodetic
            self.frame = nil
        case .relative(let reference, let offset):
            coordinates = .relative
            self.frame = reference
            frameOffset = offset
        case .custom: coordinates = .custom
        }
    }

    /// What it costs: octets a second over the last two seconds before the clock, about; nil before its first update.
    package func octetsPerSecond(until time: Int64) -> Double? { rate.perSecond(until: time) }

    /// How old what is known is, in usual intervals: design section 3, stale after 3, gone from the map after 10.
    package func staleness(at time: Int64) -> Staleness {
        if isRemoved { return .gone }
        // An interval under 100 ms is taken as 100 ms, so that one delayed burst does not grey the map; one update tells
        // no interval and gets a second.
        let usual = interval == 0 ? 1_000_000_000 : max(100_000_000, min(interval, Self.longestInterval))
        let age = time - lastTime
        if age > 10 * usual { return .gone }
        return age > 3 * usual ? .stale : .fresh
    }

    /// Three years: ten of it still fit an Int64.
    private static let longestInterval: Int64 = 100_000_000_000_000_000

    package enum Staleness: Sendable { case fresh, stale, gone }

    /// Whether a position stamped so is newer than what is known. Sender's times decide, because the network reorders;
    /// the same time on the same stream is decided by the sequence. A time more than 5 s back is another clock.
    func isNewer(stamp: UInt64, stream: Int, sequence: UInt32) -> Bool {
        if stamp == self.stamp {
            return stream != stampStream || sequence.serialDistance(from: stampSequence) >= 0
        }
        return stamp > self.stamp || self.stamp - stamp > Self.otherClock
    }

    /// Milliseconds that a time goes back where it is another clock's: no network holds a message for so long.
    static let otherClock: UInt64 = 5000
}

/// The fields that state messages gave an entity.
package struct EntityState: Sendable {
    package private(set) var fields: [StateField] = []
    package var entityVersion: UInt64 = 0
    /// What the fields take in memory, about.
    private(set) var octets = 0
    /// Fields kept for one entity; more is no entity but an attack.
    static let fieldLimit = 1024

    package subscript(key: String) -> Value? { fields.first { $0.key == key }?.value }

    /// Takes fields over while there is room for so many octets; returns how many found none.
    mutating func set(_ new: [StateField], room: Int) -> Int {
        let limit = octets + room
        var refused = 0
        for field in new {
            let place = fields.firstIndex { $0.key == field.key }
            let grown = octets + field.approximateSize - (place.map { fields[$0].approximateSize } ?? 0)
            guard grown <= limit, place != nil || fields.count < Self.fieldLimit else {
                refused += 1
                continue
            }
            octets = grown
            if let place { fields[place].value = field.value } else { fields.append(field) }
        }
        return refused
    }

    mutating func clear() {
        fields.removeAll()
        octets = 0
    }
}

extension StateField {
    /// Octets in memory: the field itself and what it points to.
    var approximateSize: Int {
        let content =
            switch value {
            case .string(let text): text.utf8.count
            case .bytes(let octets): octets.count
            default: 0
            }
        return MemoryLayout<StateField>.stride + key.utf8.count + content
    }
}

/// Where an entity has been: its last positions, so far apart that they tell something.
package struct Trail: Sendable {
    package static let length = 24
    /// Metres (RViz draws its odometry so); degrees are scaled to it.
    static let step = 0.1

    private var points = InlineArray<24, SIMD2<Double>>(repeating: .zero)
    private var next = 0
    package private(set) var count = 0

    mutating func add(_ position: Vector3, isGeodetic: Bool) {
        let point = SIMD2(position.x, position.y)
        if count > 0 {
            let last = points[(next + Self.length - 1) % Self.length]
            let difference = point - last
            let step = isGeodetic ? Self.step / 111_320 : Self.step
            guard (difference * difference).sum() >= step * step else { return }
        }
        points[next] = point
        next = (next + 1) % Self.length
        count = min(count + 1, Self.length)
    }

    /// The oldest first.
    package var positions: [SIMD2<Double>] {
        (0..<count).map { points[(next + Self.length - count + $0) % Self.length] }
    }
}

/// One space with what is known of its state.
package struct Space: Sendable {
    package var id: UUID
    /// From CONNECT_ACK.
    package var info: SpaceInfo?
    /// The newest version seen anywhere since the versions began (anew); nil before any.
    package var stateVersion: UInt64?
    package var entities = 0
    package var updates = 0
    /// The coordinate system of the last address.
    package var coordinates: CoordinateSystem.Kind?
    /// Entities that the state has.
    var stated: Set<Int> = []
    /// How often the versions began anew.
    var chain = VersionChain()
    /// The newest full state: a delta from before it tells nothing any more.
    var fullVersion: UInt64?
    /// What positions in its own coordinate system are counted from.
    var frame = FrameTag.plain
    /// A box inside its bounds: what is in it needs no closer look.
    var core = AxisBox.everything
    /// Regions by their id (BOUND_UPDATE).
    package private(set) var regions: [UUID: BoundUpdate] = [:]
    /// The message that told of each last, from 1.
    private var regionMessages: [UUID: Int] = [:]

    /// Regions that are kept in one space; the quarter that nothing was heard of longest makes room for others.
    static let regionLimit = 4096

    init(id: UUID) { self.id = id }

    /// Takes in a region; returns how many made room for it.
    mutating func bound(_ update: BoundUpdate, message: Int) -> Int {
        defer {
            regions[update.regionID] = update
            regionMessages[update.regionID] = message
        }
        guard regions.count >= Self.regionLimit, regions[update.regionID] == nil else { return 0 }
        let before = regions.count
        let bound = regionMessages.values.sorted()[before / 4]
        regionMessages = regionMessages.filter { $0.value > bound }
        regions = regions.filter { regionMessages[$0.key] != nil }
        return before - regions.count
    }

    package var name: String? { info.flatMap { $0.name.isEmpty ? nil : $0.name } }
    /// The name, or the first digits of the id.
    package var label: String { name ?? String(id.description.prefix(8)) }
}
