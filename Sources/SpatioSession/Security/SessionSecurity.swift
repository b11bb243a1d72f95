import SpatioWire

/// Drives the key exchanges of one session over its channel.
struct SessionSecurity: Sendable {
    /// Nanoseconds that an epoch lasts at least: each exchange costs two multiplications on the curve, which no peer may
    /// make us do as often as it likes.
    static let shortestEpoch: Int64 = 1_000_000_000

    private var exchange: EpochExchange
    private let protection: Protection
    private var isRekeyWanted = false
    /// What the other end began with before we could follow.
    private var waitingOffer: KeyExchange?
    /// When the other end last made us compute keys, and when we last changed to new ones.
    private var lastExchange: Int64?

    init(_ exchange: EpochExchange, _ level: SecurityLevel) {
        self.exchange = exchange
        protection = Protection(level)
    }

    var current: KeyLog.Entry? { exchange.current }

    /// Begins the first exchange.
    mutating func begin(_ channel: inout Channel, at now: Moment) {
        guard let offer = exchange.offer() else { return }
        send(offer, &channel, at: now)
    }

    /// A new epoch as soon as one can begin.
    mutating func wantRekey() { isRekeyWanted = true }

    /// Begins a new epoch, or answers the other end's wish for one, if the time is right; returns its secret, for the
    /// key log, where it is known now.
    mutating func rekeyIfDue(_ channel: inout Channel, at now: Moment) throws(Refusal) -> KeyLog.Entry? {
        guard let deadline = deadline(channel), now.monotonic >= deadline else { return nil }
        guard let offer = waitingOffer.take() else {
            isRekeyWanted = false
            begin(&channel, at: now)
            return nil
        }
        return try apply(offer, &channel, at: now)
    }

    /// When `rekeyIfDue` has something to do; nil while nothing is wanted, an exchange is under way, or something that
    /// the epoch before sealed has not arrived, because its keys are forgotten with the next one.
    func deadline(_ channel: Channel) -> Int64? {
        guard isRekeyWanted || waitingOffer != nil, exchange.current != nil, !exchange.isUnderWay,
            channel.isOldEpochAcknowledged
        else { return nil }
        return dueTime
    }

    private var dueTime: Int64 { lastExchange.map { $0 + Self.shortestEpoch } ?? .min }

    /// Takes a KEY_EXCHANGE of the other end; returns the secret of a new epoch, for the key log.
    mutating func receive(
        _ other: KeyExchange, _ channel: inout Channel, at now: Moment
    ) throws(Refusal) -> KeyLog.Entry? {
        guard exchange.isNew(other), !exchange.isUnderWay, exchange.current != nil else {
            return try apply(other, &channel, at: now)
        }
        guard waitingOffer == nil else { throw Refusal(.protocolError, "two KEY_EXCHANGEs for one epoch") }
        waitingOffer = other
        return try rekeyIfDue(&channel, at: now)
    }

    private mutating func apply(
        _ other: KeyExchange, _ channel: inout Channel, at now: Moment
    ) throws(Refusal) -> KeyLog.Entry? {
        switch try exchange.receive(other) {
        case .answer(let answer, let entry):
            lastExchange = now.monotonic
            channel.prepareReceiving(SessionKeys(entry), epoch: entry.epoch, protection: protection)
            send(answer, &channel, at: now)
            return entry
        case .use(let entry):
            lastExchange = now.monotonic
            channel.install(SessionKeys(entry), epoch: entry.epoch, protection: protection)
            // Says to the other end that the keys are in use.
            channel.ping(at: now)
            return entry
        case .answerAgain(let answer):
            send(answer, &channel, at: now)
            return nil
        case .nothing: return nil
        }
    }

    /// A message with the keys of an epoch has arrived: where we answered, we use them from now on, too.
    mutating func confirm(_ epoch: UInt16, _ channel: inout Channel, at now: Moment) {
        guard let entry = exchange.confirm(epoch) else { return }
        channel.install(SessionKeys(entry), epoch: entry.epoch, protection: protection)
        channel.ping(at: now)
    }

    /// A full queue is no reason to fail: the offer is made again when there is room, an answer when it is asked for.
    private mutating func send(_ exchange: KeyExchange, _ channel: inout Channel, at now: Moment) {
        do throws(SendError) {
            try channel.send(.keyExchange(exchange), Delivery(reliable: true, priority: .critical), at: now)
        } catch {
            isRekeyWanted = true
        }
    }
}
