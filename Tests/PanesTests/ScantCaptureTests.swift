import Inspection
import Screen
import Testing

@testable import Panes

/// A capture with one message, none, or a single instant works in every pane, as does a clock that stands before
/// everything.
@Suite struct ScantCaptureTests {
    static func snapshots() throws -> [(name: String, snapshot: Snapshot)] {
        let one = Meeting()
        one.move(0, 1, 2)
        let instant = Meeting()
        for person in 0..<4 { instant.move(person, Double(person), 2) }
        var before = try Meeting.small().snapshot()
        before.moveCursor(to: Model(), time: nil)
        return [
            ("nothing at all", Snapshot()), ("no message", try Meeting().snapshot()),
            ("one message", try one.snapshot()), ("one instant", try instant.snapshot()),
            ("before the first message", before),
        ]
    }

    @Test(arguments: PaneKind.allCases)
    func `every key of a pane can be pressed whatever little there is`(pane: PaneKind) throws {
        for (name, snapshot) in try Self.snapshots() {
            for size in [(60, 16), (80, 24), (200, 50)] {
                var bench = Bench.ready(snapshot, size.0, size.1)
                bench.press(.character(Unicode.Scalar(UInt8(0x30 + pane.rawValue))), "\\")
                let scope = bench.application.focus.scope
                let bindings = KeyTable.standard.bindings.filter { $0.scope == scope || $0.scope == .everywhere }
                for binding in bindings where ![.quit, .interrupt].contains(binding.action) {
                    for key in binding.keys { bench.press(key) }
                    #expect(!bench.hasQuit, "\(binding.action) quits with \(name)")
                    bench.press(.escape)
                }
                #expect(bench.buffer.size == bench.size, "\(pane) with \(name)")
            }
        }
    }

    @Test(arguments: PaneKind.allCases)
    func `a pane without content says why, and its name`(pane: PaneKind) throws {
        for (name, snapshot) in try Self.snapshots().prefix(2) {
            var bench = Bench.ready(snapshot)
            bench.press(.character(Unicode.Scalar(UInt8(0x30 + pane.rawValue))), "\\")
            #expect(bench.find(pane.title) != nil, "\(name)")
            let words = bench.text.split(whereSeparator: { !$0.isLetter }).count
            #expect(words > 12, "\(pane) says next to nothing with \(name):\n\(bench.text)")
        }
    }
}
