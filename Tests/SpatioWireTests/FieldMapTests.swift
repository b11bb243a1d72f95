import SpatioWire
import Testing

@Suite("The field map")
struct FieldMapTests {
    @Test("of a well-formed message has a leaf for each of its octets", arguments: Vectors.messages)
    func coverage(of sample: Sample) {
        let map = MessageDissector.dissect(sample.octets)
        #expect(map.contradiction == nil)
        #expect(map.uncoveredOctets == [])
    }

    @Test("of a random message has a leaf for each of its octets", arguments: 20...24 as ClosedRange<UInt64>)
    func randomCoverage(seed: UInt64) {
        var random = RandomValues(seed: seed)
        for type in RandomValues.types {
            for _ in 0..<40 {
                let octets = random.message(type).encoded()
                let map = MessageDissector.dissect(octets)
                let place: Comment = "seed \(seed), \(type): \(hexadecimalText(octets))"
                #expect(map.contradiction == nil, place)
                #expect(map.uncoveredOctets == [], place)
            }
        }
    }

    @Test("leaves the octets behind the message alone")
    func octetsBehind() throws {
        let octets = try #require(Vectors.messages.first).octets
        let map = MessageDissector.dissect(octets + [1, 2, 3])
        #expect(map.error == nil)
        #expect(map.message == octets)
    }

    @Test("finds the innermost field of an octet, and the octets of a field")
    func links() throws {
        // PING: ping_id 21 to 24, the count of streams 25, stream_id 26, next_sequence 30, checksum 34.
        let ping = Ping(pingID: 7, streams: [.init(streamID: 1, nextSequence: 9)])
        let message = Message(
            header: MessageHeader(type: .ping, flags: .checksum, streamID: 0, sequence: 0, timestamp: 0),
            body: .payload(.ping(ping)))
        let map = MessageDissector.dissect(message.encoded())
        func name(at offset: Int) -> String? {
            map.innermostField(at: offset, in: .message).map { map.fields[$0].name }
        }
        #expect(name(at: 0) == "version")
        #expect(name(at: 1) == "type")
        #expect(name(at: 20) == "payload_length")
        #expect(name(at: 24) == "ping_id")
        #expect(name(at: 25) == "streams_count")
        #expect(name(at: 33) == "next_sequence")
        #expect(map.innermostField(at: 38, in: .message) == nil)
        #expect(map.innermostField(at: 0, in: .content) == nil)
        let field = try #require(map.fields.first { $0.name == "next_sequence" })
        #expect(Array(map.octets(of: field)) == [0, 0, 0, 9])
    }

    @Test("has the elements of a list as the children of its array, and nothing else")
    func elements() throws {
        var random = RandomValues(seed: 25)
        let update = SpatialUpdate(updates: [random.update(), random.update()])
        let message = Message(
            header: MessageHeader(type: .spatialUpdate, streamID: 1, sequence: 0, timestamp: 0),
            address: random.address(), body: .payload(.spatialUpdate(update)))
        let map = MessageDissector.dissect(message.encoded())
        let array = try #require(map.fields.firstIndex { $0.name == "updates" })
        #expect(map.fields[array].value == .array(count: 2))
        #expect(map.children(of: array).map { map.fields[$0].value } == [.object, .object])
        #expect(map.value("payload", "updates", "1", "entity_id") == .uuid(update.updates[1].entityID))
    }

    @Test("shows a checksum that is wrong, and everything else")
    func wrongChecksum() throws {
        let vector = try #require(Vectors.all.malformed.first { $0.name == "checksum-wrong" })
        let map = MessageDissector.dissect(vector.datagram.octets)
        #expect(map.error?.reason == .checksum)
        #expect(try JSON(map)["checksum_ok"] == .boolean(false))
        #expect(map.value("payload", "ping_id") == .unsigned(0x4D))
    }

    @Test("of an unknown type shows its octets raw")
    func unknownType() throws {
        let vector = try #require(Vectors.all.valid.first { $0.name == "unknown-type" })
        let json = try JSON(MessageDissector.dissect(try #require(vector.datagrams.first).octets))
        #expect(json["type"] == .unsigned(122))
        #expect(json["raw"] == .string("010203"))
        #expect(json["payload"] == nil)
    }

    @Test("of a sealed message shows what was opened, with places that count in it")
    func opened() throws {
        let ping = Payload.ping(Ping(pingID: 5)).encoded()
        let sealed = Message(
            header: MessageHeader(type: .ping, streamID: 0, sequence: 0, timestamp: 0),
            body: .sealed(Array(repeating: 0xEE, count: ping.count + Envelope.sealSize))
        ).encoded()
        #expect(MessageDissector.dissect(sealed).value("payload") == .null)
        #expect(MessageDissector.dissect(sealed).value("sealed") == .octets)
        var context = MessageDissector.Context()
        context.opened = ping
        let map = MessageDissector.dissect(sealed, context: context)
        #expect(map.error == nil)
        #expect(map.contradiction == nil)
        #expect(map.uncoveredOctets == [])
        #expect(try JSON(map)["sealed"] == nil)
        let field = try #require(map.fields.first { $0.name == "ping_id" })
        #expect(field.buffer == .opened && field.octets == 0..<4)
        context.opened = Array(ping.dropLast())
        // The payload begins at 21; its last octet, the count of streams, is missing.
        #expect(MessageDissector.dissect(sealed, context: context).error?.offset == 25)
    }

    @Test("of the last segment says why the whole could not be put together")
    func failedReassembly() throws {
        let vector = try #require(Vectors.all.valid.first { $0.name == "segmented-lz4" })
        var context = MessageDissector.Context()
        context.reassembled = (3, .failure(DecodeError(.compression, at: 4, "not LZ4")))
        let map = MessageDissector.dissect(try #require(vector.datagrams.last).octets, context: context)
        #expect(map.error == DecodeError(.compression, at: 34, "octet 4 of the content: not LZ4"))
        let json = try JSON(map)["reassembled"]
        #expect(json?["payload"] == .null)
        #expect(json?["undecoded"] == .string("compression at octet 4: not LZ4"))
    }

    @Test("records so many fields and no more, but still checks the rest")
    func limit() throws {
        let roles = Array(repeating: PeerRole.relay, count: WireLimits.recordedFields + 1000)
        var peer = PeerConfig(
            peerID: .zero, capabilities: .init(spatialRange: 1, maxConnections: 1, bandwidth: 1, roles: roles),
            discoveryMode: .broadcast)
        let header = MessageHeader(type: .peerDiscover, streamID: 0, sequence: 0, timestamp: 0)
        let map = MessageDissector.dissect(Message(header: header, body: .payload(.peerDiscover(peer))).encoded())
        #expect(map.error == nil)
        #expect(map.fields.count <= 2 * WireLimits.recordedFields)
        #expect(map.unrecordedFields > 1000)
        #expect(map.contradiction == nil)
        peer.relayConfig = RelayConfig(relayID: .zero, endpoint: "", ttl: 0)
        var octets = Message(header: header, body: .payload(.peerDiscover(peer))).encoded()
        // The octet that says whether there is a relay_config: behind it stand the identifier, a length and the ttl.
        octets[octets.count - 19] = 2
        #expect(MessageDissector.dissect(octets).error?.reason == .boolean)
    }
}
