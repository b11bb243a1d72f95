/// Which of many sessions wants to be called next: a binary heap. Sessions move their deadlines with every message, so
/// an entry says only that a session wants to be looked at then, not what for; whoever pops it asks the session.
struct DeadlineQueue: Sendable {
    struct Entry: Sendable {
        var time: Int64
        var session: SessionHandle
    }

    private var heap: [Entry] = []

    var next: Int64? { heap.first?.time }
    var count: Int { heap.count }

    mutating func push(_ time: Int64, _ session: SessionHandle) {
        heap.append(Entry(time: time, session: session))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].time < heap[parent].time else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest entry, if its time has come.
    mutating func pop(until now: Int64) -> Entry? {
        guard let first = heap.first, first.time <= now, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].time < heap[smallest].time {
                smallest = child
            }
            guard smallest != parent else { return first }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
