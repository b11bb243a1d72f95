import Screen
import Testing

private let screen = Size(width: 100, height: 30)

/// Marks at places that are the same on every run, and labels for them.
private func labels(_ count: Int) -> [Label] {
    var generator = SeededGenerator(seed: 3)
    return (0..<count).map { id in
        let point = Point(x: 4 + generator.next(90), y: 2 + generator.next(26))
        return Label(id: LabelID(id), width: 3 + generator.next(8), anchor: point, priority: generator.next(3))
    }
}

extension LabelID {
    fileprivate init(_ number: Int) { self.init(high: 0, low: UInt64(bitPattern: Int64(number))) }
}

private func occupied(by labels: [Label]) -> OccupancyMap {
    var map = OccupancyMap(size: screen)
    for label in labels { map.mark(label.anchor) }
    return map
}

@Suite struct OccupancyMapTests {
    @Test func `what was marked is not free, across words too`() {
        var map = OccupancyMap(size: Size(width: 200, height: 3))
        map.mark(Rect(x: 60, y: 1, width: 70, height: 1))
        #expect(map.isFree(Rect(x: 0, y: 0, width: 200, height: 1)))
        #expect(map.isFree(Rect(x: 0, y: 1, width: 60, height: 2)))
        #expect(!map.isFree(Rect(x: 0, y: 1, width: 61, height: 1)))
        #expect(!map.isFree(Rect(x: 129, y: 0, width: 9, height: 3)))
        #expect(map.isFree(Rect(x: 130, y: 0, width: 70, height: 3)))
        map.clear()
        #expect(map.isFree(Rect(x: 0, y: 0, width: 200, height: 3)))
    }

    @Test func `outside nothing is free and marking does nothing`() {
        var map = OccupancyMap(size: Size(width: 3, height: 1))
        map.mark(Rect(x: -5, y: -5, width: 6, height: 6))
        #expect(!map.isFree(Rect(x: 0, y: 0, width: 1, height: 1)))
        #expect(map.isFree(Rect(x: 1, y: 0, width: 2, height: 1)))
        #expect(!map.isFree(Rect(x: 2, y: 0, width: 2, height: 1)))
        #expect(!map.isFree(Rect(x: -1, y: 0, width: 1, height: 1)))
        var none = OccupancyMap(size: .zero)
        none.mark(Rect.zero)
        none.mark(Rect(x: 0, y: 0, width: 1, height: 1))
        #expect(!none.isFree(Rect(x: 0, y: 0, width: 1, height: 1)))
    }
}

@Suite struct LabelPlacerTests {
    @Test func `a label alone stands east of its mark`() {
        var placer = LabelPlacer()
        var map = OccupancyMap(size: screen)
        let result = placer.place([Label(id: LabelID(1), width: 5, anchor: Point(x: 10, y: 5))], in: &map)
        #expect(result.placements.map(\.rect) == [Rect(x: 12, y: 5, width: 5, height: 1)])
    }

    @Test func `near an edge another side is taken`() {
        var placer = LabelPlacer()
        var map = OccupancyMap(size: screen)
        let result = placer.place([Label(id: LabelID(1), width: 5, anchor: Point(x: 99, y: 0))], in: &map)
        #expect(result.placements.map(\.rect) == [Rect(x: 93, y: 0, width: 5, height: 1)])
    }

    @Test(arguments: [10, 60, 400]) func `labels cover neither each other nor a mark`(count: Int) {
        let labels = labels(count)
        var placer = LabelPlacer()
        var map = occupied(by: labels)
        let result = placer.place(labels, in: &map)
        for (index, placement) in result.placements.enumerated() {
            #expect(placement.rect.intersection(Rect(screen)) == placement.rect)
            #expect(result.placements[..<index].allSatisfy { $0.rect.intersection(placement.rect).isEmpty })
            #expect(!labels.contains { placement.rect.contains($0.anchor) })
        }
        #expect(result.placements.count + result.unplaced == count)
    }

    @Test func `no more labels than the budget, the important ones first`() {
        let labels = labels(400)
        var placer = LabelPlacer()
        var map = occupied(by: labels)
        let result = placer.place(labels, in: &map)
        #expect(LabelPlacer.budget(for: screen) == 50)
        #expect(result.placements.count == 50)
        #expect(result.placements.allSatisfy { labels[Int($0.id.low)].priority == 2 })
    }

    @Test func `a pan by one cell moves every label by one cell`() {
        // Away from the edges, where a label has to turn to the other side.
        let before = labels(200).filter { (20..<80).contains($0.anchor.x) }
        let after = before.map { label in
            Label(
                id: label.id, width: label.width, anchor: Point(x: label.anchor.x + 1, y: label.anchor.y),
                priority: label.priority)
        }
        var placer = LabelPlacer()
        var map = occupied(by: before)
        let first = placer.place(before, in: &map)
        map = occupied(by: after)
        let second = placer.place(after, in: &map)
        let moved = Dictionary(uniqueKeysWithValues: first.placements.map { ($0.id, $0.rect.offset(x: 1)) })
        let found = Dictionary(uniqueKeysWithValues: second.placements.map { ($0.id, $0.rect) })
        #expect(found == moved)
    }

    @Test func `a newcomer of the same rank does not push a label away`() {
        let old = Label(id: LabelID(5), width: 6, anchor: Point(x: 10, y: 5))
        let new = Label(id: LabelID(1), width: 6, anchor: Point(x: 10, y: 5))
        var placer = LabelPlacer()
        var map = OccupancyMap(size: screen)
        let first = placer.place([old], in: &map).placements.first?.rect
        map.clear()
        let second = placer.place([new, old], in: &map)
        #expect(second.placements.first { $0.id == LabelID(5) }?.rect == first)
    }

    @Test func `the order of the labels does not matter`() {
        let labels = labels(80)
        var one = LabelPlacer()
        var other = LabelPlacer()
        var map = occupied(by: labels)
        let forward = one.place(labels, in: &map)
        map = occupied(by: labels)
        let backward = other.place(labels.reversed(), in: &map)
        #expect(forward.placements.map(\.id) == backward.placements.map(\.id))
        #expect(forward.placements.map(\.rect) == backward.placements.map(\.rect))
    }

    @Test func `a mark that is not on the screen has no label`() {
        var placer = LabelPlacer()
        var map = OccupancyMap(size: screen)
        let anchors = [Point(x: -1, y: 5), Point(x: .max, y: .max), Point(x: .min, y: 0)]
        let result = placer.place(anchors.map { Label(id: LabelID($0.x), width: 3, anchor: $0) }, in: &map)
        #expect(result.placements.isEmpty)
    }

    @Test func `without room there are no labels`() {
        for size in [Size.zero, Size(width: 1, height: 1)] {
            var placer = LabelPlacer()
            var map = OccupancyMap(size: size)
            let result = placer.place([Label(id: LabelID(1), width: 3, anchor: .zero)], in: &map)
            #expect(result.placements.isEmpty)
            #expect(result.unplaced == 1)
        }
    }
}
