import Inspection
import Screen
import SpatioSession
import Testing

@testable import Panes

/// The map's tools and lists on the whole screen.
struct MapFlowTests {
    private func bench(_ width: Int = 120, _ height: Int = 40) throws -> Bench {
        var bench = Bench.ready(try Harbour.snapshot(at: 7.2), width, height)
        bench.press("3", "\\")
        return bench
    }

    @Test func `a box that is drawn with keys filters the messages`() throws {
        var bench = try bench()
        bench.press("b", .enter)
        for _ in 0..<30 { bench.press(.left) }
        for _ in 0..<12 { bench.press(.up) }
        bench.press(.enter)
        #expect(bench.application.filterText.hasPrefix("box("))
        let filtered = try #require(bench.snapshot.filter)
        #expect(filtered.numbers.count > 0 && filtered.numbers.count < bench.snapshot.index.count)
        #expect(bench.application.focus == .map)
    }

    @Test func `Esc closes a list, then a tool, and leaves the zoom for last`() throws {
        var bench = try bench()
        bench.press("u")
        #expect(bench.text.contains("Subscriptions (4)"))
        bench.press(.escape, "d")
        #expect(bench.text.contains("Enter sets a point"))
        bench.press(.escape)
        #expect(!bench.text.contains("Enter sets a point") && bench.application.desk.isZoomed)
        bench.press(.escape)
        #expect(!bench.application.desk.isZoomed)
    }

    @Test func `Enter sets points while a tool is out, also with an entity selected`() throws {
        var bench = try bench()
        bench.press("n", "d", .enter, .right, .right, .enter)
        #expect(bench.application.focus == .map && bench.application.filterText.isEmpty)
        #expect(bench.text.contains("bearing 90.0"))
        bench.press(.escape, .enter)
        #expect(bench.application.focus == .messages && bench.application.filterText.hasPrefix("entity =="))
    }

    @Test func `f on a query in the list shows its messages`() throws {
        var bench = try bench()
        bench.press("t", "G", "f")
        #expect(bench.application.filterText.hasPrefix("number in {"))
        #expect(bench.application.focus == .messages)
        #expect(bench.snapshot.filter?.numbers.count == 2)
    }

    @Test func `a replica that is selected elsewhere shows its world until Esc`() throws {
        var bench = try bench()
        _ = bench.application.take([.showReplica(ReplicaID(session: 0, side: .client))])
        #expect(bench.draw().contains("THE WORLD OF alice"))
        bench.press(.escape)
        #expect(!bench.text.contains("THE WORLD OF"))
        #expect(bench.application.selection.replica == nil && bench.application.desk.isZoomed)
    }

    @Test func `the world follows a clock that plays and one that jumps back`() throws {
        var bench = try bench()
        _ = bench.application.take([.showReplica(ReplicaID(session: 0, side: .client))])
        for key in [Key.character(","), ",", ".", "[", "]", "<", ">", ","] {
            bench.press(key)
            #expect(bench.draw().contains("THE WORLD OF alice"))
        }
    }
}
