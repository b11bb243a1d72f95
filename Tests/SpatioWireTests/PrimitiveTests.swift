import SpatioWire
import Testing

@Suite("A primitive encoding")
struct PrimitiveTests {
    /// A value and its shortest form, at the borders of RFC 9000 section 16.
    static let varints: [(value: UInt64, octets: String)] = [
        (0, "00"), (63, "3f"), (64, "4040"), (16_383, "7fff"), (16_384, "80004000"), (1 << 30 - 1, "bfffffff"),
        (1 << 30, "c000000040000000"), (1 << 62 - 1, "ffffffffffffffff"),
        // The examples of RFC 9000 appendix A.1.
        (151_288_809_941_952_652, "c2197c5eff14e88c"), (494_878_333, "9d7f3e7d"), (15_293, "7bbd"), (37, "25"),
    ]

    private func read<T>(
        _ octets: [UInt8], _ body: (inout WireReader<NoRecorder>) throws(DecodeError) -> T
    ) throws(DecodeError) -> T {
        try octets.withOctets { (octets) throws(DecodeError) in
            var reader = WireReader(octets, range: 0..<octets.count, recorder: NoRecorder())
            return try body(&reader)
        }
    }

    private func reason<T>(
        _ octets: [UInt8], _ body: (inout WireReader<NoRecorder>) throws(DecodeError) -> T
    ) -> DecodeError.Reason? {
        do throws(DecodeError) {
            _ = try read(octets, body)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("of a varint is the shortest that holds it", arguments: varints)
    func varint(value: UInt64, text: String) throws {
        var writer = WireWriter()
        writer.varint(value)
        #expect(hexadecimalText(writer.octets) == text)
        let number = try read(writer.octets) { (reader) throws(DecodeError) in try reader.varint("") }
        #expect(number == value)
        for count in 0..<writer.octets.count {
            let cut = Array(writer.octets.prefix(count))
            #expect(reason(cut) { (reader) throws(DecodeError) in try reader.varint("") } == .truncated)
        }
    }

    @Test("of a varint may be longer than needed", arguments: [1, 2, 4, 8])
    func longForms(width: Int) throws {
        var writer = WireWriter()
        writer.varint(37, width: width)
        #expect(writer.octets.count == width)
        let number = try read(writer.octets) { (reader) throws(DecodeError) in try reader.varint("") }
        #expect(number == 37)
    }

    @Test("of a message's payload length is repeated in the form that it had", arguments: [1, 2, 4, 8])
    func payloadLength(width: Int) throws {
        var message = Message(
            header: MessageHeader(type: .ping, streamID: 0, sequence: 0, timestamp: 0),
            body: .payload(.ping(Ping(pingID: 1))))
        message.payloadLengthWidth = width
        let octets = message.encoded()
        #expect(try decodeEnvelope(octets).payloadLengthWidth == width)
        #expect(try decodeMessage(octets) == message)
        #expect(try decodeMessage(octets).encoded() == octets)
    }

    @Test("of integers has the most significant octet first")
    func integers() throws {
        var writer = WireWriter()
        writer.u8(0x01)
        writer.u16(0x0203)
        writer.u32(0x0405_0607)
        writer.u64(0x0809_0A0B_0C0D_0E0F)
        writer.i64(-2)
        writer.f32(1)
        writer.f64(-2)
        #expect(
            hexadecimalText(writer.octets) == "0102030405060708090a0b0c0d0e0ffffffffffffffffe3f800000c000000000000000")
        try read(writer.octets) { (reader) throws(DecodeError) in
            #expect(try reader.u8("") == 0x01)
            #expect(try reader.u16("") == 0x0203)
            #expect(try reader.u32("") == 0x0405_0607)
            #expect(try reader.u64("") == 0x0809_0A0B_0C0D_0E0F)
            #expect(try reader.i64("") == -2)
            #expect(try reader.f32("") == 1)
            #expect(try reader.f64("") == -2)
            #expect(reader.remaining == 0)
        }
    }

    @Test(
        "of a float that is no number is refused, wherever it stands",
        arguments: [Double.nan, .signalingNaN, .infinity, -.infinity])
    func notFinite(value: Double) {
        var writer = WireWriter()
        writer.f64(value)
        #expect(reason(writer.octets) { (reader) throws(DecodeError) in try reader.f64("") } == .notFinite)
        writer.octets = []
        writer.f32(Float(value))
        #expect(reason(writer.octets) { (reader) throws(DecodeError) in try reader.f32("") } == .notFinite)
        for axis in 0..<3 {
            var parts = [0.0, 0, 0]
            parts[axis] = value
            writer.octets = []
            writer.vector3(Vector3(parts[0], parts[1], parts[2]))
            #expect(reason(writer.octets) { (reader) throws(DecodeError) in try reader.vector3("") } == .notFinite)
            writer.octets = []
            writer.vector3f(Vector3f(Float(parts[0]), Float(parts[1]), Float(parts[2])))
            #expect(reason(writer.octets) { (reader) throws(DecodeError) in try reader.vector3f("") } == .notFinite)
            writer.octets = []
            writer.quaternion(Quaternion(Float(parts[0]), 0, Float(parts[1]), Float(parts[2])))
            #expect(reason(writer.octets) { (reader) throws(DecodeError) in try reader.quaternion("") } == .notFinite)
        }
    }

    @Test(
        "of a float that is no number is refused in an address and in an update",
        arguments: [Float.nan, .infinity, -.infinity])
    func notFiniteInMessage(value: Float) {
        let good = SpatialAddress(spaceID: .zero, orientation: .identity, precision: 1, confidence: 1, timestamp: 0)
        let update = EntityUpdate(entityID: .zero, kind: 0, position: .zero)
        func reason(_ address: SpatialAddress, _ update: EntityUpdate) -> DecodeError.Reason? {
            let message = Message(
                header: MessageHeader(type: .spatialUpdate, streamID: 0, sequence: 0, timestamp: 0), address: address,
                body: .payload(.spatialUpdate(SpatialUpdate(updates: [update]))))
            return decodeError(message.encoded())?.reason
        }
        #expect(reason(good, update) == nil)
        for place in [\SpatialAddress.precision, \.confidence] {
            var address = good
            address[keyPath: place] = value
            #expect(reason(address, update) == .notFinite)
        }
        for axis in [\Vector3.x, \.y, \.z] {
            var address = good
            address.position[keyPath: axis] = Double(value)
            #expect(reason(address, update) == .notFinite)
            var moved = update
            moved.position[keyPath: axis] = Double(value)
            #expect(reason(good, moved) == .notFinite)
        }
        for axis in [\Quaternion.x, \.y, \.z, \.w] {
            var turn = Quaternion.identity
            turn[keyPath: axis] = value
            var address = good
            address.orientation = turn
            #expect(reason(address, update) == .notFinite)
            var turned = update
            turned.orientation = turn
            #expect(reason(good, turned) == .notFinite)
        }
    }

    @Test("of a string is well-formed UTF-8", arguments: [("c328", 0), ("61ff", 1), ("f09f9b", 0), ("eda080", 0)])
    func text(hexadecimal text: String, firstWrong: Int) throws {
        var writer = WireWriter()
        writer.bytes(try #require(octets(hexadecimal: text)))
        let error = #expect(throws: DecodeError.self) {
            try read(writer.octets) { (reader) throws(DecodeError) in try reader.string("") }
        }
        #expect(error?.reason == .notUTF8)
        // Behind the length.
        #expect(error?.offset == 1 + firstWrong)
    }

    @Test("of a count or length past the end allocates nothing")
    func pastTheEnd() {
        for value: UInt64 in [2, 1 << 20, 1 << 40, 1 << 62 - 1] {
            var writer = WireWriter()
            writer.varint(value)
            #expect(reason(writer.octets + [0]) { (reader) throws(DecodeError) in try reader.bytes("") } == .truncated)
            #expect(reason(writer.octets + [0]) { (reader) throws(DecodeError) in try reader.string("") } == .truncated)
            let list = reason(writer.octets + [0]) { (reader) throws(DecodeError) in
                try reader.list("", elementSize: 1) { (reader) throws(DecodeError) in try reader.u8("") }
            }
            #expect(list == .countPastEnd)
        }
    }

    @Test("of serial numbers is compared across the wrap")
    func serialNumbers() {
        #expect(UInt32(0).serialDistance(from: .max) == 1)
        #expect(UInt32.max.serialDistance(from: 0) == -1)
        #expect(UInt32(5).serialDistance(from: 5) == 0)
        #expect(UInt32(0x8000_0000).serialDistance(from: 1) == .max)
        #expect(UInt32(0x8000_0000).serialDistance(from: 0) == .min)
    }
}
