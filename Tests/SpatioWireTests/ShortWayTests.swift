import SpatioWire
import Testing

/// The quick readers and the description of the same structure have to agree on everything.
@Suite("The short way through a spatial update")
struct ShortWayTests {
    private typealias Outcome = Result<[EntityUpdate], DecodeError>

    private func quick(_ payload: [UInt8]) -> Outcome {
        Result { () throws(DecodeError) in
            var updates: [EntityUpdate] = []
            try payload.withOctets { (octets) throws(DecodeError) in
                try SpatialUpdate.decode(payload: 0..<octets.count, of: octets, into: &updates)
            }
            return updates
        }
    }

    private func described(_ payload: [UInt8]) -> Outcome {
        Result { () throws(DecodeError) in
            let decoded = try payload.withOctets { (octets) throws(DecodeError) in
                try Payload.decode(.spatialUpdate, octets, range: 0..<octets.count)
            }
            guard case .spatialUpdate(let update) = decoded else { return [] }
            return update.updates
        }
    }

    @Test("gives the same updates, wherever the payload lies")
    func updates() throws {
        var random = RandomValues(seed: 30)
        for _ in 0..<200 {
            let expected = random.list(upTo: 5) { $0.update() }
            let message = Message(
                header: MessageHeader(type: .spatialUpdate, streamID: 1, sequence: 0, timestamp: 0),
                address: random.address(), body: .payload(.spatialUpdate(SpatialUpdate(updates: expected))))
            let octets = message.encoded()
            let envelope = try decodeEnvelope(octets)
            #expect(envelope.address == message.address)
            var updates: [EntityUpdate] = []
            try octets.withOctets { (octets) throws(DecodeError) in
                try SpatialUpdate.decode(payload: envelope.payload, of: octets, into: &updates)
            }
            #expect(updates == expected)
        }
    }

    @Test("refuses the same cuts, with the same error")
    func cuts() {
        var random = RandomValues(seed: 31)
        for _ in 0..<20 {
            let payload = Payload.spatialUpdate(SpatialUpdate(updates: [random.update(), random.update()])).encoded()
            for count in 0...payload.count {
                let cut = Array(payload.prefix(count))
                #expect(quick(cut) == described(cut), "\(hexadecimalText(cut))")
            }
        }
    }

    @Test("refuses the same rotten octets, with the same error")
    func corruption() {
        var random = RandomValues(seed: 32)
        for _ in 0..<4000 {
            let updates = random.list { $0.update() }
            var payload = Payload.spatialUpdate(SpatialUpdate(updates: updates)).encoded()
            payload[random.below(payload.count)] = random.pick([0, 1, 2, 0x7F, 0xFF, random.integer(UInt8.self)])
            if random.below(4) == 0 { payload.append(0) }
            #expect(quick(payload) == described(payload), "\(hexadecimalText(payload))")
        }
    }
}
