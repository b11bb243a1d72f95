/// What is wrong with the text of a filter or of a list of fields, and where.
package struct FilterError: Error, Equatable, Sendable {
    /// Characters before the first wrong one.
    package var offset: Int
    /// Characters that are wrong; at least 1, also behind the end of the text.
    package var length: Int
    /// A sentence that says what is wrong and what is possible.
    package var message: String

    init(_ message: String, at range: Range<Int>) {
        self.message = message
        offset = range.lowerBound
        length = max(1, range.count)
    }

    /// A filter that follows entities, where only single messages are looked at.
    package init(followingIn text: String) {
        self.init("near(...) has to see every message, so it cannot stand here", at: 0..<text.count)
    }

    /// The text with a line below it that points at the place, as for standard error.
    package func pointer(in text: String) -> String {
        let line = VisibleText.visible(text)
        return line + "\n" + String(repeating: " ", count: offset) + String(repeating: "^", count: length)
    }
}

/// Finds what somebody may have meant.
package enum Suggestion {
    /// `; did you mean "stream"?`, or nothing where no candidate is near.
    package static func ending(for word: String, among candidates: [String]) -> String {
        guard let best = nearest(to: word, among: candidates) else { return "" }
        return "; did you mean \"\(best)\"?"
    }

    /// The candidate that the fewest edits lead to, where these are at most a third of the word.
    private static func nearest(to word: String, among candidates: [String]) -> String? {
        let word = Array(word.lowercased().utf8)
        // A word longer than any name is no slip of the finger.
        guard word.count <= 80 else { return nil }
        let limit = max(1, word.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(word, Array(candidate.lowercased().utf8))
            if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that make the one of the other (optimal string
    /// alignment).
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...second.count)
        for (line, left) in first.enumerated() {
            var row = [line + 1]
            for (column, right) in second.enumerated() {
                var best = min(last[column] + (left == right ? 0 : 1), last[column + 1] + 1, row[column] + 1)
                if line > 0, column > 0, left == second[column - 1], first[line - 1] == right {
                    best = min(best, before[column - 1] + 1)
                }
                row.append(best)
            }
            before = last
            last = row
        }
        return last[second.count]
    }
}
