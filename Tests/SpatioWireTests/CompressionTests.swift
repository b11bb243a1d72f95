import SpatioWire
import Testing

@Suite("Compression")
struct CompressionTests {
    static let methods: [Compression] = [.lz4, .zstd]

    @Test("gives back what went in", arguments: Compression.allCases, [0, 1, 63, 64, 5000, 100_000])
    func roundTrip(compression: Compression, size: Int) throws {
        var random = RandomValues(seed: 60)
        let noise = random.octets(size..<size + 1)
        let pattern = (0..<size).map { UInt8($0 % 7) }
        for content in [noise, pattern] {
            let compressed = compression.compress(content)
            #expect(try compression.decompress(compressed, limit: WireLimits.defaultMessageSize) == content)
        }
        if compression != .none, size >= 5000 { #expect(compression.compress(pattern).count < size / 10) }
    }

    @Test("refuses more than the session allows, whatever the content", arguments: methods)
    func limit(compression: Compression) throws {
        let compressed = compression.compress(Array(repeating: 0, count: 1001))
        #expect(try compression.decompress(compressed, limit: 1001).count == 1001)
        let error = #expect(throws: DecodeError.self) { try compression.decompress(compressed, limit: 1000) }
        #expect(error?.reason == .uncompressedSize)
        #expect(error?.offset == 0)
    }

    @Test("refuses more than 16 MiB, whatever the limit", arguments: methods)
    func absoluteLimit(compression: Compression) {
        var bomb = WireWriter()
        bomb.varint(UInt64(WireLimits.largestMessage) + 1)
        #expect(reason(compression, bomb.octets, limit: .max) == .uncompressedSize)
        bomb.octets = []
        bomb.varint(1 << 62 - 1)
        #expect(reason(compression, bomb.octets, limit: .max) == .uncompressedSize)
    }

    @Test("refuses a size that is not that of the content", arguments: methods, [0, 99, 101, 5000])
    func wrongSize(compression: Compression, size: Int) {
        let compressed = compression.compress((0..<100).map { UInt8($0 & 3) })
        // 100 is written in two octets.
        var changed = WireWriter()
        changed.varint(UInt64(size), width: 2)
        changed.octets += compressed[2...]
        #expect(reason(compression, changed.octets) == .compression)
    }

    @Test("refuses what is cut short, at every octet", arguments: methods)
    func cut(compression: Compression) {
        var random = RandomValues(seed: 61)
        let compressed = compression.compress(random.octets(40..<41) + Array(repeating: 9, count: 200))
        for count in 0..<compressed.count {
            let reason = reason(compression, Array(compressed.prefix(count)))
            #expect(reason == .compression || reason == .truncated && count < 2, "\(count) octets")
        }
    }

    @Test("reads or refuses garbage", arguments: methods)
    func garbage(compression: Compression) {
        var random = RandomValues(seed: 62)
        let good = compression.compress((0..<300).map { UInt8($0 & 15) })
        for _ in 0..<500 {
            var octets = random.bool() ? good : random.octets()
            for _ in 0..<random.below(5) where !octets.isEmpty {
                octets[random.below(octets.count)] = random.integer(UInt8.self)
            }
            // Whatever comes out, it has the size that was announced.
            guard let content = try? compression.decompress(octets, limit: 1 << 16) else { continue }
            #expect(content.count <= 1 << 16)
        }
    }

    @Test("of a whole message is looked through by the dissector, and kept by the message", arguments: methods)
    func wholeMessage(compression: Compression) throws {
        let payload = Payload.disconnect(
            Disconnect(category: .none, code: .timeout, reason: String(repeating: "late ", count: 50)))
        let octets = message(compression, compression.compress(payload.encoded())).encoded()
        let map = MessageDissector.dissect(octets)
        #expect(map.error == nil)
        #expect(map.content == payload.encoded())
        #expect(map.value("payload", "code") == .named("TIMEOUT", raw: 0x33))
        #expect(try decodeMessage(octets).body == .segment(compression.compress(payload.encoded())))
        // A session may have agreed on less.
        var context = MessageDissector.Context()
        context.sizeLimit = 100
        #expect(MessageDissector.dissect(octets, context: context).error?.reason == .uncompressedSize)
    }

    @Test("of a payload that is malformed tells the place in the content", arguments: methods)
    func malformedContent(compression: Compression) throws {
        // category, code, and a length of 9 with nothing behind it
        let octets = message(compression, compression.compress([0, 0, 9])).encoded()
        let error = try #require(decodeError(octets))
        #expect(error.reason == .truncated)
        #expect(error.offset == 33)
        #expect(error.detail?.hasPrefix("octet 2 of the content") == true)
        #expect(MessageDissector.dissect(octets).error == error)
    }

    private func message(_ compression: Compression, _ whole: [UInt8]) -> Message {
        Message(
            header: MessageHeader(type: .disconnect, streamID: 0, sequence: 0, timestamp: 0),
            data: DataForm(
                compression: compression, totalSize: UInt32(whole.count), segmentOffset: 0,
                segmentSize: UInt16(whole.count), lastSegment: true),
            body: .segment(whole))
    }

    private func reason(
        _ compression: Compression, _ octets: [UInt8], limit: Int = WireLimits.defaultMessageSize
    ) -> DecodeError.Reason? {
        do throws(DecodeError) {
            _ = try compression.decompress(octets, limit: limit)
            return nil
        } catch {
            return error.reason
        }
    }
}
