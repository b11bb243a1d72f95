import Capture
import Foundation
import Inspection
import Screen
import Simulation
import SpatioWire
import Testing

@testable import Panes

/// The quality pane alone, as recorded and as it answers keys and clicks.
@Suite struct QualityScreenTests {
    /// The pane with what it is drawn from.
    struct Bench {
        var pane = QualityPane()
        var context: PaneContext
        var size: Size
        var glyphs = GlyphSet.braille

        init(_ snapshot: Snapshot, _ width: Int = 80, _ height: Int = 20, _ scope: Selection.Scope = .everything) {
            var selection = Selection()
            selection.scope = scope
            context = PaneContext(snapshot: snapshot, theme: .dark, selection: selection, isFocused: true)
            size = Size(width: width, height: height)
        }

        private var area: Rect { Rect(size) }

        mutating func draw() -> String {
            var buffer = Buffer(size: size, glyphs: glyphs)
            pane.draw(into: &buffer, area: area, context)
            return buffer.plainText
        }

        @discardableResult
        mutating func press(_ actions: Action...) -> [PaneRequest]? {
            var requests: [PaneRequest]?
            for action in actions {
                _ = draw()
                requests = pane.handle(action, context)
            }
            return requests
        }

        mutating func mouse(_ kind: MouseEvent.Kind, _ x: Int, _ y: Int) -> [PaneRequest] {
            _ = draw()
            return pane.handle(MouseEvent(kind, at: Point(x: x, y: y)), area: area, context)
        }
    }

    /// A capture of a scenario, which is gone afterwards and can still be read.
    private static func snapshot(_ scenario: Scenario, seconds: Double) throws -> Snapshot {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(Foundation.UUID()).pcapng").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try simulate(scenario, options: SimulationOptions(seed: 1, duration: seconds), to: path)
        let source = try CaptureSource(paths: [path], keepsPackets: true)
        var analysis = Analysis()
        while let packet = source.next() { analysis.take(packet) }
        analysis.finish()
        var snapshot = Snapshot(analysis, of: source)
        snapshot.loading = .done
        return snapshot
    }

    // MARK: As recorded

    @Test(arguments: [
        ("empty", 80, 20), ("small", 80, 20), ("small", 200, 56), ("crowded", 80, 20), ("crowded", 120, 36),
    ])
    func `the graphs look as recorded`(kind: String, width: Int, height: Int) throws {
        var bench = Bench(try ApplicationScreenTests.snapshot(kind), width, height)
        assertGolden(bench.draw(), "quality_\(kind)_\(width)x\(height)")
    }

    @Test func `window and rate against what is allowed look as recorded`() throws {
        let snapshot = try Self.snapshot(.congested, seconds: 12)
        var bench = Bench(snapshot, 200, 56, .session(0))
        assertGolden(bench.draw(), "quality_congested_200x56")
        bench.size = Size(width: 80, height: 20)
        bench.press(.last)
        assertGolden(bench.draw(), "quality_rate_80x20")
        bench.press(.searchPrevious, .qualityScale)
        assertGolden(bench.draw(), "quality_window_log_80x20")
    }

    @Test func `one message, and a single moment, look as recorded`() throws {
        let one = Meeting()
        one.leave(0)
        var bench = Bench(try one.snapshot())
        assertGolden(bench.draw(), "quality_one_80x20")
        let moment = Meeting()
        for person in 0..<3 { moment.move(person, 1, 1) }
        bench = Bench(try moment.snapshot(), 120, 36)
        assertGolden(bench.draw(), "quality_moment_120x36")
    }

    @Test func `percentiles and cost look as recorded`() throws {
        var bench = Bench(try ApplicationScreenTests.snapshot("small"), 100, 24)
        bench.press(.qualityTable)
        assertGolden(bench.draw(), "quality_table_100x24")
        bench.press(.qualityCost)
        assertGolden(bench.draw(), "quality_cost_stream_100x24")
        bench.press(.left)
        assertGolden(bench.draw(), "quality_cost_type_100x24")
        bench.press(.left)
        assertGolden(bench.draw(), "quality_cost_entity_100x24")
    }

