import SpatioSession
import SpatioWire

/// Finds the key that opens a message: by the session's id, or, for a session joined in the middle, by trying.
struct SecurityTable: Sendable {
    /// Messages of a session that are tried against every key before it counts as not openable: the first may belong to
    /// an epoch that the key log lacks.
    static let tries = 16
    /// Keys tried a message: with more secrets than that in the log, a session needs its CONNECT_ACK in the capture.
    static let keysTried = 512

    enum Opening {
        case opened([UInt8], sessionID: UUID, isDirectionSwapped: Bool)
        /// There is no key for it.
        case noKey
        /// There is a key for its session, and the tag does not fit.
        case wrong
    }

    enum Verification { case valid, noKey, wrong }

    private struct Ring {
        var sessionID: UUID
        var epochs: [SessionKeys]
        /// The epoch that fitted last in each direction.
        var latest: [2 of Int] = [0, 0]
    }

    /// Keys that came after so many messages.
    private struct Addition {
        var message: Int
        var entry: KeyLog.Entry
    }

    private(set) var keyLog: KeyLog
    /// What there was before the first message.
    let firstKeyLog: KeyLog
    /// In the order in which they came.
    private var additions: [Addition] = []
    /// What is tried for a session whose id is not known.
    private var candidates: [KeyLog.Entry]
    /// By index of the session.
    private var rings: [Int: Ring] = [:]
    private var failures: [Int: Int] = [:]

    init(keyLog: KeyLog) {
        self.keyLog = keyLog
        firstKeyLog = keyLog
        candidates = keyLog.entries.suffix(Self.keysTried)
    }

    var isEmpty: Bool { candidates.isEmpty }

    /// Adds a key that came after so many messages.
    mutating func add(_ entry: KeyLog.Entry, after message: Int) {
        guard additions.count < KeyLog.entryLimit, keyLog.add(entry) else { return }
        additions.append(Addition(message: message, entry: entry))
        candidates.append(entry)
        if candidates.count > Self.keysTried { candidates.removeFirst() }
        // What could not be opened may be now.
        failures.removeAll()
        for session in rings.keys where rings[session]?.sessionID == entry.sessionID { rings[session] = nil }
    }

    /// Another session takes the place of one.
    mutating func forget(session: Int) {
        rings[session] = nil
        failures[session] = nil
    }

    /// Takes the keys over that another table had by a message: in a replay they come when they came first.
    @inline(__always)
    mutating func catchUp(with other: borrowing SecurityTable, before message: Int) {
        if additions.count < other.additions.count { catchUp(other.additions, before: message) }
    }

    private mutating func catchUp(_ others: [Addition], before message: Int) {
        for addition in others.dropFirst(additions.count).prefix(while: { $0.message < message }) {
            add(addition.entry, after: addition.message)
        }
    }

    mutating func open(
        _ octets: UnsafeRawBufferPointer, _ envelope: Envelope, session: Int, id: UUID?, from direction: Direction
    ) -> Opening {
        guard !isEmpty else { return .noKey }
        if let id, prepare(session, id) {
            guard let payload = tryRing(session, direction, { $0.open(octets, envelope, from: direction) }) else {
                return .wrong
            }
            return .opened(payload, sessionID: id, isDirectionSwapped: false)
        }
        guard id == nil else { return .noKey }
        return search(session) { keys, isSwapped in
            keys.open(octets, envelope, from: isSwapped ? direction.opposite : direction)
        }.map { .opened($0.result, sessionID: $0.id, isDirectionSwapped: $0.isSwapped) } ?? .noKey
    }

    /// Opens a message of a session whose id is known, whatever the epoch; nothing is remembered.
    func open(
        _ octets: UnsafeRawBufferPointer, _ envelope: Envelope, sessionID: UUID, from direction: Direction
    ) -> [UInt8]? {
        for entry in keyLog.epochs(of: sessionID) {
            if let payload = SessionKeys(entry).open(octets, envelope, from: direction) { return payload }
        }
        return nil
    }

    mutating func verify(
        _ octets: UnsafeRawBufferPointer, _ envelope: Envelope, session: Int, id: UUID?, from direction: Direction
    ) -> Verification {
        guard !isEmpty else { return .noKey }
        let check = { (keys: SessionKeys) in keys.isSignatureValid(octets, envelope, from: direction) ? true : nil }
        if let id, prepare(session, id) { return tryRing(session, direction, check) == nil ? .wrong : .valid }
        guard id == nil else { return .noKey }
        let found = search(session) { keys, isSwapped in
            keys.isSignatureValid(octets, envelope, from: isSwapped ? direction.opposite : direction) ? true : nil
        }
        return found == nil ? .noKey : .valid
    }

    private mutating func prepare(_ session: Int, _ id: UUID) -> Bool {
        if let ring = rings[session], ring.sessionID == id { return true }
        let entries = keyLog.epochs(of: id)
        guard !entries.isEmpty else { return false }
        rings[session] = Ring(
            sessionID: id, epochs: entries.map { SessionKeys($0) })
        return true
    }

    /// The epoch that fitted last, then the next ones, then those before.
    private mutating func tryRing<R>(_ session: Int, _ direction: Direction, _ body: (SessionKeys) -> R?) -> R? {
        guard let ring = rings[session] else { return nil }
        let side = Int(direction.rawValue)
        for step in 0..<ring.epochs.count {
            let epoch = (ring.latest[side] + step) % ring.epochs.count
            if let result = body(ring.epochs[epoch]) {
                if epoch != ring.latest[side] { rings[session]?.latest[side] = epoch }
                return result
            }
        }
        return nil
    }

    private mutating func search<R>(
        _ session: Int, _ body: (SessionKeys, _ isSwapped: Bool) -> R?
    ) -> (result: R, id: UUID, isSwapped: Bool)? {
        guard failures[session, default: 0] < Self.tries else { return nil }
        for entry in candidates {
            let keys = SessionKeys(entry)
            for isSwapped in [false, true] {
                if let result = body(keys, isSwapped) { return (result, entry.sessionID, isSwapped) }
            }
        }
        failures[session, default: 0] += 1
        return nil
    }
}

extension Direction {
    package var opposite: Direction { self == .client ? .server : .client }
}
