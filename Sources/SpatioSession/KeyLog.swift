import SpatioWire

/// Secrets of sessions, one line each, as a program writes them to the file that `SPATIO_KEYLOG` names (profile
/// section 8). Anything may stand in such a file: what is not understood is named, never fatal.
public struct KeyLog: Sendable {
    /// The secret of one epoch of one session.
    public struct Entry: Hashable, Sendable {
        public var sessionID: UUID
        public var epoch: UInt16
        public var suite: CipherSuite
        /// 32 octets.
        public var secret: [UInt8]

        public init(sessionID: UUID, epoch: UInt16, suite: CipherSuite, secret: [UInt8]) {
            self.sessionID = sessionID
            self.epoch = epoch
            self.suite = suite
            self.secret = secret
        }
    }

    /// A line with the right label that cannot be used.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// Counted from 1.
        public var line: Int
        public var reason: String

        public var description: String { "line \(line): \(reason)" }
    }

    public static let label = "SPATIO_SESSION_SECRET"
    /// A day of a server with one new session a second; an endless file must not fill the memory.
    public static let entryLimit = 100_000
    /// Whoever has this many wrong lines has the wrong file; more of them would say nothing new.
    public static let problemLimit = 100
    private static let secretSize = 32

    private var epochsBySession: [UUID: [UInt16: Entry]] = [:]
    public private(set) var count = 0
    public private(set) var problems: [Problem] = []

    public init() {}

    /// Reads a whole key log. Later lines for the same session and epoch win; comments (`#`), empty lines and lines
    /// with another label are skipped.
    public init(parsing octets: [UInt8]) {
        var number = 0
        for line in octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            guard let first = words.first, first.elementsEqual(Self.label.utf8) else { continue }
            let fields = words.dropFirst().map { String(decoding: $0, as: UTF8.self) }
            switch Self.entry(fields) {
            case .success(let entry): if !add(entry) { note("over \(Self.entryLimit) entries", line: number) }
            case .failure(let reason): note(reason.text, line: number)
            }
        }
    }

    /// Adds an entry, in the place of another one of the same session and epoch.
    ///
    /// - Returns: false where there are too many of them.
    @discardableResult
    public mutating func add(_ entry: Entry) -> Bool {
        let isNew = epochsBySession[entry.sessionID]?[entry.epoch] == nil
        guard !isNew || count < Self.entryLimit else { return false }
        if isNew { count += 1 }
        epochsBySession[entry.sessionID, default: [:]][entry.epoch] = entry
        return true
    }

    /// Every entry, by session and epoch.
    public var entries: [Entry] {
        epochsBySession.keys.sorted().flatMap { epochs(of: $0) }
    }

    /// The entries of one session by rising epoch.
    public func epochs(of sessionID: UUID) -> [Entry] {
        (epochsBySession[sessionID] ?? [:]).values.sorted { $0.epoch < $1.epoch }
    }

    /// The line of an entry, without the end of line.
    public static func line(for entry: Entry) -> String {
        let secret = hexadecimalText(entry.secret)
        return "\(label) \(entry.sessionID.hexadecimal) \(entry.epoch) \(entry.suite.rawValue) \(secret)"
    }

    private struct Reason: Error {
        var text: String
    }

    private static func entry(_ fields: [String]) -> Result<Entry, Reason> {
        guard fields.count == 4 else {
            return .failure(Reason(text: "\(fields.count) fields behind \(label), not 4"))
        }
        guard fields[0].utf8.count == 32, let sessionID = UUID(parsing: fields[0]) else {
            return .failure(Reason(text: "the session id is not 32 hexadecimal digits"))
        }
        guard let epoch = UInt16(fields[1]) else {
            return .failure(Reason(text: "the epoch is not a number below 65536"))
        }
        guard let suite = UInt8(fields[2]).flatMap(CipherSuite.init) else {
            return .failure(Reason(text: "the cipher suite is neither 1 nor 2"))
        }
        guard let secret = octets(hexadecimal: fields[3]), secret.count == secretSize else {
            return .failure(Reason(text: "the secret is not 64 hexadecimal digits"))
        }
        return .success(Entry(sessionID: sessionID, epoch: epoch, suite: suite, secret: secret))
    }

    private mutating func note(_ reason: String, line: Int) {
        guard problems.count < Self.problemLimit else { return }
        problems.append(Problem(line: line, reason: reason))
    }
}
