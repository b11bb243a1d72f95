/// A SPATIAL_UPDATE in its usual shape, whole and well-formed: one entity, an address whose coordinate system is
/// CARTESIAN without parameters, without orientation and frame, and nothing that another flag would bring.
///
/// Nearly every message of a capture has this shape, so it has a short way of its own: everything is checked once, then
/// each field is loaded where it is used, from a place that does not move. `Envelope` and `Payload` say the same of such
/// a message, and everything of any other. A borrowed view: it is valid as long as its octets.
public struct PlainUpdate {
    @usableFromInline let start: UnsafeRawPointer
    /// Octets of the whole message.
    public let size: Int
    /// Where the tag of the velocity lies; the one of the orientation does not move.
    @usableFromInline let velocityTag: Int

    /// Where things lie in such a message, from its first octet.
    @usableFromInline enum Place {
        @usableFromInline static var spaceID: Int { 21 }
        @usableFromInline static var coordinateSystem: Int { 37 }
        @usableFromInline static var addressPosition: Int { 39 }
        @usableFromInline static var addressOrientation: Int { 63 }
        @usableFromInline static var precision: Int { 64 }
        @usableFromInline static var confidence: Int { 68 }
        @usableFromInline static var timestamp: Int { 72 }
        @usableFromInline static var referenceFrame: Int { 80 }
        @usableFromInline static var payloadLength: Int { 81 }
        @usableFromInline static var count: Int { 82 }
        @usableFromInline static var entityID: Int { 83 }
        @usableFromInline static var kind: Int { 99 }
        @usableFromInline static var position: Int { 101 }
        @usableFromInline static var orientation: Int { 125 }
    }

    /// A count of one octet, and an update without its optional parts.
    private static let smallestPayload = 1 + EntityUpdate.smallestSize
    /// The largest length that is written in one octet; with both optional parts a payload is longer.
    private static let largestPayload = 63

    /// Version 1, SPATIAL_UPDATE, the flag ADDRESS; RELIABLE, ORDERED and PRIORITY may be set, because they change nothing
    /// about the octets.
    private static let firstWord: UInt32 = 0x0110_0001
    private static let firstWordMask: UInt32 = 0xFFFF_F27F

    /// Nil for every message of another shape and for every one that is not well-formed.
    public init?(_ octets: UnsafeRawBufferPointer) {
        guard let start = octets.baseAddress, octets.count >= Place.count + Self.smallestPayload else { return nil }
        let reader = WireReader(octets, range: 0..<octets.count, recorder: NoRecorder())
        let precision = reader.float(at: Place.precision)
        let confidence = reader.float(at: Place.confidence)
        let length = Int(reader.load(UInt8.self, at: Place.payloadLength))
        let end = Place.count + length
        guard reader.load(UInt32.self, at: 0) & Self.firstWordMask == Self.firstWord,
            reader.load(UInt8.self, at: WireLimits.headerSize) == SpatialAddress.version,
            reader.load(UInt16.self, at: Place.coordinateSystem) == 0,
            reader.isFinite(doubles: 3, at: Place.addressPosition),
            reader.load(UInt8.self, at: Place.addressOrientation) == 0,
            precision >= 0, precision.isFinite, confidence >= 0, confidence <= 1,
            reader.load(UInt8.self, at: Place.referenceFrame) == 0,
            length >= Self.smallestPayload, length <= Self.largestPayload, end <= octets.count,
            reader.load(UInt8.self, at: Place.count) == 1, reader.isFinite(doubles: 3, at: Place.position),
            let velocityTag = reader.behindFloats(4, tag: Place.orientation), velocityTag < end,
            reader.behindFloats(3, tag: velocityTag) == end
        else { return nil }
        self.start = start
        self.velocityTag = velocityTag
        size = end
    }

    // All of it lies within the message: that was checked.

    @inlinable @inline(__always)
    func load<T: FixedWidthInteger>(_ type: T.Type, _ place: Int) -> T {
        T(bigEndian: start.loadUnaligned(fromByteOffset: place, as: T.self))
    }

    @inlinable @inline(__always)
    func double(_ place: Int) -> Double { Double(bitPattern: load(UInt64.self, place)) }

    @inlinable @inline(__always)
    func float(_ place: Int) -> Float { Float(bitPattern: load(UInt32.self, place)) }

    @inlinable @inline(__always)
    func uuid(_ place: Int) -> UUID { UUID(high: load(UInt64.self, place), low: load(UInt64.self, place + 8)) }

    public var flags: MessageFlags {
        @inlinable @inline(__always) get { MessageFlags(rawValue: load(UInt16.self, 2)) }
    }
    public var streamID: UInt32 {
        @inlinable @inline(__always) get { load(UInt32.self, 4) }
    }
    public var sequence: UInt32 {
        @inlinable @inline(__always) get { load(UInt32.self, 8) }
    }
    /// Microseconds since the Unix epoch, of the header.
    public var sent: UInt64 {
        @inlinable @inline(__always) get { load(UInt64.self, 12) }
    }
    public var spaceID: UUID {
        @inlinable @inline(__always) get { uuid(Place.spaceID) }
    }
    /// Metres, of the address.
    public var precision: Float {
        @inlinable @inline(__always) get { float(Place.precision) }
    }
    /// 0...1, of the address.
    public var confidence: Float {
        @inlinable @inline(__always) get { float(Place.confidence) }
    }
    /// Milliseconds since the Unix epoch, of the address.
    public var timestamp: UInt64 {
        @inlinable @inline(__always) get { load(UInt64.self, Place.timestamp) }
    }

    public var update: EntityUpdate {
        @inlinable @inline(__always) get {
            EntityUpdate(
                entityID: uuid(Place.entityID), kind: load(UInt16.self, Place.kind),
                position: Vector3(double(Place.position), double(Place.position + 8), double(Place.position + 16)),
                orientation: orientation, velocity: velocity)
        }
    }

    @usableFromInline var orientation: Quaternion? {
        @inlinable @inline(__always) get {
            let place = Place.orientation + 1
            if velocityTag == place { return nil }
            return Quaternion(float(place), float(place + 4), float(place + 8), float(place + 12))
        }
    }

    @usableFromInline var velocity: Vector3f? {
        @inlinable @inline(__always) get {
            let place = velocityTag + 1
            if size == place { return nil }
            return Vector3f(float(place), float(place + 4), float(place + 8))
        }
    }
}
