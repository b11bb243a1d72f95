import Capture
import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

/// Screens of what happens now: how it stands with the connection, and a time without one.
@Suite struct LiveScreenTests {
    private static let second: Int64 = 1_000_000_000

    private static func joined(again: Bool = false) -> ConnectionState {
        .joined(spaces: ["plaza"], security: .none, returned: again)
    }

    /// A screen on which a connection is watched; times are seconds since the first message of what has come.
    private func bench(
        _ states: [(Double, ConnectionState)], on snapshot: Snapshot = Snapshot(), now: Double, _ width: Int = 80,
        _ height: Int = 24
    ) -> Bench {
        var snapshot = snapshot
        snapshot.loading = .live
        snapshot.sources = ["plaza.example:7728"]
        var log = ConnectionLog()
        let start = snapshot.firstTime
        for (time, state) in states { log.add(state, at: start + Int64(time * 1e9)) }
        snapshot.connections = [Connection(name: "plaza.example:7728", log: log)]
        var bench = Bench(snapshot, width, height)
        bench.application.goOn(to: start + Int64(now * 1e9))
        bench.press(.control("l"))
        return bench
    }

    @Test func `while nobody answers, every pane says so and what to look at`() {
        var bench = bench([(0, .connecting)], now: 4)
        assertGolden(bench.text, "live_connecting_80x24")
        for key: Key in ["1", "2", "3", "4", "5", "6", "7", "8"] {
            bench.press(key)
            #expect(bench.find("plaza.example:7728 for 4 s") != nil, "\(key.name)")
        }
    }

    @Test func `a refusal is explained once over everything, and stays in the status line`() {
        var bench = bench([], now: 1)
        var log = ConnectionLog()
        log.add(.refused(ErrorCode(rawValue: 0x44), reason: "since monday"), at: 1)
        var snapshot = Snapshot()
        snapshot.loading = .live
        snapshot.connections = [Connection(name: "plaza.example:7728", log: log)]
        bench.show(snapshot)
        assertGolden(bench.text, "live_refused_80x24")
        bench.press(.escape)
        #expect(bench.find("No connection") == nil)
        bench.show(snapshot)
        #expect(bench.find("No connection") == nil)
        #expect(bench.topLine.contains("REFUSED TOKEN_EXPIRED"))
        #expect(!bench.hasQuit)
    }

    @Test func `a server that falls silent keeps its screen, and the seconds are counted`() throws {
        let meeting = try Meeting.small().snapshot()
        var bench = bench(
            [(0, Self.joined()), (9, .silent(since: meeting.firstTime + 4 * Self.second))], on: meeting, now: 12)
        #expect(bench.topLine.contains("LIVE  00:12.000 / 00:12.000  SILENT 8 s"))
        #expect(bench.find("SPATIAL_UPDATE") != nil)
        bench.application.goOn(to: meeting.firstTime + 20 * Self.second)
        bench.draw()
        #expect(bench.topLine.contains("SILENT 16 s"))
    }

    @Test func `the end is now, although nothing comes, and what is gone is no more on the map`() throws {
        let meeting = try Meeting.small().snapshot()
        var bench = bench([(0, Self.joined())], on: meeting, now: 600)
        bench.press("3")
        #expect(bench.topLine.contains("LIVE  10:00.000 / 10:00.000"))
        #expect(bench.find("nothing heard lately") != nil)
        // Words do not move the clock back.
        bench.show(bench.snapshot)
        #expect(bench.topLine.contains("10:00.000"))
    }

    @Test func `p pauses the view while reading goes on, and the end key goes back to now`() throws {
        let meeting = try Meeting.small().snapshot()
        var bench = bench([(0, Self.joined())], on: meeting, now: 5)
        bench.press("p")
        #expect(bench.topLine.contains("PAUSED"))
        #expect(bench.bottomLine.contains("still read"))
        bench.application.goOn(to: meeting.firstTime + 30 * Self.second)
        bench.draw()
        #expect(bench.topLine.contains("00:05.000 / 00:30.000"))
        bench.press("p")
        #expect(bench.topLine.contains("REPLAY"))
        bench.pass(seconds: 2)
        #expect(bench.topLine.contains("00:07.000"))
        bench.press(">")
        #expect(bench.topLine.contains("LIVE"))
    }

    @Test func `G in the list goes back to what happens now`() throws {
        var bench = bench([(0, Self.joined())], on: try Meeting.small().snapshot(), now: 5)
        bench.press("p", "2", "G")
        #expect(bench.topLine.contains("LIVE"))
    }

    @Test func `a time without a connection breaks the time line, the lanes and the graphs`() throws {
        let board = try StatePaneTests.board()
        let end = Double(board.lastTime - board.firstTime) / 1e9
        var bench = bench(
            [(0, Self.joined()), (end + 3, .lost(since: board.lastTime)), (end + 4, .waiting(until: 0, attempt: 1))],
            on: board, now: end + 8, 100, 24)
        #expect(bench.topLine.contains("AGAIN IN"))
        bench.press("4")
        assertGolden(bench.text, "live_gap_100x24")
        bench.press("5")
        #expect(bench.find("nothing for") != nil)
    }

    private func isRed(_ text: String, _ bench: Bench) throws -> Bool {
        let place = try #require(bench.find(text))
        return bench.buffer[place].style.foreground == bench.application.theme[.error].foreground
    }

    @Test func `what an interface lost is four figures, red where one is over 0`() throws {
        var snapshot = try Meeting.small().snapshot()
        snapshot.drops = InterfaceCapture.Drops()
        let quiet = bench([], on: snapshot, now: 4)
        #expect(quiet.topLine.contains("drops 0/0/0/0"))
        #expect(try !isRed("drops", quiet))
        snapshot.drops = InterfaceCapture.Drops(byKernel: 1_234, byInterface: 5, byRing: 6)
        snapshot.evicted = 7
        let loud = bench([], on: snapshot, now: 4)
        #expect(loud.topLine.contains("drops 1,234/5/6/7"))
        #expect(try isRed("drops", loud))
    }

    @Test func `what was dropped is said in the status line`() throws {
        var snapshot = try Meeting.small().snapshot()
        snapshot.droppedPackets = 1_234
        #expect(bench([(0, Self.joined())], on: snapshot, now: 4).topLine.contains("dropped 1,234"))
    }
}
