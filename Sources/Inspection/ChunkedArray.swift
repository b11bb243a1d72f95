/// An array that only grows. Copies share every full chunk, so that a snapshot costs next to nothing while the original
/// goes on growing, and growing never moves what is there.
package struct ChunkedArray<Element: Sendable>: Sendable {
    /// A chunk is what a snapshot may have to copy: 4,096 records of 40 octets are 160 KiB.
    private static var chunkSize: Int { 4096 }
    private static var chunkShift: Int { 12 }

    private var chunks: [[Element]] = []
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    @inline(__always)
    package subscript(position: Int) -> Element {
        chunks[position >> Self.chunkShift][position & (Self.chunkSize - 1)]
    }

    @inline(__always)
    package mutating func append(_ element: Element) {
        if count & (Self.chunkSize - 1) == 0 {
            var chunk: [Element] = []
            chunk.reserveCapacity(Self.chunkSize)
            chunks.append(chunk)
        }
        chunks[count >> Self.chunkShift].append(element)
        count += 1
    }

    /// Calls `body` with each element of a range and its position, as fast as memory allows; stops when it returns
    /// false.
    @inline(__always)
    package func scan(_ range: Range<Int>, _ body: (Int, borrowing Element) -> Bool) {
        var position = max(0, range.lowerBound)
        let end = min(range.upperBound, count)
        while position < end {
            let chunk = chunks[position >> Self.chunkShift]
            let first = position & (Self.chunkSize - 1)
            let last = min(chunk.count, first + end - position)
            let goesOn = chunk.withUnsafeBufferPointer { chunk in
                for place in first..<last where !body(position + place - first, chunk[place]) { return false }
                return true
            }
            if !goesOn { return }
            position += last - first
        }
    }

    /// How many elements, from the first on, are `inside`; those that are must all come before those that are not.
    package func partitionPoint(_ inside: (borrowing Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if inside(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Replaces an element.
    mutating func replace(_ position: Int, with element: Element) {
        chunks[position >> Self.chunkShift][position & (Self.chunkSize - 1)] = element
    }
}
