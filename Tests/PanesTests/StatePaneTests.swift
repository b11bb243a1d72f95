import Foundation
import Inspection
import Screen
import Simulation
import SpatioWire
import Testing

@testable import Panes

/// The State pane on its own screen.
@Suite struct StatePaneTests {
    /// Six replicas in trouble; the same octets in every run.
    static func board(duration: Double = 8) throws -> Snapshot {
        try simulated(.versions, SimulationOptions(seed: 1, duration: duration))
    }

    private static func simulated(_ scenario: Scenario, _ options: SimulationOptions) throws -> Snapshot {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("state-\(Foundation.UUID().uuidString).pcapng").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try simulate(scenario, options: options, to: path)
        let source = try CaptureSource(paths: [path], keepsPackets: true)
        var analysis = Analysis()
        while let packet = source.next() { analysis.take(packet) }
        analysis.finish()
        var snapshot = Snapshot(analysis, of: source)
        snapshot.loading = .done
        snapshot.sources = ["board.pcapng"]
        return snapshot
    }

    /// State alone on the screen, with the keys.
    private func bench(_ snapshot: Snapshot, _ width: Int = 80, _ height: Int = 24) -> Bench {
        var bench = Bench.ready(snapshot, width, height)
        bench.press("4", "z")
        return bench
    }

    /// The pane itself, without what is around it.
    private func pane(_ bench: Bench) -> String {
        let rows = bench.text.components(separatedBy: "\n")
        let first = rows.firstIndex { $0.contains("4 State ") && ($0.hasPrefix("\u{250C}") || $0.hasPrefix("+")) } ?? 0
        let last = rows.dropFirst(first + 1).firstIndex { $0.hasPrefix("\u{2514}") || $0.hasPrefix("+-") } ?? first
        return rows[first...last].joined(separator: "\n")
    }

    @Test(arguments: [(80, 24), (120, 40), (60, 16)])
    func `lanes show who has what, and what is wrong with it`(size: (Int, Int)) throws {
        let bench = bench(try Self.board(), size.0, size.1)
        assertGolden(pane(bench), "state_lanes_\(size.0)x\(size.1)")
    }

    @Test func `lanes in ASCII, with the clock in the middle, one replica behind`() throws {
        var bench = Bench(try Self.board())
        bench.glyphs = .ascii
        bench.press(.control("l"), "4", "z")
        bench.type(",,,,")
        #expect(bench.find("bob") != nil)
        assertGolden(pane(bench), "state_lanes_ascii_80x24")
    }

    @Test func `the worst comes first on demand, and the order can be turned`() throws {
        var bench = bench(try Self.board())
        let (alice, emeka) = (bench.find("alice"), bench.find("emeka"))
        #expect(try #require(alice).y < #require(emeka).y)
        bench.press("s", "s")
        #expect(bench.find("7 replicas, by wrong") != nil)
        #expect(try #require(bench.find("emeka")).y == #require(bench.find("anywhere")).y + 1)
        bench.press("S")
        #expect(try #require(bench.find("emeka")).y == #require(bench.find("anywhere")).y + 7)
    }

    @Test func `a selected lane goes to the map, the first lane lets go of it`() throws {
        var bench = bench(try Self.board())
        bench.press(.down)
        let replica = try #require(bench.application.selection.replica)
        #expect(bench.snapshot.model.name(of: replica) == "alice")
        bench.press(.up)
        #expect(bench.application.selection.replica == nil)
    }

    @Test func `n goes to what is wrong, left and right to other versions, enter to the message`() throws {
        var bench = bench(try Self.board())
        bench.press("n")
        let states = try #require(bench.snapshot.chronicle.states[0])
        let first = states.faults[0]
        #expect(bench.find("got the older v\(first.version)") != nil)
        bench.press(.enter)
        #expect(bench.snapshot.cursor == first.message)
        #expect(bench.application.focus == .tree)
    }

    @Test func `the divergent version is held against that of another replica`() throws {
        var bench = bench(try Self.board())
        bench.press("s", "s", .down, "n", "v")
        assertGolden(pane(bench), "state_divergence_80x24")
    }

    @Test func `a version differs from the one before in metres and numbers`() throws {
        var bench = bench(try Self.board(), 100, 20)
        bench.press(.down, .left, "v")
        assertGolden(pane(bench), "state_difference_100x20")
        let before = bench.text
        bench.press(.left)
        #expect(bench.text != before)
    }

    @Test func `two marked versions are compared, and unmarked again`() throws {
        var bench = bench(try Self.board())
        bench.press(.down, .left, .left, "a")
        #expect(bench.bottomLine.contains("A is v29"))
        bench.press(.down, .down, "b", "v")
        #expect(bench.find("A alice v29") != nil)
        #expect(bench.find("B bob v31") != nil)
        bench.press("v", "v", "v", "b")
        #expect(bench.bottomLine.contains("B is no longer marked"))
    }

    @Test func `a replica that has everything does not differ from the newest`() throws {
        var bench = bench(try Self.board())
        bench.press(.down, "v")
        #expect(bench.find("no difference") != nil)
    }

