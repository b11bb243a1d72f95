import Inspection
import Screen
import Testing

@testable import Panes

/// How the clock goes to what is wrong, plays parts, and is told where to go.
@Suite struct LandmarkTests {
    static func bench(_ meeting: Meeting = .small(), _ width: Int = 80, _ height: Int = 24) throws -> Bench {
        Bench.ready(try meeting.snapshot(), width, height)
    }

    /// Two people who say something, nothing for a minute, and something again.
    static func pause() -> Meeting {
        let meeting = Meeting()
        meeting.connect(0)
        for step in 0..<5 {
            meeting.wait(milliseconds: 100)
            meeting.move(0, Double(step), 0)
        }
        meeting.wait(milliseconds: 60_000)
        for step in 0..<5 {
            meeting.wait(milliseconds: 100)
            meeting.move(0, Double(step), 1)
        }
        return meeting
    }

    // MARK: What is wrong

    @Test func `from the end the clock goes to the first finding, and on to the others`() throws {
        var bench = try Self.bench()
        let findings = bench.snapshot.chronicle.findings.findings
        let places = (0..<findings.count).map { findings[$0].detected }
        bench.press("e")
        #expect(bench.snapshot.cursor == places[0])
        #expect(bench.bottomLine.hasPrefix(" from the beginning: \(findings[0].rule.rawValue): "))
        #expect(bench.application.messages.selected(in: bench.snapshot) == places[0] - 1)
        bench.press("e")
        #expect(bench.snapshot.cursor == places.first { $0 > places[0] })
        bench.press("E")
        #expect(bench.snapshot.cursor == places[0])
        bench.press("E")
        #expect(bench.snapshot.cursor == places.last)
        #expect(bench.bottomLine.hasPrefix(" from the end: "))
    }

    @Test func `the clock goes to the message before which others are missing`() throws {
        var bench = try Self.bench()
        bench.press("<", "o")
        let message = bench.snapshot.cursor - 1
        #expect(bench.snapshot.index[message].marks.contains(.lostBefore))
        bench.press(">", "O")
        #expect(bench.snapshot.cursor - 1 == message)
    }

    @Test func `what is not there is said, and the clock stays`() throws {
        var bench = try Self.bench()
        let cursor = bench.snapshot.cursor
        bench.press("v")
        #expect(bench.bottomLine == " There is no conflict.")
        bench.press("}")
        #expect(bench.bottomLine == " There is no version of the state here.")
        #expect(bench.snapshot.cursor == cursor)
    }

    @Test func `an empty capture has nothing to go to`() throws {
        var bench = try Self.bench(Meeting())
        for key in ["e", "E", "o", "O", "v", "V", "{", "}", "[", "]", "r", "a", "~", "p", "<", ">"] as [Key] {
            bench.press(key)
        }
        #expect(bench.find("The capture is empty") != nil)
    }

    // MARK: Loops and gaps

    @Test func `a loop begins again at the beginning`() throws {
        var bench = try Self.bench()
        bench.press("r", "p")
        #expect(bench.topLine.contains("REPLAY x1 loop  00:00.000"))
        bench.pass(seconds: 3)
        #expect(bench.topLine.contains("00:03.000"))
        bench.pass(seconds: 0.1)
        #expect(bench.topLine.contains("REPLAY x1 loop  00:00.000"))
        bench.pass(seconds: 0.5)
        #expect(bench.topLine.contains("00:00.500"))
    }

    @Test func `two marks make a loop of a part, and a third takes them away`() throws {
        var bench = try Self.bench()
        bench.press("<", ".", "a")
        #expect(bench.bottomLine.hasPrefix(" A: the loop begins here"))
        bench.press(".", "a")
        #expect(bench.topLine.contains("PAUSED x1 A-B"))
        bench.press(",", "p")
        bench.pass(seconds: 1.2)
        #expect(bench.topLine.contains("REPLAY x1 A-B  00:01.000"))
        bench.press("a", "r")
        #expect(!bench.topLine.contains("A-B"))
        bench.pass(seconds: 3)
        #expect(bench.topLine.contains("END"))
    }

    @Test func `marks set in the wrong order are put in the right one, and the same time twice is one mark`() {
        var player = Player()
        player.mark(20)
        player.mark(20)
        #expect(player.loopEnd == nil)
        player.mark(10)
        #expect(player.loop(first: 0, last: 100) == 10..<20)
        #expect(player.loop(first: 0, last: 15) == 10..<15)
        #expect(player.loop(first: 30, last: 100) == nil)
        player.clearLoop()
        #expect(player.loop(first: 0, last: 100) == 0..<100)
        #expect(player.loop(first: 5, last: 5) == nil)
    }

