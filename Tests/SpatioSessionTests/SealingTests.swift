import SpatioSession
import SpatioWire
import Testing

@Suite struct SealingTests {
    private static let secret = (0..<32).map { UInt8($0) }

    private func message(
        stream: UInt32 = 1, sequence: UInt32 = 5, flags: MessageFlags = [.checksum, .reliable]
    ) -> SpatioWire.Message {
        Message(
            header: MessageHeader(
                type: .ping, flags: flags, streamID: stream, sequence: sequence, timestamp: 1_793_000_000_000_000),
            body: .payload(.ping(Ping(pingID: 3, streams: []))))
    }

    private func open(_ octets: [UInt8], _ keys: SessionKeys, from direction: Direction = .client) -> [UInt8]? {
        octets.withUnsafeBytes { octets in
            (try? Envelope.decode(octets)).flatMap { keys.open(octets, $0, from: direction) }
        }
    }

    private func isValid(_ octets: [UInt8], _ keys: SessionKeys, from direction: Direction = .client) -> Bool {
        octets.withUnsafeBytes { octets in
            (try? Envelope.decode(octets)).map { keys.isSignatureValid(octets, $0, from: direction) } ?? false
        }
    }

    @Test("The vectors are there") func vectorsAreThere() {
        #expect(Vector.sealed.count == 3)
        #expect(Vector.signed.count == 1)
        #expect(Vector.segmented.count == 3)
    }

