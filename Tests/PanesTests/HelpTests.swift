import Inspection
import Screen
import Testing

@testable import Panes

@Suite struct HelpTests {
    static func bench(_ width: Int = 80, _ height: Int = 24) throws -> Bench {
        Bench.ready(try Meeting.small().snapshot(), width, height)
    }

    static let panes: [Key] = ["1", "2", "3", "4", "5", "6", "7", "8"]

    @Test(arguments: panes) func `each pane has help in its own words, and then the keys`(key: Key) throws {
        var bench = try Self.bench(100, 60)
        bench.press(key, "?")
        let title = bench.application.focus.scope.title
        #expect(bench.find("Help: \(title)") != nil)
        #expect(!bench.application.helpWords(for: bench.application.focus).isEmpty)
        bench.press("?")
        #expect(bench.find("Help: ") == nil)
    }

    @Test(arguments: panes) func `help can be read to its end on a small screen`(key: Key) throws {
        var bench = try Self.bench(60, 16)
        bench.press(key, "?")
        let first = bench.text
        bench.press("G")
        #expect(bench.find("stop loading; else quit at once") != nil)
        for _ in 0..<200 { bench.press(.up) }
        #expect(bench.text == first)
    }

    @Test func `where there is room the general keys stand beside those of the pane`() throws {
        var bench = try Self.bench(240, 60)
        bench.press("?")
        let own = try #require(bench.find("Keys in Messages"))
        let general = try #require(bench.find("Panes, everywhere"))
        #expect(general.x > own.x + 40)
        #expect(bench.find("draw the screen anew") != nil)
    }

    @Test(arguments: Application.Focus.allCases.map(\.scope)) func `hints are never cut`(scope: KeyBinding.Scope) throws
    {
        for width in [60, 80, 120, 200] {
            var bench = try Self.bench(width, 40)
            bench.application.focus = try #require(Application.Focus(scope))
            bench.draw()
            let shown = bench.bottomLine
            let words = bench.application.keys.hints(in: scope).map { "\($0.key) \($0.word)" }
            var rest = shown.dropFirst()
            for word in words {
                guard rest.hasPrefix(word) else { break }
                rest = rest.dropFirst(word.count).drop { $0 == " " }
            }
            #expect(rest.isEmpty, "\(rest)")
        }
    }

    @Test func `with a filter in force the line tells it and how to lose it`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type("type == ping")
        bench.press(.enter)
        #expect(bench.bottomLine.hasPrefix(" filter: type == ping  Esc clears  ? help"))
    }

    @Test func `a reason that is too long for a pane is broken between words`() throws {
        var buffer = Buffer(size: Size(width: 30, height: 10))
        let context = PaneContext(snapshot: Snapshot(), theme: .dark, selection: Selection(), isFocused: false)
        EmptyPane.draw(
            into: &buffer, Rect(x: 0, y: 0, width: 30, height: 10), context,
            ["Only port 7728 is looked at, unless --port names others."])
        let rows = buffer.plainText.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
        #expect(rows == ["Only port 7728 is looked at,", "unless --port names others."])
    }
}
