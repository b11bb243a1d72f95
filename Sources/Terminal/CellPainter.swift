import CNcurses
import Glibc
import Screen

/// Makes ncurses' cells of ours. Styles are turned into colour pairs once and remembered.
struct CellPainter {
    private let colors: Int
    private let replacement: Unicode.Scalar
    /// What ncurses takes for the terminal's own colours: -1, or white on black where the terminal has no way back to
    /// its own.
    private let standard: (foreground: Int32, background: Int32)
    private var templates: [Style: cchar_t] = [:]
    private var pairs: [UInt64: Int32] = [:]
    private var lastStyle: Style?
    private var lastTemplate = cchar_t()
    private(set) var row: [cchar_t] = []

    /// - Parameter colors: that are used; 0 where there are none or none are wanted
    init(colors: Int, hasDefaultColors: Bool, isUTF8: Bool) {
        self.colors = colors
        standard = hasDefaultColors ? (-1, -1) : (7, 0)
        replacement = isUTF8 ? "\u{FFFD}" : "?"
    }

    /// Puts some cells of a buffer into ``row``; the second columns of wide characters are ncurses' own business.
    mutating func prepare(_ buffer: Buffer, row y: Int, columns: Range<Int>) {
        row.removeAll(keepingCapacity: true)
        let start = y * buffer.size.width
        for index in start + columns.lowerBound..<start + columns.upperBound {
            append(buffer.cells[index])
        }
    }

    private mutating func append(_ cell: Cell) {
        guard !cell.isContinuation else { return }
        var target = template(cell.style)
        let scalar = cell.scalar.value
        // Where the C library does not agree about the width, ncurses would lose its place in the row or send a blank.
        guard scalar < 0x7F || Int(wcwidth(wchar_t(scalar))) == cell.width else {
            cn_set_character(&target, wchar_t(replacement.value), 0, 0)
            row.append(target)
            if cell.width == 2 {
                cn_set_character(&target, 0x20, 0, 0)
                row.append(target)
            }
            return
        }
        if cell.hasMarks {
            let marks = cell.combining
            cn_set_character(&target, wchar_t(scalar), Self.code(marks.0), Self.code(marks.1))
        } else {
            cn_set_character(&target, wchar_t(scalar), 0, 0)
        }
        row.append(target)
    }

    private static func code(_ mark: Unicode.Scalar?) -> wchar_t {
        guard let mark, wcwidth(wchar_t(mark.value)) == 0 else { return 0 }
        return wchar_t(mark.value)
    }

    /// A blank in a style.
    private mutating func template(_ style: Style) -> cchar_t {
        if style == lastStyle { return lastTemplate }
        let template = templates[style] ?? makeTemplate(style)
        lastStyle = style
        lastTemplate = template
        return template
    }

    private mutating func makeTemplate(_ style: Style) -> cchar_t {
        let curses = CursesStyle(style, colors: colors)
        var pair = self.pair(curses)
        var template = cchar_t()
        setcchar(&template, [0x20, 0], Self.attributes(curses.attributes), 0, &pair)
        templates[style] = template
        return template
    }

    /// The number of a colour pair. Pair 0 is the terminal's own colours, and the answer when there are no more.
    private mutating func pair(_ style: CursesStyle) -> Int32 {
        guard colors > 0, style.foreground >= 0 || style.background >= 0 else { return 0 }
        let foreground = style.foreground < 0 ? standard.foreground : style.foreground
        let background = style.background < 0 ? standard.background : style.background
        let key = UInt64(UInt32(bitPattern: foreground)) << 32 | UInt64(UInt32(bitPattern: background))
        if let known = pairs[key] { return known }
        let next = Int32(pairs.count + 1)
        guard next < cn_color_pairs(), init_extended_pair(next, foreground, background) == OK else { return 0 }
        pairs[key] = next
        return next
    }

    private static func attributes(_ attributes: Style.Attributes) -> attr_t {
        var result: attr_t = 0
        if attributes.contains(.bold) { result |= cn_bold() }
        if attributes.contains(.dim) { result |= cn_dim() }
        if attributes.contains(.underlined) { result |= cn_underline() }
        if attributes.contains(.reversed) { result |= cn_reverse() }
        if attributes.contains(.italic) { result |= cn_italic() }
        return result
    }
}
