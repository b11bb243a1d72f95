import CCRC32C

/// Everything of a message but the meaning of its payload: what the flags announce, and where each part lies.
///
/// Reading one allocates nothing for the common forms, so that a capture can be walked at memory speed.
public struct Envelope: Sendable {
    public let header: MessageHeader
    public let address: SpatialAddress?
    /// Octets of the payload, counted from the first octet of the message.
    public let payload: Range<Int>
    /// Octets that the payload's length took: 1, 2, 4 or 8.
    public let payloadLengthWidth: Int
    private let rareParts: RareParts?

    public var extensions: [ExtensionHeader] { rareParts?.extensions ?? [] }
    public var multicast: MulticastForm? { rareParts?.multicast }
    public var data: DataForm? { rareParts?.data }

    /// The first of the 16 octets of the signature.
    public var signatureOffset: Int? { header.flags.contains(.signed) ? payload.upperBound : nil }
    public var checksumOffset: Int? { header.flags.contains(.checksum) ? size - Self.checksumSize : nil }
    /// Octets of the whole message.
    public var size: Int { payload.upperBound + Self.trailerSize(header.flags) }

    /// What few messages have stands apart, so that the envelope of all others is small and quick to copy.
    private final class RareParts: Sendable {
        let extensions: [ExtensionHeader]
        let multicast: MulticastForm?
        let data: DataForm?

