/// Reads one message into its field map: everything that was understood, also before an error.
public struct MessageDissector {
    /// What the dissector itself cannot know: keys and earlier segments are others' business.
    public struct Context {
        /// Schemas of extensions seen so far.
        public var schemas = ExtensionSchemas()
        /// The payload after it was opened with a key.
        public var opened: [UInt8]?
        /// The whole that this message completes: number of segments, octets after decompression or why there are none.
        public var reassembled: (segments: Int, content: Result<[UInt8], DecodeError>)?
        /// The session's `max_message_size`.
        public var sizeLimit = WireLimits.defaultMessageSize

        public init() {}
    }

    private var map: FieldMap
    private let context: Context
    /// The first octet of the payload in the message.
    private var payloadStart = 0

    /// `octets` begin with the message; octets behind it are left alone.
    public static func dissect(_ octets: [UInt8], context: Context = Context()) -> FieldMap {
        var dissector = MessageDissector(map: FieldMap(message: octets), context: context)
        dissector.run()
        return dissector.map
    }

    private init(map: FieldMap, context: Context) {
        self.map = map
        self.context = context
    }

    private mutating func run() {
        let message = map.message
        message.withUnsafeBytes { octets in
            var reader = WireReader(octets, range: 0..<octets.count, recorder: FieldMapRecorder())
            do throws(DecodeError) {
                let (envelope, fault) = try Envelope.readToPayload(from: &reader, schemas: context.schemas)
                map.fields = reader.recorder.fields
                map.unrecordedFields += reader.recorder.unrecorded
                map.error = fault
                reader.set(offset: envelope.payload.upperBound)
                do throws(DecodeError) {
                    try envelope.readTrailer(from: &reader)
                } catch {
                    // What stands before the cut is still shown.
                    fail(error)
                    payload(of: envelope)
                    return
                }
                map.message = Array(octets[0..<envelope.size])
                if let error = envelope.checksumError(octets) { fail(error) }
                payload(of: envelope)
                trailer(of: envelope, octets)
            } catch {
                reader.recorder.close(downTo: 0, at: reader.offset)
                map.fields = reader.recorder.fields
                map.unrecordedFields += reader.recorder.unrecorded
                map.error = error
            }
        }
    }

    private mutating func payload(of envelope: Envelope) {
        let type = envelope.header.type
        var source = FieldMap.Source.message
        var range = envelope.payload
        payloadStart = range.lowerBound
        if envelope.header.flags.contains(.encrypted) {
            guard let opened = context.opened else {
                append("payload", .null, payloadStart..<payloadStart)
                append("sealed", .octets, range)
                return
            }
            append("sealed", .octets, range, structural: true)
            map.opened = opened
            source = .opened
            range = 0..<opened.count
        }
        guard let data = envelope.data, !data.isWhole || data.compression != .none else {
            decode(type, source, range)
            return
        }
        if data.isWhole {
            decompress(type, data.compression, source, range)
            return
        }
        append("segment", .octets, range, source)
        if let (segments, content) = context.reassembled { reassembled(type, segments, content) }
    }

    private mutating func decompress(
        _ type: MessageType, _ compression: Compression, _ source: FieldMap.Source, _ range: Range<Int>
    ) {
        do throws(DecodeError) {
            let whole = Array(map.octets(of: source)[range])
            map.content = try compression.decompress(whole, limit: context.sizeLimit)
            append("compressed", .octets, range, source, structural: true)
            decode(type, .content, 0..<map.content.count)
        } catch {
            append("compressed", .octets, range, source)
            fail(DecodeError(error.reason, at: payloadStart + error.offset, error.detail))
        }
    }

    private mutating func reassembled(
        _ type: MessageType, _ segments: Int, _ content: Result<[UInt8], DecodeError>
    ) {
        let octets: [UInt8]
        switch content {
        case .success(let whole): octets = whole
        case .failure(let error):
            fail(DecodeError(error.reason, at: payloadStart, error.detail))
            return
        }
        let start = map.fields.count
        append("reassembled", .object, 0..<0, .content)
        append("segments", .unsigned(UInt64(segments)), 0..<0, .content, depth: 1)
        map.content = octets
        map.fields[start].end = octets.count
        append("size", .unsigned(UInt64(octets.count)), 0..<0, .content, depth: 1)
        decode(type, .content, 0..<octets.count, depth: 1)
    }

    /// Decodes a payload that lies in one of the buffers.
    private mutating func decode(
        _ type: MessageType, _ source: FieldMap.Source, _ range: Range<Int>, depth: Int = 0
    ) {
        let octets = map.octets(of: source)
        octets.withUnsafeBytes { octets in
            var reader = WireReader(octets, range: range, recorder: FieldMapRecorder(buffer: source))
            if type.isKnown {
                let token = reader.recorder.begin("payload", .object, at: range.lowerBound, structural: false)
                do throws(DecodeError) {
                    _ = try Payload(type, from: &reader, schemas: context.schemas)
                } catch {
                    reader.recorder.close(downTo: 1, at: reader.offset)
                    fail(inMessage(error, source))
                }
                reader.recorder.end(token, at: range.upperBound)
            } else {
                _ = reader.rest("raw")
            }
            map.unrecordedFields += reader.recorder.unrecorded
            for var field in reader.recorder.fields {
                field.depth += depth
                map.fields.append(field)
            }
        }
    }

    /// The error of a payload with its place in the message. Sealing moves no octet; decompression does.
    private func inMessage(_ error: DecodeError, _ source: FieldMap.Source) -> DecodeError {
        switch source {
        case .message: error
        case .opened: DecodeError(error.reason, at: payloadStart + error.offset, error.detail)
        case .content: error.inContent(ofPayloadAt: payloadStart)
        }
    }

    private mutating func trailer(of envelope: Envelope, _ octets: UnsafeRawBufferPointer) {
        if let place = envelope.signatureOffset {
            append("signature", .octets, place..<place + Envelope.signatureSize)
        }
        if let place = envelope.checksumOffset {
            let stated = UInt32(bigEndian: octets.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            append("checksum", .unsigned(UInt64(stated)), place..<place + 4, structural: true)
            append("checksum_ok", .boolean(envelope.isChecksumValid(octets) == true), place..<place + 4)
        }
    }

    /// The first error is the message's: a wrong checksum explains the rest.
    private mutating func fail(_ error: DecodeError) { if map.error == nil { map.error = error } }

    private mutating func append(
        _ name: String, _ value: FieldValue, _ range: Range<Int>, _ source: FieldMap.Source = .message,
        depth: Int = 0, structural: Bool = false
    ) {
        map.fields.append(
            Field(
                name: name, value: value, start: range.lowerBound, end: range.upperBound, depth: depth, buffer: source,
                isStructural: structural))
    }
}
