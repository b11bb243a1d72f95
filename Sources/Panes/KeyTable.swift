import Screen

/// One line of the key table.
package struct KeyBinding: Sendable {
    /// Where the keys mean this.
    package enum Scope: Hashable, CaseIterable, Sendable {
        case everywhere
        case streams, messages, tree, octets, map, state, quality, peers, findings, extensions
        /// The page before any capture is open.
        case start

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
            case .start: "Start"
            }
        }

        /// As commands and the configuration call it.
        package var name: String { title.lowercased() }
    }

    package var keys: [Key]
    package var action: Action
    package var scope: Scope
    /// What it does, for the help.
    package var help: String
    /// A word or two for the hint line; empty: not there.
    package var hint = ""
    /// What the help of the general keys lists it under.
    package var group = ""

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

    /// Words of the pane's own that come before the general ones on the hint line: those that follow may not fit.
    private static let ownHints = 4
    /// What leads on from every pane.
    private static let essentials: Set<Action> = [.nextPane, .filter, .playPause, .command]

    /// Keys and words for the hint line of a pane, the most useful first: help, some of the pane's own, what leads on,
    /// and the rest. Keys that belong together share their word; one that means something else here is not named.
    package func hints(in scope: KeyBinding.Scope) -> [(key: String, word: String)] {
        let shown = bindings.filter { binding in
            guard !binding.hint.isEmpty, let key = binding.keys.first else { return false }
            return binding.scope == scope
                || binding.scope == .everywhere && action(for: key, in: scope) == binding.action
        }
        let own = Self.joined(shown.filter { $0.scope == scope && scope != .everywhere })
        let general = shown.filter { $0.scope == .everywhere && $0.action != .help }
        let leading = Self.joined(general.filter { Self.essentials.contains($0.action) })
        let rest = Self.joined(general.filter { !Self.essentials.contains($0.action) })
        let ordered =
            Self.joined(shown.filter { $0.action == .help }) + own.prefix(Self.ownHints) + leading
            + own.dropFirst(Self.ownHints) + rest
        var words: Set<String> = []
        return ordered.filter { words.insert($0.word).inserted }
    }

    private static func joined(_ bindings: [KeyBinding]) -> [(key: String, word: String)] {
        bindings.reduce(into: []) { hints, binding in
            let key = binding.keys.first?.name ?? ""
            if let place = hints.firstIndex(where: { $0.word == binding.hint }) {
                hints[place].key += " " + key
            } else {
                hints.append((key, binding.hint))
            }
        }
    }

    /// Where an action can be done, seen from a pane: there, else everywhere, else in the first pane that has it.
    package func scope(of action: Action, from scope: KeyBinding.Scope) -> KeyBinding.Scope? {
        let scopes = bindings.filter { $0.action == action }.map(\.scope)
        if scopes.contains(scope) { return scope }
        return scopes.contains(.everywhere) ? .everywhere : scopes.first
    }

    /// The name of the first key of an action; empty when it has none.
    package func key(for action: Action) -> String {
        bindings.first { $0.action == action }?.keys.first?.name ?? ""
    }

    package static let standard = KeyTable(
        bindings: general + streams + messages + fields + MapPane.keys + MessageKeys.all + StatePane.keys
            + QualityPane.keys + PeersPane.keys
            + FindingsPane.keys + ExtensionsPane.keys)

    private static let streams: [KeyBinding] = [
        KeyBinding([.enter], .open, .streams, "the messages of this stream or session", hint: "its messages"),
        KeyBinding(["f"], .onlyThis, .streams, "the same, staying here; f again shows all", hint: "only these"),
        KeyBinding(["F"], .onlySpace, .streams, "only the messages of the space that Map and State show, and back"),
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
            ["t"], .timeFormat, .messages,
            "times: since the start, of day, date, since the message before, since a reference, since 1970"),
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
