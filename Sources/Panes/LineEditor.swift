import Screen

/// One line of text with a cursor and a history, as filter and search use it.
package struct LineEditor: Equatable, Sendable {
    /// Longer than any filter that somebody types.
    static let limit = 1000
    static let historyLimit = 100

    package private(set) var text = ""
    /// Characters before the cursor.
    package private(set) var cursor = 0
    package private(set) var history: [String] = []
    private var historyPlace: Int?
    private var draft = ""

    /// - Parameter history: lines to recall, the oldest first
    package init(history: [String] = []) { self.history = Array(history.suffix(Self.historyLimit)) }

    /// Takes a key that edits a line or recalls one; any other does nothing.
    package mutating func edit(_ key: Key) {
        switch key {
        case .backspace, .control("h"): deleteBackward()
        case .delete: deleteForward()
        case .control("w"): deleteWord()
        case .control("u"): set("")
        case .left: move(by: -1)
        case .right: move(by: 1)
        case .home, .control("a"): moveToStart()
        case .end, .control("e"): moveToEnd()
        case .up: recall(-1)
        case .down: recall(1)
        case .character(let scalar): insert(scalar)
        default: break
        }
    }

    package mutating func set(_ text: String) {
        self.text = String(text.prefix(Self.limit))
        cursor = self.text.count
        historyPlace = nil
    }

    package mutating func insert(_ scalar: Unicode.Scalar) {
        guard text.count < Self.limit else { return }
        // A mark joins the character before it, so that characters are not what was typed: what is behind the cursor stays
        // behind it.
        let behind = text.count - cursor
        text.unicodeScalars.insert(scalar, at: index(cursor))
        cursor = max(0, text.count - behind)
        historyPlace = nil
    }

    package mutating func deleteBackward() {
        guard cursor > 0 else { return }
        let behind = text.count - cursor
        text.remove(at: index(cursor - 1))
        cursor = max(0, text.count - behind)
    }

    package mutating func deleteForward() {
        if cursor < text.count { text.remove(at: index(cursor)) }
    }

    package mutating func deleteWord() {
        while cursor > 0, text[index(cursor - 1)] == " " { deleteBackward() }
        while cursor > 0, text[index(cursor - 1)] != " " { deleteBackward() }
    }

    package mutating func move(by count: Int) { cursor = max(0, min(cursor + count, text.count)) }
    package mutating func moveToStart() { cursor = 0 }
    package mutating func moveToEnd() { cursor = text.count }

    /// Replaces some characters, as a completion does.
    package mutating func replace(_ range: Range<Int>, with new: String) {
        let end = min(range.upperBound, text.count)
        let start = min(range.lowerBound, end)
        text.replaceSubrange(index(start)..<index(end), with: new)
        cursor = min(start + new.count, text.count)
    }

    /// Remembers the line and returns it.
    package mutating func commit() -> String {
        if !text.isEmpty {
            history.removeAll { $0 == text }
            history.append(text)
            if history.count > Self.historyLimit { history.removeFirst() }
        }
        historyPlace = nil
        return text
    }

    /// An older (`-1`) or newer (`+1`) line.
    package mutating func recall(_ step: Int) {
        if historyPlace == nil {
            guard step < 0, !history.isEmpty else { return }
            draft = text
            historyPlace = history.count
        }
        let place = max(0, (historyPlace ?? 0) + step)
        let recalled = place < history.count ? history[place] : draft
        text = recalled
        cursor = recalled.count
        historyPlace = place < history.count ? place : nil
    }

    private func index(_ place: Int) -> String.Index { text.index(text.startIndex, offsetBy: place) }
}
