import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

@Suite struct FindingsPaneTests {
    private static let small = try? Meeting.small().snapshot()
    private static let faulty = try? Meeting.faulty().snapshot()

    /// On Findings alone, with the rest of the screen out of the way.
    private static func bench(_ snapshot: Snapshot?, _ width: Int = 100, _ height: Int = 30) throws -> Bench {
        var bench = Bench.ready(try #require(snapshot), width, height)
        bench.press("7")
        if !bench.application.desk.isZoomed { bench.press("\\") }
        return bench
    }

    // MARK: Screens

    @Test(arguments: [(80, 24), (120, 40), (200, 50)])
    func `findings look as recorded`(width: Int, height: Int) throws {
        let bench = try Self.bench(Self.faulty, width, height)
        assertGolden(bench.text, "findings_\(width)x\(height)")
    }

    @Test func `an open rule shows what it found, and an explanation`() throws {
        var bench = try Self.bench(Self.faulty, 120, 30)
        bench.press(.down, .down, .right, .down)
        assertGolden(bench.text, "findings_open_120x30")
    }

    @Test func `a silenced rule is last and dim`() throws {
        var bench = try Self.bench(Self.faulty, 100, 24)
        bench.press("x", .down, "x")
        assertGolden(bench.text, "findings_silenced_100x24")
    }

    @Test func `thousands of findings scroll`() throws {
        var bench = try Self.bench(try Meeting.rubbishDump().snapshot(), 80, 24)
        bench.press(.right, .end)
        assertGolden(bench.text, "findings_crowded_80x24")
    }

    @Test func `without findings it says how much was looked at`() throws {
        let meeting = Meeting()
        meeting.connect(0)
        let bench = try Self.bench(try meeting.snapshot(), 80, 24)
        #expect(bench.text.contains("Nothing was found in 2 messages."))
        #expect(bench.text.contains("\(FindingRule.allCases.count) rules looked"))
    }

    @Test func `an empty capture, and the time before the first message, say why nothing is there`() throws {
        let empty = try Self.bench(try Meeting().snapshot(), 60, 16)
        #expect(empty.text.contains("holds no packet"))
        var before = try Self.bench(Self.faulty)
        before.press("<", "[", "[")
        for _ in 0..<3 { before.press("[") }
        #expect(before.snapshot.cursor <= 1)
        #expect(before.text.contains("Nothing"))
    }

    @Test(arguments: [(60, 16), (61, 17), (80, 24), (200, 60)])
    func `every size and every key is survived`(width: Int, height: Int) throws {
        var bench = try Self.bench(Self.faulty, width, height)
        for key in ["x", "f", "n", "N", "X"] as [Key] {
            bench.press(.home, .right, .down, .enter, "7", .left, .left, .pageDown, key, .end, .right, .end, "<", ">")
        }
        bench.mouse(.press, 5, 5)
        bench.mouse(.press, 5, 5)
        bench.mouse(.wheelDown, 5, 5)
        bench.mouse(.wheelUp, 5, 5)
        #expect(bench.buffer.size == Size(width: width, height: height))
    }

    // MARK: Secrets

    @Test func `a token is on no pane unless it is asked for`() throws {
        let meeting = Meeting()
        meeting.connect(0)
        meeting.authenticate(0, "sesame sesame")
        var bench = Bench.ready(try meeting.snapshot(), 200, 50)
        bench.press("2", .end, .enter, "7", .right, .down)
        #expect(bench.text.contains("clear_text_credentials"))
        #expect(bench.text.contains("13 octets, hidden"))
        for part in ["sesame", "73 65 73", "736573"] { #expect(!bench.text.contains(part)) }
        bench.application.showsSecrets = true
        bench.press(.up)
        #expect(bench.text.contains("736573616d65"))
    }

    // MARK: As of the clock

    @Test func `counts are those until the clock`() throws {
        var bench = try Self.bench(Self.faulty)
        #expect(bench.find("teleport") != nil)
        let log = bench.snapshot.chronicle.findings
        let first = try #require(log.next(after: 0, of: [.teleport]))
        bench.press("<")
        #expect(bench.find("teleport") == nil)
        while bench.snapshot.cursor < first.message { bench.press("]") }
        #expect(bench.find("teleport") != nil)
    }

    @Test func `n goes from finding to finding and N back`() throws {
        var bench = try Self.bench(Self.faulty)
        bench.press("<")
        var stops: [Int] = []
        for _ in 0..<100 {
            let before = bench.snapshot.cursor
            // Of a selected rule only its own are gone to: here none is selected until the first.
            bench.press("n")
            if bench.snapshot.cursor == before { break }
            stops.append(bench.snapshot.cursor)
        }
        let log = bench.snapshot.chronicle.findings
        let rule = try #require(log.next(after: 0)?.rule)
        #expect(stops.count == log.keptCount(of: rule))
        #expect(bench.bottomLine.contains("There is no finding of"))
        bench.press("N")
        #expect(bench.snapshot.cursor == (stops.count > 1 ? stops[stops.count - 2] : stops[0]))
    }

    // MARK: Keys

    @Test func `Enter on a finding goes to its message and selects its entity`() throws {
        var bench = try Self.bench(Self.faulty)
        let finding = try #require(bench.snapshot.chronicle.findings.next(after: 0, of: [.teleport]))
        try Self.select(.teleport, in: &bench)
        bench.press(.right, .down, .enter)
        #expect(bench.snapshot.cursor == finding.message)
        #expect(bench.application.focus == .tree)
        #expect(bench.application.selection.entity?.id == finding.entity)
    }

    /// Moves the selection to the row of a rule.
    private static func select(_ rule: FindingRule, in bench: inout Bench) throws {
        bench.press(.home)
        for _ in FindingRule.allCases where Self.selected(bench) != .group(.rule(rule)) { bench.press(.down) }
        try #require(Self.selected(bench) == .group(.rule(rule)))
    }

    private static func selected(_ bench: Bench) -> FindingRows.Row? {
        (bench.application.panes[.findings] as? FindingsPane)?.selectedRow
    }

    @Test func `f filters messages to those of the rule, and again shows all`() throws {
        var bench = try Self.bench(Self.faulty)
        try Self.select(.teleport, in: &bench)
        bench.press("f")
        #expect(bench.application.filterText == "finding == teleport")
        #expect(bench.snapshot.filter?.numbers.count == bench.snapshot.chronicle.findings.count(of: .teleport))
        bench.press("f")
        #expect(bench.application.filterText.isEmpty)
    }

    @Test func `a silenced rule counts nowhere, and X lets it speak again`() throws {
        var bench = try Self.bench(Self.faulty, 120, 40)
        #expect(bench.topLine.contains("malformed 1"))
        try Self.select(.malformed, in: &bench)
        bench.press("x")
        #expect(bench.application.silenced == [.malformed])
        #expect(!bench.topLine.contains("malformed 1"))
        #expect(bench.text.contains("1 silenced"))
        bench.press("X")
        #expect(bench.application.silenced.isEmpty)
        #expect(bench.topLine.contains("malformed 1"))
    }

    @Test func `a click selects a row and a click on the selected one opens it`() throws {
        var bench = try Self.bench(Self.faulty)
        let row = try #require(bench.find("teleport")).y
        bench.mouse(.press, 10, row)
        #expect(Self.selected(bench) == .group(.rule(.teleport)))
        let before = bench.text
        bench.mouse(.press, 10, row)
        #expect(bench.text != before)
        #expect(bench.row(row).contains("- ! teleport"))
    }

    @Test func `the selection stays with its rule when rows come and go`() throws {
        var bench = try Self.bench(Self.faulty)
        try Self.select(.malformed, in: &bench)
        bench.press("x")
        #expect(Self.selected(bench) == .group(.rule(.malformed)))
        try Self.select(.outOfBounds, in: &bench)
        let row = try #require(bench.find("out_of_bounds")).y
        bench.press("X")
        #expect(bench.find("out_of_bounds")?.y == row + 1)
        #expect(Self.selected(bench) == .group(.rule(.outOfBounds)))
    }
}

extension Meeting {
    /// Two people of whom one does not do as people should.
    static func faulty() -> Meeting {
        let meeting = Meeting()
        meeting.connect(0)
        meeting.connect(1)
        for step in 0..<40 {
            meeting.wait(milliseconds: 50)
            meeting.move(0, Double(step) * 0.1 - 5, 2)
            meeting.wait(milliseconds: 50)
            switch step {
            case 8, 20: meeting.move(1, -12, 3)
            case 15: meeting.lose(1, stream: 1)
            case 18: meeting.rubbish(1)
            case 24: meeting.turn(1, 6, 3, Quaternion(0, 0, 0, 1.5))
            case 26..<30: meeting.move(1, 6, 10 + Double(step - 25))
            case 31..<36: break
            default: meeting.move(1, 6, 3)
            }
        }
        meeting.wait(milliseconds: 2500)
        meeting.move(0, -1, 2)
        return meeting
    }

    /// More pieces of rubbish than anybody looks at.
    static func rubbishDump() -> Meeting {
        let meeting = Meeting()
        meeting.connect(0)
        for _ in 0..<FindingLog.limit + 1203 {
            meeting.wait(milliseconds: 1)
            meeting.rubbish(0)
        }
        return meeting
    }
}
