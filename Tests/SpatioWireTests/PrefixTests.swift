import SpatioWire
import Testing

@Suite("A message that was cut short")
struct PrefixTests {
    /// What a cut looks like: a count of extension headers can lack its elements.
    static let reasons: Set<DecodeError.Reason> = [.truncated, .countPastEnd]

    @Test("is refused, wherever the cut is", arguments: Vectors.messages)
    func refusal(of sample: Sample) throws {
        for count in 0..<sample.octets.count {
            // An array of its own, so that a read behind the cut is one behind the allocation.
            let prefix = Array(sample.octets.prefix(count))
            #expect(throws: DecodeError.self, "\(count) octets") { try decodeEnvelope(prefix) }
            let error = try #require(decodeError(prefix), "\(count) octets")
            #expect(Self.reasons.contains(error.reason), "\(count) octets")
            #expect(error.offset <= count, "\(count) octets")
        }
    }

    @Test("is dissected up to the cut", arguments: Vectors.messages)
    func dissection(of sample: Sample) throws {
        let whole = try JSON(MessageDissector.dissect(sample.octets))
        // Every octet of the header and of the address, and then some of the payload.
        let cuts = Array(0..<min(sample.octets.count, 140)) + Array(stride(from: 140, to: sample.octets.count, by: 31))
        for count in cuts {
            let map = MessageDissector.dissect(Array(sample.octets.prefix(count)))
            #expect(map.error.map { Self.reasons.contains($0.reason) } == true, "\(count) octets")
            #expect(map.contradiction == nil, "\(count) octets")
            let json = try JSON(map)
            for (key, end) in [("type", 2), ("flags", 4), ("stream_id", 8), ("sequence", 12), ("timestamp", 20)] {
                #expect(json[key] == (count >= end ? whole[key] : nil), "\(key) of \(count) octets")
            }
        }
    }

    @Test("shows as much of its payload as was understood")
    func partOfPayload() throws {
        let vector = try #require(Vectors.all.malformed.first { $0.name == "position-nan" })
        let json = try JSON(MessageDissector.dissect(vector.datagram.octets))
        #expect(json["spatial_address"]?["confidence"] != nil)
        let update = json["payload"]?["updates"]?[0]
        #expect(update?["entity_id"] == .string("f6370290-1191-4eb0-814b-b290a5366789"))
        #expect(update?["kind"] == .unsigned(1))
        #expect(update?["position"] == nil)
        #expect(json["checksum_ok"] == .boolean(true))
    }
}
