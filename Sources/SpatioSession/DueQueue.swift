import HeapModule

/// What is due when, the earliest first; equal times in the order in which they were added.
package struct DueQueue<Element: Sendable>: Sendable {
    private struct Entry: Comparable, Sendable {
        var time: Int64
        var order: UInt64
        var element: Element

        static func == (left: Entry, right: Entry) -> Bool { left.order == right.order }
        static func < (left: Entry, right: Entry) -> Bool { (left.time, left.order) < (right.time, right.order) }
    }

    private var entries = Heap<Entry>()
    private var order: UInt64 = 0

    package init() {}

    /// When the earliest is due, nanoseconds of the monotonic clock.
    package var first: Int64? { entries.min?.time }
    package var count: Int { entries.count }

    package mutating func add(_ element: Element, at time: Int64) {
        entries.insert(Entry(time: time, order: order, element: element))
        order += 1
    }

    /// Takes the earliest that is due at `now`.
    package mutating func next(at now: Int64) -> (time: Int64, element: Element)? {
        guard let first = entries.min, first.time <= now else { return nil }
        entries.removeMin()
        return (first.time, first.element)
    }

    /// Drops what need not be done any more.
    package mutating func removeAll(where isDone: (Element) -> Bool) {
        entries = Heap(entries.unordered.filter { !isDone($0.element) })
    }
}
