import SpatioWire

/// The nearest of all that it is shown, a few of them: a heap with the farthest on top.
struct NearestFew {
    private struct Entry {
        var distance: Double
        var id: UUID
        var slot: Int

        /// Equal distances go by the entity, so that the same places give the same answer.
        func isBefore(_ other: Entry) -> Bool { (distance, id) < (other.distance, other.id) }
    }

    private let most: Int
    private var entries: [Entry] = []
    /// All that were shown.
    private(set) var shown = 0

    init(most: Int) { self.most = most }

    mutating func show(_ slot: Int, _ id: UUID, _ distance: Double) {
        shown += 1
        let entry = Entry(distance: distance, id: id, slot: slot)
        if entries.count < most {
            entries.append(entry)
            rise()
        } else if let first = entries.first, entry.isBefore(first) {
            entries[0] = entry
            sink()
        }
    }

    /// The nearest first.
    var sorted: [(slot: Int, distance: Double)] {
        entries.sorted { $0.isBefore($1) }.map { ($0.slot, $0.distance) }
    }

    private mutating func rise() {
        var place = entries.count - 1
        while place > 0, entries[(place - 1) / 2].isBefore(entries[place]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink() {
        var place = 0
        while true {
            var most = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[most].isBefore(entries[child]) { most = child }
            guard most != place else { return }
            entries.swapAt(place, most)
            place = most
        }
    }
}
