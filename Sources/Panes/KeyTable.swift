import Screen

/// One line of the key table.
package struct KeyBinding: Sendable {
    /// Where the keys mean this.
    package enum Scope: Hashable, Sendable {
        case everywhere
        case streams, messages, tree, octets, map, state, quality, peers, findings, extensions

        package var title: String {
            switch self {
            case .everywhere: "Everywhere"
            case .streams: "Streams"
            case .messages: "Messages"
            case .tree: "Fields"
            case .octets: "Octets"
            case .map: "Map"
            case .state: "State"
            case .quality: "Quality"
            case .peers: "Peers"
            case .findings: "Findings"
            case .extensions: "Extensions"
            }
        }
    }

    package var keys: [Key]
    package var action: Action
    package var scope: Scope
    /// What it does, for the help.
    package var help: String
    /// A word or two for the hint line; empty: not there.
    package var hint = ""

    init(_ keys: [Key], _ action: Action, _ help: String, hint: String = "") {
        self.init(keys, action, .everywhere, help, hint: hint)
    }

    init(_ keys: [Key], _ action: Action, _ scope: Scope, _ help: String, hint: String = "") {
        self.keys = keys
        self.action = action
        self.scope = scope
        self.help = help
        self.hint = hint
    }
}

/// Which key does what: the only place that says so. Help and hint line are made from it.
package struct KeyTable: Sendable {
    package var bindings: [KeyBinding]

    /// What a key does in a pane: the pane's own meaning goes before the general one.
    package func action(for key: Key, in scope: KeyBinding.Scope) -> Action? {
        let own = bindings.first { $0.scope == scope && $0.keys.contains(key) }
        return (own ?? bindings.first { $0.scope == .everywhere && $0.keys.contains(key) })?.action
    }

    /// Keys and words for the hint line of a pane: help, then the pane's own, then the general ones. Keys that belong
    /// together share their word.
    package func hints(in scope: KeyBinding.Scope) -> [(key: String, word: String)] {
        let shown = bindings.filter { !$0.hint.isEmpty && ($0.scope == scope || $0.scope == .everywhere) }
        let ordered =
            shown.filter { $0.action == .help } + shown.filter { $0.scope == scope }
            + shown.filter { $0.scope == .everywhere && $0.action != .help }
        var hints: [(key: String, word: String)] = []
        for binding in ordered {
            let key = binding.keys.first?.name ?? ""
            if let place = hints.firstIndex(where: { $0.word == binding.hint }) {
                hints[place].key += " " + key
            } else {
                hints.append((key, binding.hint))
            }
        }
        return hints
    }

    package static let standard = KeyTable(
        bindings: general + streams + messages + fields + MapPane.keys + StatePane.keys + QualityPane.keys
            + PeersPane.keys
            + FindingsPane.keys + ExtensionsPane.keys)

    private static let general: [KeyBinding] = [
        KeyBinding(["?", .function(1)], .help, "help for this pane", hint: "help"),
        KeyBinding([.tab], .nextPane, "next pane", hint: "pane"),
        KeyBinding([.backTab], .previousPane, "previous pane"),
        KeyBinding(["/"], .filter, "filter messages; empty shows all", hint: "filter"),
        KeyBinding(["p"], .playPause, "play from the clock on, from the beginning at the end; pause", hint: "play"),
        KeyBinding(["["], .stepBack, "the clock one message back", hint: "step"),
        KeyBinding(["]"], .stepForward, "the clock one message on", hint: "step"),
        KeyBinding([","], .seekBack, "the clock one second back", hint: "seek"),
        KeyBinding(["."], .seekForward, "the clock one second on", hint: "seek"),
        KeyBinding(["<"], .toStart, "the clock to the beginning", hint: "ends"),
        KeyBinding([">"], .toEnd, "the clock to the end", hint: "ends"),
        KeyBinding(["("], .slower, "play slower", hint: "speed"),
        KeyBinding([")"], .faster, "play faster", hint: "speed"),
        KeyBinding(["\\", "z"], .zoomPane, "this pane on the whole screen, and back", hint: "zoom"),
        KeyBinding(["1"], .focus(.streams), "go to Streams"),
        KeyBinding(["2"], .focus(.messages), "go to Messages"),
        KeyBinding(["3"], .focus(.map), "go to Map"),
        KeyBinding(["4"], .focus(.state), "go to State"),
        KeyBinding(["5"], .focus(.quality), "go to Quality"),
        KeyBinding(["6"], .focus(.peers), "go to Peers"),
        KeyBinding(["7"], .focus(.findings), "go to Findings"),
        KeyBinding(["8"], .focus(.extensions), "go to Extensions"),
        KeyBinding([.up, "k"], .up, "up"),
        KeyBinding([.down, "j"], .down, "down"),
        KeyBinding([.left, "h"], .left, "left, or close"),
        KeyBinding([.right, "l"], .right, "right, or open"),
        KeyBinding([.pageUp, .control("b")], .pageUp, "a page up"),
        KeyBinding([.pageDown, .control("f")], .pageDown, "a page down"),
        KeyBinding([.control("u")], .halfPageUp, "half a page up"),
        KeyBinding([.control("d")], .halfPageDown, "half a page down"),
        KeyBinding([.home, "g"], .first, "to the first"),
        KeyBinding([.end, "G"], .last, "to the last"),
        KeyBinding([.escape, .backspace], .back, "back one level: closes, clears the filter; never quits"),
        KeyBinding(["!"], .problems, "what could not be read"),
        KeyBinding([.control("l")], .redraw, "draw the screen anew"),
        KeyBinding(["q"], .quit, "quit, after a question", hint: "quit"),
        KeyBinding([.control("c")], .interrupt, "stop loading; else quit at once"),
    ]

    private static let streams: [KeyBinding] = [
        KeyBinding([.enter], .open, .streams, "the messages of this stream or session", hint: "its messages"),
        KeyBinding(["f"], .onlyThis, .streams, "the same, staying here; f again shows all"),
        KeyBinding(["s"], .sortNext, .streams, "sort by the next column", hint: "sort"),
        KeyBinding(["S"], .sortReverse, .streams, "reverse the order"),
    ]

    private static let messages: [KeyBinding] = [
        KeyBinding([.enter], .open, .messages, "move the clock here and read the fields", hint: "open"),
        KeyBinding(["f"], .onlyThis, .messages, "only the messages of this stream, and back", hint: "stream"),
        KeyBinding(["*"], .search, .messages, "search the list, hiding nothing", hint: "search"),
        KeyBinding(["n"], .searchNext, .messages, "next match"),
        KeyBinding(["N"], .searchPrevious, .messages, "match before"),
        KeyBinding(
            ["t"], .timeFormat, .messages, "time: since the start, of day, since the message before", hint: "time"),
        KeyBinding(["F"], .follow, .messages, "follow the newest message"),
    ]

    private static let fields: [KeyBinding] = [
        KeyBinding([.enter, " "], .open, .tree, "open or close a field", hint: "open"),
        KeyBinding(["f"], .onlyThis, .tree, "filter by this field and its value, and back", hint: "as filter"),
        KeyBinding(["n"], .stepForward, .tree, "next message", hint: "message"),
        KeyBinding(["N"], .stepBack, .tree, "message before", hint: "message"),
    ]
}

extension Key: ExpressibleByUnicodeScalarLiteral {
    package init(unicodeScalarLiteral value: Unicode.Scalar) { self = .character(value) }
}
