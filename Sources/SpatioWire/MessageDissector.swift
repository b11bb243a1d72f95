/// Reads one message into its field map: everything that was understood, also before an error.
package struct MessageDissector {
    /// What the dissector itself cannot know: keys and earlier segments are others' business.
    package struct Context {
        /// Schemas of extensions seen so far.
        package var schemas = ExtensionSchemas()
        /// The payload after it was opened with a key.
        package var opened: [UInt8]?
        /// The whole that this message completes: number of segments, octets after decompression or why there are none.
        package var reassembled: (segments: Int, content: Result<[UInt8], DecodeError>)?
        /// The session's `max_message_size`.
        package var sizeLimit = WireLimits.defaultMessageSize

        package init() {}
    }

    private var map: FieldMap
    private let context: Context

    /// `octets` begin with the message; octets behind it are left alone.
    package static func dissect(_ octets: [UInt8], context: Context = Context()) -> FieldMap {
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
                let envelope = try Envelope(from: &reader, schemas: context.schemas)
                map.fields = reader.recorder.fields
                map.unrecordedFields += reader.recorder.unrecorded
                map.message = Array(octets[0..<envelope.size])
                map.error = envelope.checksumError(octets)
                payload(of: envelope, octets)
                trailer(of: envelope, octets)
            } catch {
                reader.recorder.closeAll(at: reader.offset)
                map.fields = reader.recorder.fields
                map.error = error
            }
        }
    }

    private mutating func payload(of envelope: Envelope, _ octets: UnsafeRawBufferPointer) {
        let type = envelope.header.type
        let isSealed = envelope.header.flags.contains(.encrypted)
        if isSealed, context.opened == nil {
            append("payload", .null, envelope.payload.lowerBound..<envelope.payload.lowerBound)
            append("sealed", .octets, envelope.payload)
            return
        }
        let source: FieldMap.Source = isSealed ? .opened : .message
        let range: Range<Int>
        if isSealed {
            map.opened = context.opened ?? []
            range = 0..<map.opened.count
        } else {
            range = envelope.payload
        }
        guard let data = envelope.data, !data.isWhole || data.compression != .none else {
            decode(type, source, range, shift: isSealed ? envelope.payload.lowerBound : 0)
            return
        }
        if data.isWhole {
            do throws(DecodeError) {
                let whole = Array(map.octets(of: source)[range])
                map.content = try data.compression.decompress(whole, limit: context.sizeLimit)
                decode(type, .content, 0..<map.content.count, shift: nil)
            } catch {
                append("compressed", .octets, range, source)
                fail(DecodeError(error.reason, at: envelope.payload.lowerBound + error.offset, error.detail))
            }
            return
        }
        append("segment", .octets, range, source)
        if let (segments, content) = context.reassembled { reassembled(type, segments, content) }
    }

    private mutating func reassembled(
        _ type: MessageType, _ segments: Int, _ content: Result<[UInt8], DecodeError>
    ) {
        let octets: [UInt8]
        switch content {
        case .success(let whole): octets = whole
        case .failure(let error):
            fail(DecodeError(error.reason, at: 0, error.detail))
            return
        }
        let start = map.fields.count
        append("reassembled", .object, 0..<0, .content)
        append("segments", .unsigned(UInt64(segments)), 0..<0, .content, depth: 1)
        map.content = octets
        map.fields[start].end = octets.count
        append("size", .unsigned(UInt64(octets.count)), 0..<0, .content, depth: 1)
        decode(type, .content, 0..<octets.count, shift: nil, depth: 1)
    }

    /// Decodes a payload that lies in one of the buffers. `shift` turns its offsets into the message's; nil where no
    /// octet of the message corresponds.
    private mutating func decode(
        _ type: MessageType, _ source: FieldMap.Source, _ range: Range<Int>, shift: Int?, depth: Int = 0
    ) {
        let octets = map.octets(of: source)
        octets.withUnsafeBytes { octets in
            var recorder = FieldMapRecorder()
            recorder.buffer = source
            var reader = WireReader(octets, range: range, recorder: recorder)
            var failure: DecodeError?
            let isUnknown = !type.isKnown
            if isUnknown {
                _ = reader.rest("raw")
            } else {
                let token = reader.recorder.begin("payload", .object, at: range.lowerBound, structural: false)
                do throws(DecodeError) {
                    _ = try Payload(type, from: &reader, schemas: context.schemas)
                    reader.recorder.end(token, at: range.upperBound)
                } catch {
                    reader.recorder.closeAll(at: reader.offset)
                    reader.recorder.fields[token].end = range.upperBound
                    failure = error
                }
            }
            map.unrecordedFields += reader.recorder.unrecorded
            for var field in reader.recorder.fields {
                field.depth += depth
                map.fields.append(field)
            }
            guard let failure else { return }
            if let shift {
                fail(DecodeError(failure.reason, at: failure.offset + shift, failure.detail))
            } else {
                let detail = "at octet \(failure.offset) of the content" + (failure.detail.map { ": \($0)" } ?? "")
                fail(DecodeError(failure.reason, at: 0, detail))
            }
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
