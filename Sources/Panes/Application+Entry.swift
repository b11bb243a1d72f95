import Inspection
import Screen

/// The line at the bottom: filter, search, commands, times.
extension Application {
    mutating func begin(_ entry: Entry) {
        self.entry = entry
        line.set(entry == .filter ? filterText : "")
    }

    /// What is typed into.
    var line: LineEditor {
        get {
            switch entry {
            case .search: searchLine
            case .command: commandLine
            case .seek: seekLine
            case .filter, nil: filterLine
            }
        }
        set {
            switch entry {
            case .search: searchLine = newValue
            case .command: commandLine = newValue
            case .seek: seekLine = newValue
            case .filter, nil: filterLine = newValue
            }
        }
    }

    mutating func edit(_ key: Key, wall: Int64) -> [Effect] {
        switch key {
        case .escape: entry = nil
        case .backspace where line.text.isEmpty && entry == .command: entry = nil
        case .enter:
            let typed = entry.map { TypedLine(kind: $0.kind, text: line.text) }
            let effects = commit(wall: wall)
            // What is wrong is still being typed.
            if entry == nil, let typed, !isBlank(typed.text) { return effects + [.remember(typed)] }
            return effects
        case .tab: return complete()
        default: line.edit(key)
        }
        return []
    }

    private mutating func commit(wall: Int64) -> [Effect] {
        switch entry {
        case .search:
            entry = nil
            _ = searchLine.commit()
            find(forward: true)
            return []
        case .filter:
            guard entryError == nil, let text = try? savedFilters.resolve(filterLine.text) else { return [] }
            _ = filterLine.commit()
            entry = nil
            return apply(filter: isBlank(text) ? "" : text)
        case .command, .seek:
            if isBlank(line.text) {
                entry = nil
                return []
            }
            guard let command = try? typedCommand() else { return [] }
            _ = line.commit()
            entry = nil
            return perform(command, wall: wall)
        case nil: return []
        }
    }

    /// What is typed, as a command.
    private func typedCommand() throws(CommandError) -> Command {
        if entry == .seek { return .seek(try SeekTarget.parse(line.text, snapshot)) }
        return try parser.parse(line.text)
    }

    private var parser: CommandParser {
        CommandParser(keys: keys, scope: focus.scope, snapshot: snapshot, themes: themes)
    }

    /// Why Enter would not take what is typed; nil as long as nothing is.
    var entryError: CommandError? {
        guard !isBlank(line.text) else { return nil }
        do throws(CommandError) {
            switch entry {
            case .filter:
                let text = try savedFilters.resolve(line.text)
                if let error = filterError(text) { throw CommandError(error) }
            case .command, .seek: _ = try typedCommand()
            case .search, nil: break
            }
            return nil
        } catch {
            return error
        }
    }

    /// Puts a filter in force; the empty one shows everything.
    mutating func apply(filter text: String) -> [Effect] {
        wantedSpace = Self.space(named: text)
        showWantedSpace()
        filterText = text
        filterLine.set(text)
        return [.filter(text.isEmpty ? nil : text)]
    }

    func isBlank(_ text: String) -> Bool { text.allSatisfy { $0 == " " } }

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
    private mutating func complete() -> [Effect] {
        switch entry {
        case .filter:
            if let names = savedFilters.candidates(for: line.text) {
                offer(names, for: 0..<line.text.count)
            } else {
                let found = FilterCompletion.candidates(for: line.text, cursor: line.cursor, model: snapshot.whole)
                offer(found.words, for: found.range)
            }
        case .command:
            if let path = parser.path(in: line.text, cursor: line.cursor) { return [.complete(path: path.text)] }
            let found = parser.candidates(for: line.text, cursor: line.cursor)
            offer(found.words, for: found.range)
        case .search, .seek, nil: break
        }
        return []
    }

    private mutating func offer(_ words: [String], for range: Range<Int>) {
        guard let first = words.first else {
            notice = Notice(text: "nothing known begins so", role: .hint)
            return
        }
        let common = words.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        if words.count == 1 {
            // Behind a folder comes what is in it.
            line.replace(range, with: first + (first.hasSuffix("/") ? "" : " "))
        } else {
            if common.count > range.count { line.replace(range, with: common) }
            notice = Notice(text: words.joined(separator: "  "), role: .hint)
        }
    }

    /// Paths that begin as what is typed.
    package mutating func offer(paths: [String]) {
        guard entry == .command, let path = parser.path(in: line.text, cursor: line.cursor) else { return }
        offer(paths.map { CommandParser.quoted($0) }, for: path.range)
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
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
