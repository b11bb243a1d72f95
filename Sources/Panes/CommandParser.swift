import Inspection
import Screen
import SpatioWire

/// Reads the command line: what it asks for, or what is wrong and where.
struct CommandParser {
    let keys: KeyTable
    /// The pane that has the keys.
    let scope: KeyBinding.Scope
    let snapshot: Snapshot
    /// Names of the themes that there are.
    var themes: [String] = []

    /// A word, or a text in quotes, and its place.
    private struct Word {
        var text: String
        var start: Int
    }

    /// Names of what keys do here.
    private var actions: [String] {
        var seen: Set<Action> = []
        return keys.bindings.filter { seen.insert($0.action).inserted }.map(\.action.name)
    }

    private var names: SessionNames { SessionNames(model: snapshot.whole) }

    func parse(_ line: String) throws(CommandError) -> Command {
        let words = Self.words(line)
        guard let first = words.first else {
            throw CommandError("a command is missing: help commands lists them", at: 0)
        }
        guard let form = CommandForm.named(first.text) else { return try action(first, words) }
        let rest = words.dropFirst()
        // Behind the name everything is the argument, as it was typed.
        let start = rest.first?.start ?? line.count
        if rest.isEmpty, form.argument != .none, let action = Action.named(form.name) {
            return .action(action, keys.scope(of: action, from: scope) ?? .everywhere)
        }
        if let most = form.argument.most, rest.count > most {
            throw CommandError("\(form.name) takes nothing more", at: rest[rest.startIndex + most].start)
        }
        switch form.argument {
        case .time: return .seek(try SeekTarget.parse(String(line.dropFirst(start)), at: start, snapshot))
        case .filter: return .filter(try filter(String(line.dropFirst(start)), at: start))
        default:
            return try command(form, rest.first ?? Word(text: "", start: line.count), Array(rest))
        }
    }

    private func action(_ word: Word, _ words: [Word]) throws(CommandError) -> Command {
        guard let action = Action.named(word.text), let scope = keys.scope(of: action, from: scope) else {
            throw CommandError(
                "there is no command \"\(VisibleText.visible(word.text))\""
                    + Suggestion.ending(for: word.text, among: CommandForm.all.map(\.name) + actions),
                at: word.start)
        }
        if words.count > 1 { throw CommandError("\(word.text) takes nothing more", at: words[1].start) }
        return .action(action, scope)
    }

    private func command(_ form: CommandForm, _ word: Word, _ words: [Word]) throws(CommandError) -> Command {
        switch form.argument {
        case .space: .space(try space(word))
        case .session:
            .session(try found(names.session(word.text), "session", word, names.sessions("")))
        case .stream: .stream(try found(names.stream(word.text), "stream", word, names.streams("")))
        case .speed: .speed(try speed(word))
        case .layout:
            .layout(try found(Arrangement(rawValue: word.text), "layout", word, Arrangement.allCases.map(\.rawValue)))
        case .loop: .loop(try loop(words, word))
        case .setting: try setting(word, words)
        case .theme: .theme(try theme(word))
        case .file: try file(word, words)
        case .rule:
            .silence(
                try found(FindingRule(rawValue: word.text), "rule", word, FindingRule.allCases.map(\.rawValue)),
                form.name == "silence")
        case .topic: .help(try found(HelpTopic(word.text), "topic", word, HelpTopic.names))
        case .none, .time, .filter: .quit
        }
    }

    /// What a name stands for; an error that says what there is.
    private func found<Thing>(
        _ thing: Thing?, _ kind: String, _ word: Word, _ candidates: [String]
    ) throws(CommandError) -> Thing {
        if let thing { return thing }
        let few = candidates.prefix(Self.listed).joined(separator: ", ")
        let list = candidates.isEmpty ? "there is none" : candidates.count > Self.listed ? "\(few) ..." : few
        if word.text.isEmpty { throw CommandError("which \(kind)? \(list)", at: word.start) }
        let suggestion = Suggestion.ending(for: word.text, among: candidates)
        throw CommandError(
            "there is no \(kind) \"\(VisibleText.visible(word.text))\""
                + (suggestion.isEmpty ? ": \(list)" : suggestion),
            at: word.start)
    }

    /// Names that an error lists.
    private static let listed = 6

    private func filter(_ text: String, at offset: Int) throws(CommandError) -> String {
        do {
            return try Filter(parsing: text).text
        } catch {
            throw CommandError(error, after: offset)
        }
    }

    private func space(_ word: Word) throws(CommandError) -> UUID {
        let spaces = snapshot.whole.spaces
        let space =
            word.text.isEmpty
            ? nil
            : spaces.first { $0.name == word.text }
                ?? spaces.first { $0.id.description.hasPrefix(word.text.lowercased()) }
        return try found(space?.id, "space", word, names.spaces(""))
    }

    /// A name, or the path of a file.
    private func theme(_ word: Word) throws(CommandError) -> String {
        let isFile = word.text.contains("/") || word.text.hasSuffix(".toml")
        return try found(isFile || themes.contains(word.text) ? word.text : nil, "theme", word, themes)
    }

    private func speed(_ word: Word) throws(CommandError) -> Double {
        let digits = word.text.hasPrefix("x") ? String(word.text.dropFirst()) : word.text
        let slowest = Player.speeds[0]
        let fastest = Player.speeds[Player.speeds.count - 1]
        guard let speed = Double(digits), (slowest...fastest).contains(speed) else {
            throw CommandError("a speed is a number from 0.1 to 100", at: word.start)
        }
        return speed
    }