        init<R>(
            _ flags: MessageFlags, from reader: inout WireReader<R>, schemas: ExtensionSchemas?
        ) throws(DecodeError) {
            var extensions: [ExtensionHeader] = []
            if flags.contains(.extensions) {
                extensions = try reader.list("extensions", elementSize: ExtensionHeader.smallestSize) {
                    (reader: inout WireReader<R>) throws(DecodeError) in
                    try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                        try ExtensionHeader(from: &reader, schemas: schemas)
                    }
                }
            }
            var multicast: MulticastForm?
            if flags.contains(.multicast) {
                multicast = try reader.object("multicast") { (reader: inout WireReader<R>) throws(DecodeError) in
                    try MulticastForm(from: &reader)
                }
            }
            var data: DataForm?
            if flags.contains(.data) {
                data = try reader.object("data") { (reader: inout WireReader<R>) throws(DecodeError) in
                    try DataForm(from: &reader)
                }
            }
            self.extensions = extensions
            self.multicast = multicast
            self.data = data
        }
    }

    public static let signatureSize = 16
    private static let checksumSize = 4
    /// What sealing adds to a payload: the tag of either cipher suite.
    public static let sealSize = 16

    /// Reads the envelope of the message that begins at the first of `octets`. In a byte stream the reasons `truncated`
    /// and `countPastEnd` say that the rest of the message may be still to come; every other is final.
    public static func decode(_ octets: UnsafeRawBufferPointer) throws(DecodeError) -> Envelope {
        var reader = WireReader(octets, range: 0..<octets.count, recorder: NoRecorder())
        return try read(from: &reader, schemas: nil)
    }

    /// Leaves the reader behind the whole message.
    @inline(__always)
    static func read<R>(
        from reader: inout WireReader<R>, schemas: ExtensionSchemas?
    ) throws(DecodeError) -> Envelope {
        let (envelope, fault) = try readToPayload(from: &reader, schemas: schemas)
        if let fault { throw fault }
        reader.set(offset: envelope.payload.upperBound)
        try envelope.readTrailer(from: &reader)
        return envelope
    }

    /// Octets for the signature and the checksum have to be there.
    @inline(__always)
    func readTrailer<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        _ = try reader.take(Self.trailerSize(header.flags))
    }

    /// Reads up to the payload's first octet. `fault` is what is wrong with a payload of which something can be shown
    /// all the same: it is cut off, and then ends where the octets do, or it is no segment of the stated size.
    @inline(__always)
    static func readToPayload<R>(
        from reader: inout WireReader<R>, schemas: ExtensionSchemas?
    ) throws(DecodeError) -> (envelope: Envelope, fault: DecodeError?) {
        let header = try MessageHeader(from: &reader)
        let flags = header.flags
        let address: SpatialAddress? =
            flags.contains(.address) ? try readAddress(from: &reader) : try noAddress(header)
        var rareParts: RareParts?
        if !flags.isDisjoint(with: [.extensions, .multicast, .data]) {
            rareParts = try RareParts(flags, from: &reader, schemas: schemas)
        }
        let lengthOffset = reader.offset
        var fault: DecodeError?
        var length = 0
        do throws(DecodeError) {
            length = try reader.payloadLength()
        } catch {
            guard let stated = error.stated else { throw error }
            fault = error
            length = reader.remaining
            if R.isRecording { reader.leaf("payload_length", .unsigned(stated), lengthOffset, structural: true) }
        }
        let payload = reader.offset..<reader.offset + length
        if R.isRecording, fault == nil {
            reader.leaf("payload_length", .unsigned(UInt64(length)), lengthOffset, structural: true)
        }
        if let data = rareParts?.data, fault == nil {
            fault = check(data, payload: payload, isSealed: flags.contains(.encrypted), at: lengthOffset)
        }
        let envelope = Envelope(
            header: header, address: address, payload: payload,
            payloadLengthWidth: payload.lowerBound - lengthOffset, rareParts: rareParts)
        return (envelope, fault)
    }

    @inline(__always)
    private static func readAddress<R>(from reader: inout WireReader<R>) throws(DecodeError) -> SpatialAddress {
        if !R.isRecording { return try SpatialAddress(quicklyFrom: &reader) }
        return try reader.object("spatial_address") { (reader: inout WireReader<R>) throws(DecodeError) in
            try SpatialAddress(from: &reader)
        }
    }

    @inline(__always)
    private static func noAddress(_ header: MessageHeader) throws(DecodeError) -> SpatialAddress? {
        guard header.type != .spatialUpdate else { throw DecodeError(.updateWithoutAddress, at: 2) }
        return nil
    }

    private init(
        header: MessageHeader, address: SpatialAddress?, payload: Range<Int>, payloadLengthWidth: Int,
        rareParts: RareParts?
    ) {
        self.header = header
        self.address = address
        self.payload = payload
        self.payloadLengthWidth = payloadLengthWidth
        self.rareParts = rareParts
    }

    /// Octets behind the payload.
    @inline(__always)
    private static func trailerSize(_ flags: MessageFlags) -> Int {
        (flags.contains(.signed) ? signatureSize : 0) + (flags.contains(.checksum) ? checksumSize : 0)
    }

    /// `segment_size` equals the payload's length; of a sealed one, without or with the tag.
    private static func check(
        _ data: DataForm, payload: Range<Int>, isSealed: Bool, at lengthOffset: Int
    ) -> DecodeError? {
        let fits =
            payload.count == Int(data.segmentSize) || isSealed && payload.count == Int(data.segmentSize) + sealSize
        guard !fits else { return nil }
        return DecodeError(
            .segmentSize, at: lengthOffset - 3,
            "segment_size \(data.segmentSize), payload of \(payload.count) octets")
    }

    /// Nil when the message carries no checksum; else whether it is right.
    @inline(__always)
    public func isChecksumValid(_ octets: UnsafeRawBufferPointer) -> Bool? {
        guard let place = checksumOffset, let base = octets.baseAddress else { return nil }
        let stated = UInt32(bigEndian: octets.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        return spatio_crc32c(base, place) == stated
    }

    /// The error of a message whose checksum is wrong.
    public func checksumError(_ octets: UnsafeRawBufferPointer) -> DecodeError? {
        guard let place = checksumOffset, isChecksumValid(octets) == false, let base = octets.baseAddress else {
            return nil
        }
        let stated = UInt32(bigEndian: octets.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        let computed = spatio_crc32c(base, place)
        return DecodeError(
            .checksum, at: place,
            "0x\(String(stated, radix: 16)) stated, 0x\(String(computed, radix: 16)) computed")
    }

    /// The `origin` of a mirrored message.
    public var origin: Origin? { Origin(in: extensions) }
}

/// CRC-32C (Castagnoli) of some octets.
public func crc32c(_ octets: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = octets.baseAddress else { return 0 }
    return spatio_crc32c(base, octets.count)
}
