import SpatioSession
import SpatioWire
import Testing

@Suite struct KeyAgreementTests {
    private let sessionID = UUID(high: 0x7ab9_9fad_6590_4cb7, low: 0x8210_2843_7b07_97f9)
    private let transcript = KeyAgreement.transcript(
        connect: Array("CONNECT payload".utf8), connectAck: Array("CONNECT_ACK payload".utf8))

    // Made with python's cryptography package.
    @Test("Key schedule agrees with an independent computation") func knownAnswer() throws {
        let one = try #require(KeyAgreement(privateKey: (0..<32).map { UInt8($0) }))
        let other = try #require(KeyAgreement(privateKey: (100..<132).map { UInt8($0) }))
        #expect(
            hexadecimalText(one.publicKey) == "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f")
        #expect(
            hexadecimalText(transcript) == "e4c14df9623ff576a32b3f717ad4cdffc00c2da16892237cde6dd5dc70400baa")
        let expected = "43cd93facae2bb9011fb01314f027e67654cc439ba9da3b294fecd9a79d875a0"
        for (mine, theirs) in [(one, other), (other, one)] {
            let secret = mine.sessionSecret(
                with: theirs.publicKey, sessionID: sessionID, epoch: 3, transcript: transcript)
            #expect(secret.map { hexadecimalText($0) } == expected)
        }
    }

    @Test("Session, epoch and transcript each make another secret") func everythingCounts() throws {
        let one = try #require(KeyAgreement(privateKey: [UInt8](repeating: 7, count: 32)))
        let key = KeyAgreement().publicKey
        let secrets = [
            one.sessionSecret(with: key, sessionID: sessionID, epoch: 0, transcript: transcript),
            one.sessionSecret(with: key, sessionID: sessionID, epoch: 1, transcript: transcript),
            one.sessionSecret(with: key, sessionID: .zero, epoch: 0, transcript: transcript),
            one.sessionSecret(with: key, sessionID: sessionID, epoch: 0, transcript: Array(transcript.reversed())),
        ]
        #expect(Set(secrets).count == 4)
        #expect(!secrets.contains(nil))
    }

    @Test("A key of the wrong size, or one that makes no secret, gives none") func wrongKeys() {
        let one = KeyAgreement()
        let zero = [UInt8](repeating: 0, count: 32)
        for key in [[], [1, 2, 3], [UInt8](repeating: 9, count: 33), zero] {
            #expect(one.sessionSecret(with: key, sessionID: sessionID, epoch: 0, transcript: transcript) == nil)
        }
        #expect(KeyAgreement(privateKey: [1, 2, 3]) == nil)
    }
}
