import Inspection
import Screen

/// The screen of a program that was started without a capture: what was opened before, and how to open more. A state
/// machine like ``Application``: events in, a buffer and effects out.
package struct StartPage {
    /// What the outside has to do.
    package enum Effect: Equatable, Sendable {
        case open(path: String)
        /// A path was typed, and is to be recalled the next time.
        case remember(TypedLine)
        /// Simulates a space and opens that.
        case simulate
        /// Wants paths that begin so, by ``offer(_:)``.
        case complete(String)
        case redraw
        case quit
    }

    package var theme: Theme
    let captures: [RecentCapture]
    let table: KeyTable
    /// For paths, which begin with `~` there.
    private let home: String?
    /// Unix seconds, for ages.
    private let now: Int64
    private var list = ListState()
    private var line = LineEditor()
    private var isTyping = false
    private var isAskingToQuit = false
    private var overlay: TextOverlay?
    private var notice: (text: String, role: Role)?
    /// Where the rows of the list are on the screen.
    private var rows = Rect.zero

    /// - Parameters:
    ///   - captures: the newest first
    ///   - typed: files that were typed, the oldest first
    ///   - now: Unix seconds
    package init(
        theme: Theme, captures: [RecentCapture], typed: [String] = [], keys: KeyTable = .complete, home: String? = nil,
        now: Int64
    ) {
        self.theme = theme
        self.captures = captures
        table = keys
        self.home = home
        self.now = now
        line = LineEditor(history: typed)
    }

    /// Says something at the bottom until the next key.
    package mutating func say(_ text: String, _ role: Role = .error) { notice = (text, role) }

    /// Paths for what is typed: it is completed as far as all of them agree, and they are listed.
    package mutating func offer(_ paths: [String]) {
        guard isTyping else { return }
        guard let first = paths.first else { return say("No file begins so.", .hint) }
        let common = paths.dropFirst().reduce(first) { known, path in
            String(zip(known, path).prefix { $0 == $1 }.map(\.0))
        }
        if common.count > line.text.count { line.set(common) }
        guard paths.count > 1 else { return }
        say(paths.map { Self.name(ofPath: $0) }.joined(separator: "  "), .hint)
    }

    // MARK: Events

    package mutating func handle(_ event: Event) -> [Effect] {
        switch event {
        case .key(let key): return handle(key)
        case .mouse(let mouse): return handle(mouse)
        case .hangup, .terminate: return [.quit]
        case .resize, .wake: return []
        }
    }

    private mutating func handle(_ key: Key) -> [Effect] {
        notice = nil
        if key == .control("c") { return [.quit] }
        if isAskingToQuit {
            isAskingToQuit = false
            return key == "q" || key == "y" || key == .enter ? [.quit] : []
        }
        if isTyping { return type(key) }
        let action = table.action(for: key, in: .start)
        if overlay != nil {
            switch action {
            case .back, .help, .quit: overlay = nil
            case let action?: overlay?.handle(action)
            case nil: break
            }
            return []
        }
        guard let action, let effects = perform(action) else {
            say("\(key.name) does nothing here; ? lists the keys.", .hint)
            return []
        }
        return effects
    }

    /// Nil: the action means nothing here.
    private mutating func perform(_ action: Action) -> [Effect]? {
        switch action {
        case .open: return openSelected()
        case .openFile:
            line.set("")
            isTyping = true
        case .playSimulation: return [.simulate]
        case .help: overlay = TextOverlay(title: "Help: Start", parts: [helpLines])
        case .redraw: return [.redraw]
        case .quit: isAskingToQuit = true
        case .interrupt: return [.quit]
        case .back: break
        default:
            guard !captures.isEmpty else { return nil }
            return list.move(action, count: captures.count, height: rows.height) ? [] : nil
        }
        return []
    }

    private mutating func openSelected() -> [Effect] {
        guard captures.indices.contains(list.selected) else {
            say("Nothing has been opened yet: o asks for a file.", .hint)
            return []
        }
        let capture = captures[list.selected]
        guard capture.isThere else {
            say("\(shown(capture.path)) is not there any more.")
            return []
        }
        return [.open(path: capture.path)]
    }

    private mutating func type(_ key: Key) -> [Effect] {
        switch key {
        case .escape: isTyping = false
        case .tab: return line.text.isEmpty ? [] : [.complete(line.text)]
        case .enter:
            isTyping = false
            let text = line.commit()
            return text.isEmpty ? [] : [.remember(TypedLine(kind: .file, text: text)), .open(path: text)]
        default: line.edit(key)
        }
        return []
    }

    private mutating func handle(_ mouse: MouseEvent) -> [Effect] {
        guard overlay == nil, !isTyping, rows.contains(mouse.point) else { return [] }
        switch mouse.kind {
        case .wheelUp: list.scroll(by: -3, count: captures.count, height: rows.height)
        case .wheelDown: list.scroll(by: 3, count: captures.count, height: rows.height)
        case .press:
            let row = list.top + mouse.point.y - rows.y
            guard captures.indices.contains(row) else { return [] }
            notice = nil
            if row == list.selected { return openSelected() }
            list.selected = row
        case .release, .drag: break
        }
        return []
    }

    // MARK: Drawing

    package mutating func draw(size: Size, glyphs: GlyphSet) -> Buffer {
        var buffer = Buffer(size: size, glyphs: glyphs)
        buffer.clear(style: theme[.text])
        guard size.width >= Layout.smallest.width, size.height >= Layout.smallest.height else {
            for (y, line) in Layout.tooSmall(size).enumerated() {
                buffer.write(line, at: Point(x: 0, y: y), style: theme[.warning])
            }
            return buffer
        }
        buffer.write("spatioscope", at: Point(x: 1, y: 0), style: theme[.header])
        buffer.write(
            Self.purpose, at: Point(x: 14, y: 0), style: theme[.text], maxWidth: size.width - 15)
        let words = Self.words
        let (body, bottom) = Rect(size).inset(top: 2).splitVertically(at: -1)
        let (box, foot) = body.splitVertically(at: -(words.count + 1))
        drawList(into: &buffer, box)
        for (place, line) in words.enumerated() {
            buffer.write(
                line.text, at: Point(x: 1, y: foot.y + place), style: theme[line.role], maxWidth: size.width - 2)
        }
        drawBottomLine(into: &buffer, bottom)
        if var page = overlay {
            page.draw(into: &buffer, context)
            overlay = page
        }
        return buffer
    }

    private var context: PaneContext {
        PaneContext(snapshot: Snapshot(), theme: theme, selection: Selection(), isFocused: true)
    }

    private mutating func drawList(into buffer: inout Buffer, _ area: Rect) {
        let inside = area.inset(left: 1, top: 1, right: 1, bottom: 1)
        let columns = StartColumns(width: inside.width)
        rows = inside.inset(top: 1)
        list.settle(count: captures.count, height: rows.height)
        let last = min(list.top + rows.height, captures.count)
        buffer.drawBox(
            area, style: theme[.borderFocused], title: "Recent captures", titleStyle: theme[.titleFocused],
            trailing: captures.count > rows.height ? "\(list.top + 1)-\(last) of \(captures.count)" : "",
            trailingStyle: theme[.dim])
        guard !captures.isEmpty else {
            return EmptyPane.draw(into: &buffer, inside, context, Self.wordsForNone)
        }
        columns.drawHeader(into: &buffer, inside, theme)
        for (place, number) in (list.top..<last).enumerated() {
            let capture = captures[number]
            columns.draw(
                capture, path: shown(capture.path), age: Self.age(of: capture.opened, now: now),
                at: Point(x: inside.x, y: rows.y + place), isSelected: number == list.selected, into: &buffer, context)
        }
    }

    private func drawBottomLine(into buffer: inout Buffer, _ area: Rect) {
        if isTyping { return drawEntry(into: &buffer, area) }
        if isAskingToQuit {
            buffer.write(" Quit? q again quits, any other key stays.", at: area.origin, style: theme[.warning])
        } else if let notice {
            buffer.write(
                buffer.glyphs.shortened(" " + notice.text, to: area.width), at: area.origin, style: theme[notice.role])
        } else if overlay != nil {
            buffer.write(" Esc closes, Up and Down scroll", at: area.origin, style: theme[.hint])
        } else {
            var x = area.x + 1
            for (key, word) in hints {
                let width = buffer.glyphs.columns(of: key) + 1 + buffer.glyphs.columns(of: word)
                guard x + width < area.maxX else { break }
                x += buffer.write(key, at: Point(x: x, y: area.y), style: theme[.key])
                x += 2 + buffer.write(" " + word, at: Point(x: x, y: area.y), style: theme[.hint])
            }
        }
    }

    private static let label = " open: "

    private func drawEntry(into buffer: inout Buffer, _ area: Rect) {
        let used = buffer.write(Self.label, at: area.origin, style: theme[.key])
        let room = area.inset(left: used)
        if line.text.isEmpty {
            buffer.write(
                "a capture, or - for standard input; Tab completes, Esc goes back", at: room.origin,
                style: theme[.filterPlaceholder], maxWidth: room.width)
        }
        // The end of what is typed stays on the screen.
        let before = line.text.prefix(line.cursor)
        var hidden = 0
        while buffer.glyphs.columns(of: before.dropFirst(hidden)) >= room.width { hidden += 1 }
        buffer.write(
            line.text.dropFirst(hidden), at: room.origin, style: theme[.filterValid], maxWidth: room.width)
        let place = room.x + buffer.glyphs.columns(of: before.dropFirst(hidden))
        buffer.restyle(Rect(x: place, y: area.y, width: 1, height: 1)) { $0 = $0.adding(.reversed) }
        guard let notice else { return }
        let above = Rect(x: area.x, y: area.y - 1, width: area.width, height: 1)
        buffer.fill(above, style: theme[.text])
        buffer.write(
            buffer.glyphs.shortened(notice.text, to: room.width), at: Point(x: room.x, y: above.y),
            style: theme[notice.role])
    }

    // MARK: Words

    /// A path as it is shown: the user's home is `~`.
    private func shown(_ path: String) -> String {
        guard let home, home != "/", path.hasPrefix(home + "/") else { return path }
        return "~" + path.dropFirst(home.count)
    }

    /// The last part of a path, with its `/` where it is a folder.
    private static func name(ofPath path: String) -> String {
        let isFolder = path.hasSuffix("/")
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return isFolder ? name + "/" : name
    }

    /// How long ago, in the largest unit that says something.
    static func age(of time: Int64, now: Int64) -> String {
        let seconds = now.subtractingReportingOverflow(time).partialValue
        func ago(_ count: Int64, _ unit: String) -> String { "\(count) \(unit)\(count == 1 ? "" : "s") ago" }
        switch seconds {
        case ..<60: return "just now"
        case ..<3600: return "\(seconds / 60) min ago"
        case ..<86_400: return "\(seconds / 3600) h ago"
        case ..<2_592_000: return ago(seconds / 86_400, "day")
        case ..<31_536_000: return ago(seconds / 2_592_000, "month")
        default: return ago(seconds / 31_536_000, "year")
        }
    }
}
