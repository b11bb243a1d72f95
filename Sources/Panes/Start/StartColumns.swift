import Screen

/// Which columns of the list of captures fit, and how a capture fills them. Its path gets what the others leave.
struct StartColumns {
    private let width: Int
    private let pathWidth: Int
    private let hasContent: Bool

    private static let ageWidth = 14
    private static let sizeWidth = 9
    private static let countWidth = 11
    private static let smallWidth = 9
    /// From here on there is room for sessions and spaces.
    private static let wide = 76

    init(width: Int) {
        self.width = width
        hasContent = width >= Self.wide
        let others =
            Self.ageWidth + Self.sizeWidth + Self.countWidth + (hasContent ? 2 * Self.smallWidth : 0)
        pathWidth = max(0, width - others - 2)
    }

    func drawHeader(into buffer: inout Buffer, _ inside: Rect, _ theme: Theme) {
        let style = theme[.header]
        buffer.fill(Rect(x: inside.x, y: inside.y, width: inside.width, height: 1), style: style)
        put(
            ["capture", "opened", "size", "messages", "sessions", "spaces"], at: inside.origin,
            styles: Array(repeating: style, count: 6), into: &buffer)
    }

    func draw(
        _ capture: RecentCapture, path: String, age: String, at place: Point, isSelected: Bool,
        into buffer: inout Buffer, _ context: PaneContext
    ) {
        func style(_ role: Role) -> Style {
            let style = context.style(capture.isThere ? role : .dim)
            return isSelected ? context.selected(style) : style
        }
        let row = Rect(x: place.x, y: place.y, width: width, height: 1)
        if isSelected { buffer.fill(row, style: context.style(.selection)) }
        let counts = [capture.messages, capture.sessions, capture.spaces].map { count in
            count.map { Format.thousands($0) } ?? Format.noData
        }
        put(
            [
                Self.shortened(path, to: pathWidth, buffer.glyphs), capture.isThere ? age : "not there",
                capture.octets.map { Format.bytes($0) } ?? Format.noData,
            ] + counts, at: place, styles: [style(.text), style(.dim)] + Array(repeating: style(.text), count: 4),
            into: &buffer)
    }

    private func put(_ texts: [String], at place: Point, styles: [Style], into buffer: inout Buffer) {
        let widths = [Self.ageWidth, Self.sizeWidth, Self.countWidth, Self.smallWidth, Self.smallWidth]
        buffer.write(texts[0], at: Point(x: place.x + 1, y: place.y), style: styles[0], maxWidth: pathWidth)
        var x = place.x + 1 + pathWidth
        for (number, columns) in widths.enumerated().prefix(hasContent ? 5 : 3) {
            x += columns
            buffer.write(
                texts[number + 1], endingAt: Point(x: x, y: place.y), style: styles[number + 1], maxWidth: columns - 1)
        }
    }

    /// A path cut in the middle of its folder: the name of the file tells most.
    static func shortened(_ path: String, to width: Int, _ glyphs: GlyphSet) -> String {
        guard glyphs.columns(of: path) > width, let slash = path.lastIndex(of: "/") else {
            return glyphs.shortenedInMiddle(path, to: width)
        }
        let name = path[slash...]
        let room = width - glyphs.columns(of: name)
        guard room >= 3 else { return glyphs.shortenedInMiddle(name.dropFirst(), to: width) }
        return glyphs.shortenedInMiddle(path[..<slash], to: room) + name
    }
}
