/// Which characters the terminal can draw.
package enum GlyphSet: Sendable, CaseIterable {
    /// Unicode with braille: 2 x 4 dots a cell.
    case braille
    /// Unicode without braille (the Linux console): 1 x 2 halves of a cell.
    case halfBlock
    /// Nothing above U+007E: control characters in caret form, boxes of `+-|`.
    case ascii

    /// Dots a cell, across and down, on a ``DotCanvas``.
    package var dots: (across: Int, down: Int) {
        switch self {
        case .braille: (2, 4)
        case .halfBlock, .ascii: (1, 2)
        }
    }

    package var isUnicode: Bool { self != .ascii }

    /// What ends a text that had to be cut.
    package var ellipsis: Unicode.Scalar { isUnicode ? "\u{2026}" : "~" }
}
