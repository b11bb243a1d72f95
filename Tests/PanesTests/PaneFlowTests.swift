import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

@Suite struct PaneFlowTests {
    static func bench(_ width: Int = 160, _ height: Int = 45) throws -> Bench {
        Bench.ready(try Meeting.small().snapshot(), width, height)
    }

    // MARK: Focus

    @Test func `Tab goes round the panes and Shift-Tab back`() throws {
        var bench = try Self.bench()
        var seen: [Application.Focus] = []
        for _ in 0..<6 {
            seen.append(bench.application.focus)
            bench.press(.tab)
        }
        #expect(seen == [.messages, .tree, .octets, .map, .state, .streams])
        #expect(bench.application.focus == .messages)
        bench.press(.backTab)
        #expect(bench.application.focus == .streams)
    }

    @Test(
        arguments: [
            ("1", .streams), ("2", .messages), ("3", .map), ("4", .state), ("5", .quality), ("6", .peers),
            ("7", .findings), ("8", .extensions),
        ] as [(Key, Application.Focus)])
    func `digits go to panes`(key: Key, focus: Application.Focus) throws {
        var bench = try Self.bench()
        bench.press(key)
        #expect(bench.application.focus == focus)
    }

    @Test func `a pane takes the whole screen and gives it back`() throws {
        var bench = try Self.bench()
        bench.press("1", "\\")
        #expect(bench.application.layout.messages.isEmpty && bench.application.layout.streams.width == 160)
        bench.press(.escape)
        #expect(!bench.application.layout.messages.isEmpty)
    }

    @Test func `Esc never quits, however often`() throws {
        var bench = try Self.bench()
        bench.press("\\", .enter, .tab)
        for _ in 0..<20 { bench.press(.escape) }
        #expect(!bench.hasQuit)
        #expect(bench.application.focus == .messages)
    }

    // MARK: Quitting

    @Test func `q asks, and any other key stays`() throws {
        var bench = try Self.bench(80, 24)
        bench.press("q")
        #expect(bench.bottomLine == " Quit? q again quits, any other key stays.")
        bench.press("x")
        #expect(!bench.hasQuit)
        #expect(bench.bottomLine.contains("? help"))
        bench.press("q", "q")
        #expect(bench.hasQuit)
    }

    @Test func `Ctrl-C quits at once when nothing is being read, whatever is open`() throws {
        for open in [[], ["?"], ["/"], ["q"], ["!"]] as [[Key]] {
            var bench = try Self.bench()
            for key in open { bench.press(key) }
            bench.press(.control("c"))
            #expect(bench.hasQuit)
        }
    }

    // MARK: Following

    @Test func `going up lets go of the newest message, and G takes it up again`() throws {
        var bench = try Self.bench()
        let last = bench.snapshot.index.count - 1
        #expect(bench.application.messages.isFollowing)
        bench.press(.up)
        #expect(!bench.application.messages.isFollowing)
        #expect(bench.application.messages.selected(in: bench.snapshot) == last - 1)
        bench.press("G")
        #expect(bench.application.messages.isFollowing)
        #expect(bench.find("following") != nil)
    }

    @Test func `what is selected stays so while messages arrive; what follows goes along`() throws {
        let whole = try Meeting.small().snapshot()
        var early = Meeting()
        early.connect(0)
        for step in 0..<10 { early.move(0, Double(step), 0) }
        let before = try early.snapshot()
        early = Meeting()
        early.connect(0)
        for step in 0..<30 { early.move(0, Double(step), 0) }
        let after = try early.snapshot()
        var bench = Bench.ready(before, 160, 45)
        bench.show(after)
        #expect(bench.application.messages.selected(in: after) == after.index.count - 1)
        bench.press(.up, .up)
        let selected = bench.application.messages.selected(in: after)
        bench.show(whole)
        #expect(bench.application.messages.selected(in: whole) == selected)
    }

    // MARK: Fields and octets

    @Test func `Enter on a message moves the clock to it and goes to its fields`() throws {
        var bench = try Self.bench()
        bench.press("g", .down, .down, .enter)
        #expect(bench.application.focus == .tree)
        #expect(bench.snapshot.cursor == 3)
        #expect(bench.find("Fields of 3") != nil)
    }

    @Test func `a field lights its octets`() throws {
        var bench = try Self.bench()
        bench.press(.enter, .down)
        #expect(bench.application.tree.field == 1)
        #expect(bench.application.octets.cursor == 1)
        let place = try #require(bench.find("0000  01 02"))
        let lit = bench.application.theme[.highlightedOctets]
        #expect(bench.buffer[place.x + 9, place.y].style.background == lit.background)
        #expect(bench.buffer[place.x + 6, place.y].style.background != lit.background)
    }

    @Test func `an octet selects its field, and opens what hides it`() throws {
        var bench = try Self.bench()
        bench.press(.enter)
        let shown = try #require(bench.application.tree.map)
        let payload = try #require(shown.fields.firstIndex { $0.name == "payload" })
        bench.application.tree.select(field: payload)
        bench.press(.left)
        #expect(bench.find("reason ") == nil)
        bench.press(.tab, .end)
        for _ in 0..<8 { bench.press(.left) }
        let field = shown.fields[bench.application.tree.field]
        #expect(field.name == "reason")
        #expect(bench.find("reason ") != nil)
    }

