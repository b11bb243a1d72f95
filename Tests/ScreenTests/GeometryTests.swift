import Screen
import Testing

@Suite struct GeometryTests {
    private let rect = Rect(x: 2, y: 3, width: 10, height: 4)

    @Test func `measures are never negative`() {
        #expect(Size(width: -1, height: 5).area == 0)
        #expect(Rect(x: 0, y: 0, width: 3, height: 3).inset(by: 2).isEmpty)
    }

    @Test func `a rectangle contains its first cell and not the one past its last`() {
        #expect(rect.contains(Point(x: 2, y: 3)))
        #expect(rect.contains(Point(x: 11, y: 6)))
        #expect(!rect.contains(Point(x: 12, y: 6)))
        #expect(!rect.contains(Point(x: 11, y: 7)))
    }

    @Test func `both parts of a split make the whole`() {
        for cut in [-20, -3, 0, 4, 10, 99] {
            let (left, right) = rect.splitHorizontally(at: cut)
            #expect(left.width + right.width == rect.width)
            #expect(left.maxX == right.x)
            let (top, bottom) = rect.splitVertically(at: cut)
            #expect(top.height + bottom.height == rect.height)
            #expect(top.maxY == bottom.y)
        }
        #expect(rect.splitHorizontally(at: -3).right.width == 3)
    }

    @Test func `what does not meet has an empty intersection`() {
        #expect(rect.intersection(Rect(x: 12, y: 3, width: 5, height: 5)).isEmpty)
        #expect(rect.intersection(Rect(x: 0, y: 0, width: 4, height: 4)) == Rect(x: 2, y: 3, width: 2, height: 1))
    }

    @Test func `coordinates beyond all sense do no harm`() {
        let far = Rect(x: .max, y: .min, width: .max, height: .max).offset(x: .max, y: .min)
        #expect(far.intersection(rect).isEmpty)
        #expect(!far.contains(.zero))
        #expect(far.inset(by: 1).maxX > 0)
        #expect(Rect(x: .min, y: .min, width: .max, height: .max).intersection(rect).width <= rect.width)
    }
}
