/// A SPATIAL_UPDATE in its usual shape, whole and well-formed: one entity, an address whose coordinate system is
/// CARTESIAN without parameters, without orientation and frame, and nothing that another flag would bring.
///
/// Nearly every message of a capture has this shape, so it has a short way of its own: one look at the length, then
/// places that do not move. `Envelope` and `Payload` say the same of such a message, and everything of any other.
package struct PlainUpdate: Equatable, Sendable {
    package let header: MessageHeader
    package let spaceID: UUID
    /// Metres, of the address.
    package let precision: Float
    /// Milliseconds since the Unix epoch, of the address.
    package let timestamp: UInt64
    package let update: EntityUpdate
    /// Octets of the whole message.
    package let size: Int

    /// Where things lie in such a message, from its first octet.
    private enum Place {
        static let address = WireLimits.headerSize
        static let spaceID = address + 1
        static let coordinateSystem = spaceID + 16
        static let position = coordinateSystem + 2
        static let orientation = position + 24
        static let precision = orientation + 1
        static let confidence = precision + 4
        static let timestamp = confidence + 4
        static let referenceFrame = timestamp + 8
        static let payloadLength = referenceFrame + 1
        /// With a length of one octet.
        static let payload = payloadLength + 1
    }

    /// A count of one octet, and an update without its optional parts.
    private static let smallestPayload = 1 + EntityUpdate.smallestSize
    /// The largest length that is written in one octet; with both optional parts a payload is longer.
    private static let largestPayload = 63

    /// Version 1, SPATIAL_UPDATE, the flag ADDRESS; RELIABLE, ORDERED and PRIORITY may be set, because they change nothing
    /// about the octets.
    private static let start: UInt32 = 0x0110_0001
    private static let startMask: UInt32 = 0xFFFF_F27F

    /// Nil for every message of another shape and for every one that is not well-formed.
    package init?(_ octets: UnsafeRawBufferPointer) {
        guard octets.count >= Place.payload + Self.smallestPayload else { return nil }
        let reader = WireReader(octets, range: 0..<octets.count, recorder: NoRecorder())
        let precision = reader.float(at: Place.precision)
        let confidence = reader.float(at: Place.confidence)
        guard reader.load(UInt32.self, at: 0) & Self.startMask == Self.start,
            reader.load(UInt8.self, at: Place.address) == SpatialAddress.version,
            reader.load(UInt16.self, at: Place.coordinateSystem) == 0,
            reader.isFinite(doubles: 3, at: Place.position), reader.load(UInt8.self, at: Place.orientation) == 0,
            precision >= 0, precision.isFinite, confidence >= 0, confidence <= 1,
            reader.load(UInt8.self, at: Place.referenceFrame) == 0
        else { return nil }
        let length = Int(reader.load(UInt8.self, at: Place.payloadLength))
        let end = Place.payload + length
        guard length >= Self.smallestPayload, length <= Self.largestPayload, end <= octets.count,
            reader.load(UInt8.self, at: Place.payload) == 1
        else { return nil }
        var payload = WireReader(octets, range: Place.payload + 1..<end, recorder: NoRecorder())
        guard let update = EntityUpdate(wellFormedFrom: &payload), payload.remaining == 0,
            let header = MessageHeader.peek(octets)
        else { return nil }
        self.header = header
        spaceID = reader.uuid(at: Place.spaceID)
        self.precision = precision
        timestamp = reader.load(UInt64.self, at: Place.timestamp)
        self.update = update
        size = end
    }
}
