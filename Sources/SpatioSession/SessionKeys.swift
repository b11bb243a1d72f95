import Crypto
import SpatioWire

/// The keys of one epoch of a session: they seal, open, sign and verify its messages (profile section 8).
public struct SessionKeys: Sendable {
    private struct DirectionKeys: Sendable {
        var key: SymmetricKey
        var iv: [UInt8]
        var mac: SymmetricKey

        init(_ secret: SymmetricKey, _ direction: Direction) {
            func expand(_ name: String, _ count: Int) -> SymmetricKey {
                HKDF<SHA256>.expand(
                    pseudoRandomKey: secret, info: Array("\(direction.name) \(name)".utf8), outputByteCount: count)
            }
            key = expand("key", 32)
            iv = expand("iv", SessionKeys.nonceSize).withUnsafeBytes { Array($0) }
            mac = expand("mac", 32)
        }
    }

    public let suite: CipherSuite
    private let client: DirectionKeys
    private let server: DirectionKeys

    /// Both suites have nonces of 96 bits.
    private static let nonceSize = 12
    /// The octet of the message that holds the RETRANSMIT bit, and the bit in it.
    private static let retransmitOctet = 2
    private static let retransmitBit = UInt8(truncatingIfNeeded: MessageFlags.retransmit.rawValue >> 8)

    /// - Parameter secret: the 32 octets of the session secret.
    public init(secret: [UInt8], suite: CipherSuite) {
        self.suite = suite
        let secret = SymmetricKey(data: secret)
        client = DirectionKeys(secret, .client)
        server = DirectionKeys(secret, .server)
    }

    public init(_ entry: KeyLog.Entry) { self.init(secret: entry.secret, suite: entry.suite) }

    /// Opens the sealed payload of the message that begins at the first of `octets`; nil when its tag does not verify.
    public func open(_ octets: UnsafeRawBufferPointer, _ envelope: Envelope, from direction: Direction) -> [UInt8]? {
        let sealed = UnsafeRawBufferPointer(rebasing: octets[envelope.payload])
        guard envelope.header.flags.contains(.encrypted), sealed.count >= Envelope.sealSize else { return nil }
        let ciphertext = UnsafeRawBufferPointer(rebasing: sealed.dropLast(Envelope.sealSize))
        let tag = UnsafeRawBufferPointer(rebasing: sealed.suffix(Envelope.sealSize))
        let authenticated = Self.protected(octets[..<(envelope.payload.lowerBound - envelope.payloadLengthWidth)])
        let keys = self[direction]
        let nonce = Self.nonce(keys.iv, envelope.header)
        switch suite {
        case .chaCha20Poly1305:
            guard let nonce = try? ChaChaPoly.Nonce(data: nonce),
                let box = try? ChaChaPoly.SealedBox(nonce: nonce, ciphertext: ciphertext, tag: tag),
                let plain = try? ChaChaPoly.open(box, using: keys.key, authenticating: authenticated)
            else { return nil }
            return Array(plain)
        case .aes256GCM:
            guard let nonce = try? AES.GCM.Nonce(data: nonce),
                let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: ciphertext, tag: tag),
                let plain = try? AES.GCM.open(box, using: keys.key, authenticating: authenticated)
            else { return nil }
            return Array(plain)
        }
    }

    /// Whether the message that begins at the first of `octets` carries the right signature; false where it has none.
    public func isSignatureValid(
        _ octets: UnsafeRawBufferPointer, _ envelope: Envelope, from direction: Direction
    ) -> Bool {
        guard let place = envelope.signatureOffset else { return false }
        let computed = signature(of: Self.protected(octets[..<place]), direction)
        // Every octet is looked at, so that the time taken says nothing of where they differ.
        var difference: UInt8 = 0
        for (index, octet) in computed.enumerated() { difference |= octet ^ octets[place + index] }
        return difference == 0
    }

    /// The message with its payload or segment sealed and the flag ENCRYPTED; one that is sealed already as it is.
    public func seal(_ message: Message, from direction: Direction) -> Message {
        let plain: [UInt8]
        switch message.body {
        case .sealed: return message
        case .payload(let payload): plain = payload.encoded()
        case .segment(let octets): plain = octets
        }
        var sealed = message
        sealed.header.flags.insert(.encrypted)
        let authenticated = sealed.encodedPrefix().withUnsafeBytes { Self.protected($0[...]) }
        let keys = self[direction]
        sealed.body = .sealed(seal(plain, Self.nonce(keys.iv, sealed.header), authenticated, keys.key))
        return sealed
    }

    /// The message with its signature and the flag SIGNED.
    public func sign(_ message: Message, from direction: Direction) -> Message {
        var signed = message
        signed.header.flags.insert(.signed)
        signed.signature = signed.encodedBeforeSignature().withUnsafeBytes {
            signature(of: Self.protected($0[...]), direction)
        }
        return signed
    }

    private subscript(direction: Direction) -> DirectionKeys { direction == .client ? client : server }

    /// What a signature and a seal authenticate: a repeated message differs from the first in the RETRANSMIT bit only.
    private static func protected(_ octets: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var copy = Array(octets)
        copy[retransmitOctet] &= ~retransmitBit
        return copy
    }

    /// iv XOR (four zero octets | stream_id | sequence).
    private static func nonce(_ iv: [UInt8], _ header: MessageHeader) -> [UInt8] {
        var nonce = iv
        let place = UInt64(header.streamID) << 32 | UInt64(header.sequence)
        for index in 0..<8 { nonce[4 + index] ^= UInt8(truncatingIfNeeded: place >> UInt64(56 - 8 * index)) }
        return nonce
    }

    private func signature(of octets: [UInt8], _ direction: Direction) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: octets, using: self[direction].mac).prefix(Envelope.signatureSize))
    }

    private func seal(_ plain: [UInt8], _ nonce: [UInt8], _ authenticated: [UInt8], _ key: SymmetricKey) -> [UInt8] {
        do {
            switch suite {
            case .chaCha20Poly1305:
                let nonce = try ChaChaPoly.Nonce(data: nonce)
                let box = try ChaChaPoly.seal(plain, using: key, nonce: nonce, authenticating: authenticated)
                return Array(box.ciphertext) + Array(box.tag)
            case .aes256GCM:
                let nonce = try AES.GCM.Nonce(data: nonce)
                let box = try AES.GCM.seal(plain, using: key, nonce: nonce, authenticating: authenticated)
                return Array(box.ciphertext) + Array(box.tag)
            }
        } catch {
            preconditionFailure("sealing cannot fail with a key of 32 and a nonce of 12 octets: \(error)")
        }
    }
}
