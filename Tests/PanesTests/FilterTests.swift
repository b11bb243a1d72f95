import Inspection
import Screen
import Testing

@testable import Panes

@Suite struct FilterTests {
    static func bench(_ width: Int = 80, _ height: Int = 24) throws -> Bench {
        Bench.ready(try Meeting.small().snapshot(), width, height)
    }

    @Test func `a filter is typed, checked and put in force`() throws {
        var bench = try Self.bench()
        bench.press("/")
        #expect(bench.bottomLine.hasPrefix(" / type == spatial_update"))
        bench.type("type == pong")
        assertGolden(bench.text, "filter_right_80x24")
        bench.press(.enter)
        #expect(bench.snapshot.listCount == 3)
        #expect(bench.find("3 of 3, filtered from \(bench.snapshot.index.count)") != nil)
        #expect(bench.bottomLine.contains("filter: type == pong"))
    }

    @Test func `a wrong filter says why under its place, and Enter does not take it`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type("stream == 1 && tipe == 2")
        assertGolden(bench.text, "filter_wrong_80x24")
        let sign = try #require(bench.find("\u{25BC}"))
        #expect(sign.x == 3 + "stream == 1 && ".count)
        bench.press(.enter)
        #expect(bench.snapshot.filter == nil)
        #expect(bench.bottomLine.hasPrefix(" / stream"))
    }

    @Test func `Esc leaves the line and keeps what was in force; Esc again shows everything`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type("type == pong")
        bench.press(.enter, "/")
        bench.type(" && seq == 1")
        bench.press(.escape)
        #expect(bench.application.filterText == "type == pong")
        bench.press(.escape)
        #expect(bench.snapshot.filter == nil)
        #expect(!bench.hasQuit)
    }

    @Test func `an empty filter shows everything`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type("type == pong")
        bench.press(.enter, "/", .control("u"), .enter)
        #expect(bench.snapshot.filter == nil)
    }

    @Test func `Up and Down recall what was typed before, and come back to the draft`() throws {
        var bench = try Self.bench()
        for text in ["type == ping", "type == pong"] {
            bench.press("/", .control("u"))
            bench.type(text)
            bench.press(.enter)
        }
        bench.press("/", .control("u"))
        bench.type("dra")
        bench.press(.up)
        #expect(bench.bottomLine == " / type == pong")
        bench.press(.up, .up)
        #expect(bench.bottomLine == " / type == ping")
        bench.press(.down, .down)
        #expect(bench.bottomLine.hasPrefix(" / dra"))
    }

    @Test func `Tab completes as far as it is certain and lists what is possible`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type("type == p")
        bench.press(.tab)
        let candidates = bench.row(bench.size.height - 2)
        #expect(candidates.contains("ping") && candidates.contains("pong"))
        bench.type("in")
        bench.press(.tab)
        #expect(bench.bottomLine.hasPrefix(" / type == ping"))
    }

    @Test func `the line is edited where the cursor is`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type("tpe")
        bench.press(.left, .left)
        bench.type("y")
        bench.press(.end)
        bench.type(" == x y")
        bench.press(.backspace, .control("w"), .home, .delete)
        bench.type("t")
        #expect(bench.bottomLine == " / type ==")
    }

    @Test func `of a line that is wider than the screen the part at the cursor is shown`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type(Array(repeating: "seq == 1", count: 30).joined(separator: " || ") + " || stream == 77")
        #expect(bench.bottomLine.hasSuffix("stream == 77"))
        bench.press(.home)
        #expect(bench.bottomLine.hasPrefix(" / seq == 1 ||"))
    }

    @Test func `the selected message stays selected when a filter comes and goes`() throws {
        var bench = try Self.bench()
        bench.press("<", "]", "]", "]", "]", "]", "]")
        let message = try #require(bench.application.messages.selected(in: bench.snapshot))
        bench.press("/")
        bench.type("type == spatial_update")
        bench.press(.enter)
        #expect(bench.application.messages.selected(in: bench.snapshot) == message)
        bench.press(.escape)
        #expect(bench.application.messages.selected(in: bench.snapshot) == message)
    }

    @Test func `f in the list shows the stream of a message, and f again everything`() throws {
        var bench = try Self.bench()
        bench.press("f")
        #expect(bench.application.filterText.contains("stream == 0"))
        #expect(bench.snapshot.listCount < bench.snapshot.index.count)
        bench.press("f")
        #expect(bench.snapshot.filter == nil)
    }

    @Test func `Enter on a session or a stream shows its messages in the list`() throws {
        var bench = try Self.bench()
        bench.press("1", .home, .enter)
        #expect(bench.application.filterText.hasPrefix("session == "))
        #expect(bench.application.focus == .messages)
        bench.press("1", .down, .enter)
        #expect(bench.application.filterText.contains("&& stream == 0"))
        #expect(bench.snapshot.listCount > 0)
    }

    @Test func `f on a field filters by its value`() throws {
        var bench = try Self.bench()
        bench.press(.enter, .down, "f")
        #expect(bench.application.filterText == "type == DISCONNECT")
        #expect(bench.snapshot.listCount == 1)
    }

    @Test func `a filter of the command line is in force from the beginning`() throws {
        var application = Application(theme: .dark)
        application.begin(filter: "stream == 1")
        application.update(try Meeting.small().snapshot())
        _ = application.handle(.key(.control("l")), wall: 0)
        let text = application.draw(size: Size(width: 80, height: 24), glyphs: .braille).plainText
        #expect(text.contains("filter: stream == 1"))
    }

    // MARK: Search

    @Test func `search goes to matches and hides nothing`() throws {
        var bench = try Self.bench()
        bench.press("g", "*")
        bench.type("pong")
        bench.press(.enter)
        var found: [Int] = []
        for _ in 0..<3 {
            found.append(try #require(bench.application.messages.selected(in: bench.snapshot)))
            bench.press("n")
        }
        #expect(found == found.sorted() && Set(found).count == 3)
        #expect(found.allSatisfy { bench.snapshot.index[$0].type == .pong })
        #expect(bench.bottomLine.contains("does not come after this message"))
        bench.press("N")
        #expect(bench.application.messages.selected(in: bench.snapshot) == found[1])
        #expect(bench.snapshot.filter == nil)
    }

    @Test func `n without a search says how to begin one`() throws {
        var bench = try Self.bench()
        bench.press("n")
        #expect(bench.bottomLine.contains("* begins a search"))
    }

    @Test func `a long search goes on by itself and any key stops it`() throws {
        let meeting = Meeting()
        meeting.connect(0)
        for step in 0..<1500 { meeting.move(0, Double(step % 40), 0) }
        meeting.leave(0)
        var bench = Bench.ready(try meeting.snapshot())
        bench.finishesSearches = false
        bench.press("g", "*")
        bench.type("good bye")
        bench.press(.enter)
        #expect(bench.bottomLine == " Searching: 513 of 1,503; any key stops.")
        bench.press(.left)
        #expect(!bench.application.isSearching)
        #expect(bench.application.messages.selected(in: bench.snapshot) == 0)
        bench.press("n")
        while bench.application.isSearching { bench.pass(seconds: 0.03) }
        #expect(bench.application.messages.selected(in: bench.snapshot) == 1502)
    }
}
