import Inspection
import Screen

/// What is drawn of the line at the bottom.
extension Application {
    /// The bottom line: what is typed, a question, a notice, or hints.
    func drawBottomLine(into buffer: inout Buffer, _ area: Rect) {
        let context = context(for: focus)
        buffer.fill(area, style: theme[.text])
        if isAskingToQuit {
            buffer.write(
                " Quit? q again quits, any other key stays.", at: area.origin, style: theme[.warning],
                maxWidth: area.width)
        } else if let entry {
            drawEntry(entry, into: &buffer, area)
        } else if let notice {
            buffer.write(
                buffer.glyphs.shortened(" " + notice.text, to: area.width), at: area.origin, style: theme[notice.role],
                maxWidth: area.width)
        } else if let sheet {
            buffer.write(" " + sheet.hint, at: area.origin, style: theme[.hint], maxWidth: area.width)
        } else if overlay != nil {
            buffer.write(" Esc closes, Up and Down scroll", at: area.origin, style: theme[.hint], maxWidth: area.width)
        } else {
            drawHints(into: &buffer, area, context)
        }
    }

    /// Columns of the sign before what is typed.
    private static let labelWidth = 3

    private func drawEntry(_ entry: Entry, into buffer: inout Buffer, _ area: Rect) {
        buffer.write(" \(Self.sign(of: entry)) ", at: area.origin, style: theme[.key])
        let room = area.inset(left: Self.labelWidth)
        if line.text.isEmpty {
            buffer.write(
                buffer.glyphs.shortened(Self.hint(for: entry), to: room.width), at: room.origin,
                style: theme[.filterPlaceholder])
        } else {
            // What is before the place of an error is right.
            let hidden = hiddenCharacters(room.width, buffer.glyphs)
            let shown = line.text.dropFirst(hidden)
            let good = shown.prefix(entryError.map { max(0, $0.offset - hidden) } ?? shown.count)
            let used = buffer.write(good, at: room.origin, style: theme[.filterValid], maxWidth: room.width)
            buffer.write(
                shown.dropFirst(good.count), at: Point(x: room.x + used, y: area.y), style: theme[.filterInvalid],
                maxWidth: room.width - used)
        }
        let cursor = Rect(x: column(of: line.cursor, room, buffer.glyphs), y: area.y, width: 1, height: 1)
        buffer.restyle(cursor) { $0 = $0.adding(.reversed) }
    }

    private static func sign(of entry: Entry) -> Character {
        switch entry {
        case .filter: "/"
        case .search: "*"
        case .command: ":"
        case .seek: "@"
        }
    }

    /// What stands there as long as nothing is typed.
    private static func hint(for entry: Entry) -> String {
        switch entry {
        case .filter: "type == spatial_update && space == plaza ... Tab completes, Up recalls"
        case .search: "text to search for in the list"
        case .command: "seek 40%, space plaza, help commands ... Tab completes, Up recalls"
        case .seek: "the clock to \(SeekTarget.examples)"
        }
    }

    /// Characters that have left the screen on the left, so that the cursor is on it.
    private func hiddenCharacters(_ width: Int, _ glyphs: GlyphSet) -> Int {
        var room = width - 1
        var shown = 0
        for character in line.text.prefix(line.cursor).reversed() {
            room -= glyphs.columns(of: String(character))
            if room < 0 { break }
            shown += 1
        }
        return line.cursor - shown
    }

    /// Where a character of the line stands on the screen.
    private func column(of place: Int, _ room: Rect, _ glyphs: GlyphSet) -> Int {
        let hidden = hiddenCharacters(room.width, glyphs)
        return room.x + glyphs.columns(of: String(line.text.prefix(place).dropFirst(hidden)))
    }

    /// The row over the line that is typed: what could stand there, or what is wrong, under its place.
    func drawEntryHelp(into buffer: inout Buffer, _ area: Rect) {
        guard entry != nil else { return }
        if let notice {
            buffer.fill(area, style: theme[.text])
            let text = buffer.glyphs.shortened(notice.text, to: area.width - Self.labelWidth)
            buffer.write(text, at: Point(x: area.x + Self.labelWidth, y: area.y), style: theme[notice.role])
        } else if let error = entryError {
            buffer.fill(area, style: theme[.text])
            let room = area.inset(left: Self.labelWidth)
            let place = min(column(of: error.offset, room, buffer.glyphs), area.maxX - 1)
            let sign = buffer.glyphs.isUnicode ? "\u{25BC} " : "v "
            let text = buffer.glyphs.shortened(sign + error.message, to: area.width - 1)
            // Where the right edge is too near, the reason ends there and the sign stays at its place.
            let start = max(area.x, min(place, area.maxX - buffer.glyphs.columns(of: text)))
            buffer.write(text, at: Point(x: start, y: area.y), style: theme[.error])
        }
    }

    private func drawHints(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        var x = area.x + 1
        if !filterText.isEmpty {
            x += buffer.write("filter: ", at: Point(x: x, y: area.y), style: theme[.hint])
            let text = buffer.glyphs.shortened(filterText, to: max(10, area.width / 2))
            x += buffer.write(text, at: Point(x: x, y: area.y), style: theme[.filterValid], maxWidth: area.maxX - x)
            x +=
                2
                + buffer.write("  Esc clears", at: Point(x: x, y: area.y), style: theme[.hint], maxWidth: area.maxX - x)
        }
        for (key, word) in keys.hints(in: focus.scope) {
            let width = buffer.glyphs.columns(of: key) + 1 + buffer.glyphs.columns(of: word)
            guard x + width < area.maxX else { break }
            x += buffer.write(key, at: Point(x: x, y: area.y), style: theme[.key])
            x += 1 + buffer.write(" " + word, at: Point(x: x, y: area.y), style: theme[.hint])
            x += 1
        }
    }
}
