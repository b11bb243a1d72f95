/// A screen, or a part of one, as cells in rows. Everything that draws draws here; everything out of bounds is clipped.
///
/// Wide characters stay whole: a cell of width 2 is always followed by its continuation, and writing over one half of
/// one blanks the other.
package struct Buffer: Equatable, Sendable {
    package let size: Size
    /// What the terminal can draw: decides over control characters, boxes and everything that is not ASCII.
    package let glyphs: GlyphSet
    /// Row after row, `size.area` of them.
    package private(set) var cells: [Cell]

    package init(size: Size, glyphs: GlyphSet = .braille) {
        self.size = size
        self.glyphs = glyphs
        cells = Array(repeating: .blank, count: size.area)
    }

    package var bounds: Rect { Rect(size) }

    /// The cell at a place; blank outside of the buffer.
    ///
    /// Setting one of width 2 takes the cell to its right as well; where there is none, a blank is set. Setting a
    /// continuation keeps the wide character before it, so that copying cell by cell from left to right works.
    package subscript(x: Int, y: Int) -> Cell {
        get {
            guard let index = index(x, y) else { return .blank }
            return cells[index]
        }
        set {
            guard let index = index(x, y) else { return }
            place(newValue, at: index, x: x)
        }
    }

    package subscript(point: Point) -> Cell {
        get { self[point.x, point.y] }
        set { self[point.x, point.y] = newValue }
    }

    /// Blanks everything and keeps the storage.
    package mutating func clear(style: Style = .plain) {
        let blank = Cell(style: style)
        for index in cells.indices { cells[index] = blank }
    }

    /// Sets every cell of an area to one character.
    package mutating func fill(_ area: Rect, _ scalar: Unicode.Scalar = " ", style: Style) {
        let area = area.intersection(bounds)
        guard !area.isEmpty else { return }
        let cell = Cell(scalar, style: style)
        for y in area.rows {
            let start = y * size.width
            separateHalves(at: start + area.x, x: area.x)
            separateHalves(at: start + area.maxX, x: area.maxX)
            for index in start + area.x..<start + area.maxX { cells[index] = cell }
        }
    }

    /// Changes the style of an area and leaves the characters.
    package mutating func restyle(_ area: Rect, _ change: (inout Style) -> Void) {
        let area = area.intersection(bounds)
        guard !area.isEmpty else { return }
        for y in area.rows {
            for index in y * size.width + area.x..<y * size.width + area.maxX { change(&cells[index].style) }
        }
    }

    /// Puts the colours of a style where the terminal's own would be: the paper that a theme brings along.
    package mutating func replaceStandardColors(with style: Style) {
        guard style.foreground != .standard || style.background != .standard else { return }
        for index in cells.indices {
            if cells[index].style.foreground == .standard { cells[index].style.foreground = style.foreground }
            if cells[index].style.background == .standard { cells[index].style.background = style.background }
        }
    }

    /// Copies another buffer with its upper left corner at a point.
    package mutating func draw(_ other: Buffer, at origin: Point) {
        let area = Rect(other.size).offset(x: origin.x, y: origin.y).intersection(bounds)
        guard !area.isEmpty else { return }
        for y in area.rows {
            for x in area.columns { self[x, y] = other[x - origin.x, y - origin.y] }
        }
    }

    /// The characters alone, for tests and for copying: rows with a line feed between them, without trailing spaces.
    package var plainText: String {
        (0..<size.height).map { rowText($0) }.joined(separator: "\n")
    }

    private func rowText(_ y: Int) -> String {
        let row = cells[y * size.width..<(y + 1) * size.width]
        guard let last = row.lastIndex(where: { !$0.isContinuation && ($0.scalar != " " || $0.hasMarks) }) else {
            return ""
        }
        var text = ""
        for cell in row[...last] { cell.append(to: &text) }
        return text
    }

    // MARK: Keeping wide characters whole

    func index(_ x: Int, _ y: Int) -> Int? {
        guard x >= 0, x < size.width, y >= 0, y < size.height else { return nil }
        return y * size.width + x
    }

    /// Sets a cell inside of the buffer; `index` is the one of column `x`.
    mutating func place(_ cell: Cell, at index: Int, x: Int) {
        switch cell.width {
        case 2 where x + 1 < size.width:
            separateHalves(at: index, x: x)
            separateHalves(at: index + 2, x: x + 2)
            cells[index] = cell
            cells[index + 1] = .continuation(style: cell.style)
        case 1:
            separateHalves(at: index, x: x)
            separateHalves(at: index + 1, x: x + 1)
            cells[index] = cell
        case 0 where x > 0 && cells[index - 1].width == 2:
            cells[index] = cell
        default:
            separateHalves(at: index, x: x)
            separateHalves(at: index + 1, x: x + 1)
            cells[index] = Cell(style: cell.style)
        }
    }

    /// Puts a mark over the character at an index.
    mutating func combine(_ mark: Unicode.Scalar, at index: Int) {
        cells[index].combine(mark)
    }

    /// If a wide character lies over the edge before column `x`, both of its halves become blanks.
    private mutating func separateHalves(at index: Int, x: Int) {
        guard x > 0, x < size.width, cells[index].isContinuation else { return }
        cells[index - 1] = Cell(style: cells[index - 1].style)
        cells[index] = Cell(style: cells[index].style)
    }
}
