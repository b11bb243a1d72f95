import Inspection
import Screen
import Testing

@testable import Panes

/// Screens as recorded: alone on a small screen, as the whole of a large one, and side by side without the map, which has
/// its own.
@Suite struct ApplicationScreenTests {
    static let sizes = [(80, 24), (200, 50)]

    static func snapshot(_ kind: String) throws -> Snapshot {
        switch kind {
        case "crowded": return try Meeting.crowded().snapshot()
        case "small": return try Meeting.small().snapshot()
        default: return try Meeting().snapshot()
        }
    }

    @Test(arguments: ["empty", "small", "crowded"], sizes)
    func `messages with fields and octets look as recorded`(kind: String, size: (Int, Int)) throws {
        var bench = Bench.ready(try Self.snapshot(kind), size.0, size.1)
        bench.press("\\")
        assertGolden(bench.text, "messages_\(kind)_\(size.0)x\(size.1)")
    }

    @Test(arguments: ["empty", "small", "crowded"], sizes)
    func `streams look as recorded`(kind: String, size: (Int, Int)) throws {
        var bench = Bench.ready(try Self.snapshot(kind), size.0, size.1)
        bench.press("1", "\\")
        assertGolden(bench.text, "streams_\(kind)_\(size.0)x\(size.1)")
    }

    @Test(arguments: [(120, 40), (200, 50)])
    func `streams and messages stand left of the map as recorded`(width: Int, height: Int) throws {
        var bench = Bench.ready(try Self.snapshot("small"), width, height)
        let left = bench.application.layout.map.x
        let text = bench.draw().split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { y, row in
            bench.application.layout.map.rows.contains(y) ? String(row.prefix(left)) : String(row)
        }
        assertGolden(text.joined(separator: "\n"), "left_\(width)x\(height)")
    }

    @Test func `what is said first tells what is seen and what to press`() throws {
        let bench = Bench(try Self.snapshot("small"))
        #expect(bench.bottomLine == " 2 sessions, 3.05 s: ? explains, p plays, Tab next pane, e shows what is wrong")
    }

    @Test(arguments: sizes)
    func `a screen in ASCII holds nothing else`(width: Int, height: Int) throws {
        var bench = Bench.ready(try Self.snapshot("small"), width, height)
        bench.glyphs = .ascii
        #expect(bench.draw().unicodeScalars.allSatisfy { $0.isASCII })
        // The large one has the map in it.
        if width < 100 { assertGolden(bench.text, "ascii_\(width)x\(height)") }
    }

    @Test func `a narrow screen still shows messages, fields and octets`() throws {
        var bench = Bench.ready(try Self.snapshot("small"), 60, 16)
        assertGolden(bench.draw(), "messages_small_60x16")
    }

    @Test func `a screen that is too small says what it has and what it needs`() throws {
        let bench = Bench(try Self.snapshot("small"), 59, 16)
        #expect(bench.text.hasPrefix("too small: have 59 x 16\nneed 60 x 16\n"))
    }

    @Test(arguments: [("streams", "1"), ("messages", "2"), ("map", "3")] as [(String, Key)])
    func `help looks as recorded`(name: String, key: Key) throws {
        var bench = Bench.ready(try Self.snapshot("small"), 100, 60)
        bench.press("\\", key, "?")
        let help = bench.text
        // The words about the map are the map's.
        if name != "map" { assertGolden(help, "help_\(name)_100x60") }
        #expect(bench.find("Help: \(name.capitalized)") != nil)
        #expect(bench.find("Panes, everywhere") != nil)
    }

    @Test func `while a file is read a bar tells how far and Ctrl-C how to stop`() throws {
        var snapshot = try Self.snapshot("small")
        snapshot.loading = .reading(0.5)
        var bench = Bench(snapshot)
        #expect(bench.topLine.contains("READING 50 %"))
        assertGolden(bench.text, "reading_80x24")
        bench.press(.control("c"))
        #expect(bench.hasStopped && !bench.hasQuit)
        snapshot.loading = .stopped
        bench.show(snapshot)
        #expect(bench.bottomLine == " Stopped reading: what was read until here is shown.")
    }

    @Test func `a pipe that tells no size has no bar`() throws {
        var snapshot = try Self.snapshot("small")
        snapshot.loading = .reading(nil)
        let bench = Bench(snapshot)
        #expect(bench.topLine.contains("READING  "))
        #expect(bench.row(22).hasSuffix("Ctrl-C stops"))
    }

    @Test func `a file that is cut short is said, marked, and can be read about again`() throws {
        var bench = Bench(try Meeting.small().snapshot(cutBy: 10))
        #expect(bench.bottomLine.contains("meeting.pcapng: cut short"))
        #expect(bench.topLine.contains("INCOMPLETE: ! says why"))
        bench.press(.down)
        #expect(!bench.bottomLine.contains("cut short"))
        bench.press("!")
        #expect(bench.find("What could not be read") != nil)
        #expect(bench.find("meeting.pcapng: cut short") != nil)
        bench.press(.escape)
        #expect(bench.find("What could not be read") == nil)
    }

    @Test func `without problems the list of problems says that everything was read`() throws {
        var bench = Bench.ready(try Self.snapshot("small"))
        bench.press("!")
        #expect(bench.find("Everything was read.") != nil)
    }

    @Test func `other packets and no Spatio are told apart from an empty capture`() throws {
        var snapshot = Snapshot()
        snapshot.loading = .done
        #expect(Bench(snapshot).text.contains("The capture is empty"))
        snapshot.packets = 12
        #expect(Bench(snapshot).text.contains("No Spatio message in 12 packets."))
        #expect(Bench(snapshot).text.contains("--port"))
    }

    @Test func `help is longer than a small screen and scrolls to its end and back`() throws {
        var bench = Bench.ready(try Self.snapshot("small"))
        bench.press("?")
        let first = bench.text
        #expect(bench.find("stop loading; else quit at once") == nil)
        bench.press("G")
        #expect(bench.find("stop loading; else quit at once") != nil)
        bench.press("g")
        #expect(bench.text == first)
    }
}
