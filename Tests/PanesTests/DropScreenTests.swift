import Capture
import Inspection
import Screen
import Testing

@testable import Panes

/// Loss next to packets that the capture itself dropped says so.
struct DropScreenTests {
    private static let capture = Result { try Meeting.small().snapshot() }

    /// A small meeting with one loss, and packets dropped some milliseconds before and behind the message that shows it.
    private static func snapshot(before: Int64 = 100, behind: Int64 = 100, count: UInt64 = 30) throws -> Snapshot {
        var snapshot = try capture.get()
        let message = try #require(snapshot.index.kept.first { snapshot.index[$0].marks.contains(.lostBefore) })
        let time = snapshot.index[message].time
        snapshot.dropEvents = [
            DropEvent(
                start: time - before * 1_000_000, end: time + behind * 1_000_000,
                drops: InterfaceCapture.Drops(byKernel: count))
        ]
        return snapshot
    }

    @Test func `A loss finding names how many packets the capture dropped then, and when`() throws {
        var bench = Bench.ready(try Self.snapshot(), 160, 30)
        bench.press("7", "\\")
        for _ in 0..<8 { bench.press(.right, "j") }
        #expect(bench.find("but the capture dropped 30 packets") != nil)
    }

    @Test func `The list, the clock's way to a loss, and the streams say it`() throws {
        var bench = Bench.ready(try Self.snapshot(), 160, 40)
        bench.press("<", "o")
        #expect(bench.bottomLine.contains("are missing, but the capture dropped 30 packets between"))
        #expect(bench.bottomLine.contains("so the network may not be to blame."))
        bench.press("2", "\\")
        #expect(bench.find("[lost before, 30 dropped here]") != nil)
        bench.press("\\", "1", "\\")
        #expect(bench.find("1*") != nil)
    }

    @Test func `The time line marks where packets were dropped, and Quality what was worked out from the rest`() throws
    {
        var bench = Bench.ready(try Self.snapshot(), 120, 30)
        #expect(bench.row(27).contains("d") || bench.row(28).contains("d"))
        bench.press("5", "\\")
        #expect(bench.find("dropped 30  ") != nil)
        bench.press("n", "n", "n", "n", "n", "v")
        #expect(bench.find("the capture dropped 30 packets") != nil)
    }

    @Test func `Where nothing was dropped then, nothing is said of it`() throws {
        // Over before the message before the loss.
        var bench = Bench.ready(try Self.snapshot(before: 2000, behind: -1500), 160, 40)
        bench.press("<", "o")
        #expect(bench.bottomLine.contains("are missing."))
        var plain = Bench.ready(try Self.capture.get(), 160, 40)
        plain.press("<", "o", "2", "\\")
        #expect(plain.find("dropped here") == nil && plain.find("[lost before]") != nil)
    }
}
