import SpatioWire
import Testing

@Suite("A message that was written")
struct RoundTripTests {
    /// Messages of one type, in every form that chance makes of them.
    static let messagesOfEachType = 60

    @Test("reads as itself", arguments: 1...8 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        for type in RandomValues.types {
            for number in 0..<Self.messagesOfEachType {
                let message = random.message(type)
                let octets = message.encoded()
                let place: Comment = "seed \(seed), \(type) \(number): \(hexadecimalText(octets))"
                let decoded = try #require(try? decodeMessage(octets), place)
                #expect(decoded == message, place)
                #expect(decoded.encoded() == octets, place)
                #expect(MessageDissector.dissect(octets).error == nil, place)
            }
        }
    }

    @Test("in a batch is found behind the one before it")
    func batch() throws {
        var random = RandomValues(seed: 9)
        let messages = RandomValues.types.map { random.message($0) }
        let octets = messages.flatMap { $0.encoded() }
        #expect(try decodeDatagram(octets) == messages)
        #expect(dissectDatagram(octets).maps.count == messages.count)
    }

    @Test("carries the payload's own type", arguments: RandomValues.types)
    func payloadType(of type: MessageType) {
        var random = RandomValues(seed: 10)
        #expect(random.payload(type).type == (type.isKnown ? type : nil))
    }

    @Test("has the flags of its parts")
    func flags() {
        let header = MessageHeader(type: .ping, streamID: 0, sequence: 0, timestamp: 0)
        var random = RandomValues(seed: 11)
        let message = Message(
            header: header, address: random.address(), extensions: [random.extensionHeader()],
            multicast: MulticastForm(groupID: .zero, routing: .flood),
            data: DataForm(compression: .none, totalSize: 16, segmentOffset: 0, segmentSize: 16, lastSegment: true),
            body: .sealed(Array(repeating: 0, count: 16)), signature: Array(repeating: 0, count: 16))
        #expect(message.header.flags.names == ["ADDRESS", "DATA", "EXTENSIONS", "MULTICAST", "SIGNED", "ENCRYPTED"])
        #expect(message.header.flags.priority == .medium)
    }

    @Test("gives the parts that signing and sealing work on")
    func parts() throws {
        var random = RandomValues(seed: 12)
        for type in RandomValues.types {
            let message = random.message(type)
            let octets = message.encoded()
            let envelope = try decodeEnvelope(octets)
            let prefix = envelope.payload.lowerBound - envelope.payloadLengthWidth
            #expect(message.encodedPrefix() == Array(octets[..<prefix]))
            #expect(message.encodedBeforeSignature() == Array(octets[..<envelope.payload.upperBound]))
        }
    }

    @Test("is read without its payload by the fast way as by the slow one")
    func fastUpdates() throws {
        var random = RandomValues(seed: 13)
        var updates: [EntityUpdate] = []
        for _ in 0..<200 {
            let expected = random.list(upTo: 5) { $0.update() }
            let message = Message(
                header: MessageHeader(type: .spatialUpdate, streamID: 1, sequence: 0, timestamp: 0),
                address: random.address(), body: .payload(.spatialUpdate(SpatialUpdate(updates: expected))))
            let octets = message.encoded()
            let envelope = try decodeEnvelope(octets)
            #expect(envelope.address == message.address)
            updates.removeAll(keepingCapacity: true)
            try octets.withOctets { (octets) throws(DecodeError) in
                try SpatialUpdate.decode(payload: envelope.payload, of: octets, into: &updates)
            }
            #expect(updates == expected)
        }
    }
}
