import SpatioWire
import Testing

/// What `PlainUpdate` takes it has to read as the general way reads it; what it does not take it may leave.
@Suite("A plain update")
struct PlainUpdateTests {
    /// Copies of its fields.
    private struct Fields {
        let flags: MessageFlags
        let streamID, sequence: UInt32
        let sent, timestamp: UInt64
        let spaceID: UUID
        let precision: Float
        let update: EntityUpdate
        let size: Int

        init(_ message: PlainUpdate) {
            flags = message.flags
            streamID = message.streamID
            sequence = message.sequence
            sent = message.sent
            timestamp = message.timestamp
            spaceID = message.spaceID
            precision = message.precision
            update = message.update
            size = message.size
        }
    }

    private func plain(_ octets: [UInt8]) -> Fields? {
        octets.withUnsafeBytes { PlainUpdate($0).map(Fields.init) }
    }

    private func message(_ random: inout RandomValues) -> Message {
        let flags: MessageFlags = [random.pick([[], .reliable, .ordered, [.reliable, .ordered]])]
        let hasOrientation = random.bool()
        return Message(
            header: MessageHeader(
                type: .spatialUpdate, flags: flags, streamID: random.integer(UInt32.self),
                sequence: random.integer(UInt32.self), timestamp: random.integer(UInt64.self),
                priority: random.any(Priority.self)),
            address: SpatialAddress(
                spaceID: random.uuid(), position: random.vector3(), precision: random.float().magnitude,
                confidence: random.share(), timestamp: random.integer(UInt64.self)),
            body: .payload(
                .spatialUpdate(
                    SpatialUpdate(updates: [
                        EntityUpdate(
                            entityID: random.uuid(), kind: random.integer(UInt16.self), position: random.vector3(),
                            orientation: hasOrientation ? random.quaternion() : nil,
                            velocity: hasOrientation ? nil : random.maybe { $0.vector3f() })
                    ]))))
    }

    /// That the general way says the same of the octets.
    private func expectSame(_ plain: Fields, _ octets: [UInt8]) {
        let general = try? octets.withOctets { (octets) throws(DecodeError) in try Message.decode(octets) }
        guard let (message, size) = general, case .payload(.spatialUpdate(let content)) = message.body else {
            Issue.record("the general way refuses \(hexadecimalText(octets))")
            return
        }
        #expect(message.header.type == .spatialUpdate)
        #expect(plain.flags == message.header.flags)
        #expect(plain.streamID == message.header.streamID)
        #expect(plain.sequence == message.header.sequence)
        #expect(plain.sent == message.header.timestamp)
        #expect(plain.spaceID == message.address?.spaceID)
        #expect(plain.precision == message.address?.precision)
        #expect(plain.timestamp == message.address?.timestamp)
        #expect(message.address?.coordinateSystem == .cartesian(nil))
        #expect(message.address?.referenceFrame == nil)
        #expect([plain.update] == content.updates)
        #expect(plain.size == size)
        #expect(message.extensions.isEmpty && message.multicast == nil && message.data == nil)
    }

    @Test("is read as the general way reads it, whatever follows it")
    func agreement() throws {
        var random = RandomValues(seed: 40)
        for _ in 0..<500 {
            let octets = message(&random).encoded() + random.octets(0..<40)
            expectSame(try #require(plain(octets)), octets)
        }
    }

    @Test("is none when it is cut")
    func cuts() {
        var random = RandomValues(seed: 41)
        for _ in 0..<20 {
            let octets = message(&random).encoded()
            for count in 0..<octets.count { #expect(plain(Array(octets.prefix(count))) == nil, "\(count)") }
        }
    }

    @Test("is none, or what the general way reads, when an octet is rotten")
    func corruption() {
        var random = RandomValues(seed: 42)
        for _ in 0..<40 {
            let whole = message(&random).encoded()
            for place in whole.indices {
                var octets = whole
                octets[place] = random.pick([0, 1, 2, 0x7F, 0xFF, random.integer(UInt8.self)])
                if let plain = plain(octets) { expectSame(plain, octets) }
            }
        }
    }

    @Test("has no flag that brings other parts, and is no repetition")
    func otherFlags() {
        var random = RandomValues(seed: 43)
        for (flag, name) in MessageFlags.names where ![.address, .reliable, .ordered].contains(flag) {
            var octets = message(&random).encoded()
            octets[2] |= UInt8(flag.rawValue >> 8)
            octets[3] |= UInt8(truncatingIfNeeded: flag.rawValue)
            #expect(plain(octets) == nil, "\(name)")
        }
    }
}
