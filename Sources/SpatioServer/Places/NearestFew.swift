import HeapModule
import SpatioWire

/// The nearest of all that it is shown, a few of them.
struct NearestFew {
    private struct Entry: Comparable {
        var distance: Double
        var id: UUID
        var slot: Int

        static func == (left: Entry, right: Entry) -> Bool { (left.distance, left.id) == (right.distance, right.id) }

        /// Equal distances go by the entity, so that the same places give the same answer.
        static func < (left: Entry, right: Entry) -> Bool { (left.distance, left.id) < (right.distance, right.id) }
    }

    private let most: Int
    private var entries = Heap<Entry>()
    /// All that were shown.
    private(set) var shown = 0

    init(most: Int) { self.most = most }

    mutating func show(_ slot: Int, _ id: UUID, _ distance: Double) {
        shown += 1
        let entry = Entry(distance: distance, id: id, slot: slot)
        if entries.count < most {
            entries.insert(entry)
        } else if let farthest = entries.max, entry < farthest {
            entries.replaceMax(with: entry)
        }
    }

    /// The nearest first.
    var sorted: [(slot: Int, distance: Double)] { entries.unordered.sorted().map { ($0.slot, $0.distance) } }
}
