import Screen

/// The columns of a table on a screen of some width: which of them have room, where they stand, and what is in them.
struct PaneTable {
    struct Column {
        var title: String
        /// Columns of the screen that it needs at least, and those that are enough for nearly all it has.
        var least: Int
        var ample: Int
        var isRight = false
        /// The lowest stay when there is no room for all.
        var rank: Int

        init(_ title: String, _ least: Int, ample: Int? = nil, isRight: Bool = false, rank: Int = 0) {
            self.title = title
            self.least = least
            self.ample = ample ?? least
            self.isRight = isRight
            self.rank = rank
        }
    }

    struct Cell {
        var text: String
        /// Nil: that of the row.
        var role: Role?

        init(_ text: String, _ role: Role? = nil) {
            self.text = text
            self.role = role
        }
    }

    private let columns: [Column]
    /// Of each column; 0 where it has no room.
    private let widths: [Int]
    private static let gap = 1

    init(_ columns: [Column], width: Int) {
        self.columns = columns
        var widths = [Int](repeating: 0, count: columns.count)
        var room = width
        for place in columns.indices.sorted(by: { (columns[$0].rank, $0) < (columns[$1].rank, $1) }) {
            let needed = columns[place].least + (room == width ? 0 : Self.gap)
            guard needed <= room || room == width else { break }
            widths[place] = min(columns[place].least, width)
            room -= needed
        }
        // What is left goes to those that have use for it, a column each in turn.
        var wanting = columns.indices.filter { widths[$0] > 0 && widths[$0] < columns[$0].ample }
        while room > 0, !wanting.isEmpty {
            for place in wanting.prefix(room) {
                widths[place] += 1
                room -= 1
            }
            wanting.removeAll { widths[$0] >= columns[$0].ample }
        }
        self.widths = widths
    }

    /// Columns of the screen that a column has; 0 where it has no room.
    func width(of column: Int) -> Int { widths[column] }

    func drawHeader(into buffer: inout Buffer, at place: Point, width: Int, _ context: PaneContext) {
        let style = context.style(.header)
        buffer.fill(Rect(x: place.x, y: place.y, width: width, height: 1), style: style)
        draw(columns.map { Cell($0.title) }, style, into: &buffer, at: place, context)
    }

    func draw(
        _ cells: [Cell], _ style: Style, into buffer: inout Buffer, at place: Point, _ context: PaneContext
    ) {
        var x = place.x
        for (number, cell) in cells.enumerated() where number < widths.count && widths[number] > 0 {
            let width = widths[number]
            let style = cell.role.map { context.style($0).adding(style.attributes) } ?? style
            if columns[number].isRight {
                buffer.write(
                    fitting(cell.text, width, buffer.glyphs), endingAt: Point(x: x + width, y: place.y), style: style,
                    maxWidth: width)
            } else {
                buffer.write(
                    fitting(cell.text, width, buffer.glyphs), at: Point(x: x, y: place.y), style: style,
                    maxWidth: width)
            }
            x += width + Self.gap
        }
    }

    private func fitting(_ text: String, _ width: Int, _ glyphs: GlyphSet) -> String {
        glyphs.columns(of: text) > width ? glyphs.shortened(text, to: width) : text
    }
}