    @Test func `the marks of a loop stand on the time line`() throws {
        var bench = try Self.bench(.small(), 200, 50)
        bench.press("<", ".", "a", ".", "a")
        let line = bench.application.layout.timeline
        #expect(bench.row(line.y).contains("A") && bench.row(line.y).contains("B"))
    }

    @Test func `a time without messages is passed over on request, and that is said`() throws {
        var bench = try Self.bench(Self.pause())
        bench.press("~")
        #expect(bench.bottomLine.contains("passes over times without messages"))
        bench.press("p")
        bench.pass(seconds: 0.5)
        #expect(bench.topLine.contains("REPLAY x1 no gaps  00:00.500"))
        bench.pass(seconds: 0.2)
        #expect(bench.topLine.contains("01:00.503"))
        #expect(bench.bottomLine == " passed over 59.8 s without a message")
        bench.pass(seconds: 0.7)
        #expect(bench.topLine.contains("END"))
    }

    @Test func `without the request a gap takes its time`() throws {
        var bench = try Self.bench(Self.pause())
        bench.press("p")
        bench.pass(seconds: 30)
        #expect(bench.topLine.contains("REPLAY x1  00:30.000"))
    }

    // MARK: Speed

    @Test func `a typed speed lies between two steps, and keys go on to the next one`() {
        var player = Player()
        player.set(speed: 3, wall: 0)
        #expect(player.speedText == "x3")
        player.change(by: 1, wall: 0)
        #expect(player.speed == 5)
        player.set(speed: 3, wall: 0)
        player.change(by: -1, wall: 0)
        #expect(player.speed == 2)
        player.set(speed: 1e9, wall: 0)
        #expect(player.speed == 100)
        player.play(from: .max - 5, wall: 0)
        #expect(player.time(wall: 1_000_000_000) == .max)
    }

    // MARK: The time line

    @Test func `the wheel over the time line shows less time around the pointer, and back`() throws {
        var bench = try Self.bench(.small(), 200, 50)
        let line = bench.application.layout.timeline
        let whole = bench.row(line.maxY - 1)
        let x = line.x + line.width / 4
        let under = bench.application.timeline.time(atColumn: x, area: line, bench.snapshot)
        for _ in 0..<3 { bench.mouse(.wheelUp, x, line.y) }
        let shown = try #require(bench.application.timeline.shown(bench.snapshot))
        #expect(abs(Double(shown.upperBound - shown.lowerBound) - 3.05e9 / 8) < 1e6)
        #expect(abs(bench.application.timeline.time(atColumn: x, area: line, bench.snapshot) - under) < 5_000_000)
        #expect(bench.row(line.maxY - 1) != whole)
        bench.mouse(.press, line.x + 1, line.y)
        #expect(abs(bench.snapshot.time - shown.lowerBound) < 5_000_000)
        for _ in 0..<3 { bench.mouse(.wheelDown, x, line.y) }
        #expect(bench.row(line.maxY - 1) == whole)
    }

    @Test func `a clock that leaves the part that is shown takes it along`() throws {
        var bench = try Self.bench()
        bench.press("<")
        for _ in 0..<3 { _ = bench.application.perform(.timelineIn, wall: 0) }
        bench.draw()
        bench.press(".", ".")
        let shown = try #require(bench.application.timeline.shown(bench.snapshot))
        #expect(shown.contains(bench.snapshot.time))
        _ = bench.application.perform(.timelineAll, wall: 0)
        #expect(
            bench.application.timeline.shown(bench.snapshot) == bench.snapshot.firstTime...bench.snapshot.lastTime)
    }

    @Test func `each message is in one column of the part that is shown`() throws {
        var bench = try Self.bench()
        bench.press("<")
        _ = bench.application.perform(.timelineIn, wall: 0)
        bench.draw()
        // The first second and a half, with its loss.
        #expect(bench.row(bench.application.layout.timeline.y).contains("*"))
        #expect(!bench.row(bench.application.layout.timeline.y).contains("!"))
    }

    @Test func `a capture of one moment has a time line`() throws {
        let meeting = Meeting()
        meeting.move(0, 1, 1)
        var bench = try Self.bench(meeting)
        #expect(bench.row(bench.application.layout.timeline.maxY - 1).contains("all at one moment"))
        for key in ["p", "[", "]", ",", ".", "<", ">", "r", "p", "a", "a"] as [Key] { bench.press(key) }
        bench.pass(seconds: 1)
        let line = bench.application.layout.timeline
        bench.mouse(.wheelUp, 20, line.y)
        bench.mouse(.press, 20, line.y)
        #expect(bench.snapshot.cursor == 1)
    }
}
