/// One cell: a character that is one or two columns wide, or the second column of the one before, and its style.
///
/// 16 octets without a reference, so that a buffer is copied as plain memory and compared a word at a time.
package struct Cell: Equatable, Sendable {
    /// Scalar in bits 0...20, width in 21 and 22.
    private var glyph: UInt32
    /// Combining marks drawn over the scalar; 0 is none.
    private var marks: (UInt32, UInt32)
    package var style: Style

    /// - Parameters:
    ///   - scalar: what to draw; the caller sees to it that it can be drawn (``Buffer/write(_:at:style:maxWidth:)`` does)
    ///   - width: columns, 1 or 2
    package init(_ scalar: Unicode.Scalar = " ", width: Int = 1, style: Style = .plain) {
        glyph = scalar.value | UInt32(truncatingIfNeeded: min(max(width, 1), 2)) << 21
        marks = (0, 0)
        self.style = style
    }

    /// An empty cell in the terminal's own colours.
    package static let blank = Cell()

    /// The second column of the wide character to its left.
    package static func continuation(style: Style) -> Cell {
        var cell = Cell(" ", style: style)
        cell.glyph = cell.scalar.value
        return cell
    }

    /// Columns: 1 or 2, and 0 for the second column of a wide character.
    package var width: Int { Int(glyph >> 21) }

    package var isContinuation: Bool { glyph >> 21 == 0 }

    /// The character without its marks; a space in a continuation.
    package var scalar: Unicode.Scalar { Unicode.Scalar(glyph & 0x1F_FFFF) ?? " " }

    /// The marks over ``scalar``.
    package var combining: (Unicode.Scalar?, Unicode.Scalar?) {
        (
            marks.0 == 0 ? nil : Unicode.Scalar(marks.0),
            marks.1 == 0 ? nil : Unicode.Scalar(marks.1)
        )
    }

    package var hasMarks: Bool { marks.0 != 0 }

    /// Puts a mark over the character. Only two are kept: more of them is how text climbs out of its line.
    mutating func combine(_ mark: Unicode.Scalar) {
        if marks.0 == 0 {
            marks.0 = mark.value
        } else if marks.1 == 0 {
            marks.1 = mark.value
        }
    }

    package static func == (left: Cell, right: Cell) -> Bool {
        left.glyph == right.glyph && left.style == right.style && left.marks == right.marks
    }

    /// Adds what the cell shows to a text: nothing for a continuation.
    package func append(to text: inout String) {
        guard !isContinuation else { return }
        text.unicodeScalars.append(scalar)
        if let mark = combining.0 { text.unicodeScalars.append(mark) }
        if let mark = combining.1 { text.unicodeScalars.append(mark) }
    }
}