    @Test("A sealed vector opens to its payload and seals again to the same octets", arguments: Vector.sealed)
    func sealedVector(_ vector: Vector) throws {
        let keys = SessionKeys(try #require(vector.entry))
        for (octets, sealed) in try vector.messages() {
            let plain = try #require(open(octets, keys, from: vector.direction))
            var context = MessageDissector.Context()
            context.opened = plain
            #expect(try payloadText(MessageDissector.dissect(octets, context: context)) == vector.payload)

            let payload = try plain.withUnsafeBytes {
                try Payload.decode(sealed.header.type, $0, range: 0..<plain.count)
            }
            var again = sealed
            again.body = .payload(payload)
            #expect(keys.seal(again, from: vector.direction).encoded() == octets)
        }
    }

    @Test("A signed vector verifies, and signs again to the same octets", arguments: Vector.signed)
    func signedVector(_ vector: Vector) throws {
        let keys = SessionKeys(try #require(vector.entry))
        for (octets, message) in try vector.messages() {
            #expect(isValid(octets, keys, from: vector.direction))
            var unsigned = message
            unsigned.signature = nil
            #expect(keys.sign(unsigned, from: vector.direction).encoded() == octets)
        }
    }

    // Made with python's cryptography package: HKDF, the AEADs and HMAC composed as the profile says.
    @Test(
        "Sealing agrees with an independent computation",
        arguments: [
            (CipherSuite.chaCha20Poly1305, "15422e3c88e057af9675c280005bad449dd70fcf9ae9"),
            (CipherSuite.aes256GCM, "155c92e7ed9b5b4f1ebeb22f2a7589d338b6f7f51372"),
        ])
    func sealingKnownAnswer(suite: CipherSuite, expected: String) throws {
        let secret = try #require(
            octets(hexadecimal: "43cd93facae2bb9011fb01314f027e67654cc439ba9da3b294fecd9a79d875a0"))
        let message = Message(
            header: MessageHeader(type: .ping, streamID: 0, sequence: 7, timestamp: 1_793_000_000_000_000),
            body: .payload(.ping(Ping(pingID: 9))))
        let sealed = SessionKeys(secret: secret, suite: suite).seal(message, from: .server).encoded()
        #expect(hexadecimalText(sealed) == "01030440000000000000000700065eb958151000" + expected)
    }

    @Test("A signature agrees with an independent computation")
    func signatureKnownAnswer() throws {
        let secret = try #require(
            octets(hexadecimal: "43cd93facae2bb9011fb01314f027e67654cc439ba9da3b294fecd9a79d875a0"))
        let message = Message(
            header: MessageHeader(type: .ping, streamID: 0, sequence: 7, timestamp: 1_793_000_000_000_000),
            body: .payload(.ping(Ping(pingID: 9))))
        let signed = SessionKeys(secret: secret, suite: .aes256GCM).sign(message, from: .client).encoded()
        #expect(
            hexadecimalText(signed)
                == "01030420000000000000000700065eb958151000050000000900a9ffa11422a38cff192778dbdddc6dfb")
    }

    @Test("One flipped bit anywhere but RETRANSMIT and the checksum does not open", arguments: CipherSuite.allCases)
    func flippedBitDoesNotOpen(suite: CipherSuite) throws {
        let keys = SessionKeys(secret: Self.secret, suite: suite)
        let octets = keys.seal(message(), from: .client).encoded()
        #expect(open(octets, keys) != nil)
        for bit in 0..<(octets.count - 4) * 8 {
            var changed = octets
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let isRetransmit = bit == 2 * 8 + 1
            #expect((open(changed, keys) != nil) == isRetransmit, "bit \(bit)")
        }
    }

    @Test("One flipped bit anywhere but RETRANSMIT and the checksum breaks a signature")
    func flippedBitBreaksSignature() {
        let keys = SessionKeys(secret: Self.secret, suite: .aes256GCM)
        let octets = keys.sign(message(), from: .server).encoded()
        #expect(isValid(octets, keys, from: .server))
        for bit in 0..<(octets.count - 4) * 8 {
            var changed = octets
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(isValid(changed, keys, from: .server) == (bit == 2 * 8 + 1), "bit \(bit)")
        }
    }

    @Test("What one direction sealed or signed is nothing to the other, to another secret or to the other suite")
    func directionsAreApart() {
        let keys = SessionKeys(secret: Self.secret, suite: .chaCha20Poly1305)
        let others = SessionKeys(secret: Self.secret.reversed(), suite: .chaCha20Poly1305)
        let otherSuite = SessionKeys(secret: Self.secret, suite: .aes256GCM)
        let sealed = keys.seal(message(), from: .client).encoded()
        #expect(open(sealed, keys, from: .server) == nil)
        #expect(open(sealed, others) == nil)
        #expect(open(sealed, otherSuite) == nil)
        let signed = keys.sign(message(), from: .client).encoded()
        #expect(!isValid(signed, keys, from: .server))
        #expect(!isValid(signed, others))
    }

    @Test("The nonces of all streams and sequences differ: the same payload never seals to the same octets")
    func noncesDiffer() {
        let keys = SessionKeys(secret: Self.secret, suite: .chaCha20Poly1305)
        var seen: Set<[UInt8]> = []
        let numbers: [UInt32] = [0, 1, 2, 255, 256, 65_536, 0x0100_0000, .max]
        for stream in numbers {
            for sequence in numbers {
                guard
                    case .sealed(let octets) = keys.seal(message(stream: stream, sequence: sequence), from: .client)
                        .body
                else { continue }
                // The ciphertext alone: the tag differs by the associated data too.
                seen.insert(Array(octets.dropLast(Envelope.sealSize)))
            }
        }
        #expect(seen.count == numbers.count * numbers.count)
    }

    @Test("A segment is sealed on its own")
    func segmentIsSealed() throws {
        let keys = SessionKeys(secret: Self.secret, suite: .aes256GCM)
        let segment: [UInt8] = [1, 2, 3, 4]
        var message = message()
        message = Message(
            header: message.header,
            data: DataForm(compression: .none, totalSize: 10, segmentOffset: 0, segmentSize: 4, lastSegment: false),
            body: .segment(segment))
        #expect(open(keys.seal(message, from: .client).encoded(), keys) == segment)
    }

    @Test("A message without seal or signature neither opens nor verifies")
    func plainMessage() {
        let keys = SessionKeys(secret: Self.secret, suite: .aes256GCM)
        #expect(open(message().encoded(), keys) == nil)
        #expect(!isValid(message().encoded(), keys))
    }
}
