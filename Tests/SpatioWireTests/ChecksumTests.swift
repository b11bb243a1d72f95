import CCRC32C
import SpatioWire
import Testing

@Suite("CRC-32C")
struct ChecksumTests {
    /// RFC 3720 appendix B.4, and the check value of the catalogue of parametrised CRCs.
    static let knownAnswers: [(octets: [UInt8], checksum: UInt32)] = [
        (Array(repeating: 0x00, count: 32), 0x8A91_36AA),
        (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        ((0..<32).reversed(), 0x113F_DB5C),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test("gives the known answers", arguments: knownAnswers)
    func knownAnswer(octets: [UInt8], checksum: UInt32) {
        #expect(octets.withUnsafeBytes { crc32c($0) } == checksum)
        #expect(~spatio_crc32c_portable(~0, octets, octets.count) == checksum)
    }

    @Test("is the same by the processor's instruction as by hand, at every length and place")
    func hardwareAndPortable() {
        var random = RandomValues(seed: 50)
        let octets = random.octets(300..<301)
        for start in 0..<16 {
            for end in start...(start + 64) {
                let part = Array(octets[start..<end])
                let whole = octets.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
                #expect(whole == ~spatio_crc32c_portable(~0, part, part.count), "\(start)..<\(end)")
            }
        }
        #expect(octets.withUnsafeBytes { crc32c($0) } == ~spatio_crc32c_portable(~0, octets, octets.count))
    }

    @Test("of a message covers every octet before it")
    func coverage() throws {
        let message = Message(
            header: MessageHeader(type: .ping, flags: .checksum, streamID: 1, sequence: 2, timestamp: 3),
            body: .payload(.ping(Ping(pingID: 4))), signature: Array(repeating: 7, count: Envelope.signatureSize))
        let octets = message.encoded()
        #expect(decodeError(octets) == nil)
        let envelope = try decodeEnvelope(octets)
        #expect(octets.withUnsafeBytes { envelope.isChecksumValid($0) } == true)
        let place = try #require(envelope.checksumOffset)
        // The sequence, the payload and the signature: nothing that changes the message's shape.
        for offset in [11, 21, 24, place - 1, place, place + 3] {
            var rotten = octets
            rotten[offset] ^= 1
            #expect(decodeError(rotten)?.reason == .checksum, "octet \(offset)")
            #expect(decodeError(rotten)?.offset == place, "octet \(offset)")
        }
    }

    @Test("is neither right nor wrong where there is none")
    func absence() throws {
        let octets = Message(
            header: MessageHeader(type: .ping, streamID: 1, sequence: 2, timestamp: 3),
            body: .payload(.ping(Ping(pingID: 4)))
        ).encoded()
        let envelope = try decodeEnvelope(octets)
        #expect(octets.withUnsafeBytes { envelope.isChecksumValid($0) } == nil)
        #expect(octets.withUnsafeBytes { envelope.checksumError($0) } == nil)
    }
}
