/// What is to happen, by time; at the same time, in the order in which it was planned.
struct Agenda {
    private struct Entry {
        var time: Int64
        var order: UInt64
        var action: () -> Void

        func isBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
    }

    /// A binary heap: every entry is before the two at twice its index.
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
            var index = 0
            while let child = [2 * index + 1, 2 * index + 2].filter({ $0 < heap.count })
                .min(by: { heap[$0].isBefore(heap[$1]) }), heap[child].isBefore(heap[index])
            {
                heap.swapAt(index, child)
                index = child
            }
        }
        return (first.time, first.action)
    }

    mutating func clear() { heap.removeAll() }
}
