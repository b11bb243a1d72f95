import Inspection
import SpatioWire
import Testing

/// How a connection came to be as it is, and what is said of it.
struct ConnectionTests {
    private static let second: Int64 = 1_000_000_000

    private func log(_ entries: (Int64, ConnectionState)...) -> ConnectionLog {
        var log = ConnectionLog()
        for (time, state) in entries { log.add(state, at: time * Self.second) }
        return log
    }

    private static func joined(again: Bool = false) -> ConnectionState {
        .joined(spaces: ["plaza"], security: .none, returned: again)
    }

    @Test("What was so at a time is what was reported last before it")
    func asOf() {
        let log = log((1, .connecting), (2, Self.joined()), (9, .left))
        #expect(log.entry(at: 0) == nil)
        #expect(log.entry(at: Self.second)?.state == .connecting)
        #expect(log.entry(at: 8 * Self.second)?.time == 2 * Self.second)
        #expect(log.entry(at: .max)?.state == .left)
    }

    @Test("What is reported again is nothing new, and a clock that was set back disturbs no order")
    func order() {
        let log = log((5, .connecting), (6, .connecting), (3, .challenged))
        #expect(log.entries.map(\.state) == [.connecting, .challenged])
        #expect(log.entries.map(\.time) == [5 * Self.second, 5 * Self.second])
    }

    @Test("A gap lasts from when nothing was heard any more until messages come again")
    func gap() {
        let log = log(
            (1, .connecting), (2, Self.joined()), (10, .silent(since: 5 * Self.second)),
            (50, .lost(since: 5 * Self.second)), (51, .waiting(until: 60 * Self.second, attempt: 1)),
            (60, .connecting), (61, Self.joined(again: true)), (70, .ended(.success, reason: "")))
        let gaps = log.gaps(until: .max)
        #expect(
            gaps == [
                ConnectionGap(start: 5 * Self.second, end: 61 * Self.second),
                ConnectionGap(start: 70 * Self.second, end: nil),
            ])
        // As of a time in the middle nobody knows when it will end, and before it nobody knows of it at all.
        #expect(log.gaps(until: 55 * Self.second) == [ConnectionGap(start: 5 * Self.second, end: nil)])
        #expect(log.gaps(until: 20 * Self.second).isEmpty)
    }

    @Test("What came before the first joining is no gap, and neither is a silence that ended")
    func noGap() {
        #expect(log((1, .connecting), (9, .refused(.unauthorized, reason: ""))).gaps(until: .max).isEmpty)
        let quiet = log((1, Self.joined()), (9, .silent(since: 3)), (12, Self.joined()))
        #expect(quiet.gaps(until: .max).isEmpty)
    }

    @Test("A log that goes on for days is bounded and keeps the newest")
    func bounded() {
        var log = ConnectionLog()
        for number in 0..<20_000 { log.add(.waiting(until: Int64(number), attempt: number), at: Int64(number)) }
        #expect(log.entries.count <= 8192)
        #expect(log.entries.last?.time == 19_999)
    }

    @Test("Every code has a meaning and something to do about it, each a sentence")
    func advice() {
        for (code, name) in ErrorCode.names {
            let advice = ErrorCode(rawValue: code).advice
            #expect(advice.meaning.hasSuffix(".") && advice.remedy.hasSuffix("."), "\(name)")
            #expect(!advice.meaning.contains("does not know"), "\(name)")
        }
        #expect(ErrorCode(rawValue: 0x99).advice.meaning.contains("153"))
    }

    @Test("A refusal is said with its code, its reason and what to do about it")
    func refusal() {
        let state = ConnectionState.refused(ErrorCode(rawValue: 0x44), reason: "since\u{1B}[2J monday")
        let words = state.words("example.org:7728", since: 0, now: 0).joined(separator: " ")
        #expect(words.contains("example.org:7728 refuses: TOKEN_EXPIRED"))
        #expect(words.contains("--token-file"))
        // What the server says cannot steer the terminal.
        #expect(!words.unicodeScalars.contains { $0.value < 32 })
        #expect(state.brief(since: 0, now: 0) == "REFUSED TOKEN_EXPIRED")
    }

    @Test("Waiting is counted down, and silence up")
    func seconds() {
        let wait = ConnectionState.waiting(until: 9 * Self.second, attempt: 3)
        #expect(wait.brief(since: 0, now: 5 * Self.second) == "AWAY, AGAIN IN 4 s (3)")
        #expect(wait.words("x", since: 0, now: 5 * Self.second)[1] == "Tries again in 4 s, for the 3rd time.")
        let silent = ConnectionState.silent(since: Self.second)
        #expect(silent.brief(since: 0, now: 13 * Self.second) == "SILENT 12 s")
        #expect(Self.joined().brief(since: 0, now: 0) == nil)
    }
}
