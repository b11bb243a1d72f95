/// A whole message by value: what is written, and what reading gives where speed does not matter.
public struct Message: Hashable, Sendable {
    public enum Body: Hashable, Sendable {
        case payload(Payload)
        /// Sealed octets (flag ENCRYPTED), as they are on the wire.
        case sealed([UInt8])
        /// One segment of a larger whole, or a compressed whole (flag DATA), as it is on the wire.
        case segment([UInt8])

        func encoded() -> [UInt8] {
            switch self {
            case .payload(let payload): payload.encoded()
            case .sealed(let octets), .segment(let octets): octets
            }
        }
    }

    public var header: MessageHeader
    public var address: SpatialAddress?
    public var extensions: [ExtensionHeader]
    public var multicast: MulticastForm?
    public var data: DataForm?
    public var body: Body
    /// 16 octets, with flag SIGNED.
    public var signature: [UInt8]?
    /// Octets that the payload's length takes at least; over 1 only to repeat a sender's longer form.
    public var payloadLengthWidth = 1

    /// The flags that announce a part follow from the parts; `header.flags` needs to hold only the others.
    public init(
        header: MessageHeader, address: SpatialAddress? = nil, extensions: [ExtensionHeader] = [],
        multicast: MulticastForm? = nil, data: DataForm? = nil, body: Body, signature: [UInt8]? = nil
    ) {
        self.header = header
        self.address = address
        self.extensions = extensions
        self.multicast = multicast
        self.data = data
        self.body = body
        self.signature = signature
        if address != nil { self.header.flags.insert(.address) }
        if !extensions.isEmpty { self.header.flags.insert(.extensions) }
        if multicast != nil { self.header.flags.insert(.multicast) }
        if data != nil { self.header.flags.insert(.data) }
        if signature != nil { self.header.flags.insert(.signed) }
        if case .sealed = body { self.header.flags.insert(.encrypted) }
    }

    /// Whose it is where a server mirrored it; nil where it is its sender's own.
    public var origin: Origin? { Origin(in: extensions) }

    /// Decodes the message that begins at the first of `octets` and says how many octets it took.
    public static func decode(_ octets: UnsafeRawBufferPointer) throws(DecodeError) -> (message: Message, size: Int) {
        let envelope = try Envelope.decode(octets)
        if let error = envelope.checksumError(octets) { throw error }
        let raw = Array(octets[envelope.payload])
        let body: Body
        if envelope.header.flags.contains(.encrypted) {
            body = .sealed(raw)
        } else if let data = envelope.data, !data.isWhole || data.compression != .none {
            if data.isWhole { try Self.check(raw, data.compression, envelope) }
            body = .segment(raw)
        } else {
            body = .payload(try Payload.decode(envelope.header.type, octets, range: envelope.payload))
        }
        var message = Message(
            header: envelope.header, address: envelope.address, extensions: envelope.extensions,
            multicast: envelope.multicast, data: envelope.data, body: body,
            signature: envelope.signatureOffset.map { Array(octets[$0..<$0 + Envelope.signatureSize]) })
        if envelope.payloadLengthWidth > WireWriter.varintSize(UInt64(raw.count)) {
            message.payloadLengthWidth = envelope.payloadLengthWidth
        }
        return (message, envelope.size)
    }

    /// A compressed whole is kept as it is, and still has to hold a payload.
    private static func check(
        _ whole: [UInt8], _ compression: Compression, _ envelope: Envelope
    ) throws(DecodeError) {
        let place = envelope.payload.lowerBound
        let content: [UInt8]
        do throws(DecodeError) {
            content = try compression.decompress(whole, limit: WireLimits.defaultMessageSize)
        } catch {
            throw DecodeError(error.reason, at: place + error.offset, error.detail)
        }
        do throws(DecodeError) {
            _ = try content.withOctets { (content) throws(DecodeError) in
                try Payload.decode(envelope.header.type, content, range: 0..<content.count)
            }
        } catch {
            throw error.inContent(ofPayloadAt: place)
        }
    }

    /// Decodes every message of a datagram. Offsets in errors count from the first octet of the message at fault.
    public static func decodeDatagram(_ octets: UnsafeRawBufferPointer) throws(DecodeError) -> [Message] {
        var messages: [Message] = []
        var offset = 0
        repeat {
            let rest = UnsafeRawBufferPointer(rebasing: octets[offset...])
            if let error = Self.leftOver(rest.count, messageCount: messages.count) { throw error }
            let (message, size) = try decode(rest)
            messages.append(message)
            offset += size
        } while offset < octets.count
        return messages
    }

    /// What is left behind whole messages and too short for a header is no truncated message (profile section 2).
    public static func leftOver(_ count: Int, messageCount: Int) -> DecodeError? {
        guard messageCount > 0, count > 0, count < WireLimits.headerSize else { return nil }
        return DecodeError(.octetsAfterLastMessage, at: 0, "\(count) octets")
    }

    /// Everything before the payload's length: with the length, payload, signature and checksum it is the message.
    /// It is what sealing authenticates beside the payload (profile section 8).
    public func encodedPrefix() -> [UInt8] {
        var writer = WireWriter()
        encodePrefix(into: &writer)
        return writer.octets
    }

    private func encodePrefix(into writer: inout WireWriter) {
        header.encode(into: &writer)
        address?.encode(into: &writer)
        if header.flags.contains(.extensions) { writer.list(extensions) { $1.encode(into: &$0) } }
        multicast?.encode(into: &writer)
        data?.encode(into: &writer)
    }

    /// Everything before the signature.
    public func encodedBeforeSignature() -> [UInt8] {
        var writer = WireWriter()
        encodePrefix(into: &writer)
        let payload = body.encoded()
        writer.varint(UInt64(payload.count), width: payloadLengthWidth)
        writer.octets.append(contentsOf: payload)
        return writer.octets
    }

    /// The octets of the message; the checksum is computed where the flag CHECKSUM asks for one.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.octets = encodedBeforeSignature()
        if let signature { writer.octets.append(contentsOf: signature) }
        if header.flags.contains(.checksum) { writer.u32(writer.octets.withUnsafeBytes { crc32c($0) }) }
        return writer.octets
    }
}