    @Test func `the next message is shown with the same field selected`() throws {
        var bench = try Self.bench()
        bench.press("<", "]", "]", "]", "]", "]", "]", .enter)
        let wanted = try #require(bench.application.tree.map?.fields.firstIndex { $0.name == "entity_id" })
        bench.application.tree.select(field: wanted)
        bench.press("n", "n")
        let shown = try #require(bench.application.tree.map)
        #expect(shown.fields[bench.application.tree.field].name == "entity_id")
    }

    // MARK: Entities

    @Test func `a message that tells of one entity shows it on the map`() throws {
        var bench = try Self.bench()
        bench.press("/")
        bench.type("type == spatial_update && session ~ \"\"")
        bench.press(.control("u"))
        bench.type("type == spatial_update")
        bench.press(.enter, "g")
        #expect(bench.application.selection.entity?.id == Meeting.entity(0))
        bench.press(.down)
        #expect(bench.application.selection.entity?.id == Meeting.entity(1))
    }

    @Test func `an entity that is chosen on the map marks its messages and stays chosen`() throws {
        var bench = try Self.bench()
        bench.press("3", "n")
        let chosen = try #require(bench.application.selection.entity)
        #expect(bench.find("*  ") != nil)
        bench.press("2", .up, .up, .up)
        #expect(bench.application.selection.entity == chosen)
        bench.press("3", .escape)
        #expect(bench.application.selection.entity == nil)
    }

    @Test func `Enter on the map shows the messages of the chosen entity`() throws {
        var bench = try Self.bench()
        bench.press("3", "n", .enter)
        #expect(bench.application.filterText.hasPrefix("entity == "))
        #expect(bench.application.focus == .messages)
        #expect(bench.snapshot.listCount > 0 && bench.snapshot.listCount < bench.snapshot.index.count)
    }

    @Test func `Quality shows the stream of an entity that is chosen, and afterwards what Streams has selected`() throws
    {
        var bench = try Self.bench()
        bench.press("3", "n")
        guard case .stream(let stream) = bench.application.selection.scope else {
            Issue.record("no stream is shown")
            return
        }
        #expect(bench.snapshot.model.streams[stream].streamID == 1)
        bench.press(.escape)
        #expect(bench.application.selection.scope == bench.application.streams.scope)
    }

    // MARK: Streams

    @Test func `a session closes over its streams and opens again`() throws {
        var bench = try Self.bench()
        bench.press("1", .home)
        let before = bench.text
        bench.press(.left)
        #expect(bench.find("+ alice > server") != nil)
        bench.press(.right)
        #expect(bench.text == before)
    }

    @Test func `left on a stream goes up to its session`() throws {
        var bench = try Self.bench()
        bench.press("1", .home, .down, .down, .left)
        #expect(bench.application.streams.selectedRow == .session(0))
    }

    @Test func `streams are sorted by a column, either way, and back`() throws {
        var bench = try Self.bench()
        bench.press("1", "\\", "s")
        #expect(bench.find("by msg/s") != nil)
        bench.press("S")
        #expect(bench.find("by msg/s, least first") != nil)
        for _ in 0..<6 { bench.press("s") }
        bench.press("S")
        #expect(bench.find("by ") == nil)
    }

    // MARK: Mouse

    @Test func `a click selects in every pane and takes the focus along`() throws {
        var bench = try Self.bench()
        let layout = bench.application.layout
        bench.mouse(.press, layout.streams.x + 3, layout.streams.y + 4)
        #expect(bench.application.focus == .streams)
        #expect(bench.application.streams.list.selected == 2)
        bench.mouse(.press, layout.messages.x + 3, layout.messages.y + 2)
        #expect(bench.application.focus == .messages)
        #expect(!bench.application.messages.isFollowing)
        bench.mouse(.press, layout.tree.x + 3, layout.tree.y + 3)
        #expect(bench.application.focus == .tree)
        #expect(bench.application.tree.field == 2)
        bench.mouse(.press, layout.octets.x + 7, layout.octets.y + 2)
        #expect(bench.application.focus == .octets)
        #expect(bench.application.octets.cursor > 0)
    }

    @Test func `the wheel scrolls what is under it and leaves the focus`() throws {
        var bench = try Self.bench()
        let layout = bench.application.layout
        let last = bench.application.messages.selected(in: bench.snapshot)
        bench.press("1")
        for _ in 0..<10 { bench.mouse(.wheelUp, layout.messages.x + 3, layout.messages.y + 3) }
        #expect(bench.application.focus == .streams)
        #expect(bench.application.messages.selected(in: bench.snapshot) != last)
        let zoom = bench.application.map.camera
        bench.mouse(.wheelUp, layout.map.x + 10, layout.map.y + 10)
        #expect(bench.application.map.camera != zoom)
    }

    @Test func `the map is dragged, over its edge too`() throws {
        var bench = try Self.bench()
        let area = bench.application.layout.map
        bench.mouse(.press, area.x + 10, area.y + 10)
        let before = bench.application.map.camera?.centre
        bench.mouse(.drag, area.x - 20, area.y + 10)
        #expect(bench.application.map.camera?.centre != before)
        let dragged = bench.application.map.camera?.centre
        bench.mouse(.release, area.x - 20, area.y + 10)
        bench.mouse(.drag, area.x + 5, area.y + 10)
        #expect(bench.application.map.camera?.centre == dragged)
    }

    @Test func `help scrolls with the wheel and closes with a click`() throws {
        var bench = try Self.bench(80, 24)
        bench.press("?")
        let first = bench.text
        bench.mouse(.wheelDown, 10, 10)
        #expect(bench.text != first)
        bench.mouse(.press, 10, 10)
        #expect(bench.find("Help:") == nil)
    }
}
