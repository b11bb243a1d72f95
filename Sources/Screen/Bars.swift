extension GlyphSet {
    /// Samples that stand in one cell of a sparkline or a bar strip.
    package var samplesPerCell: Int { self == .braille ? 2 : 1 }

    /// Steps of height in one cell.
    var levelsPerCell: Int {
        switch self {
        case .braille: 4
        case .halfBlock: 2
        case .ascii: 3
        }
    }

    /// The character for one cell of bars that start at its foot.
    /// - Parameter levels: height of each sample of the cell, 0...``levelsPerCell``
    func barGlyph(_ left: Int, _ right: Int) -> Unicode.Scalar {
        switch self {
        case .braille:
            let leftBits: [UInt32] = [0, 0x40, 0x44, 0x46, 0x47]
            let rightBits: [UInt32] = [0, 0x80, 0xA0, 0xB0, 0xB8]
            let bits = leftBits[min(max(left, 0), 4)] | rightBits[min(max(right, 0), 4)]
            return bits == 0 ? " " : Unicode.Scalar(0x2800 + bits) ?? " "
        case .halfBlock:
            return left <= 0 ? " " : left == 1 ? "\u{2584}" : "\u{2588}"
        case .ascii:
            return left <= 0 ? " " : left == 1 ? "." : left == 2 ? ":" : "|"
        }
    }
}

/// Values as bars in one row of text, the newest on the right.
///
/// Takes the last values that fit. A value above zero has at least one dot, however small it is; no data and zero have
/// none.
/// - Parameters:
///   - width: columns of the result, filled up with spaces on the left
///   - maximum: what a full bar stands for; the greatest of the shown values if nil
package func sparkline(
    values: [Double?], width: Int, glyphs: GlyphSet, maximum: Double? = nil
) -> String {
    let width = max(0, width)
    let samples = glyphs.samplesPerCell
    let shown = values.suffix(width * samples)
    let top = maximum ?? shown.reduce(0) { max($0, $1 ?? 0) }
    var levels = [Int](repeating: 0, count: width * samples - shown.count)
    levels += shown.map { barLevel($0, maximum: top, levels: glyphs.levelsPerCell) }
    var text = String.UnicodeScalarView()
    for cell in 0..<width {
        text.append(glyphs.barGlyph(levels[cell * samples], levels[cell * samples + samples - 1]))
    }
    return String(text)
}

/// The height of a bar: at least 1 for anything above zero, at most `levels`.
func barLevel(_ value: Double?, maximum: Double, levels: Int) -> Int {
    guard let value, value > 0, maximum > 0, levels > 0 else { return 0 }
    // Also for an infinite maximum, where the quotient can be NaN.
    let share = min(value / maximum, 1)
    return share > 0 ? min(levels, max(1, Int((share * Double(levels)).rounded()))) : 1
}

/// Values as vertical bars over one or more rows: the time line.
package struct BarStrip: Sendable {
    /// A sign over one bucket.
    package struct Mark: Sendable {
        package let bucket: Int
        package let scalar: Unicode.Scalar
        package let style: Style

        package init(bucket: Int, scalar: Unicode.Scalar, style: Style) {
            self.bucket = bucket
            self.scalar = scalar
            self.style = style
        }
    }

    /// Left to right; nil where there is no data.
    package var values: [Double?]
    /// What a full bar stands for; the greatest value if nil.
    package var maximum: Double?
    package var style: Style
    /// Drawn in the top row over the bars, later ones over earlier ones.
    package var marks: [Mark]
    /// A bucket whose column is shown in another style over the full height.
    package var cursor: (bucket: Int, style: Style)?

    package init(
        values: [Double?], maximum: Double? = nil, style: Style, marks: [Mark] = [],
        cursor: (bucket: Int, style: Style)? = nil
    ) {
        self.values = values
        self.maximum = maximum
        self.style = style
        self.marks = marks
        self.cursor = cursor
    }

    /// As many buckets as fit into a width.
    package static func capacity(width: Int, glyphs: GlyphSet) -> Int {
        max(0, width) * glyphs.samplesPerCell
    }

    /// The bucket under a column of the strip: for a click.
    package static func bucket(atColumn column: Int, glyphs: GlyphSet) -> Int {
        column * glyphs.samplesPerCell
    }

    /// Draws from the left edge of a rectangle; buckets beyond its right edge are left out.
    package func draw(into buffer: inout Buffer, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let glyphs = buffer.glyphs
        let samples = glyphs.samplesPerCell
        let perCell = glyphs.levelsPerCell
        let shown = values.prefix(rect.width * samples)
        let top = maximum ?? shown.reduce(0) { max($0, $1 ?? 0) }
        let levels = shown.map { barLevel($0, maximum: top, levels: rect.height * perCell) }
        for column in 0..<rect.width {
            let first = column * samples
            let left = first < levels.count ? levels[first] : 0
            let right = first + samples - 1 < levels.count ? levels[first + samples - 1] : 0
            let isCursor = cursor.map { $0.bucket >= 0 && $0.bucket / samples == column } ?? false
            for row in 0..<rect.height {
                let below = row * perCell
                let glyph = glyphs.barGlyph(min(left - below, perCell), min(right - below, perCell))
                let line: Unicode.Scalar = glyphs.isUnicode ? "\u{2502}" : "|"
                buffer[rect.x + column, rect.maxY - 1 - row] = Cell(
                    isCursor && glyph == " " ? line : glyph,
                    style: isCursor ? cursor?.style ?? style : style)
            }
        }
        for mark in marks where mark.bucket >= 0 && mark.bucket / samples < rect.width {
            let x = rect.x + mark.bucket / samples
            var style = mark.style
            if style.background == .standard { style.background = buffer[x, rect.y].style.background }
            buffer[x, rect.y] = Cell(mark.scalar, style: style)
        }
    }
}
