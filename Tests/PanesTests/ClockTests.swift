import Inspection
import Screen
import Testing

@testable import Panes

@Suite struct ClockTests {
    static func bench(_ width: Int = 80, _ height: Int = 24) throws -> Bench {
        Bench.ready(try Meeting.small().snapshot(), width, height)
    }

    @Test func `a capture is shown as of its end`() throws {
        let bench = try Self.bench()
        #expect(bench.topLine.contains("END  00:03.050 / 00:03.050"))
        #expect(bench.snapshot.isAtEnd)
    }

    @Test func `play starts from the beginning when the clock is at the end, and ends there`() throws {
        var bench = try Self.bench()
        bench.press("p")
        #expect(bench.topLine.contains("REPLAY x1  00:00.000"))
        bench.pass(seconds: 1.5)
        #expect(bench.topLine.contains("REPLAY x1  00:01.500"))
        #expect(bench.snapshot.cursor > 0 && bench.snapshot.cursor < bench.snapshot.index.count)
        bench.pass(seconds: 2)
        #expect(bench.topLine.contains("END"))
        #expect(!bench.application.player.isPlaying)
    }

    @Test func `p pauses, and goes on from where the clock stands`() throws {
        var bench = try Self.bench()
        bench.press("p")
        bench.pass(seconds: 1)
        bench.press("p")
        bench.pass(seconds: 5)
        #expect(bench.topLine.contains("PAUSED x1  00:01.000"))
        bench.press("p")
        bench.pass(seconds: 0.5)
        #expect(bench.topLine.contains("REPLAY x1  00:01.500"))
    }

    @Test func `speed changes while it plays, without a leap`() throws {
        var bench = try Self.bench()
        bench.press("p")
        bench.pass(seconds: 1)
        bench.press(")")
        #expect(bench.topLine.contains("REPLAY x2  00:01.000"))
        bench.pass(seconds: 0.5)
        #expect(bench.topLine.contains("00:02.000"))
        bench.press("(", "(")
        #expect(bench.topLine.contains("REPLAY x0.5"))
        bench.pass(seconds: 1)
        #expect(bench.topLine.contains("00:02.500"))
    }

    @Test func `speed has a slowest and a fastest`() throws {
        var bench = try Self.bench()
        for _ in 0..<30 { bench.press(")") }
        bench.press("<")
        #expect(bench.topLine.contains("x100"))
        for _ in 0..<30 { bench.press("(") }
        #expect(bench.topLine.contains("x0.1"))
    }

    @Test func `a step moves the clock by exactly one message, and the list with it`() throws {
        var bench = try Self.bench()
        bench.press("<")
        let first = bench.snapshot.cursor
        bench.press("]")
        #expect(bench.snapshot.cursor == first + 1)
        #expect(bench.application.messages.selected(in: bench.snapshot) == first)
        bench.press("]", "]", "[")
        #expect(bench.snapshot.cursor == first + 2)
        #expect(bench.topLine.contains("PAUSED"))
    }

    @Test func `steps at the ends stay there`() throws {
        var bench = try Self.bench()
        bench.press("]")
        #expect(bench.snapshot.cursor == bench.snapshot.index.count)
        bench.press("<", "[", "[", "[")
        #expect(bench.snapshot.cursor == 1)
    }

    @Test func `a step after the clock went elsewhere goes on from there`() throws {
        var bench = try Self.bench()
        bench.press("<", "]", ">", "[")
        #expect(bench.snapshot.cursor == bench.snapshot.index.count - 1)
    }

    @Test func `steps follow the filter`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type("type == ping")
        bench.press(.enter, "<", "]", "]")
        let message = try #require(bench.application.messages.selected(in: bench.snapshot))
        #expect(bench.snapshot.index[message].type == .ping)
        #expect(bench.snapshot.cursor == message + 1)
    }

    @Test func `seek goes by a second and keeps within the capture`() throws {
        var bench = try Self.bench()
        bench.press(",")
        #expect(bench.topLine.contains("PAUSED x1  00:02.050"))
        bench.press(",", ",", ",", ",")
        #expect(bench.topLine.contains("00:00.000"))
        bench.press(".")
        #expect(bench.topLine.contains("00:01.000"))
        bench.press(".", ".", ".")
        #expect(bench.topLine.contains("END"))
    }

    @Test func `a click into the time line moves the clock there, and a drag takes it along`() throws {
        var bench = try Self.bench()
        let line = bench.application.layout.timeline
        bench.mouse(.press, line.x + line.width / 2, line.y)
        let half = bench.snapshot.time
        #expect(abs(half - (bench.snapshot.firstTime + bench.snapshot.lastTime) / 2) < 50_000_000)
        // Over the edge of the time line the pointer still has hold of the clock.
        bench.mouse(.drag, line.x + line.width / 4, line.y - 5)
        #expect(bench.snapshot.time < half)
        let quarter = bench.snapshot.time
        bench.mouse(.release, line.x + line.width / 4, line.y - 5)
        bench.mouse(.drag, line.x + line.width - 2, line.y)
        #expect(bench.snapshot.time == quarter)
    }
}
