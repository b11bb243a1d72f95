import SpatioSession
import SpatioWire

/// What is doubtful about an entity as it was told of last. A finding is due when a doubt arises, and not again before
/// it was gone: one excursion is one finding.
struct EntityDoubts: OptionSet, Equatable, Sendable {
    let rawValue: UInt8

    /// It moved faster than anything explains.
    static let leapt = EntityDoubts(rawValue: 1)
    /// The length of its orientation is not 1.
    static let crooked = EntityDoubts(rawValue: 2)
    /// It is outside the bounds of its space.
    static let outside = EntityDoubts(rawValue: 4)
    /// The length of the orientation in its state is not 1.
    static let crookedState = EntityDoubts(rawValue: 8)
}

/// One entity update with what its message says of it.
struct Sighting {
    let update: EntityUpdate
    /// Metres.
    let precision: Float
    /// The sender's time of the address, milliseconds since the Unix epoch.
    let stamp: UInt64
    /// The sender's time of the message, microseconds since the Unix epoch.
    let sent: UInt64
    /// Index of the stream that it came on.
    let stream: Int
    /// Capture time, nanoseconds since the Unix epoch.
    let time: Int64
    let coordinates: CoordinateSystem.Kind
    let frame: FrameTag
    /// A client tells of it; what a server tells depends on who is interested.
    let isClients: Bool

    @inline(__always)
    init(_ message: PlainUpdate, stream: Int, from direction: Direction, time: Int64) {
        update = message.update
        precision = message.precision
        stamp = message.timestamp
        sent = message.sent
        self.stream = stream
        self.time = time
        coordinates = .cartesian
        frame = .plain
        isClients = direction == .client
    }

    init(_ update: EntityUpdate, _ address: SpatialAddress, _ context: Meaning) {
        self.update = update
        precision = address.precision
        stamp = address.timestamp
        sent = context.header.timestamp
        stream = context.stream
        time = context.arrival.time
        coordinates = address.coordinateSystem.kind
        frame = FrameTag(address.coordinateSystem, frame: address.referenceFrame)
        isClients = context.direction == .client
    }
}

/// What a position is counted from, as a number: positions of the same tag can be compared.
struct FrameTag: Equatable, Sendable {
    private let value: UInt32

    /// CARTESIAN without parameters and without a reference frame.
    static let plain = FrameTag(value: 0)

    private init(value: UInt32) { self.value = value }

    init(_ system: CoordinateSystem, frame: UUID?) {
        if frame == nil, case .cartesian(nil) = system {
            self = .plain
            return
        }
        // FNV-1a over the parts: the same in every process, because it is a part of the model.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ word: UInt64) { hash = mix((hash ^ word) &* 0x100_0000_01B3) }
        func add(_ vector: Vector3) { for part in [vector.x, vector.y, vector.z] { add(part.bitPattern) } }
        func add(_ id: UUID) {
            add(id.high)
            add(id.low)
        }
        add(UInt64(system.kind.rawValue) + 1)
        switch system {
        case .cartesian(let parameters):
            if let parameters {
                add(parameters.origin)
                add(UInt64(parameters.scale.bitPattern))
            }
        case .geodetic: break
        case .relative(let reference, let offset):
            add(reference)
            add(offset)
        case .custom(let type, _): add(UInt64(type))
        }
        if let frame { add(frame) }
        value = UInt32(truncatingIfNeeded: hash) | 1
    }
}

/// The stream that is believed about an entity, and what it told last.
///
/// Several streams tell of the same entity: its own client's, and the server's to every other client, somewhat later and
/// by another clock. Between them it would seem to jump to and fro; so one stream is compared with itself only, and what
/// the others say is not judged: the one that told of the entity first, and another as soon as that has been silent.
struct Witness: Equatable, Sendable {
    /// Nanoseconds of silence after which another stream is believed: more than any interval that is useful for motion.
    static let patience: Int64 = 2_000_000_000

    /// Index of the stream; `UInt32.max` before there is one.
    var stream = UInt32.max
    var precision: Float = 0
    var frame = FrameTag.plain
    var doubts: EntityDoubts = []
    var isClient = false
    var stamp: UInt64 = 0
    var sent: UInt64 = 0
    /// Capture time.
    var time = Int64.min
    var position = Vector3.zero
}