    @Test func `a time in which nothing was captured is marked, and no line crosses it`() throws {
        let meeting = Meeting()
        for part in 0..<2 {
            for step in 0..<40 {
                meeting.wait(milliseconds: 250)
                meeting.move(0, Double(step), Double(part))
            }
            if part == 0 { meeting.wait(milliseconds: 20_000) }
        }
        var bench = Bench(try meeting.snapshot())
        let text = bench.draw()
        #expect(text.contains("nothing for 20 s"))
        assertGolden(text, "quality_silence_80x20")
    }

    // MARK: Drawing

    @Test(arguments: ["empty", "small", "crowded"])
    func `every size can be drawn, in every view`(kind: String) throws {
        var bench = Bench(try ApplicationScreenTests.snapshot(kind))
        for (width, height) in [(0, 0), (1, 1), (2, 2), (5, 3), (20, 6), (60, 14), (43, 40), (250, 80)] {
            bench.size = Size(width: width, height: height)
            for action in [.qualityTable, .qualityTable, .qualityCost, .qualityCost, .qualityScale, .qualityOne]
                as [Action]
            {
                bench.press(action)
                #expect(bench.draw().split(separator: "\n").allSatisfy { $0.count <= width })
            }
        }
    }

    @Test func `a screen in ASCII holds nothing else`() throws {
        var bench = Bench(try ApplicationScreenTests.snapshot("small"), 200, 56)
        bench.glyphs = .ascii
        #expect(bench.draw().unicodeScalars.allSatisfy { $0.isASCII })
        bench.press(.qualityCost)
        #expect(bench.draw().unicodeScalars.allSatisfy { $0.isASCII })
    }

    @Test func `before the first message there is nothing yet, and it says so`() throws {
        var snapshot = try ApplicationScreenTests.snapshot("small")
        snapshot.moveCursor(to: Model(), time: nil)
        var bench = Bench(snapshot)
        #expect(bench.draw().contains("Nothing yet at this time."))
        bench.press(.qualityCost, .open)
        #expect(bench.draw().contains("Nothing yet at this time."))
    }

    @Test func `no data is never 0`() throws {
        var bench = Bench(try ApplicationScreenTests.snapshot("crowded"), 100, 30)
        bench.press(.qualityTable)
        let rate = bench.draw().split(separator: "\n").first { $0.contains("rate limit used") }
        #expect(rate?.contains(" - ") == true && rate?.contains("0") == false)
    }

    @Test func `a jitter below the grain of the stamps is not made up`() {
        var content = QualityGraphContent(graph: .jitter)
        #expect(content.text(0.2) == "0.20 ms" && content.text(nil) == "-")
        content.grain = 0.5
        #expect(content.text(0.2) == "<0.5 ms" && content.text(0.5) == "0.50 ms" && content.text(nil) == "-")
    }

    // MARK: Keys

    @Test func `n and N go through the graphs, and all fit on a large screen`() throws {
        var bench = Bench(try ApplicationScreenTests.snapshot("small"))
        // No observer is there, so there is no graph of what it sees.
        let titles = QualityGraph.allCases.map(\.title).filter { $0 != "observer behind the wire" }
        for title in titles {
            #expect(bench.draw().contains(" \(title) "))
            bench.press(.searchNext)
        }
        #expect(bench.draw().contains(" \(titles[0]) "))
        bench.press(.searchPrevious)
        #expect(bench.draw().contains(" rate limit used ") && bench.draw().contains("9 of 9"))
        bench.size = Size(width: 200, height: 56)
        #expect(titles.allSatisfy(bench.draw().contains))
        bench.press(.qualityOne)
        #expect(!bench.draw().contains("octets/s"))
    }

    @Test func `the time shown ends at the clock, or is everything`() throws {
        var bench = Bench(try Self.snapshot(.plaza, seconds: 12))
        #expect(bench.draw().contains(" 11 s, a point"))
        bench.press(.zoomIn)
        #expect(bench.draw().contains(" 10 s, a point"))
        bench.press(.zoomIn, .zoomIn)
        #expect(bench.draw().contains(" 2 s, a point each 0.10 s"))
        bench.press(.zoomIn, .zoomOut)
        #expect(bench.draw().contains(" 5 s, a point"))
        bench.press(.fit)
        #expect(bench.draw().contains(" 11 s, a point"))
        _ = bench.mouse(.wheelUp, 40, 10)
        #expect(bench.draw().contains(" 10 s, a point"))
    }

