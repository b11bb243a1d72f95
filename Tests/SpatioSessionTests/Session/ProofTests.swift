import SpatioWire
import Testing

@testable import SpatioSession

/// The parts of the handshake that stand alone, against independent computations (made with python's hmac and
/// cryptography).
@Suite struct ProofTests {
    private let now = Moment(monotonic: 100_000_000_000, wall: 1_793_000_000_000_000)

    @Test("The proof of a token is HMAC-SHA256 over the client's id and the time") func tokenProof() {
        let proof = TokenProof.make(
            token: Array("secret".utf8), clientID: UUID(high: 2, low: 2), timestamp: 1_793_000_000_000)
        #expect(hexadecimalText(proof) == "17df49867ecd5b8a08b0a44f8b05b8e8b79fa29c0be3f788ca81feb3ee370e1a")
    }

    @Test("A proof is remembered as long as its time would be believed, and not for ever") func memory() throws {
        var memory = ProofMemory(at: now)
        try memory.take([1], at: now)
        #expect(throws: Refusal.self) { try memory.take([1], at: now) }
        let stillBelieved = Moment(monotonic: now.monotonic + 61_000_000_000, wall: 0)
        try memory.take([2], at: stillBelieved)
        #expect(throws: Refusal.self) { try memory.take([1], at: stillBelieved) }
        let later = Moment(monotonic: now.monotonic + 300_000_000_000, wall: 0)
        try memory.take([3], at: later)
        #expect(memory.count == 1)
    }

    @Test("A full memory of proofs takes none rather than forgetting one") func fullMemory() throws {
        var memory = ProofMemory(at: now)
        for number in 0..<ProofMemory.limit {
            try memory.take([UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)], at: now)
        }
        #expect { try memory.take([1, 2, 3], at: now) } throws: { ($0 as? Refusal)?.code == .rateLimited }
        #expect(memory.count == ProofMemory.limit)
    }

    @Test("The server signs session, epoch, key and transcript with Ed25519") func signature() throws {
        let identity = try #require(ServerIdentity(privateKey: (0..<32).map { UInt8($0) }))
        #expect(
            hexadecimalText(identity.publicKey) == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
        var offer = KeyOffer(
            sessionID: UUID(high: 0x7ab9_9fad_6590_4cb7, low: 0x8210_2843_7b07_97f9), epoch: 3,
            publicKey: (100..<132).map { UInt8($0) },
            transcript: KeyAgreement.transcript(
                connect: Array("CONNECT payload".utf8), connectAck: Array("CONNECT_ACK payload".utf8)))
        let expected = try #require(
            octets(
                hexadecimal: "42b802f7d11db77044e8bc5e8f84dd6c00a368b04b7998a9518f0c1dce36f786"
                    + "5bfc33409cae2e45270254641d6ea0d24a80cdfee4e67f8c711a4b3829763802"))
        #expect(ServerIdentity.isValid(expected, of: offer, publicKey: identity.publicKey))
        #expect(ServerIdentity.isValid(identity.sign(offer), of: offer, publicKey: identity.publicKey))
        #expect(!ServerIdentity.isValid(expected, of: offer, publicKey: ServerIdentity().publicKey))
        #expect(!ServerIdentity.isValid([], of: offer, publicKey: identity.publicKey))
        #expect(!ServerIdentity.isValid(expected, of: offer, publicKey: [1]))
        offer.epoch = 4
        #expect(!ServerIdentity.isValid(expected, of: offer, publicKey: identity.publicKey))
        #expect(ServerIdentity(privateKey: [1, 2]) == nil)
    }

    @Test("A cookie is good for two slots of 30 s, for one address, of one server") func cookie() {
        let cookie = StatelessCookie(secret: [1])
        let address = PeerAddress(host: .v4(0x7F00_0001), port: 7)
        let challenge = cookie.challenge(for: address, at: now)
        let response = ChallengeResponse(challengeID: challenge.challengeID, proof: challenge.nonce)
        func isValid(after seconds: Int64, _ other: PeerAddress? = nil, secret: [UInt8] = [1]) -> Bool {
            StatelessCookie(secret: secret).isValid(
                response, from: other ?? address,
                at: Moment(monotonic: now.monotonic + seconds * 1_000_000_000, wall: 0))
        }
        #expect(isValid(after: 0) && isValid(after: 30))
        #expect(!isValid(after: 61) && !isValid(after: -60))
        #expect(!isValid(after: 0, PeerAddress(host: .v4(0x7F00_0001), port: 8)))
        #expect(!isValid(after: 0, PeerAddress(host: .v6(high: 0, low: 0x7F00_0001), port: 7)))
        #expect(!isValid(after: 0, secret: [2]))
    }

    @Test("Secrets of different lengths and contents are different") func comparison() {
        #expect(areEqualInConstantTime([1, 2], [1, 2]))
        #expect(!areEqualInConstantTime([1, 2], [1, 3]))
        #expect(!areEqualInConstantTime([1, 2], [1, 2, 3]))
        #expect(areEqualInConstantTime([], []))
    }

    @Test("What is due comes out by time, whatever order it went in, and at one time in that order")
    func deadlines() {
        var generator = SeededGenerator(state: 3)
        var queue = DueQueue<Int>()
        let times = (0..<500).map { _ in Int64.random(in: 0..<1000, using: &generator) }
        for (number, time) in times.enumerated() { queue.add(number, at: time) }
        #expect(queue.first == times.min())
        var taken: [Int] = []
        while let (time, number) = queue.next(at: 499) {
            #expect(time == times[number])
            taken.append(number)
        }
        let due = times.indices.filter { times[$0] <= 499 }
        #expect(taken == due.sorted { (times[$0], $0) < (times[$1], $1) })
        #expect(queue.count == times.count - taken.count)
        queue.removeAll { !$0.isMultiple(of: 2) }
        #expect(queue.count == times.indices.filter { times[$0] > 499 && $0.isMultiple(of: 2) }.count)
    }
}
