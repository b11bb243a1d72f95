import Dispatch
import Inspection
import SpatioSession

/// The engine behind the screen with a capture wholly read.
struct Engine {
    let inspector = Inspector()
    private let changed = DispatchSemaphore(value: 0)

    init(_ capture: String) throws(BenchError) {
        nonisolated(unsafe) let source = try Memory.open(capture)
        let changed = changed
        inspector.start(ports: [7728], keyLog: KeyLog(), open: { source }, changed: { changed.signal() })
        _ = wait { $0.loading == .done }
    }

    /// The first snapshot that fulfils a condition.
    func wait(until condition: (Snapshot) -> Bool) -> Snapshot {
        while true {
            let snapshot = inspector.snapshot
            if condition(snapshot) { return snapshot }
            changed.wait()
        }
    }
}

/// From the order to go to a time to the snapshot as of it.
enum Seeking {
    private static let places = 12

    static func measure(_ capture: String) throws(BenchError) {
        let engine = try Engine(capture)
        defer { engine.inspector.close() }
        let whole = engine.inspector.snapshot
        let span = whole.lastTime - whole.firstTime
        let times = (0..<places).map { place in
            // Forwards and backwards, near and far.
            let time = whole.firstTime + span / Int64(places) * Int64(place * 7 % places)
            return seconds {
                engine.inspector.seek(.time(time))
                _ = engine.wait { !$0.isAtEnd && $0.time == time }
            }
        }
        Table.row(
            "seek in 2,000,000 messages, median", "\(places) places", value: median(times) * 1000, unit: " ms",
            bar: 200, goal: 50)
        Table.row(
            "seek in 2,000,000 messages, worst", "\(places) places", value: (times.max() ?? .nan) * 1000, unit: " ms",
            bar: 200, goal: 50)
    }
}
