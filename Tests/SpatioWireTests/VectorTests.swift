import SpatioWire
import Testing

@Suite("The vectors of another program")
struct VectorTests {
    @Test("are all there")
    func count() {
        #expect(Vectors.all.valid.count == 64)
        #expect(Vectors.all.malformed.count == 36)
    }

    @Test("read as the messages that they stand for", arguments: Vectors.all.valid)
    func meaning(of vector: Vectors.Valid) throws {
        let maps = vector.datagrams.flatMap { dissectDatagram($0.octets).maps }
        try #require(maps.count == vector.messages.count)
        for (map, expected) in zip(maps, vector.messages) {
            #expect(map.error == nil)
            // Sealed payloads are opened with keys, which is not the dissector's business; `decoded` comes on top.
            let hidden: [String] = vector.isSealed ? ["payload", "sealed"] : []
            let found = try JSON(map).withoutEverywhere(["decoded"])
            #expect(found.withoutEverywhere(Set(hidden)) == expected.withoutEverywhere(Set(hidden)))
            if vector.isSealed { #expect(found["payload"] == .null && found["sealed"] != nil) }
        }
    }

    @Test("are written again octet by octet", arguments: Vectors.all.valid)
    func writing(of vector: Vectors.Valid) throws {
        for datagram in vector.datagrams {
            let messages = try decodeDatagram(datagram.octets)
            #expect(hexadecimalText(messages.flatMap { $0.encoded() }) == hexadecimalText(datagram.octets))
        }
    }

    @Test("of one segmented whole give its payload", arguments: Vectors.all.valid.filter { $0.reassembled != nil })
    func reassembly(of vector: Vectors.Valid) throws {
        let envelopes = try vector.datagrams.map { try decodeEnvelope($0.octets) }
        let whole = zip(vector.datagrams, envelopes).flatMap { $0.octets[$1.payload] }
        let compression = try #require(envelopes.first?.data?.compression)
        var context = MessageDissector.Context()
        let content = try compression.decompress(whole, limit: WireLimits.defaultMessageSize)
        context.reassembled = (envelopes.count, .success(content))
        let map = MessageDissector.dissect(try #require(vector.datagrams.last).octets, context: context)
        #expect(map.error == nil)
        #expect(try JSON(map)["reassembled"] == nil)
        let found = try map.reassembled.map { try JSON(map, field: $0) }
        #expect(found?["segments"] == .unsigned(UInt64(vector.datagrams.count)))
        #expect(found?["size"] == .unsigned(UInt64(content.count)))
        #expect(found?["payload"] == vector.reassembled)
    }
}
