import Capture
import Screen
import Simulation
import Testing

@testable import Inspection
@testable import Panes

/// Peers, groups and relays on the screen.
@Suite struct PeersPaneTests {
    static func bench(_ width: Int = 120, _ height: Int = 40) throws -> Bench {
        var bench = Bench.ready(try simulated(.strangers), width, height)
        bench.press("6", "\\")
        return bench
    }

    static let sizes = [(80, 24), (140, 44)]

    @Test(arguments: sizes)
    func `the three lists look as recorded`(width: Int, height: Int) throws {
        var bench = try Self.bench(width, height)
        assertGolden(bench.text, "peers_strangers_\(width)x\(height)")
        bench.press("l")
        assertGolden(bench.text, "groups_strangers_\(width)x\(height)")
        bench.press("l")
        assertGolden(bench.text, "relays_strangers_\(width)x\(height)")
    }

    @Test(arguments: sizes)
    func `an empty capture and a crowded one look as recorded`(width: Int, height: Int) throws {
        var empty = Bench.ready(try Meeting().snapshot(), width, height)
        empty.press("6", "\\")
        assertGolden(empty.text, "peers_empty_\(width)x\(height)")
        var crowded = Bench.ready(try Meeting.crowded().snapshot(), width, height)
        crowded.press("6", "\\")
        assertGolden(crowded.text, "peers_crowded_\(width)x\(height)")
    }

    @Test func `left and right go round the lists, and each keeps its row`() throws {
        var bench = try Self.bench()
        bench.press("j", "j", .right)
        #expect(bench.find("group / member") != nil)
        bench.press(.right)
        #expect(bench.find("requests") != nil)
        bench.press(.right)
        #expect(bench.find("every") != nil)
        let row = bench.row(6)
        #expect(bench.find(String(row.dropFirst(2).prefix(8)) + "   ") != nil)
        bench.press(.left)
        #expect(bench.find("requests") != nil)
    }

    @Test func `Enter shows the messages of a peer, those of an intruder in a group, and those of a relay`() throws {
        var bench = try Self.bench()
        bench.press(.enter)
        #expect(bench.application.focus == .messages)
        #expect(bench.application.filterText == "endpoint == \"10.7.0.9:7728\"")
        #expect(bench.snapshot.filter?.numbers.count ?? 0 > 10)

        bench.press("6", "l")
        let place = try #require(bench.find("LEAK"))
        bench.mouse(.press, place.x, place.y)
        bench.press(.enter)
        #expect(bench.application.filterText.contains("source == \"10.7.8.66:41066\""))
        #expect(bench.snapshot.filter?.numbers.count ?? 0 > 10)

        bench.press("6", "l", .enter)
        #expect(bench.application.filterText.contains("payload.source"))
        let found = try #require(bench.snapshot.filter)
        let types = Set((0..<found.numbers.count).map { bench.snapshot.index[Int(found.numbers[$0])].type })
        #expect(types == [.relayRequest, .relayResponse])
    }

    @Test func `f filters and stays, and takes the filter back`() throws {
        var bench = try Self.bench()
        bench.press("f")
        #expect(bench.application.focus == .peers && !bench.application.filterText.isEmpty)
        bench.press("f")
        #expect(bench.application.filterText.isEmpty)
    }

    @Test func `every filter that a row gives can be read`() throws {
        for scenario in [Scenario.strangers, .peers, .plaza, .extension] {
            var bench = Bench.ready(try simulated(scenario), 120, 40)
            bench.isDrawing = false
            bench.press("6")
            for _ in 0..<3 {
                for _ in 0..<12 {
                    bench.press("f")
                    let text = bench.application.filterText
                    #expect(text.isEmpty || bench.application.filterError(text) == nil, "\(text)")
                    bench.press("j")
                }
                bench.press("l")
            }
        }
    }

