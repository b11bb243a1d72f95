extension GlyphSet {
    /// A text cut to a number of columns, with an ellipsis where something was cut off its end.
    package func shortened(_ text: some StringProtocol, to width: Int) -> String {
        guard columns(of: text) > width else { return String(text) }
        guard width > 0 else { return "" }
        var cut = prefix(of: text, columns: width - 1)
        cut.unicodeScalars.append(ellipsis)
        return cut
    }

    /// A text cut in its middle: of an identifier the start and the end tell most.
    package func shortenedInMiddle(_ text: some StringProtocol, to width: Int) -> String {
        guard columns(of: text) > width else { return String(text) }
        guard width > 0 else { return "" }
        let tail = (width - 1) / 2
        var cut = prefix(of: text, columns: width - 1 - tail)
        cut.unicodeScalars.append(ellipsis)
        cut.unicodeScalars.append(contentsOf: suffix(of: text, columns: tail))
        return cut
    }

    /// A text with spaces up to a width, cut if it is wider: one column of a table.
    package func padded(_ text: some StringProtocol, to width: Int, alignedRight: Bool = false) -> String {
        let cut = shortened(text, to: width)
        let spaces = String(repeating: " ", count: max(0, width - columns(of: cut)))
        return alignedRight ? spaces + cut : cut + spaces
    }

    /// A text in lines of at most so many columns, broken between words; a word that is longer has a line of its own.
    package func wrapped(_ text: some StringProtocol, to width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let last = lines[lines.count - 1]
            let longer = last.isEmpty ? String(word) : last + " " + word
            if last.isEmpty || columns(of: longer) <= width {
                lines[lines.count - 1] = longer
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private func prefix(of text: some StringProtocol, columns limit: Int) -> String {
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let width = columns(of: String(scalar), after: used)
            guard used + width <= limit else { break }
            kept.append(scalar)
            used += width
        }
        return String(kept)
    }

    private func suffix(of text: some StringProtocol, columns limit: Int) -> String.UnicodeScalarView {
        let scalars = text.unicodeScalars
        var start = scalars.endIndex
        var used = 0
        while start > scalars.startIndex {
            let before = scalars.index(before: start)
            used += columns(of: String(scalars[before]), after: 1)
            guard used <= limit else { break }
            start = before
        }
        // A mark without its character would get a circle of its own.
        while start < scalars.endIndex, CharacterWidth.drawing(of: scalars[start]) == .combining {
            start = scalars.index(after: start)
        }
        return String.UnicodeScalarView(scalars[start...])
    }

    /// Columns of one scalar that comes after `used` columns of text: only at the very start a mark takes one.
    private func columns(of scalar: String, after used: Int) -> Int {
        if isUnicode, used > 0, let only = scalar.unicodeScalars.first, CharacterWidth.drawing(of: only) == .combining {
            return 0
        }
        return columns(of: scalar)
    }
}
