import CCRC32C

/// Everything of a message but the meaning of its payload: what the flags announce, and where each part lies.
///
/// Reading one allocates nothing for the common forms, so that a capture can be walked at memory speed.
package struct Envelope: Sendable {
    package var header: MessageHeader
    package var address: SpatialAddress?
    package var extensions: [ExtensionHeader]
    package var multicast: MulticastForm?
    package var data: DataForm?
    /// Octets of the payload, counted from the first octet of the message.
    package var payload: Range<Int>
    /// Octets that the payload's length took: 1, 2, 4 or 8.
    package var payloadLengthWidth: Int
    /// The first of the 16 octets of the signature.
    package var signatureOffset: Int?
    package var checksumOffset: Int?
    /// Octets of the whole message.
    package var size: Int

    package static let signatureSize = 16
    /// What sealing adds to a payload: the tag of either cipher suite.
    package static let sealSize = 16

    /// Reads the envelope of the message that begins at the first of `octets`. In a byte stream the reasons `truncated`
    /// and `countPastEnd` say that the rest of the message may be still to come; every other is final.
    package static func decode(_ octets: UnsafeRawBufferPointer) throws(DecodeError) -> Envelope {
        var reader = WireReader(octets, range: 0..<octets.count, recorder: NoRecorder())
        return try Envelope(from: &reader, schemas: nil)
    }

    /// Leaves the reader behind the whole message.
    @inline(__always)
    init<R>(from reader: inout WireReader<R>, schemas: ExtensionSchemas?) throws(DecodeError) {
        header = try MessageHeader(from: &reader)
        let flags = header.flags
        if flags.contains(.address) {
            address = try reader.object("spatial_address") { (reader: inout WireReader<R>) throws(DecodeError) in
                try SpatialAddress(from: &reader)
            }
        } else if header.type == .spatialUpdate {
            throw DecodeError(.updateWithoutAddress, at: 2)
        }
        if flags.contains(.extensions) {
            extensions = try reader.list("extensions", elementSize: ExtensionHeader.smallestSize) {
                (reader: inout WireReader<R>) throws(DecodeError) in
                try reader.object("") { (reader: inout WireReader<R>) throws(DecodeError) in
                    try ExtensionHeader(from: &reader, schemas: schemas)
                }
            }
        } else {
            extensions = []
        }
        if flags.contains(.multicast) {
            multicast = try reader.object("multicast") { (reader: inout WireReader<R>) throws(DecodeError) in
                try MulticastForm(from: &reader)
            }
        }
        if flags.contains(.data) {
            data = try reader.object("data") { (reader: inout WireReader<R>) throws(DecodeError) in
                try DataForm(from: &reader)
            }
        }
        let lengthOffset = reader.offset
        let length = try reader.length()
        payloadLengthWidth = reader.offset - lengthOffset
        guard length <= WireLimits.largestMessage else {
            throw DecodeError(.tooLarge, at: lengthOffset, "a payload of \(length) octets")
        }
        if R.isRecording {
            let token = reader.recorder.begin(
                "payload_length", .unsigned(UInt64(length)), at: lengthOffset, structural: true)
            reader.recorder.end(token, at: reader.offset)
        }
        payload = reader.offset..<reader.offset + length
        if let data { try Self.check(data, payload: payload, isSealed: flags.contains(.encrypted), at: lengthOffset) }
        reader.set(offset: payload.upperBound)
        if flags.contains(.signed) { signatureOffset = try reader.take(Self.signatureSize) }
        if flags.contains(.checksum) { checksumOffset = try reader.take(4) }
        size = reader.offset
    }

    /// `segment_size` equals the payload's length; of a sealed one, without or with the tag.
    private static func check(
        _ data: DataForm, payload: Range<Int>, isSealed: Bool, at lengthOffset: Int
    ) throws(DecodeError) {
        let place = lengthOffset - 3
        let fits =
            payload.count == Int(data.segmentSize) || isSealed && payload.count == Int(data.segmentSize) + sealSize
        guard fits else {
            throw DecodeError(
                .segmentSize, at: place, "segment_size \(data.segmentSize), payload of \(payload.count) octets")
        }
    }

    /// Nil when the message carries no checksum; else whether it is right.
    @inline(__always)
    package func isChecksumValid(_ octets: UnsafeRawBufferPointer) -> Bool? {
        guard let place = checksumOffset, let base = octets.baseAddress else { return nil }
        let stated = UInt32(bigEndian: octets.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        return spatio_crc32c(base, place) == stated
    }

    /// The error of a message whose checksum is wrong.
    package func checksumError(_ octets: UnsafeRawBufferPointer) -> DecodeError? {
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
    package var origin: Origin? {
        guard let header = extensions.first(where: { $0.extensionID == ExtensionID.origin }) else { return nil }
        return try? Origin.decode(header.data)
    }
}

/// CRC-32C (Castagnoli) of some octets.
package func crc32c(_ octets: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = octets.baseAddress else { return 0 }
    return spatio_crc32c(base, octets.count)
}
