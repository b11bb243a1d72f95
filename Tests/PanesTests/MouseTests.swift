import Inspection
import Screen
import Testing

@testable import Panes

@Suite struct MouseTests {
    static func bench(_ width: Int = 160, _ height: Int = 45) throws -> Bench {
        Bench.ready(try Meeting.small().snapshot(), width, height)
    }

    @Test func `a double click is Enter`() throws {
        var bench = try Self.bench()
        let list = bench.application.layout.messages
        bench.press("g")
        bench.mouse(.press, list.x + 20, list.y + 4)
        bench.mouse(.release, list.x + 20, list.y + 4)
        #expect(bench.application.focus == .messages)
        bench.wall += 200_000_000
        bench.mouse(.press, list.x + 20, list.y + 4)
        #expect(bench.application.focus == .tree)
        #expect(bench.snapshot.cursor == 3)
    }

    @Test func `two slow clicks are two clicks, and so are two in different places`() throws {
        var bench = try Self.bench()
        let list = bench.application.layout.messages
        bench.press("g")
        bench.mouse(.press, list.x + 20, list.y + 4)
        bench.wall += 900_000_000
        bench.mouse(.press, list.x + 20, list.y + 4)
        bench.wall += 100_000_000
        bench.mouse(.press, list.x + 20, list.y + 5)
        #expect(bench.application.focus == .messages)
    }

    @Test func `a click on the head of a column sorts by it, another turns the order`() throws {
        var bench = try Self.bench()
        let area = bench.application.layout.streams
        for (title, column) in [
            ("msg/s", .rate), ("kB/s", .octets), ("lost", .lost), ("jitter", .jitter), ("rtt ms", .roundTrip),
            ("session / stream", .order),
        ] as [(String, StreamsPane.Column)] {
            let place = try #require(bench.row(area.y + 1).range(of: title))
            let x = bench.row(area.y + 1).distance(from: bench.row(area.y + 1).startIndex, to: place.lowerBound)
            bench.mouse(.press, x, area.y + 1)
            #expect(bench.application.streams.sort == column)
            #expect(!bench.application.streams.isReversed)
        }
        bench.mouse(.press, area.x + 3, area.y + 1)
        #expect(bench.application.streams.isReversed)
        #expect(bench.application.focus == .streams && bench.application.filterText.isEmpty)
    }

    @Test func `a row that is selected is what Quality shows`() throws {
        var bench = try Self.bench()
        let area = bench.application.layout.streams
        bench.mouse(.press, area.x + 10, area.y + 4)
        guard case .stream = bench.application.selection.scope else {
            Issue.record("no stream is selected")
            return
        }
        bench.mouse(.press, area.x + 10, area.y + 2)
        #expect(bench.application.selection.scope == .session(0))
    }
}
