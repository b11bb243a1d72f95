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
        filterText = text
        filterLine.set(text)
        if let message = messages.selected(in: snapshot), !messages.isFollowing { selection.message = message }
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
        guard let first = candidates.first else { return }
        let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        if candidates.count == 1 {
            filterLine.replace(range, with: first + " ")
        } else {
            if common.count > range.count { filterLine.replace(range, with: common) }
            notice = candidates.prefix(40).joined(separator: "  ")
        }
    }

    // MARK: Search

    /// Rows that one key press may look at: reading and decoding so many takes some 100 ms.
    private static let searchStride = 20_000

    mutating func find(forward: Bool) {
        let wanted = searchLine.text.lowercased()
        guard !wanted.isEmpty else {
            notice = "Nothing to search for: * begins a search."
            return
        }
        guard snapshot.listCount > 0 else { return }
        var row = messages.list.selected
        for _ in 0..<Self.searchStride {
            row += forward ? 1 : -1
            guard row >= 0, row < snapshot.listCount else {
                notice = "\"\(searchLine.text)\" does not come \(forward ? "after" : "before") this message."
                return
            }
            if messages.searchText(of: snapshot.listed(row), snapshot).lowercased().contains(wanted) {
                messages.select(snapshot.listed(row), in: snapshot)
                return
            }
        }
        messages.select(snapshot.listed(row), in: snapshot)
        notice = "Not in \(Format.thousands(Self.searchStride)) messages; \(forward ? "n" : "N") goes on from here."
    }

    // MARK: Drawing

    /// The bottom line: what is typed, a question, a notice, or hints.
    func drawBottomLine(into buffer: inout Buffer, _ area: Rect) {
        let context = context(for: focus)
        buffer.fill(area, style: theme[.text])
        if isAskingToQuit {
            buffer.write(" Quit? q again quits, any other key stays.", at: area.origin, style: theme[.warning], maxWidth: area.width)
        } else if let entry {
            drawEntry(entry, into: &buffer, area)
        } else if let notice {
            buffer.write(
                buffer.glyphs.shortened(" " + notice, to: area.width), at: area.origin, style: theme[.warning],
                maxWidth: area.width)
        } else {
            drawHints(into: &buffer, area, context)
        }
    }

    private func drawEntry(_ entry: Entry, into buffer: inout Buffer, _ area: Rect) {
        let line = entry == .search ? searchLine : filterLine
        let error = entry == .filter && !isBlank(line.text) ? filterError(line.text) : nil
        let label = entry == .search ? " * " : " / "
        var x = area.x + buffer.write(label, at: area.origin, style: theme[.key])
        let start = x
        let role: Role = line.text.isEmpty ? .filterPlaceholder : error == nil ? .filterValid : .filterInvalid
        if line.text.isEmpty {
            let hint =
                entry == .search
                ? "text to search for in the list"
                : "type == spatial_update && space == plaza ... Tab completes, Up recalls"
            buffer.write(hint, at: Point(x: x, y: area.y), style: theme[role], maxWidth: area.maxX - x)
        } else {
            let good = error.map { String(line.text.prefix($0.offset)) } ?? line.text
            x += buffer.write(good, at: Point(x: x, y: area.y), style: theme[.filterValid], maxWidth: area.maxX - x)
            if error != nil {
                x += buffer.write(
                    String(line.text.dropFirst(good.count)), at: Point(x: x, y: area.y), style: theme[.filterInvalid],
                    maxWidth: max(0, area.maxX - x))
            }
            if let error {
                let text = "  \(error.message)"
                let room = area.maxX - x - 2
                if room > 10 {
                    buffer.write(
                        buffer.glyphs.shortened(text, to: room), at: Point(x: x + 1, y: area.y), style: theme[.error],
                        maxWidth: room)
                }
            }
        }
        let cursor = start + buffer.glyphs.columns(of: line.text.prefix(line.cursor))
        if cursor < area.maxX {
            buffer.restyle(Rect(x: cursor, y: area.y, width: 1, height: 1)) { $0 = $0.adding(.reversed) }
        }
    }

    private func drawHints(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        var x = area.x + 1
        if !filterText.isEmpty {
            x += buffer.write("filter: ", at: Point(x: x, y: area.y), style: theme[.hint])
            let text = buffer.glyphs.shortened(filterText, to: max(10, area.width / 2))
            x += buffer.write(text, at: Point(x: x, y: area.y), style: theme[.filterValid], maxWidth: area.maxX - x)
            x += 2 + buffer.write("  Esc clears", at: Point(x: x, y: area.y), style: theme[.hint], maxWidth: area.maxX - x)
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
