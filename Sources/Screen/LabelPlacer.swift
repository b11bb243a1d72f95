/// What a label belongs to: the halves of a UUID, which is a type that nothing of the screen knows. No parameter of the
/// types below, because these sort a crowd for each frame, and without knowing its type that takes ten times as long.
package struct LabelID: Hashable, Comparable, Sendable {
    package let high, low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: LabelID, right: LabelID) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

/// A name that wants a place beside a mark on the screen.
package struct Label: Sendable {
    package let id: LabelID
    /// Columns of the text.
    package let width: Int
    /// The cell of the mark that it names.
    package let anchor: Point
    /// Higher first: selected, followed, alerting, recently changed, the rest.
    package let priority: Int

    package init(id: LabelID, width: Int, anchor: Point, priority: Int = 0) {
        self.id = id
        self.width = width
        self.anchor = anchor
        self.priority = priority
    }
}

/// Where a label lies as seen from its mark, in the order in which places are tried.
package enum LabelSlot: Int, CaseIterable, Sendable {
    case east, northEast, southEast, west, northWest, southWest, north, south

    /// The cells of a label of one row. Beside the mark one column stays empty, so that both can be told apart.
    package func rect(anchor: Point, width: Int) -> Rect {
        let x: Int
        switch self {
        case .east: x = anchor.x + 2
        case .northEast, .southEast: x = anchor.x + 1
        case .west: x = anchor.x - 1 - width
        case .northWest, .southWest: x = anchor.x - width
        case .north, .south: x = anchor.x - width / 2
        }
        let y: Int
        switch self {
        case .northEast, .northWest, .north: y = anchor.y - 1
        case .southEast, .southWest, .south: y = anchor.y + 1
        case .east, .west: y = anchor.y
        }
        return Rect(x: x, y: y, width: width, height: 1)
    }
}

/// Places labels so that none covers another one or a mark, and so that they stay where they are from frame to frame.
///
/// Greedy: by priority, among equals those that had a place in the last frame, then by identifier. Each tries its last
/// slot first, so a pan moves labels along with their marks and a newcomer of equal rank does not push one away.
package struct LabelPlacer: Sendable {
    package struct Placement: Sendable {
        package let id: LabelID
        package let rect: Rect
    }

    package struct Result: Sendable {
        package let placements: [Placement]
        /// Labels for which there was no room: to be said as "+n unlabelled".
        package let unplaced: Int
    }

    /// One label for this many cells; with more, a map is a page of text.
    package static let cellsPerLabel = 60

    /// The slots of the last frame.
    package private(set) var slots: [LabelID: LabelSlot] = [:]

    package init() {}

    /// As many labels as an area takes.
    package static func budget(for size: Size) -> Int {
        size.isEmpty ? 0 : max(1, size.area / cellsPerLabel)
    }

    /// Finds places and takes them in `occupancy`, where marks and other text should be taken already. A label whose mark
    /// lies outside gets none.
    ///
    /// Sorts all labels: where there are many more than the budget, hand over those that matter.
    package mutating func place(_ labels: [Label], in occupancy: inout OccupancyMap) -> Result {
        let budget = Self.budget(for: occupancy.size)
        let ordered = labels.map { (label: $0, last: slots[$0.id]) }.sorted { first, second in
            if first.label.priority != second.label.priority { return first.label.priority > second.label.priority }
            if (first.last == nil) != (second.last == nil) { return first.last != nil }
            return first.label.id < second.label.id
        }
        var placements: [Placement] = []
        var kept: [LabelID: LabelSlot] = [:]
        let visible = Rect(occupancy.size)
        for (label, last) in ordered {
            if placements.count == budget { break }
            guard label.width > 0, visible.contains(label.anchor),
                let slot = freeSlot(for: label, last: last, in: occupancy)
            else { continue }
            let rect = slot.rect(anchor: label.anchor, width: label.width)
            occupancy.mark(rect)
            placements.append(Placement(id: label.id, rect: rect))
            kept[label.id] = slot
        }
        slots = kept
        return Result(placements: placements, unplaced: labels.count - placements.count)
    }

    private func freeSlot(for label: Label, last: LabelSlot?, in occupancy: OccupancyMap) -> LabelSlot? {
        func isFree(_ slot: LabelSlot) -> Bool {
            occupancy.isFree(slot.rect(anchor: label.anchor, width: label.width))
        }
        if let last, isFree(last) { return last }
        return LabelSlot.allCases.first(where: isFree)
    }
}
