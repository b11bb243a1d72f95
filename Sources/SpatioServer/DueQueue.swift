/// What is due when, the earliest first; equal times in the order in which they were added.
struct DueQueue<Element: Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: Int64
        var order: UInt64
        var element: Element

        func isBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var order: UInt64 = 0

    var first: Int64? { entries.first?.time }
    var count: Int { entries.count }

    mutating func add(_ element: Element, at time: Int64) {
        entries.append(Entry(time: time, order: order, element: element))
        order += 1
        var place = entries.count - 1
        while place > 0, entries[place].isBefore(entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Takes the earliest that is due at `now`.
    mutating func next(at now: Int64) -> Element? {
        guard let first = entries.first, first.time <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return first.element
    }

    /// Drops what need not be done any more.
    mutating func removeAll(where isDone: (Element) -> Bool) {
        // A sorted array is a heap.
        entries = entries.filter { !isDone($0.element) }.sorted { $0.isBefore($1) }
    }

    private mutating func sink() {
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) { least = child }
            guard least != place else { return }
            entries.swapAt(place, least)
            place = least
        }
    }
}