    @Test func `the scope is what is selected, and o widens it`() throws {
        let snapshot = try ApplicationScreenTests.snapshot("small")
        let stream = try #require(snapshot.whole.streams.firstIndex { $0.streamID == 1 && $0.session == 0 })
        var bench = Bench(snapshot, 80, 20, .stream(stream))
        #expect(bench.draw().contains("alice > server 1"))
        bench.press(.qualityScope)
        #expect(bench.draw().contains("5 Quality  alice > server ") && !bench.draw().contains("server 1"))
        bench.press(.qualityScope)
        #expect(bench.draw().contains("everything"))
        bench.press(.qualityScope)
        #expect(bench.draw().contains("alice > server 1"))
        #expect(
            bench.press(.open) == [
                .filter(StreamsPane.filter(snapshot.whole.streams[stream], snapshot.whole)), .focus(.messages),
            ])
        var all = Bench(snapshot)
        #expect(all.press(.qualityScope)?.count == 1)
        #expect(all.press(.open) == nil)
    }

    @Test func `a stream that the clock has not reached yet has no figures`() throws {
        let snapshot = try ApplicationScreenTests.snapshot("small")
        var early = snapshot
        early.moveCursor(to: Model(), time: nil)
        early.cursor = 1
        var bench = Bench(early, 200, 56, .stream(5))
        #expect(bench.draw().contains("too short a time"))
        var odd = Bench(snapshot, 80, 20, .session(1 << 40))
        #expect(odd.draw().contains("everything"))
    }

    @Test func `Enter in the cost table selects an entity, or filters to a line`() throws {
        let snapshot = try ApplicationScreenTests.snapshot("small")
        var bench = Bench(snapshot, 100, 24)
        bench.press(.qualityCost)
        guard case .filter(let stream)?? = bench.press(.open)?.first.map(Optional.some) else {
            Issue.record("no filter")
            return
        }
        #expect(stream.contains("stream == 1"))
        bench.press(.left)
        #expect(bench.press(.onlyThis) == [.filter("type == spatial_update")])
        bench.press(.left)
        // Of two that cost about the same, bob alone came with somebody else's message.
        let entity = SelectedEntity(space: Meeting.space, id: Meeting.entity(1))
        #expect(bench.press(.open) == [.select(entity), .focus(.map)])
        bench.press(.left)
        #expect(bench.press(.onlyThis) == [.filter("space == \"\(Meeting.space)\"")])
        for filter in ["type == spatial_update", "space == \"\(Meeting.space)\"", stream] {
            #expect(throws: Never.self) { try Filter(parsing: filter) }
        }
    }

    @Test func `the cost table is sorted as asked, and its selection stays`() throws {
        var bench = Bench(try ApplicationScreenTests.snapshot("crowded"), 100, 24)
        bench.press(.qualityCost, .sortNext, .sortNext)
        #expect(bench.draw().contains("by name"))
        bench.press(.sortReverse)
        #expect(bench.draw().contains("by name, least first"))
        bench.press(.last)
        #expect(bench.mouse(.wheelUp, 10, 10).isEmpty && bench.mouse(.press, 10, 5).isEmpty)
        #expect(bench.draw().contains("kB/s"))
    }

    @Test func `a click selects a graph, and in the selected one moves the clock`() throws {
        let snapshot = try ApplicationScreenTests.snapshot("small")
        var bench = Bench(snapshot, 200, 56)
        #expect(bench.mouse(.press, 100, 30).isEmpty)
        guard case .goTo(let message)? = bench.mouse(.press, 110, 30).first else {
            Issue.record("the clock was not moved")
            return
        }
        let share =
            Double(snapshot.index[message].time - snapshot.firstTime) / Double(snapshot.lastTime - snapshot.firstTime)
        #expect(share > 0.4 && share < 0.65)
        #expect(bench.mouse(.press, 0, 0).isEmpty && bench.mouse(.drag, 500, 500).isEmpty)
    }
}
