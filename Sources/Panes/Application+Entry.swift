import Inspection
import Screen

/// The line at the bottom: filter and search.
extension Application {
    mutating func begin(_ entry: Entry) {
        self.entry = entry
        if entry == .filter { filterLine.set(filterText) } else { searchLine.set("") }
    }

    private var line: LineEditor {
        get { entry == .search ? searchLine : filterLine }
        set { if entry == .search { searchLine = newValue } else { filterLine = newValue } }
    }

    mutating func edit(_ key: Key) -> [Effect] {
        switch key {
        case .escape: entry = nil
        case .enter: return commit()
        case .backspace, .control("h"): line.deleteBackward()
        case .delete: line.deleteForward()
        case .control("w"): line.deleteWord()
        case .control("u"): line.set("")
        case .left: line.move(by: -1)
        case .right: line.move(by: 1)
        case .home, .control("a"): line.moveToStart()
        case .end, .control("e"): line.moveToEnd()
        case .up: line.recall(-1)
        case .down: line.recall(1)
        case .tab: complete()
        case .character(let scalar): line.insert(scalar)
        default: break
        }
        return []
    }

    private mutating func commit() -> [Effect] {
        if entry == .search {
            entry = nil
            _ = searchLine.commit()
            find(forward: true)
            return []
        }
        let text = filterLine.text
        if !isBlank(text), filterError(text) != nil { return [] }
        _ = filterLine.commit()
        entry = nil
        return apply(filter: isBlank(text) ? "" : text)
    }

    /// Puts a filter in force; the empty one shows everything.
    mutating func apply(filter text: String) -> [Effect] {
        wantedSpace = Self.space(named: text)
        showWantedSpace()
        filterText = text
        filterLine.set(text)
        return [.filter(text.isEmpty ? nil : text)]
    }

    private func isBlank(_ text: String) -> Bool { text.allSatisfy { $0 == " " } }

    /// Why a text is no filter; nil when it is one.
    func filterError(_ text: String) -> FilterError? {
        do throws(FilterError) {
            _ = try Filter(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    /// Tab completes as far as all candidates agree, and lists them.
    private mutating func complete() {
        guard entry == .filter else { return }
        let (range, candidates) = FilterCompletion.candidates(
            for: filterLine.text, cursor: filterLine.cursor, model: snapshot.whole)
        guard let first = candidates.first else {
            notice = Notice(text: "nothing known begins so", role: .hint)
            return
        }
        let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        if candidates.count == 1 {
            filterLine.replace(range, with: first + " ")
        } else {
            if common.count > range.count { filterLine.replace(range, with: common) }
            notice = Notice(text: candidates.joined(separator: "  "), role: .hint)
        }
    }

    // MARK: The space that a filter names

    /// The space that a filter asks for by `space == ...`: the map goes there, too.
    static func space(named filter: String) -> String? {
        let words = filter.split(whereSeparator: { " ()".contains($0) }).map(String.init)
        guard let place = words.indices.first(where: { words[$0] == "space" }), place + 2 < words.count,
            words[place + 1] == "=="
        else { return nil }
        return words[place + 2].filter { $0 != "\"" }
    }

    /// Shows the space on the map as soon as it is known.
    mutating func showWantedSpace() {
        guard let wanted = wantedSpace,
            let space = snapshot.whole.spaces.first(where: {
                $0.name == wanted || $0.id.description.hasPrefix(wanted.lowercased())
            })
        else { return }
        map.show(space: space.id)
        wantedSpace = nil
    }

    // MARK: Search

    /// Rows that are looked at between two looks at the keys: reading and decoding so many takes some 50 ms.
    private static let searchStride = 512

    mutating func find(forward: Bool) {
        guard !searchLine.text.isEmpty else {
            notice = Notice(text: "Nothing to search for: * begins a search.")
            return
        }
        guard snapshot.listCount > 0 else { return }
        messages.detach(in: snapshot)
        searchedRow = messages.selectedRow(in: snapshot)
        isSearchingForward = forward
        goOnSearching()
    }

    /// Looks at the next rows. The search goes on from tick to tick until something is found or a key is pressed.
    mutating func goOnSearching() {
        guard var row = searchedRow else { return }
        let wanted = searchLine.text.lowercased()
        for _ in 0..<Self.searchStride {
            row += isSearchingForward ? 1 : -1
            guard row >= 0, row < snapshot.listCount else {
                searchedRow = nil
                let side = isSearchingForward ? "after" : "before"
                notice = Notice(text: "\"\(searchLine.text)\" does not come \(side) this message.")
                return
            }
            let message = snapshot.listed(row)
            if messages.searchText(of: message, snapshot).lowercased().contains(wanted) {
                searchedRow = nil
                notice = nil
                messages.select(message)
                showEntityOfMessage()
                return
            }
        }
        searchedRow = row
        notice = Notice(
            text: "Searching: \(Format.thousands(row + 1)) of \(Format.thousands(snapshot.listCount)); any key stops.",
            role: .progress)
    }

    // MARK: Drawing

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
        buffer.write(entry == .search ? " * " : " / ", at: area.origin, style: theme[.key])
        let room = area.inset(left: Self.labelWidth)
        if line.text.isEmpty {
            let hint =
                entry == .search
                ? "text to search for in the list"
                : "type == spatial_update && space == plaza ... Tab completes, Up recalls"
            buffer.write(hint, at: room.origin, style: theme[.filterPlaceholder], maxWidth: room.width)
        } else {
            // What is before the place of an error is right.
            let hidden = hiddenCharacters(room.width, buffer.glyphs)
            let shown = line.text.dropFirst(hidden)
            let good = shown.prefix(error.map { max(0, $0.offset - hidden) } ?? shown.count)
            let used = buffer.write(good, at: room.origin, style: theme[.filterValid], maxWidth: room.width)
            buffer.write(
                shown.dropFirst(good.count), at: Point(x: room.x + used, y: area.y), style: theme[.filterInvalid],
                maxWidth: room.width - used)
        }
        let cursor = Rect(x: column(of: line.cursor, room, buffer.glyphs), y: area.y, width: 1, height: 1)
        buffer.restyle(cursor) { $0 = $0.adding(.reversed) }
    }

    /// Why what is typed is no filter.
    private var error: FilterError? {
        entry == .filter && !isBlank(line.text) ? filterError(line.text) : nil
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
        } else if let error {
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

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
