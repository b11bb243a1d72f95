import SpatioWire

/// The keys that a channel sends and receives with (profile section 8): what it sends is under the installed epoch; what
/// it receives may be under that one, the one before, or one that the other end may change to first.
struct Epochs: Sendable {
    struct Epoch: Sendable {
        var keys: SessionKeys
        var number: UInt16
        var protection: Protection
    }

    private let direction: Direction
    private(set) var current: Epoch?
    private var previous: Epoch?
    private var prepared: Epoch?
    /// The latest epoch that a message of the other end has come with.
    private var confirmed: UInt16?

    init(_ direction: Direction) { self.direction = direction }

    private var peer: Direction { direction == .client ? .server : .client }

    mutating func install(_ epoch: Epoch) {
        if prepared?.number == epoch.number { prepared = nil }
        if let current, current.number != epoch.number { previous = current }
        current = epoch
    }

    mutating func prepare(_ epoch: Epoch) { prepared = epoch }

    /// Notes what a message came with; true when it is the first of an epoch that is in use or prepared.
    mutating func confirm(_ number: UInt16) -> Bool {
        guard number != confirmed, number == current?.number || number == prepared?.number else { return false }
        confirmed = number
        return true
    }

    /// Octets that protection adds to a message.
    var overhead: Int {
        switch current?.protection {
        case .encrypt?: Envelope.sealSize
        case .sign?: Envelope.signatureSize
        default: 0
        }
    }

    func protect(_ message: Message) -> Message {
        guard let current else { return message }
        switch current.protection {
        case .none: return message
        case .sign: return current.keys.sign(message, from: direction)
        case .encrypt: return current.keys.seal(message, from: direction)
        }
    }

    enum Opened {
        /// The payload is in the message, as it is.
        case plain
        /// As `plain`, with the right signature of this epoch.
        case verified(epoch: UInt16)
        case opened([UInt8], epoch: UInt16)
        case refused(ErrorCode, String)
    }

    /// Whether a message has the protection that was agreed, and what its payload is.
    func open(_ octets: UnsafeRawBufferPointer, _ envelope: Envelope) -> Opened {
        let flags = envelope.header.flags
        var wanted: Protection?
        for epoch in [current, prepared, previous] {
            guard let epoch else { continue }
            wanted = wanted ?? epoch.protection
            switch epoch.protection {
            case .none:
                if flags.isDisjoint(with: [.encrypted, .signed]) { return .plain }
            case .sign:
                if !flags.contains(.encrypted), epoch.keys.isSignatureValid(octets, envelope, from: peer) {
                    return .verified(epoch: epoch.number)
                }
            case .encrypt:
                if let content = epoch.keys.open(octets, envelope, from: peer) {
                    return .opened(content, epoch: epoch.number)
                }
            }
        }
        // Until an epoch is installed, nothing has to be protected; the keys of what is, are not known.
        if current == nil, flags.isDisjoint(with: [.encrypted, .signed]) { return .plain }
        if flags.contains(.encrypted) { return .refused(.encryptionError, "sealed with a key that is not known") }
        if flags.contains(.signed) { return .refused(.invalidSignature, "the signature is wrong") }
        return wanted == .encrypt
            ? .refused(.encryptionError, "not sealed") : .refused(.invalidSignature, "not signed")
    }
}