    @Test func `the fields of an entity with their history`() throws {
        var bench = bench(try Self.board())
        bench.press("v", "v")
        assertGolden(pane(bench), "state_entity_80x24")
        bench.press("n")
        #expect(bench.application.selection.entity != nil)
        #expect(bench.find("2 of 8") != nil)
        bench.press("N", "N")
        #expect(bench.find("8 of 8") != nil)
    }

    @Test func `conflicts with every candidate, and who won`() throws {
        var bench = bench(try Self.board())
        bench.press("V")
        assertGolden(pane(bench), "state_conflicts_80x24")
        bench.press(.up)
        #expect(bench.find("several candidates were put together") != nil)
        bench.press(.enter)
        #expect(bench.application.focus == .tree)
    }

    @Test func `tabs and lanes can be clicked`() throws {
        var bench = bench(try Self.board())
        let tab = try #require(bench.find("Conflicts"))
        bench.mouse(.press, tab.x, tab.y)
        #expect(bench.find("LAST_WRITE_WINS") != nil)
        let lanes = try #require(bench.find("Lanes"))
        bench.mouse(.press, lanes.x, lanes.y)
        let emeka = try #require(bench.find("emeka"))
        bench.mouse(.press, 50, emeka.y)
        let replica = try #require(bench.application.selection.replica)
        #expect(bench.snapshot.model.name(of: replica) == "emeka")
        #expect(bench.find("from server, message") != nil)
    }

    @Test func `f filters the state messages of the replica`() throws {
        var bench = bench(try Self.board())
        bench.press(.down, "f")
        let filter = try #require(bench.snapshot.filter)
        #expect((20..<80).contains(filter.numbers.count))
    }

    @Test func `plus and minus show less and more time, zero all of it`() throws {
        var bench = bench(try Self.board())
        let all = bench.text
        bench.press("+", "+")
        #expect(bench.find("00:05.46") != nil)
        bench.press("-", "-")
        #expect(bench.text == all)
        bench.press("+", "0")
        #expect(bench.text == all)
    }

    // MARK: Nothing to show

    @Test func `a capture without state says what would fill the pane`() throws {
        let bench = bench(try Meeting.small().snapshot())
        assertGolden(pane(bench), "state_empty_80x24")
    }

    @Test func `before the first version it says where to go`() throws {
        var bench = bench(try Self.board())
        bench.press("<")
        bench.press("[", "[", "[")
        #expect(bench.find("No version yet at this time.") != nil)
        for key in ["v", "v", "v", "v"] as [Key] {
            bench.press(key, .enter, .left, .right, "n", "N", "a", "b")
            #expect(bench.find("No version yet at this time.") != nil)
        }
    }

    @Test func `every view stands every key and size, at every time`() throws {
        let snapshot = try Self.board()
        for size in [(60, 16), (80, 24), (200, 60)] {
            var bench = bench(snapshot, size.0, size.1)
            let keys: [Key] = [
                .down, .end, .left, .home, .right, "n", "N", "a", .down, "b", "s", "S", "+", "-", "0", .pageDown, .up,
                .pageUp, "m",
            ]
            for time in [Key](["<", ".", ",", "]", ">"]) {
                for view in [Key](["v", "v", "v", "v"]) {
                    bench.press(time, view)
                    bench.press(keys[0])
                    for key in keys {
                        bench.press(key)
                        #expect(bench.application.focus == .state)
                    }
                }
            }
        }
    }

    @Test func `a hundred replicas are scrolled through`() throws {
        let snapshot = try Self.simulated(.plaza, SimulationOptions(seed: 1, duration: 6, entities: 140))
        var bench = bench(snapshot)
        assertGolden(pane(bench), "state_crowded_80x24")
        bench.press(.end)
        #expect(bench.application.selection.replica != nil)
        #expect(bench.find("anywhere") == nil)
    }
}

/// What stands in a lane.
@Suite struct LaneStripTests {
    @Test func `the mark that matters most is shown, and many deltas are counted`() {
        #expect(LaneMark.delta(3) < .full && LaneMark.full < .conflict && LaneMark.gap < .divergence)
        #expect(LaneMark.delta(1).glyph(.ascii) == "o")
        #expect(LaneMark.delta(7).glyph(.braille) == "7")
        #expect(LaneMark.delta(10).glyph(.braille) == "+")
    }

    @Test(arguments: [GlyphSet.braille, .ascii])
    func `every mark has a sign of its own`(glyphs: GlyphSet) {
        let signs = LaneMark.legend.map { $0.glyph(glyphs) }
        #expect(Set(signs).count == signs.count)
        #expect(glyphs == .braille || signs.allSatisfy(\.isASCII))
    }

    @Test func `columns and times belong together, also in a single instant`() {
        var snapshot = Snapshot()
        snapshot.firstTime = 1000
        snapshot.lastTime = 1000
        snapshot.time = 1000
        let instant = LaneWindow(snapshot, span: nil, width: 10)
        #expect(instant.column(of: 1000) == 0)
        #expect(instant.column(of: 999) == nil)
        snapshot.lastTime = 2000
        let window = LaneWindow(snapshot, span: nil, width: 10)
        #expect((0..<10).allSatisfy { window.column(of: window.start(of: $0)) == $0 })
        #expect(window.column(of: 2000) == 9)
        #expect(window.start(of: 10) > 2000)
    }
}
