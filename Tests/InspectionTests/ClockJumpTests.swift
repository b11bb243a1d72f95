import Capture
import Inspection
import SpatioWire
import Testing

/// The clock of the machine that captures is set, or the machine sleeps: times jump, and nothing takes longer for that.
struct ClockJumpTests {
    private static let second: Int64 = 1_000_000_000
    private static let day = 86_400 * second

    /// Messages a millisecond apart, in three parts: before a jump, behind it, and back again.
    private func times(jump: Int64) -> [Int64] {
        (0..<300).map { Sample.start + Int64($0) * 1_000_000 + ($0 / 100 == 1 ? jump : 0) }
    }

    private func hand(_ times: [Int64], to feed: LiveFeed) {
        for (number, time) in times.enumerated() {
            let octets = Message(
                header: MessageHeader(
                    type: .spatialUpdate, streamID: 1, sequence: UInt32(number), timestamp: UInt64(time / 1000)),
                address: Sample.address(), body: .payload(Sample.update(number % 7))
            ).encoded()
            feed.datagram(octets, from: Sample.client, to: Sample.server, at: time)
        }
    }

    @Test(
        "Every message is there, none is lost, and what is computed of it takes no time for the jump",
        arguments: [1, -1, 3600, -3600, 400 * 86_400, -400 * 86_400, 40 * 365 * 86_400, -40 * 365 * 86_400] as [Int64])
    func jump(seconds: Int64) throws {
        let feed = LiveFeed(name: "here")
        let watched = Watched(feeds: [feed])
        let start = ContinuousClock.now
        let times = times(jump: seconds * Self.second)
        hand(times, to: feed)
        var snapshot = watched.wait("not everything came") { $0.index.count == 300 && $0.loading == .live }
        #expect(snapshot.model.counters.lost == 0 && snapshot.model.counters.duplicates == 0)
        #expect(snapshot.model.counters.malformed == 0)
        let first = snapshot.index[0].time
        #expect(snapshot.lastTime - snapshot.firstTime <= abs(seconds) * Self.second + 300_000_000)
        snapshot.goOn(to: first)
        _ = snapshot.timeline.columns(200, until: snapshot.time)
        for stream in snapshot.whole.streams {
            _ = stream.rate.history(until: snapshot.time, since: stream.firstTime)
            _ = stream.rate.perSecond(until: snapshot.time, since: stream.firstTime)
        }
        let earlier = watched.seek(150)
        #expect(earlier.model.counters.messages == 150)
        watched.inspector.seek(.time(times[120]))
        watched.wait("the clock did not go there") { !$0.isAtEnd && $0.cursor != 150 }
        // A step of a millisecond in a loop over 40 years would take minutes.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("What is known of a connection stays in order when the clock is set back")
    func connection() {
        var log = ConnectionLog()
        log.add(.capturing(returned: false), at: Sample.start)
        log.add(.interrupted(.down), at: Sample.start + Self.second)
        log.add(.capturing(returned: true), at: Sample.start - Self.day)
        #expect(log.entries.map(\.time) == log.entries.map(\.time).sorted())
        #expect(log.gaps(until: .max).allSatisfy { $0.end.map { $0 >= Sample.start } ?? false })
    }
}

/// How it stands with an interface, in words.
struct InterfaceStateTests {
    private static let start = Sample.start
    private static let second: Int64 = 1_000_000_000

    private func entry(_ condition: InterfaceCondition) -> ConnectionLog.Entry? {
        var log = ConnectionLog()
        log.add(.capturing(returned: false), at: Self.start)
        log.add(.interrupted(condition), at: Self.start + Self.second)
        return log.entries.last
    }

    @Test(
        "An interface that brings nothing is said, for how long, and what makes it go on",
        arguments: [
            (.gone, "GONE 12 s", "eth0 is gone for 12 s."),
            (.down, "DOWN 12 s", "eth0 is switched off for 12 s."),
            (.unplugged, "UNPLUGGED 12 s", "eth0 has no carrier for 12 s: "),
        ] as [(InterfaceCondition, String, String)])
    func words(condition: InterfaceCondition, brief: String, words: String) throws {
        let entry = try #require(self.entry(condition))
        #expect(entry.brief(now: Self.start + 13 * Self.second) == brief)
        let lines = entry.words("eth0", now: Self.start + 13 * Self.second)
        #expect(lines.first?.hasPrefix(words) == true)
    }

    @Test("While it is away there is a gap, from then until it is back")
    func gap() {
        var log = ConnectionLog()
        for (place, state) in [.capturing(returned: false), .interrupted(.gone), .capturing(returned: true)]
            .enumerated() as EnumeratedSequence<[ConnectionState]>
        { log.add(state, at: Self.start + Int64(place) * Self.second) }
        #expect(
            log.gaps(until: .max) == [ConnectionGap(start: Self.start + Self.second, end: Self.start + 2 * Self.second)]
        )
        #expect(log.entries.last?.brief(now: Self.start + 9 * Self.second) == nil)
    }

    @Test("There is nothing to say of one that has been there all the time; of one that is back there is")
    func news() {
        #expect(ConnectionState.capturing(returned: false).news("eth0", at: Self.start).isEmpty)
        #expect(ConnectionState.capturing(returned: true).news("eth0", at: Self.start) == "eth0 is back.")
    }
}
