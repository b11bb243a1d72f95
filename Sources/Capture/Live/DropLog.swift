/// Packets that were dropped between two looks at the counters.
package struct DropEvent: Equatable, Sendable {
    /// Of both looks, nanoseconds since the Unix epoch.
    package var start, end: Int64
    package var drops: InterfaceCapture.Drops

    package init(start: Int64, end: Int64, drops: InterfaceCapture.Drops) {
        self.start = start
        self.end = end
        self.drops = drops
    }

    package var count: UInt64 { drops.byKernel &+ drops.byInterface &+ drops.byRing }
}

/// When packets were dropped: what goes on without a pause is one event, and of very many the newest are kept.
package struct DropLog: Equatable, Sendable {
    /// Times that are told apart: hours of now and then. Ones that go on are cut where they would say little.
    package static let limit = 1_024
    private static let longest: Int64 = 5_000_000_000

    package private(set) var events: [DropEvent] = []

    package init() {}

    package mutating func add(_ event: DropEvent) {
        guard event.count > 0 else { return }
        if let last = events.last, last.end == event.start, event.end &- last.start <= Self.longest {
            events[events.count - 1].end = event.end
            events[events.count - 1].drops = last.drops + event.drops
            return
        }
        if events.count >= Self.limit { events.removeFirst(Self.limit / 4) }
        events.append(event)
    }
}