    @Test func `a row that nobody sent anything of says so`() throws {
        var bench = try Self.bench()
        bench.press("l")
        let place = try #require(bench.find("listed, silent"))
        bench.mouse(.press, place.x, place.y)
        bench.press(.enter)
        #expect(bench.bottomLine.contains("no message of this row"))
        #expect(bench.application.filterText.isEmpty)
    }

    @Test func `the clock shows who was there then`() throws {
        var bench = try Self.bench()
        #expect(bench.find("silent ") != nil)
        bench.press("<")
        for _ in 0..<3 { bench.press("]") }
        let count = bench.snapshot.chronicle.peers.peers(until: bench.snapshot.cursor).count
        #expect(count < 5)
        #expect(bench.find("silent ") == nil && bench.find("Peers \(count) ") != nil)
        bench.press("l")
        #expect(bench.find("announces") != nil && bench.find("LEAK") == nil)
    }

    @Test func `a capture without peers, and a clock before the first message, say what would fill the pane`() throws {
        var bench = Bench.ready(try Meeting.small().snapshot(), 100, 30)
        bench.press("6", "\\", "l")
        #expect(bench.find("No multicast group.") != nil)
        bench.press("l")
        #expect(bench.find("Nothing is relayed.") != nil)
        var snapshot = try Meeting.small().snapshot()
        snapshot.moveCursor(to: snapshot.whole.fresh(), time: nil)
        bench.show(snapshot)
        #expect(bench.find("Nothing yet at this time.") != nil)
    }

    @Test func `sorting keeps the selected peer, and reverses`() throws {
        var bench = try Self.bench()
        bench.press("j", "j")
        let details = { (bench: Bench) in bench.text.split(separator: "\n").first { $0.contains("peer   ") } }
        let before = details(bench)
        bench.press("s")
        #expect(bench.find("by name") != nil)
        #expect(details(bench) == before)
        bench.press("S")
        #expect(bench.find("by name reversed") != nil)
        #expect(details(bench) == before)
    }

    @Test func `Space gives the details the whole pane, where keys scroll them`() throws {
        var bench = try Self.bench(80, 24)
        bench.press("l", "l", " ")
        #expect(bench.find("more lines: Down shows them") != nil)
        bench.press("G")
        #expect(bench.find("more lines") == nil && bench.find("#1 ") != nil)
        bench.press(" ")
        #expect(bench.find("requests") != nil)
    }

    @Test func `a click on a tab changes the list`() throws {
        var bench = try Self.bench()
        let place = try #require(bench.find("Relays 1"))
        bench.mouse(.press, place.x, place.y)
        #expect(bench.find("answered") != nil)
    }

    @Test(arguments: [(60, 16), (200, 60), (110, 30)])
    func `every size is survived, with every key`(width: Int, height: Int) throws {
        for snapshot in [try simulated(.strangers), try Meeting().snapshot(), try simulated(.plaza)] {
            var bench = Bench(snapshot, width, height)
            for key: Key in ["6", "8"] {
                bench.press(key)
                for _ in 0..<3 {
                    bench.press("j", "G", "g", .pageDown, " ", "j", "G", " ", "s", "S", "l", "\\")
                }
            }
            #expect(!bench.hasQuit)
        }
    }

    // MARK: Names

    @Test func `what the capture calls hosts stands for their addresses`() throws {
        var snapshot = try simulated(.strangers)
        let address = try #require(IPAddress(parsing: "10.7.8.66"))
        let hostile = try #require(IPAddress(parsing: "10.7.8.7"))
        snapshot.hostNames = [address: "den-of-mallory", hostile: "x\u{1B}[2J"]
        var bench = Bench.ready(snapshot, 160, 50)
        bench.press("6", "\\")
        #expect(bench.find("den-of-mallory") != nil)
        #expect(!bench.text.unicodeScalars.contains("\u{1B}"))
        bench.press("1")
        #expect(bench.find("den-of-mallory:41066 > 239.77.28.20:7728") != nil)
    }
}