    private func loop(_ words: [Word], _ first: Word) throws(CommandError) -> Command.Loop {
        if words.count == 1 {
            if first.text == "off" { return .off }
            if first.text == "all" { return .whole }
        }
        guard words.count >= 2 else { throw CommandError("off, all, or two times: loop 5 12.5", at: first.start) }
        let start = try time(words[0])
        let end = try time(words[1])
        guard start < end else { throw CommandError("a loop ends after its beginning", at: words[1].start) }
        return .part(start, end)
    }

    private func time(_ word: Word) throws(CommandError) -> Int64 {
        switch try SeekTarget.parse(word.text, at: word.start, snapshot) {
        case .time(let time): time
        case .message(let message): snapshot.index.at(message)?.time ?? snapshot.firstKeptTime
        }
    }

    private func file(_ word: Word, _ words: [Word]) throws(CommandError) -> Command {
        guard ExportFormat(path: word.text) != nil else {
            throw CommandError("the name ends in \(ExportFormat.endings), which says how to write", at: word.start)
        }
        guard words.count > 1 else { return .write(word.text, nil) }
        let choices = ExportSheet.Choice.allCases
        return .write(
            word.text,
            try found(choices.first { $0.word == words[1].text }, "choice", words[1], choices.map(\.word)))
    }

    private func setting(_ word: Word, _ words: [Word]) throws(CommandError) -> Command {
        let setting = try found(
            Command.Setting(rawValue: word.text), "setting", word, Command.Setting.allCases.map(\.rawValue))
        guard words.count > 1 else { throw CommandError("on or off?", at: word.start + word.text.count) }
        switch words[1].text {
        case "on": return .set(setting, true)
        case "off": return .set(setting, false)
        default: throw CommandError("on or off?", at: words[1].start)
        }
    }

    // MARK: Words

    /// The words of a line; one in quotes may hold spaces.
    private static func words(_ line: String) -> [Word] {
        var words: [Word] = []
        var isQuoted = false
        var isOpen = false
        for (place, character) in line.enumerated() {
            if character == "\"" {
                isQuoted.toggle()
                if !isOpen { words.append(Word(text: "", start: place)) }
                isOpen = true
            } else if character == " ", !isQuoted {
                isOpen = false
            } else {
                if !isOpen { words.append(Word(text: "", start: place)) }
                isOpen = true
                words[words.count - 1].text.append(character)
            }
        }
        return words
    }

    // MARK: Completion

    /// What can stand at the cursor, and the characters that one of the words would replace.
    func candidates(for line: String, cursor: Int) -> (range: Range<Int>, words: [String]) {
        let before = String(line.prefix(cursor))
        let words = Self.words(before)
        let isNew = before.last == " " && before.count(where: { $0 == "\"" }) % 2 == 0
        guard words.count > 1 || words.count == 1 && isNew else {
            let names = CommandForm.all.map(\.name) + actions
            return fitting(names, words.first ?? Word(text: "", start: before.count), end: before.count)
        }
        guard let form = CommandForm.named(words[0].text) else { return (cursor..<cursor, []) }
        if form.argument == .filter {
            let start = isNew && words.count == 1 ? before.count : words[1].start
            let (range, found) = FilterCompletion.candidates(
                for: String(line.dropFirst(start)), cursor: cursor - start, model: snapshot.whole)
            return (range.lowerBound + start..<range.upperBound + start, found)
        }
        let last = isNew ? Word(text: "", start: before.count) : words[words.count - 1]
        let number = isNew ? words.count : words.count - 1
        return fitting(arguments(form.argument, number: number, typed: last.text), last, end: before.count)
    }

    /// - Parameter number: which argument, from 1
    private func arguments(_ argument: CommandForm.Argument, number: Int, typed: String) -> [String] {
        switch (argument, number) {
        case (.space, 1): names.spaces(typed)
        case (.session, 1): names.sessions(typed)
        case (.stream, 1): names.streams(typed)
        case (.speed, 1): Player.speeds.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
        case (.layout, 1): Arrangement.allCases.map(\.rawValue)
        case (.rule, 1): FindingRule.allCases.map(\.rawValue)
        case (.file, 2): ExportSheet.Choice.allCases.map(\.word)
        case (.loop, 1): ["off", "all"]
        case (.theme, 1): themes
        case (.setting, 1): Command.Setting.allCases.map(\.rawValue)
        case (.setting, 2): ["on", "off"]
        case (.topic, 1): HelpTopic.names
        case (.time, 1): ["start", "end"]
        default: []
        }
    }

    private func fitting(_ names: [String], _ word: Word, end: Int) -> (range: Range<Int>, words: [String]) {
        var seen: Set<String> = []
        let typed = word.text.lowercased()
        let words = names.filter { $0.lowercased().hasPrefix(typed) && seen.insert($0).inserted }
        return (word.start..<max(word.start, end), words.map(Self.quoted))
    }

    /// The path that is being typed at the cursor, and its place; nil where no file can stand.
    func path(in line: String, cursor: Int) -> (text: String, range: Range<Int>)? {
        let before = String(line.prefix(cursor))
        let words = Self.words(before)
        guard let form = words.first.flatMap({ CommandForm.named($0.text) }) else { return nil }
        let isNew = before.last == " " && before.count(where: { $0 == "\"" }) % 2 == 0
        guard words.count == (isNew ? 1 : 2) else { return nil }
        let word = isNew ? Word(text: "", start: before.count) : words[1]
        let isPath = form.argument == .file || form.argument == .theme && word.text.contains("/")
        return isPath ? (word.text, word.start..<before.count) : nil
    }

    /// A word as it has to be typed to be one.
    static func quoted(_ word: String) -> String { word.contains(" ") ? "\"\(word)\"" : word }
}
