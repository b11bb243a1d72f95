import SpatioWire

/// One end of the key exchanges of a session (profile section 8): the first one, which the client begins, and those
/// that change to a new epoch, which either end may begin.
///
/// Whoever began an exchange uses the new keys as soon as the answer is there: the other end has them then. Whoever
/// answered uses them when the first message with them has arrived, which says that the answer has. So no message is
/// sent that its receiver has no keys for yet. Only when both ends begin at the same time, and the two offers are each
/// other's answers, may a message overtake the offer; what is RELIABLE is repeated then.
struct EpochExchange: Sendable {
    /// What to do about a KEY_EXCHANGE of the other end.
    enum Outcome: Sendable {
        /// Be ready to receive with these keys, send this, and send with the keys when the other end has used them.
        case answer(KeyExchange, KeyLog.Entry)
        /// Our offer was answered: use the keys.
        case use(KeyLog.Entry)
        /// The other end did not get our answer.
        case answerAgain(KeyExchange)
        /// It was here before, and we are past it.
        case nothing
    }

    private enum Phase: Sendable {
        case quiet
        case offered(KeyAgreement, KeyExchange)
        case answered(offer: KeyExchange, answer: KeyExchange, KeyLog.Entry)
    }

    let side: Direction
    let sessionID: UUID
    let transcript: [UInt8]
    /// Best first.
    private let suites: [CipherSuite]
    /// Signs what we send.
    private let identity: ServerIdentity?
    /// Must have signed what we get.
    private let pinnedKey: [UInt8]?
    private var phase = Phase.quiet
    /// The epoch in use; nil before the first exchange is over.
    private(set) var current: KeyLog.Entry?
    private var acceptedOffer: KeyExchange?

    init(
        side: Direction, sessionID: UUID, transcript: [UInt8], suites: [CipherSuite], identity: ServerIdentity? = nil,
        pinnedKey: [UInt8]? = nil
    ) {
        self.side = side
        self.sessionID = sessionID
        self.transcript = transcript
        self.suites = suites
        self.identity = identity
        self.pinnedKey = pinnedKey
    }

    /// The first epoch is 0; what comes behind the last one is 0 again, with other keys.
    private var nextEpoch: UInt16 { current.map { $0.epoch &+ 1 } ?? 0 }

    /// An exchange has begun and is not over.
    var isUnderWay: Bool {
        if case .quiet = phase { false } else { true }
    }

    /// Whether it is for the epoch behind the one in use.
    func isNew(_ other: KeyExchange) -> Bool { other.epoch == nextEpoch }

    /// The KEY_EXCHANGE that begins a new epoch, or the one that has begun it already.
    mutating func offer() -> KeyExchange? {
        switch phase {
        case .offered(_, let offer): return offer
        case .answered: return nil
        case .quiet:
            let agreement = KeyAgreement()
            let offer = exchange(agreement, suites: current.map { [$0.suite] } ?? suites)
            phase = .offered(agreement, offer)
            return offer
        }
    }

    mutating func receive(_ other: KeyExchange) throws(Refusal) -> Outcome {
        if case .answered(let offer, let answer, _) = phase, offer.epoch == other.epoch {
            guard isSame(offer, other) else { throw Refusal(.protocolError, "another key for the epoch under way") }
            return .answerAgain(answer)
        }
        if let current, other.epoch == current.epoch {
            guard let acceptedOffer, isSame(acceptedOffer, other) else {
                throw Refusal(.protocolError, "another key for epoch \(other.epoch), which is in use")
            }
            return .nothing
        }
        guard other.epoch == nextEpoch else {
            throw Refusal(.protocolError, "KEY_EXCHANGE for epoch \(other.epoch) where \(nextEpoch) is next")
        }
        try verify(other)
        switch phase {
        case .offered(let agreement, let offer):
            let entry = try self.entry(agreement, other, suite: try chosen(by: other, from: offer))
            finish(other, entry)
            return .use(entry)
        case .quiet, .answered:
            guard current != nil || side == .server else {
                throw Refusal(.protocolError, "KEY_EXCHANGE of a server that was not asked for one")
            }
            let agreement = KeyAgreement()
            let suite = try choose(from: other)
            let entry = try self.entry(agreement, other, suite: suite)
            let answer = exchange(agreement, suites: [suite])
            phase = .answered(offer: other, answer: answer, entry)
            return .answer(answer, entry)
        }
    }

    /// A message with the keys of an epoch has arrived; returns them when they are to be used from now on.
    mutating func confirm(_ epoch: UInt16) -> KeyLog.Entry? {
        guard case .answered(let offer, _, let entry) = phase, entry.epoch == epoch else { return nil }
        finish(offer, entry)
        return entry
    }

    private mutating func finish(_ other: KeyExchange, _ entry: KeyLog.Entry) {
        current = entry
        acceptedOffer = other
        phase = .quiet
    }

    private func isSame(_ one: KeyExchange, _ other: KeyExchange) -> Bool {
        one.publicKey == other.publicKey && one.cipherSuites == other.cipherSuites
    }

    private func exchange(_ agreement: KeyAgreement, suites: [CipherSuite]) -> KeyExchange {
        let offer = KeyOffer(
            sessionID: sessionID, epoch: nextEpoch, publicKey: agreement.publicKey, transcript: transcript)
        return KeyExchange(
            epoch: nextEpoch, cipherSuites: suites.map(\.rawValue), publicKey: offer.publicKey,
            signature: identity?.sign(offer))
    }

    private func verify(_ other: KeyExchange) throws(Refusal) {
        guard let pinnedKey else { return }
        guard let signature = other.signature else {
            throw Refusal(.invalidSignature, "the server does not prove that it is the one whose key is pinned")
        }
        let offer = KeyOffer(
            sessionID: sessionID, epoch: other.epoch, publicKey: other.publicKey, transcript: transcript)
        guard ServerIdentity.isValid(signature, of: offer, publicKey: pinnedKey) else {
            throw Refusal(
                .invalidSignature,
                "the server has another key than the pinned one, or the negotiation was changed on its way")
        }
    }

    /// The answer names the one suite that was chosen. Offers that cross name the one in use.
    private func chosen(by other: KeyExchange, from offer: KeyExchange) throws(Refusal) -> CipherSuite {
        guard other.cipherSuites.count == 1, offer.cipherSuites.contains(other.cipherSuites[0]),
            let suite = CipherSuite(rawValue: other.cipherSuites[0])
        else { throw Refusal(.encryptionError, "the answer names no cipher suite that was offered") }
        return suite
    }

    /// The first of the offer that we have too; a new epoch may not fall back behind the suite in use.
    private func choose(from offer: KeyExchange) throws(Refusal) -> CipherSuite {
        let usable = current.map { [$0.suite] } ?? suites
        let offered = offer.cipherSuites.lazy.compactMap(CipherSuite.init)
        guard let suite = offered.first(where: { usable.contains($0) }) else {
            throw Refusal(.encryptionError, "no cipher suite in common")
        }
        return suite
    }

    private func entry(
        _ agreement: KeyAgreement, _ other: KeyExchange, suite: CipherSuite
    ) throws(Refusal) -> KeyLog.Entry {
        guard
            let secret = agreement.sessionSecret(
                with: other.publicKey, sessionID: sessionID, epoch: other.epoch, transcript: transcript)
        else { throw Refusal(.encryptionError, "the public key is none") }
        return KeyLog.Entry(sessionID: sessionID, epoch: other.epoch, suite: suite, secret: secret)
    }
}
