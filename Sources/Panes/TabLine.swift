import Screen

/// The names of all panes in a row, where only one of them is on the screen.
enum TabLine {
    /// Which pane's name lies where in an area.
    static func tabs(in area: Rect, _ pane: PaneKind) -> [(pane: PaneKind, text: String, area: Rect)] {
        let texts = texts(for: area.width - 2, pane)
        var x = area.x + 1
        return zip(PaneKind.allCases, texts).map { kind, text in
            defer { x += text.count + 1 }
            return (kind, text, Rect(x: x, y: area.y, width: text.count, height: 1))
        }
    }

    /// The names in full where they fit, else their beginnings.
    private static func texts(for width: Int, _ pane: PaneKind) -> [String] {
        var texts: [String] = []
        for length in stride(from: longest, through: 1, by: -1) {
            texts = PaneKind.allCases.map { kind in
                let title = kind == pane ? kind.title : String(kind.title.prefix(length))
                return "\(kind.rawValue) \(title)"
            }
            if texts.reduce(texts.count - 1, { $0 + $1.count }) <= width { break }
        }
        return texts
    }

    private static let longest = PaneKind.allCases.reduce(0) { max($0, $1.title.count) }

    static func draw(into buffer: inout Buffer, area: Rect, _ pane: PaneKind, _ theme: Theme) {
        buffer.fill(area, style: theme[.text])
        for tab in tabs(in: area, pane) {
            let style = theme[tab.pane == pane ? .titleFocused : .hint]
            buffer.write(tab.text, at: tab.area.origin, style: style, maxWidth: area.maxX - tab.area.x)
            guard tab.pane != pane else { continue }
            buffer.write("\(tab.pane.rawValue)", at: tab.area.origin, style: theme[.key])
        }
    }
}
