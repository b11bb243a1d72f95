/// A size in cells; never negative.
package struct Size: Hashable, Sendable {
    package let width: Int
    package let height: Int

    /// Negative measures count as zero: what is left of a screen that is too small is nothing.
    package init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
    }

    package static let zero = Size(width: 0, height: 0)

    /// Cells in all.
    package var area: Int { width * height }
    package var isEmpty: Bool { width == 0 || height == 0 }
}

/// A cell on the screen: x grows to the right, y downwards, the first cell is (0, 0).
package struct Point: Hashable, Sendable {
    package var x: Int
    package var y: Int

    package init(x: Int, y: Int) {
        self.x = x
        self.y = y
    }

    package static let zero = Point(x: 0, y: 0)
}

/// A rectangle of cells. It may lie outside of every buffer: whoever draws clips.
package struct Rect: Hashable, Sendable {
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int

    /// Coordinates beyond all screens are moved to `farthest`, negative measures count as zero.
    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = Self.limited(x)
        self.y = Self.limited(y)
        self.width = max(0, Self.limited(width))
        self.height = max(0, Self.limited(height))
    }

    /// No screen reaches there, and no sum of a few such numbers overflows: what a position from the network is mapped
    /// to can be drawn without a look at it.
    private static let farthest = 1 << 40

    private static func limited(_ coordinate: Int) -> Int {
        min(max(coordinate, -farthest), farthest)
    }

    /// The whole of something that starts at (0, 0).
    package init(_ size: Size) {
        self.init(x: 0, y: 0, width: size.width, height: size.height)
    }

    package static let zero = Rect(x: 0, y: 0, width: 0, height: 0)

    package var size: Size { Size(width: width, height: height) }
    package var origin: Point { Point(x: x, y: y) }
    package var isEmpty: Bool { width == 0 || height == 0 }

    /// One past the last column.
    package var maxX: Int { x + width }
    /// One past the last row.
    package var maxY: Int { y + height }
    package var columns: Range<Int> { x..<maxX }
    package var rows: Range<Int> { y..<maxY }

    package func contains(_ point: Point) -> Bool {
        columns.contains(point.x) && rows.contains(point.y)
    }

    /// What both cover; empty (zero width or height) where they do not meet.
    package func intersection(_ other: Rect) -> Rect {
        let left = max(x, other.x)
        let top = max(y, other.y)
        return Rect(
            x: left, y: top, width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
    }

    /// Smaller by `amount` cells on each side.
    package func inset(by amount: Int = 1) -> Rect {
        inset(left: amount, top: amount, right: amount, bottom: amount)
    }

    package func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
        Rect(x: x + left, y: y + top, width: width - left - right, height: height - top - bottom)
    }

    /// Moved, with the same size.
    package func offset(x deltaX: Int = 0, y deltaY: Int = 0) -> Rect {
        Rect(x: x + Self.limited(deltaX), y: y + Self.limited(deltaY), width: width, height: height)
    }

    /// Two rectangles side by side; the left one is `column` cells wide. A negative number counts from the right.
    package func splitHorizontally(at column: Int) -> (left: Rect, right: Rect) {
        let cut = Self.cut(column, of: width)
        return (
            Rect(x: x, y: y, width: cut, height: height),
            Rect(x: x + cut, y: y, width: width - cut, height: height)
        )
    }

    /// Two rectangles one above the other; the upper one is `row` cells high. A negative number counts from below.
    package func splitVertically(at row: Int) -> (top: Rect, bottom: Rect) {
        let cut = Self.cut(row, of: height)
        return (
            Rect(x: x, y: y, width: width, height: cut),
            Rect(x: x, y: y + cut, width: width, height: height - cut)
        )
    }

    private static func cut(_ position: Int, of length: Int) -> Int {
        min(max(0, position < 0 ? length + position : position), length)
    }
}
