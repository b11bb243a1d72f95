import Inspection
import SpatioSession
import SpatioWire
import Testing

/// Segments and compression as the model sees them (profile section 3.2).
struct SegmentTests {
    private let payload = Sample.full(
        1, Sample.entry(.added, 1, version: 1, ["text": .string(String(repeating: "spatio ", count: 300))]))

    /// The messages of a payload in segments.
    private func messages(
        _ payload: Payload, _ compression: Compression, size: Int, talk: inout Talk, type: MessageType? = nil
    ) -> [Message] {
        cut(payload.encoded(), compression: compression, segmentSize: size).map { form, octets in
            var message = talk.message(payload, from: Sample.server, to: Sample.client, stream: 2)
            message.body = .segment(octets)
            message.data = form
            message.header.flags.insert(.data)
            message.header.type = type ?? message.header.type
            return message
        }
    }

    @discardableResult
    private func pass(_ messages: [Message], _ talk: inout Talk) -> [MessageOutcome] {
        messages.map { talk.pass($0.encoded(), from: Sample.server, to: Sample.client) }
    }

    @Test("The last segment brings the whole, in whatever order they come", arguments: [Compression.none, .lz4, .zstd])
    func wholes(compression: Compression) {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<5 {
            var talk = Talk()
            let segments = messages(payload, compression, size: 17, talk: &talk).shuffled(using: &generator)
            let outcomes = pass(segments, &talk)
            #expect(outcomes.filter { $0.marks.contains(.reassembled) }.count == 1)
            #expect(outcomes.last?.reassembled?.segments == segments.count)
            #expect(talk.model.counters.reassembled == 1)
            #expect(talk.model.counters.malformed == 0)
            #expect(talk.state(1)["text"] == .string(String(repeating: "spatio ", count: 300)))
        }
    }

    @Test("A segment that comes twice changes nothing, one that never comes leaves the whole open")
    func duplicatesAndHoles() {
        var talk = Talk()
        let segments = messages(payload, .none, size: 500, talk: &talk)
        pass([segments[0], segments[0], segments[2], segments[1], segments[1]], &talk)
        #expect(talk.model.counters.reassembled == 0)
        #expect(talk.entity(1) == nil)
        pass(Array(segments.dropFirst(3)) + segments, &talk)
        #expect(talk.model.counters.reassembled == 1)
    }

    @Test("A compressed payload in one piece is a message as any other, and no reassembly")
    func oneSegment() {
        var talk = Talk()
        pass(messages(payload, .zstd, size: 60_000, talk: &talk), &talk)
        #expect(talk.entity(1) != nil)
        #expect(talk.model.counters.reassembled == 0)
    }

    @Test("A whole that is no payload is malformed where it is complete")
    func rubbish() {
        var talk = Talk()
        let segments = messages(payload, .none, size: 500, talk: &talk, type: .connect)
        let outcomes = pass(segments, &talk)
        #expect(outcomes.map { $0.marks.contains(.malformed) }.filter { $0 }.count == 1)
        // The payload of the message: 20 octets of header, 12 of the data form, 2 of its length are before it.
        #expect(outcomes.last?.error?.offset == 34)
        #expect(talk.model.counters.malformed == 1)
    }

    @Test("A whole that says it grows over the session's limit is malformed before it grows")
    func tooLarge() {
        var talk = Talk()
        let bomb = Payload.custom(type: 1, data: [UInt8](repeating: 0, count: 2 << 20))
        let outcomes = pass(messages(bomb, .zstd, size: 50, talk: &talk), &talk)
        #expect(outcomes.last?.error?.reason == .uncompressedSize)
        #expect(talk.model.counters.malformed == 1)
    }

    @Test("Sealed segments are opened one by one and then put together")
    func sealed() {
        let entry = KeyLog.Entry(
            sessionID: Sample.session, epoch: 0, suite: .aes256GCM, secret: [UInt8](repeating: 9, count: 32))
        var talk = Talk(keyLog: KeyLog(parsing: Array(KeyLog.line(for: entry).utf8)))
        talk.open(security: .encrypt)
        let keys = SessionKeys(entry)
        let segments = messages(payload, .lz4, size: 20, talk: &talk).map { keys.seal($0, from: .server) }
        pass(segments, &talk)
        #expect(talk.model.counters.reassembled == 1)
        #expect(talk.state(1)["text"] != nil)
    }
}
