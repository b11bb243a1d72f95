import Inspection
import Testing

/// The log of findings as of any time of the clock.
struct FindingLogTests {
    /// One finding each: rule, the message that shows it, the one that brings it to light.
    private func log(_ entries: [(FindingRule, message: Int, detected: Int)]) -> FindingLog {
        var log = FindingLog()
        for entry in entries {
            log.add(
                Finding(
                    rule: entry.0, message: entry.message, detected: entry.detected, time: Int64(entry.detected),
                    text: "\(entry.0) \(entry.message)"))
        }
        return log
    }

    private var some: FindingLog {
        log([
            (.teleport, 3, 3), (.malformed, 5, 5), (.unansweredQuery, 2, 8), (.teleport, 8, 8), (.teleport, 8, 8),
            (.malformed, 9, 9),
        ])
    }

    @Test("A rule counts what had come to light when so many messages had passed")
    func counts() {
        let counts = (0...10).map { some.count(of: .teleport, until: $0) }
        #expect(counts == [0, 0, 0, 1, 1, 1, 1, 1, 3, 3, 3])
        #expect((0...9).map { some.count(of: .unansweredQuery, until: $0) } == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
        #expect(some.count(of: .stale, until: 10) == 0)
        #expect(some.keptCount(of: .teleport, until: 7) == 1)
        #expect(some.kept(1, of: .teleport).message == 8)
        #expect(some.latestMessage(of: .teleport, until: 7) == 3)
        #expect(some.latestMessage(of: .teleport, until: 2) == nil)
    }

    @Test("Going from finding to finding comes past each message that brought one to light, and no other")
    func onAndBack() {
        var stops: [Int] = []
        var clock = 0
        while let finding = some.next(after: clock) {
            clock = finding.detected
            stops.append(clock)
        }
        #expect(stops == [3, 5, 8, 9])
        var back: [Int] = []
        while let finding = some.previous(before: clock) {
            clock = finding.detected
            back.append(clock)
        }
        #expect(back == [8, 5, 3])
    }

    @Test("Only the findings of the rules that are asked for are gone to")
    func ofSome() {
        #expect(some.next(after: 0, of: [.malformed])?.message == 5)
        #expect(some.next(after: 5, of: [.malformed])?.message == 9)
        #expect(some.next(after: 9, of: [.malformed]) == nil)
        #expect(some.previous(before: 9, of: [.malformed, .teleport])?.rule == .teleport)
        #expect(some.next(after: 0, of: [FindingRule]()) == nil)
        #expect(some.next(after: 3, of: [.unansweredQuery])?.message == 2)
    }

    @Test("What is not kept is counted all the same, at every time of the clock")
    func beyond() {
        var log = FindingLog()
        let count = FindingLog.limit + 700
        for number in 1...count { log.add(Finding(rule: .checksum, message: number * 2, time: 0, text: "")) }
        log.add(Finding(rule: .malformed, message: count * 2 + 1, time: 0, text: "another rule has room of its own"))
        #expect(log.count(of: .checksum, until: FindingLog.limit * 2 + 401) == FindingLog.limit + 200)
        #expect(log.forgotten(.checksum, until: FindingLog.limit * 2 + 401) == 200)
        #expect(log.forgotten(.checksum, until: 100) == 0)
        #expect(log.keptCount(of: .checksum) == FindingLog.limit)
        #expect(log.keptCount(of: .malformed) == 1)
    }

    @Test("A finding may count for several: lost sequences do")
    func weights() {
        var log = FindingLog()
        log.add(Finding(rule: .loss, message: 4, time: 0, count: 12, text: ""))
        log.add(Finding(rule: .loss, message: 6, time: 0, count: 3, text: ""))
        #expect([3, 4, 5, 6].map { log.count(of: .loss, until: $0) } == [0, 12, 12, 15])
        #expect(log.forgotten(.loss, until: 6) == 0)
    }

    /// Five messages a tenth of a second apart: the second comes after a loss, the fourth is spoilt.
    private var snapshot: Snapshot {
        var conversation = Conversation()
        var talk = Talk()
        for number in 0..<5 {
            var octets = talk.message(
                Sample.ping, stream: 1, sequence: UInt32(number == 0 ? 0 : number + 3), at: Double(number) * 100
            ).encoded()
            if number == 3 { octets.removeLast() }
            conversation.send(
                octets, from: Sample.client.description, to: Sample.server.description, at: Double(number) / 10)
        }
        var snapshot = Snapshot()
        let book = conversation.analysis.book
        snapshot.index = book.index ?? MessageIndex()
        snapshot.model = book.model
        snapshot.chronicle = book.chronicle
        snapshot.timeline = book.timeline
        snapshot.cursor = snapshot.index.count
        snapshot.firstTime = book.model.firstTime ?? 0
        snapshot.lastTime = book.model.lastTime
        return snapshot
    }

    @Test("The time line marks the worst of the rules that are not silenced")
    func timeline() {
        let snapshot = snapshot
        let range = snapshot.firstTime...snapshot.lastTime
        #expect(snapshot.severities(columns: 4, of: range, silenced: []) == [.none, .warning, .none, .error])
        #expect(snapshot.severities(columns: 4, of: range, silenced: [.stale]) == [.none, .warning, .none, .error])
        #expect(
            snapshot.severities(columns: 4, of: range, silenced: [.malformed]) == [.none, .warning, .none, .warning])
        #expect(
            snapshot.severities(columns: 4, of: range, silenced: [.loss, .malformed]) == [.none, .none, .none, .none])
    }

    @Test("A severity is counted as of the clock, without what is silenced")
    func severities() {
        var snapshot = snapshot
        #expect(snapshot.count(of: Severity.error) == 1)
        #expect(snapshot.count(of: Severity.warning) == 4)
        #expect(snapshot.count(of: Severity.error, silenced: [.malformed]) == 0)
        snapshot.cursor = 3
        #expect(snapshot.count(of: Severity.error) == 0)
    }
}
