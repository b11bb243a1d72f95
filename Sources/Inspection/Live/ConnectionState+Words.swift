import Capture
import SpatioWire

extension ConnectionState {
    /// In a few words, for a status line; nil where all is well. Times are nanoseconds since the Unix epoch.
    ///
    /// - Parameter since: when this began to be so.
    package func brief(since: Int64, now: Int64) -> String? {
        switch self {
        case .connecting: "CONNECTING \(Self.seconds(now - since))"
        case .challenged: "CHALLENGED"
        case .authenticating: "AUTHENTICATING"
        case .joined: nil
        case .refused(let code, _): "REFUSED \(code)"
        case .unreachable: "UNREACHABLE"
        case .untrusted: "NOT TRUSTED"
        case .silent(let since): "SILENT \(Self.seconds(now - since))"
        case .lost(let since): "LOST \(Self.seconds(now - since))"
        case .waiting(let until, let attempt): "AWAY, AGAIN IN \(Self.seconds(until - now)) (\(attempt))"
        case .ended: "ENDED BY SERVER"
        case .left: "LEFT"
        case .capturing: nil
        case .interrupted(let condition): "\(condition.brief) \(Self.seconds(now - since))"
        }
    }

    /// What is so and what to do about it, a sentence or two each.
    ///
    /// - Parameter name: where to.
    package func words(_ name: String, since: Int64, now: Int64) -> [String] {
        switch self {
        case .connecting:
            let waited = now - since
            var words = ["Connecting to \(name)\(waited < 1_000_000_000 ? "" : " for \(Self.seconds(waited))") ..."]
            if waited > Self.longWait {
                words.append("No answer yet: is the server there, and does a firewall let its port through?")
            }
            return words
        case .challenged: return ["\(name) has answered and proves our address ..."]
        case .authenticating: return ["\(name) has answered; keys and rights are being settled ..."]
        case .joined(let spaces, let security, let returned):
            let what = spaces.isEmpty ? "no space" : spaces.map(SuspicionText.name).joined(separator: ", ")
            return [
                "\(returned ? "Joined again" : "Joined"): \(what), security \(security.name).",
                spaces.isEmpty ? "The server has no space for us: look at --space." : "Nothing has come yet.",
            ]
        case .refused(let code, let reason):
            let advice = code.advice
            return ["\(name) refuses: \(code)\(Self.quoted(reason)).", advice.meaning, advice.remedy]
        case .unreachable(let reason):
            return [
                "\(name) cannot be reached\(Self.quoted(reason)).",
                "Look at the name and the port, and whether the server runs.",
            ]
        case .untrusted(let reason):
            return [
                "\(name) is not trusted\(Self.quoted(reason)).",
                "Somebody may stand between. If the server has a new key, pin that: --server-key.",
            ]
        case .silent(let since):
            return [
                "Nothing heard of \(name) for \(Self.seconds(now - since)).", "It is asked whether it is still there.",
            ]
        case .lost(let since):
            return [
                "\(name) is gone: nothing heard for \(Self.seconds(now - since)).", ErrorCode.timeout.advice.remedy,
            ]
        case .waiting(let until, let attempt):
            return [
                "No connection to \(name).",
                "Tries again \(until - now < 1_000_000_000 ? "at once" : "in \(Self.seconds(until - now))"), for the \(Self.ordinal(attempt)) time.",
            ]
        case .ended(let code, let reason):
            let advice = code.advice
            return ["\(name) has ended the session: \(code)\(Self.quoted(reason)).", advice.meaning, advice.remedy]
        case .left: return ["Left \(name)."]
        case .capturing(let returned): return returned ? ["\(name) is back."] : []
        case .interrupted(let condition): return condition.words(name, for: now - since)
        }
    }

    /// What has become so, for a log: without what only somebody says who looks at an empty screen.
    ///
    /// - Parameters:
    ///   - name: where to.
    ///   - time: when it became so.
    package func news(_ name: String, at time: Int64) -> String {
        let words = words(name, since: time, now: time)
        if case .joined(let spaces, _, _) = self, !spaces.isEmpty { return words[0] }
        return words.joined(separator: " ")
    }

    /// Until then nobody wonders.
    private static let longWait: Int64 = 3_000_000_000

    /// What somebody else says, behind a colon.
    private static func quoted(_ reason: String) -> String {
        reason.isEmpty ? "" : ", \"\(SuspicionText.name(reason))\""
    }

    fileprivate static func seconds(_ nanoseconds: Int64) -> String {
        let seconds = max(0, nanoseconds) / 1_000_000_000
        return seconds < 120 ? "\(seconds) s" : seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
    }

    private static func ordinal(_ number: Int) -> String {
        let suffix =
            switch (number % 100, number % 10) {
            case (11...13, _): "th"
            case (_, 1): "st"
            case (_, 2): "nd"
            case (_, 3): "rd"
            default: "th"
            }
        return "\(number)\(suffix)"
    }
}

extension InterfaceCondition {
    fileprivate var brief: String {
        switch self {
        case .up: "UP"
        case .unplugged: "UNPLUGGED"
        case .down: "DOWN"
        case .gone: "GONE"
        }
    }

    /// - Parameter time: how long it has been so, nanoseconds.
    fileprivate func words(_ name: String, for time: Int64) -> [String] {
        let duration = time < 1_000_000_000 ? "" : " for \(ConnectionState.seconds(time))"
        return switch self {
        case .up: ["\(name) is there."]
        case .unplugged:
            ["\(name) has no carrier\(duration): the cable is out, or what is at its other end is off."]
        case .down: ["\(name) is switched off\(duration).", "It goes on after: sudo ip link set \(name) up"]
        case .gone:
            [
                "\(name) is gone\(duration).",
                "It goes on by itself when an interface of that name and kind is there again.",
            ]
        }
    }
}

extension ConnectionLog.Entry {
    /// In a few words, for a status line; nil where all is well. Of what is tried again, what it came from stays said.
    package func brief(now: Int64) -> String? {
        guard let cause, let reason = cause.brief(since: time, now: now) else {
            return state.brief(since: time, now: now)
        }
        guard case .waiting(let until, let attempt) = state else { return "\(reason), TRYING AGAIN" }
        return "\(reason), AGAIN IN \(ConnectionState.seconds(until - now)) (\(attempt))"
    }

    /// What is so and what to do about it, a sentence or two each.
    ///
    /// - Parameter name: where to.
    package func words(_ name: String, now: Int64) -> [String] {
        let words = state.words(name, since: time, now: now)
        guard let cause else { return words }
        // The reason says already that there is no connection.
        if case .waiting = state { return cause.words(name, since: time, now: now) + words.dropFirst() }
        return cause.words(name, since: time, now: now) + words
    }
}

extension Snapshot {
    /// What is so with the watched connections at the clock, and since when; those of which nothing is known are left out.
    package var connectionStates: [(name: String, entry: ConnectionLog.Entry)] {
        connections.compactMap { connection in
            let entry = isAtEnd ? connection.log.entries.last : connection.log.entry(at: time)
            return entry.map { (connection.name, $0) }
        }
    }

    /// The moment to which the words about connections refer.
    package var connectionTime: Int64 { isAtEnd ? max(now, time) : time }
}
