/// An array that grows at its end, and whose front can be given up. Copies share every full chunk, so that a snapshot
/// costs next to nothing while the original goes on growing, and growing never moves what is there.
///
/// Positions never change: what is there lies in `start..<count`.
package struct ChunkedArray<Element: Sendable>: Sendable {
    /// A chunk is what a snapshot may have to copy: 4,096 records of 40 octets are 160 KiB.
    private static var chunkSize: Int { 4096 }
    private static var chunkShift: Int { 12 }

    private var chunks: [[Element]] = []
    /// Chunks that are gone.
    private var chunksBefore = 0
    /// The first position that is still there.
    package private(set) var start = 0
    /// Elements that were ever appended: the position behind the last.
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == start }
    /// Elements that are still there.
    package var keptCount: Int { count - start }
    /// Positions that are still there.
    package var kept: Range<Int> { start..<count }

    @inline(__always)
    package subscript(position: Int) -> Element {
        chunks[position >> Self.chunkShift - chunksBefore][position & (Self.chunkSize - 1)]
    }

    /// The element at a position; nil where it is gone or has not come yet.
    package func at(_ position: Int) -> Element? { kept.contains(position) ? self[position] : nil }

    @inline(__always)
    package mutating func append(_ element: Element) {
        if count & (Self.chunkSize - 1) == 0 {
            var chunk: [Element] = []
            chunk.reserveCapacity(Self.chunkSize)
            chunks.append(chunk)
        }
        chunks[chunks.count - 1].append(element)
        count += 1
    }

    /// Gives up what lies before a position; memory is freed a chunk at a time.
    package mutating func removeAll(before position: Int) {
        guard position > start else { return }
        start = min(position, count)
        // The last chunk stays where it is not full, because more goes into it.
        let whole = start >> Self.chunkShift - chunksBefore
        guard whole > 0 else { return }
        chunks.removeFirst(whole)
        chunksBefore += whole
    }

    /// Makes room for one more where there is room for so many: the oldest quarter goes at once, so that it is seldom.
    ///
    /// - Returns: how many went.
    @discardableResult
    package mutating func keepNewest(_ limit: Int) -> Int {
        guard keptCount >= limit else { return 0 }
        let before = start
        removeAll(before: count - limit + max(1, limit / 4))
        return start - before
    }

    /// Calls `body` with each element of a range and its position, as fast as memory allows; stops when it returns
    /// false.
    @inline(__always)
    package func scan(_ range: Range<Int>, _ body: (Int, borrowing Element) -> Bool) {
        var position = max(start, range.lowerBound)
        let end = min(range.upperBound, count)
        while position < end {
            let chunk = chunks[position >> Self.chunkShift - chunksBefore]
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

    /// The first position whose element is not `inside`; those that are must all come before those that are not.
    package func partitionPoint(_ inside: (borrowing Element) -> Bool) -> Int {
        var low = start
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if inside(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What lies from a position on, with positions that begin at 0.
    package func dropping(before position: Int, _ change: (Element) -> Element = { $0 }) -> ChunkedArray {
        var rest = ChunkedArray()
        scan(position..<count) { _, element in
            rest.append(change(copy element))
            return true
        }
        return rest
    }

    /// Replaces an element.
    mutating func replace(_ position: Int, with element: Element) {
        chunks[position >> Self.chunkShift - chunksBefore][position & (Self.chunkSize - 1)] = element
    }

    /// Changes an element where it lies; one that is gone stays so.
    mutating func change(_ position: Int, _ change: (inout Element) -> Void) {
        guard kept.contains(position) else { return }
        change(&chunks[position >> Self.chunkShift - chunksBefore][position & (Self.chunkSize - 1)])
    }
}
