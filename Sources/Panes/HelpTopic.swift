import Inspection

/// What help can be asked for by name.
enum HelpTopic: Equatable {
    case pane(KeyBinding.Scope)
    case commands, filter, time

    init?(_ name: String) {
        switch name {
        case "commands": self = .commands
        case "filter": self = .filter
        case "time": self = .time
        case "keys": self = .pane(.everywhere)
        default:
            guard let scope = Application.Focus.allCases.first(where: { $0.scope.name == name })?.scope else {
                return nil
            }
            self = .pane(scope)
        }
    }

    static let names =
        Application.Focus.allCases.map(\.scope.name) + ["keys", "commands", "filter", "time"]
}

extension TextOverlay {
    /// Help for a pane, made from the key table: its own words and keys, and what keys do everywhere.
    static func help(_ scope: KeyBinding.Scope, words: [String], keys: KeyTable) -> TextOverlay {
        var own = words.map { Line(text: $0) }
        let bindings = keys.bindings.filter { $0.scope == scope && scope != .everywhere && !$0.keys.isEmpty }
        if !bindings.isEmpty { own += [Line(text: ""), Line(text: "Keys in \(scope.title)", role: .header)] }
        own += bindings.map(line)
        if scope == .everywhere { return TextOverlay(title: "Help: keys", parts: general(keys)) }
        return TextOverlay(title: "Help: \(scope.title)", parts: [own] + general(keys))
    }

    /// The general keys, by what they are about.
    private static func general(_ keys: KeyTable) -> [[Line]] {
        let bindings = keys.bindings.filter { $0.scope == .everywhere && !$0.keys.isEmpty }
        var groups: [String] = []
        for binding in bindings where !groups.contains(binding.group) { groups.append(binding.group) }
        let parts = groups.map { group in
            [Line(text: group + (group == groups.first ? ", everywhere" : ""), role: .header)]
                + bindings.filter { $0.group == group }.map(line)
        }
        let half = (parts.count + 1) / 2
        return [parts.prefix(half), parts.dropFirst(half)].map { Array($0.joined(separator: [Line(text: "")])) }
    }

    private static func line(_ binding: KeyBinding) -> Line {
        Line(key: binding.keys.map(\.name).joined(separator: " "), text: binding.help)
    }

    static func help(_ topic: HelpTopic, words: [String], keys: KeyTable) -> TextOverlay {
        switch topic {
        case .pane(let scope): help(scope, words: words, keys: keys)
        case .commands: commands(keys)
        case .filter: TextOverlay(title: "Help: filter", parts: [filter.map { Line(key: $0.0, text: $0.1) }])
        case .time: TextOverlay(title: "Help: time", parts: [time.map { Line(key: $0.0, text: $0.1) }])
        }
    }

    private static func commands(_ keys: KeyTable) -> TextOverlay {
        let forms = CommandForm.all.map { form in
            Line(key: ":\(form.name) \(form.arguments)", text: form.help)
        }
        var seen: Set<String> = []
        let actions = keys.bindings.filter { seen.insert($0.action.name).inserted }.map {
            Line(key: ":\($0.action.name)", text: $0.help)
        }
        return TextOverlay(
            title: "Help: commands",
            parts: [
                [Line(text: "Commands", role: .header)] + forms
                    + [Line(text: ""), Line(text: "Tab completes names, Up and Down recall what was typed before.")],
                [Line(text: "What keys do, by name", role: .header)] + actions,
            ])
    }

    private static let filter: [(String, String)] =
        [
            ("", "A filter is a question to each message: only those are listed that say yes."),
            ("== != < > ~ in", "between a field and a value; ~ is contains: session ~ \"10.7\", seq in 100..200"),
            ("&& || !( )", "and, or, not"),
            ("near(ent-3, 5)", "within 5 m of an entity; within(0,0, 50): of a place"),
            ("", "Tab completes, Up recalls, Esc shows everything again. --filter and dump take the same text."),
            ("", ""),
        ] + FilterField.all.map { ($0.name, $0.help) } + [("", "")] + FilterFlag.all.map { ($0.name, $0.help) }

    private static let time: [(String, String)] = [
        (
            "",
            "Every pane shows the capture as of the clock: what has come later is grey in the list, and nowhere else."
        ),
        ("@ or :seek", "takes a time:"),
        ("12.5  00:12.5", "since the start, as the status line counts; also 500ms, 2min"),
        ("+5  -500ms", "from where the clock stands"),
        ("07:33:21.5", "of the day, UTC; with a date before it if need be: 2026-10-26 07:33:21.5"),
        ("40%", "of the time of the capture"),
        ("#1200", "right after that message"),
        ("start  end", "the ends"),
        (
            "",
            "On the time line a click moves the clock, the wheel shows less or more time. ! is an error and * a warning "
                + "there, ' a message that you marked, A and B are the ends of a loop."
        ),
    ]
}
