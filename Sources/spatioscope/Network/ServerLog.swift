import Dispatch
import Glibc
import SpatioServer
import SpatioWire
import Synchronization

/// The log of a server on standard error: one entry a line, for people (`key=value`) or for programs (JSON). Written on a
/// queue of its own, so that a terminal that is stopped stops nobody's session; what does not fit is counted.
final class ServerLog: Sendable {
    enum Format: String, CaseIterable, Sendable {
        case text, json
    }

    /// Entries that wait to be written.
    private static let backlog = 10_000

    private let format: Format
    private let least: ServerEntry.Level
    private let queue = DispatchQueue(label: "log")
    private let waiting = Mutex((count: 0, dropped: 0))

    /// - Parameter least: what is less important is not written.
    init(_ format: Format, least: ServerEntry.Level) {
        self.format = format
        self.least = least
    }

    func write(_ entry: ServerEntry) {
        guard entry.level.rank >= least.rank else { return }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let time = Self.text(now)
        let dropped: Int? = waiting.withLock { state in
            guard state.count < Self.backlog else {
                state.dropped += 1
                return nil
            }
            state.count += 1
            defer { state.dropped = 0 }
            return state.dropped
        }
        guard let dropped else { return }
        queue.async { [self] in
            if dropped > 0 {
                put(time, ServerEntry(.warning, "log entries dropped", ["count": "\(dropped)"]))
            }
            put(time, entry)
            waiting.withLock { $0.count -= 1 }
        }
    }

    /// Returns when all that was written is out.
    func flush() { queue.sync {} }

    private func put(_ time: String, _ entry: ServerEntry) {
        var line = JSONText()
        switch format {
        case .json:
            line.open("{")
            line.key("time")
            line.string(time)
            line.key("level")
            line.string(entry.level.name)
            line.key("message")
            line.string(entry.text)
            for (key, value) in entry.metadata {
                line.key(key)
                line.string(value)
            }
            line.close("}")
            StandardError.print(line.text)
        case .text:
            let pairs = entry.metadata.map { key, value in " \(key)=\(Self.word(value))" }
            StandardError.print("\(time) \(entry.level.name) \(entry.text)\(pairs.joined())")
        }
    }

    /// A value as one word: quoted where it is more, and nothing in it can steer a terminal.
    private static func word(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
        if isPlain { return value }
        let text = value.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || (0x80..<0xA0).contains(scalar.value):
                "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }
        return "\"\(text.joined())\""
    }

    /// RFC 3339 in UTC, to the millisecond.
    private static func text(_ time: timespec) -> String {
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: some BinaryInteger, _ digits: Int) -> String {
            let text = "\(number)"
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let date = "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let clock = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(date)T\(clock).\(padded(time.tv_nsec / 1_000_000, 3))Z"
    }
}

extension ServerEntry.Level {
    var name: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        }
    }

    fileprivate var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        }
    }
}
