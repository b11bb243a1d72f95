/// Cells of one row that have to be drawn again.
package struct ChangedSpan: Equatable, Sendable {
    package let row: Int
    package let columns: Range<Int>

    package init(row: Int, columns: Range<Int>) {
        self.row = row
        self.columns = columns
    }
}

extension Buffer {
    /// Unchanged cells between two changes that are drawn along: fewer calls, and whoever draws finds them equal anyway.
    static let changeGap = 3

    /// Replaces `spans` by what differs from an older buffer, row by row from left to right.
    ///
    /// A span never starts or ends inside of a wide character, of the older buffer or of this one. Where the sizes differ
    /// everything does.
    package func changes(since older: Buffer, into spans: inout [ChangedSpan]) {
        spans.removeAll(keepingCapacity: true)
        guard !size.isEmpty else { return }
        guard size == older.size else {
            for y in 0..<size.height { spans.append(ChangedSpan(row: y, columns: 0..<size.width)) }
            return
        }
        cells.withUnsafeBufferPointer { new in
            older.cells.withUnsafeBufferPointer { old in
                for y in 0..<size.height {
                    let row = y * size.width..<(y + 1) * size.width
                    Self.changes(
                        in: UnsafeBufferPointer(rebasing: new[row]), since: UnsafeBufferPointer(rebasing: old[row]),
                        row: y, into: &spans)
                }
            }
        }
    }

    private static func changes(
        in new: UnsafeBufferPointer<Cell>, since old: UnsafeBufferPointer<Cell>, row: Int,
        into spans: inout [ChangedSpan]
    ) {
        var x = 0
        while x < new.count {
            guard new[x] != old[x] else {
                x += 1
                continue
            }
            var start = x
            while start > 0, new[start].isContinuation || old[start].isContinuation { start -= 1 }
            var end = x + 1
            x = end
            // On to the last change that has no long gap before it, and to the end of the character there.
            while x < new.count, x - end < changeGap || new[x].isContinuation || old[x].isContinuation {
                let belongs = new[x] != old[x] || x == end && (new[x].isContinuation || old[x].isContinuation)
                x += 1
                if belongs { end = x }
            }
            spans.append(ChangedSpan(row: row, columns: start..<end))
            x = end
        }
    }
}

/// What differs between two buffers; see ``Buffer/changes(since:into:)``.
package func spans(from old: Buffer, to new: Buffer) -> [ChangedSpan] {
    var spans: [ChangedSpan] = []
    new.changes(since: old, into: &spans)
    return spans
}
