/// Which cells of a screen already carry text, one bit each. Every kind of text marks the same map, or they overlap.
package struct OccupancyMap: Sendable {
    package let size: Size
    private var words: [UInt64]
    private let wordsPerRow: Int

    package init(size: Size) {
        self.size = size
        wordsPerRow = (size.width + 63) / 64
        words = Array(repeating: 0, count: wordsPerRow * size.height)
    }

    /// Frees everything and keeps the storage.
    package mutating func clear() {
        for index in words.indices { words[index] = 0 }
    }

    /// Takes the cells of a rectangle; what lies outside is ignored.
    package mutating func mark(_ rect: Rect) {
        let rect = rect.intersection(Rect(size))
        guard !rect.isEmpty else { return }
        for y in rect.rows {
            Self.forEachWord(of: rect.columns) { word, bits in words[y * wordsPerRow + word] |= bits }
        }
    }

    package mutating func mark(_ point: Point) {
        mark(Rect(x: point.x, y: point.y, width: 1, height: 1))
    }

    /// Whether a rectangle lies inside and no cell of it is taken. An empty one is free.
    package func isFree(_ rect: Rect) -> Bool {
        guard !rect.isEmpty else { return true }
        guard rect.x >= 0, rect.y >= 0, rect.maxX <= size.width, rect.maxY <= size.height else { return false }
        for y in rect.rows {
            var isFree = true
            Self.forEachWord(of: rect.columns) { word, bits in
                if words[y * wordsPerRow + word] & bits != 0 { isFree = false }
            }
            if !isFree { return false }
        }
        return true
    }

    private static func forEachWord(of columns: Range<Int>, _ body: (Int, UInt64) -> Void) {
        for word in columns.lowerBound / 64...(columns.upperBound - 1) / 64 {
            let first = max(columns.lowerBound - word * 64, 0)
            let end = min(columns.upperBound - word * 64, 64)
            body(word, (UInt64.max >> UInt64(64 - (end - first))) << UInt64(first))
        }
    }
}
