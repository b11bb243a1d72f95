// Nearly every text is a whole string. What takes any kind of text does not know that where it is called from another
// module, and goes through a table for each character; these are compiled for strings.

extension Buffer {
    /// Writes a text: see the one that takes any kind.
    @discardableResult
    package mutating func write(_ text: String, at point: Point, style: Style, maxWidth: Int = .max) -> Int {
        write(text[...], at: point, style: style, maxWidth: maxWidth)
    }

    /// Writes a text that ends at a column (exclusive); it is cut on its right if it is wider than `maxWidth`.
    @discardableResult
    package mutating func write(_ text: String, endingAt point: Point, style: Style, maxWidth: Int = .max) -> Int {
        write(text[...], endingAt: point, style: style, maxWidth: maxWidth)
    }
}

extension GlyphSet {
    /// Columns that a text takes.
    package func columns(of text: String) -> Int { columns(of: text[...]) }

    /// A text cut at its end if it is wider than `width`.
    package func shortened(_ text: String, to width: Int) -> String {
        columns(of: text) > width ? shortened(text[...], to: width) : text
    }

    /// A text with spaces up to a width, cut if it is wider: one column of a table.
    package func padded(_ text: String, to width: Int, alignedRight: Bool = false) -> String {
        padded(text[...], to: width, alignedRight: alignedRight)
    }
}
