/// Dots finer than cells, for maps and curves: each cell holds a small grid of them in one colour.
///
/// Coordinates are dots with (0, 0) at the *centre* of the upper left one, x to the right, y downwards. They are rounded
/// to the nearest dot and clipped, so any finite or infinite number may come. In a cell the colour with the highest
/// priority wins (the later one among equals): a warning does not disappear under a trail.
///
/// Made once and reused: ``clear()`` keeps the storage, ``resize(to:)`` too where it can.
package struct DotCanvas: Sendable {
    /// In cells.
    package private(set) var size: Size
    package let glyphs: GlyphSet
    /// Height of a cell over its width, 2 where nothing is known. Circles are round for it.
    package var cellAspect: Double
    /// Of each cell in bits 0...7 which dots are set, in the order of its glyph set, and above the ink that it is drawn
    /// in: colour in bits 8...16 (0 is standard, n + 1 is the indexed colour n), priority in 17...22.
    private var cells: [UInt32]
    /// Dots a cell as powers of two: a division a dot would be most of its cost.
    private let acrossShift: Int
    private let downShift: Int

    package init(size: Size, glyphs: GlyphSet, cellAspect: Double = 2) {
        self.size = size
        self.glyphs = glyphs
        self.cellAspect = cellAspect
        let dots = glyphs.dots
        acrossShift = dots.across.trailingZeroBitCount
        downShift = dots.down.trailingZeroBitCount
        cells = Array(repeating: 0, count: size.area)
    }

    /// Dots across.
    package var width: Int { size.width << acrossShift }
    /// Dots down.
    package var height: Int { size.height << downShift }
    /// Height of a dot over its width: how many dots across are as long as one dot down.
    package var dotAspect: Double { cellAspect * Double(glyphs.dots.across) / Double(glyphs.dots.down) }

    package mutating func clear() {
        for index in cells.indices { cells[index] = 0 }
    }

    /// Another size, and nothing on it.
    package mutating func resize(to size: Size) {
        if size.area != self.size.area { cells = Array(repeating: 0, count: size.area) }
        self.size = size
        clear()
    }

    /// Sets one dot; nothing happens outside of the canvas.
    /// - Parameter priority: 0 (lowest) to 63; more counts as 63
    package mutating func set(x: Int, y: Int, color: Color, priority: Int = 0) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        mark(x: x, y: y, ink: Self.ink(color, priority))
    }

    /// Sets the dot nearest to a place.
    package mutating func set(_ x: Double, _ y: Double, color: Color, priority: Int = 0) {
        // Also false for NaN.
        guard x >= -0.5, y >= -0.5, x < Double(width) - 0.5, y < Double(height) - 0.5 else { return }
        mark(x: Int(x + 0.5), y: Int(y + 0.5), ink: Self.ink(color, priority))
    }

    /// Whether a dot is set.
    package func isSet(x: Int, y: Int) -> Bool {
        guard x >= 0, y >= 0, x < width, y < height else { return false }
        return cells[(y >> downShift) * size.width + (x >> acrossShift)] & bit(x, y) != 0
    }

    /// Draws the dots over a buffer: where there is one, the character and the foreground are replaced and the
    /// background stays, so that areas lie behind points and lines.
    package func render(into buffer: inout Buffer, at origin: Point) {
        let area = Rect(size).offset(x: origin.x, y: origin.y).intersection(buffer.bounds)
        guard !area.isEmpty else { return }
        for y in area.rows {
            let row = (y - origin.y) * size.width - origin.x
            for x in area.columns where cells[row + x] != 0 {
                let cell = cells[row + x]
                let style = Style(foreground: Self.color(cell), background: buffer[x, y].style.background)
                buffer[x, y] = Cell(glyphs.dotGlyph(UInt8(truncatingIfNeeded: cell)), style: style)
            }
        }
    }

    // MARK: Inside

    /// A cell without dots that is drawn in a colour with a priority.
    static func ink(_ color: Color, _ priority: Int) -> UInt32 {
        let code: UInt32 =
            switch color {
            case .standard: 0
            case .indexed(let index): UInt32(index) + 1
            }
        return UInt32(truncatingIfNeeded: min(max(priority, 0), 63)) << 17 | code << 8
    }

    private static func color(_ cell: UInt32) -> Color {
        let code = cell >> 8 & 0x1FF
        return code == 0 ? .standard : .indexed(UInt8(truncatingIfNeeded: code - 1))
    }

    /// Sets a dot that is known to lie inside.
    @inline(__always)
    mutating func mark(x: Int, y: Int, ink: UInt32) {
        let index = (y >> downShift) * size.width + (x >> acrossShift)
        let old = cells[index]
        let winner = ink >> 17 >= old >> 17 ? ink : old & ~0xFF
        cells[index] = winner | old & 0xFF | bit(x, y)
    }

    @inline(__always)
    private func bit(_ x: Int, _ y: Int) -> UInt32 {
        if acrossShift == 0 { return 1 << UInt32(truncatingIfNeeded: y & 1) }
        // Braille counts 1 2 3 in the left column, 4 5 6 in the right one, and 7 8 in the row that came later.
        let left: UInt32 = 0x40_04_02_01
        let right: UInt32 = 0x80_20_10_08
        return (x & 1 == 0 ? left : right) >> UInt32(truncatingIfNeeded: (y & 3) * 8) & 0xFF
    }
}

extension GlyphSet {
    /// The character of a cell with these dots: braille bits, or 1 for the upper and 2 for the lower half.
    func dotGlyph(_ mask: UInt8) -> Unicode.Scalar {
        switch self {
        case .braille: Unicode.Scalar(0x2800 + UInt32(mask)) ?? " "
        case .halfBlock: mask == 1 ? "\u{2580}" : mask == 2 ? "\u{2584}" : "\u{2588}"
        case .ascii: mask == 1 ? "'" : mask == 2 ? "." : ":"
        }
    }
}
