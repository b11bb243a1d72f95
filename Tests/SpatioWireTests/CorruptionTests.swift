import SpatioWire
import Testing

@Suite("A message with rotten octets")
struct CorruptionTests {
    /// Mutations of each message.
    static let rounds = 150

    @Test("is read or refused, and dissected without contradiction", arguments: Vectors.messages)
    func corruption(of sample: Sample) throws {
        var random = RandomValues(seed: sample.octets.reduce(0) { $0 &* 31 &+ UInt64($1) })
        for round in 0..<Self.rounds {
            var octets = sample.octets
            for _ in 0..<(1 + random.below(4)) { octets[random.below(octets.count)] = random.integer(UInt8.self) }
            if random.below(8) == 0 { octets.removeLast(random.below(octets.count)) }
            if round.isMultiple(of: 2) { repairChecksum(&octets) }
            try check(octets)
        }
    }

    @Test("behind a good header is read or refused", arguments: RandomValues.types)
    func noise(of type: MessageType) throws {
        var random = RandomValues(seed: 40 + UInt64(type.rawValue))
        var prefix = WireWriter()
        prefix.octets = Message(
            header: MessageHeader(type: type, streamID: 0, sequence: 0, timestamp: 0),
            address: type == .spatialUpdate ? random.address() : nil, body: .payload(.unknown([]))
        ).encodedPrefix()
        for _ in 0..<Self.rounds {
            var writer = prefix
            // Small numbers are what counts, tags and bools look like.
            writer.bytes(random.octets(0..<300).map { random.bool() ? $0 & 3 : $0 })
            try check(writer.octets)
        }
    }

    private func check(_ octets: [UInt8]) throws {
        let text: Comment = "\(hexadecimalText(octets))"
        let map = MessageDissector.dissect(octets)
        #expect(map.contradiction == nil, text)
        let error = decodeError(octets)
        #expect(map.error?.reason == error?.reason, text)
        #expect(map.error?.offset == error?.offset, text)
        if let error { #expect((0...octets.count).contains(error.offset), text) }
        #expect(throws: Never.self, text) { try JSON(map) }
        guard error == nil else { return }
        // What was read is written as something that reads the same; a longer form of a length may have become shorter.
        let message = try decodeMessage(octets)
        #expect(decodeError(message.encoded()) == nil, text)
    }

    /// Makes the checksum right where the envelope can still be read, so that the payload's decoder sees the octets.
    private func repairChecksum(_ octets: inout [UInt8]) {
        guard let place = try? decodeEnvelope(octets).checksumOffset else { return }
        var writer = WireWriter()
        writer.u32(octets[..<place].withUnsafeBytes { crc32c($0) })
        octets.replaceSubrange(place..<place + 4, with: writer.octets)
    }
}
