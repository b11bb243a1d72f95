import Capture
import SpatioSession
import SpatioWire

/// How it stands with the connection to a server that is watched, or with an interface. Times are nanoseconds since the Unix epoch.
package enum ConnectionState: Equatable, Sendable {
    /// CONNECT is on its way, and nothing has come back.
    case connecting
    /// The server wants to see that the address is ours.
    case challenged
    /// The server has answered; who we are, or which keys to use, is being settled.
    case authenticating
    /// Messages come. `returned`: there was a time without a connection before.
    case joined(spaces: [String], security: SecurityLevel, returned: Bool)
    /// The server said no.
    case refused(ErrorCode, reason: String)
    /// Nothing there takes what we send: no such host, no route, nobody listens.
    case unreachable(reason: String)
    /// The server is not the one whose key is pinned, or it offers less security than was asked for.
    case untrusted(reason: String)
    /// Joined, and nothing has been heard since a time.
    case silent(since: Int64)
    /// Given up on a server that has been silent since a time.
    case lost(since: Int64)
    /// To be tried again at a time; the first time again is attempt 1.
    case waiting(until: Int64, attempt: Int)
    /// The server said DISCONNECT.
    case ended(ErrorCode, reason: String)
    /// We said DISCONNECT.
    case left
    /// An interface's packets come. `returned`: there was a time without it before.
    case capturing(returned: Bool)
    /// No packet can come of an interface, which goes on by itself when it can.
    case interrupted(InterfaceCondition)

    /// Messages can come.
    package var isJoined: Bool {
        switch self {
        case .joined, .silent, .capturing: true
        default: false
        }
    }

    /// On the way to a connection, or waiting to be.
    fileprivate var isTry: Bool {
        switch self {
        case .connecting, .challenged, .authenticating, .waiting: true
        default: false
        }
    }

    /// It says why there is no connection.
    fileprivate var isCut: Bool { if case .lost = self { true } else { isFailure } }

    /// It says why there is no connection and will be none without somebody's doing.
    package var isFailure: Bool {
        switch self {
        case .refused, .unreachable, .untrusted, .ended: true
        default: false
        }
    }
}

/// A time without a connection, between two with one.
package struct ConnectionGap: Equatable, Sendable {
    /// Nanoseconds since the Unix epoch; `end` is nil while it lasts.
    package var start: Int64
    package var end: Int64?

    package init(start: Int64, end: Int64?) {
        self.start = start
        self.end = end
    }
}

/// How a connection came to be as it is: states in the order of their times.
package struct ConnectionLog: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        /// Nanoseconds since the Unix epoch.
        package var time: Int64
        package var state: ConnectionState
        /// Why it has to be tried again, where it has.
        package var cause: ConnectionState?
    }

    /// Changes that are kept: a server that is away for days is tried some thousand times. Then the first quarter goes.
    static let limit = 8192

    package private(set) var entries: [Entry] = []

    package init() {}

    /// Adds what is so from a time on. A clock that was set back does not bring the past into disorder.
    package mutating func add(_ state: ConnectionState, at time: Int64) {
        guard entries.last?.state != state else { return }
        let cause =
            state.isTry ? entries.last.flatMap { $0.state.isTry ? $0.cause : $0.state.isCut ? $0.state : nil } : nil
        if entries.count >= Self.limit { entries.removeFirst(Self.limit / 4) }
        entries.append(Entry(time: max(time, entries.last?.time ?? time), state: state, cause: cause))
    }

    /// What was so at a time, and since when; nil before the first.
    package func entry(at time: Int64) -> Entry? { entries.last { $0.time <= time } }

    /// The times without a connection as they were known at a time, in order. What came before the first joining is none.
    package func gaps(until time: Int64) -> [ConnectionGap] {
        var gaps: [ConnectionGap] = []
        var isConnected = false
        for entry in entries.prefix(while: { $0.time <= time }) {
            if entry.state.isJoined {
                if !isConnected, gaps.last?.end == nil { close(&gaps, entry.time) }
                isConnected = true
            } else if isConnected {
                isConnected = false
                var start = entry.time
                if case .lost(let since) = entry.state { start = min(start, since) }
                gaps.append(ConnectionGap(start: start, end: nil))
            }
        }
        return gaps
    }

    private func close(_ gaps: inout [ConnectionGap], _ time: Int64) {
        guard let last = gaps.indices.last else { return }
        gaps[last].end = time
    }
}

/// A connection that is watched.
package struct Connection: Equatable, Sendable {
    /// Where to, as the user gave it.
    package var name: String
    package var log: ConnectionLog

    package init(name: String, log: ConnectionLog) {
        self.name = name
        self.log = log
    }
}
