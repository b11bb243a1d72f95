/// What is to happen, by time; at the same time, in the order in which it was planned.
struct Agenda {
    private struct Entry {
        var time: Int64
        var order: UInt64
        var action: () -> Void

        func isBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
    }

    /// A binary heap: no entry is before its parent at half its index.
    private var heap: [Entry] = []
    private var planned: UInt64 = 0

    mutating func plan(at time: Int64, _ action: @escaping () -> Void) {
        heap.append(Entry(time: time, order: planned, action: action))
        planned += 1
        var index = heap.count - 1
        while index > 0, heap[index].isBefore(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func next() -> (time: Int64, action: () -> Void)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.time, first.action)
    }

    /// Moves the first entry down to its place.
    private mutating func sink() {
        var index = 0
        while 2 * index + 1 < heap.count {
            var child = 2 * index + 1
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(heap[index]) else { return }
            heap.swapAt(index, child)
            index = child
        }
    }

    mutating func clear() { heap.removeAll() }
}
