extension Buffer {
    /// Draws the edge of a rectangle, one cell thick, with a title on its upper side. Nothing smaller than 2 x 2 has one.
    ///
    /// A border over the border of a neighbour joins it (`├`, `┬`, `┼`); an overlay fills its area first and so does not.
    /// - Parameters:
    ///   - title: starts two cells right of the left corner, with a space on both sides
    ///   - trailing: the same, ends two cells left of the right corner; left out where both do not fit
    package mutating func drawBox(
        _ rect: Rect, style: Style, title: String = "", titleStyle: Style? = nil, trailing: String = "",
        trailingStyle: Style? = nil
    ) {
        guard rect.width >= 2, rect.height >= 2 else { return }
        drawHorizontalLine(from: rect.x, to: rect.maxX - 1, y: rect.y, style: style)
        drawHorizontalLine(from: rect.x, to: rect.maxX - 1, y: rect.maxY - 1, style: style)
        drawVerticalLine(x: rect.x, from: rect.y, to: rect.maxY - 1, style: style)
        drawVerticalLine(x: rect.maxX - 1, from: rect.y, to: rect.maxY - 1, style: style)
        let room = rect.width - 4
        let used = drawTitle(title, at: Point(x: rect.x + 2, y: rect.y), room: room, style: titleStyle ?? style)
        let width = glyphs.columns(of: trailing) + 2
        guard !trailing.isEmpty, used + width + 1 <= room else { return }
        drawTitle(
            trailing, at: Point(x: rect.maxX - 2 - width, y: rect.y), room: width, style: trailingStyle ?? style)
    }

    @discardableResult
    private mutating func drawTitle(_ title: String, at point: Point, room: Int, style: Style) -> Int {
        guard !title.isEmpty, room >= 3 else { return 0 }
        let text = " " + glyphs.shortened(title, to: room - 2) + " "
        return write(text, at: point, style: style, maxWidth: room)
    }

    /// Draws a line through the cells of both ends, which joins the lines that it meets.
    package mutating func drawHorizontalLine(from first: Int, to last: Int, y: Int, style: Style) {
        let visible = max(first, 0)...max(first, 0, min(last, size.width - 1))
        guard first <= last, y >= 0, y < size.height, last >= 0, first < size.width else { return }
        for x in visible {
            var arms: LineArms = []
            if x > first { arms.insert(.left) }
            if x < last { arms.insert(.right) }
            join(arms, x: x, y: y, style: style)
        }
    }

    /// Draws a line through the cells of both ends, which joins the lines that it meets.
    package mutating func drawVerticalLine(x: Int, from first: Int, to last: Int, style: Style) {
        let visible = max(first, 0)...max(first, 0, min(last, size.height - 1))
        guard first <= last, x >= 0, x < size.width, last >= 0, first < size.height else { return }
        for y in visible {
            var arms: LineArms = []
            if y > first { arms.insert(.up) }
            if y < last { arms.insert(.down) }
            join(arms, x: x, y: y, style: style)
        }
    }

    private mutating func join(_ arms: LineArms, x: Int, y: Int, style: Style) {
        let present = LineArms(drawnAs: self[x, y].scalar, in: glyphs)
        self[x, y] = Cell(arms.union(present).scalar(in: glyphs), style: style)
    }
}

/// The directions in which a line character leaves its cell.
struct LineArms: OptionSet {
    let rawValue: Int

    static let up = LineArms(rawValue: 1)
    static let right = LineArms(rawValue: 2)
    static let down = LineArms(rawValue: 4)
    static let left = LineArms(rawValue: 8)

    /// Indexed by the raw value; a line of one cell has no arms.
    private static let unicode: [Unicode.Scalar] = [
        "·", "╵", "╶", "└", "╷", "│", "┌", "├", "╴", "┘", "─", "┴", "┐", "┤", "┬", "┼",
    ]

    init(rawValue: Int) { self.rawValue = rawValue }

    /// The arms of a character that is already there; none for text.
    init(drawnAs scalar: Unicode.Scalar, in glyphs: GlyphSet) {
        if glyphs.isUnicode {
            // All of them lie between U+2500 and U+257F: text is turned away without a search.
            let isLine = scalar.value >= 0x2500 && scalar.value < 0x2580
            self.init(rawValue: isLine ? Self.unicode.firstIndex(of: scalar) ?? 0 : 0)
        } else {
            switch scalar {
            case "-": self = [.left, .right]
            case "|": self = [.up, .down]
            case "+": self = [.up, .right, .down, .left]
            default: self = []
            }
        }
    }

    func scalar(in glyphs: GlyphSet) -> Unicode.Scalar {
        if glyphs.isUnicode { return Self.unicode[rawValue & 15] }
        if isSubset(of: [.left, .right]) { return "-" }
        return isSubset(of: [.up, .down]) ? "|" : "+"
    }
}
