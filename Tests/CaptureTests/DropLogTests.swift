import Capture
import Testing

/// When packets were dropped.
struct DropLogTests {
    private func event(_ start: Int64, _ end: Int64, _ count: UInt64) -> DropEvent {
        DropEvent(
            start: start * 1_000_000, end: end * 1_000_000, drops: InterfaceCapture.Drops(byKernel: count))
    }

    @Test func `What goes on without a pause is one event, and what drops nothing is none`() {
        var log = DropLog()
        log.add(event(0, 250, 0))
        log.add(event(250, 500, 10))
        log.add(event(500, 750, 20))
        log.add(event(750, 1000, 0))
        log.add(event(1000, 1250, 5))
        #expect(log.events == [event(250, 750, 30), event(1000, 1250, 5)])
        #expect(log.events.map(\.count) == [30, 5])
    }

    @Test func `What never ends is cut into pieces that say when it was`() {
        var log = DropLog()
        for step in Int64(0)..<40 { log.add(event(step * 250, step * 250 + 250, 1)) }
        #expect(log.events == [event(0, 5000, 20), event(5000, 10_000, 20)])
    }

    @Test func `Of very many events the newest are kept`() {
        var log = DropLog()
        for step in Int64(0)..<5000 { log.add(event(step * 1000, step * 1000 + 250, 1)) }
        #expect(log.events.count <= DropLog.limit)
        #expect(log.events.last == event(4_999_000, 4_999_250, 1))
    }
}
