import Screen

extension StartPage {
    static let purpose = "shows Spatio traffic: who says what and where"

    static let demoWords = "a server and a few dozen participants, live: there is nothing to set up"

    /// What would stand in a section that is empty, and why it is.
    func words(for place: StartSection) -> [String] {
        switch place {
        case .interfaces: ["Looking at the interfaces of this machine ..."]
        case .servers:
            switch listening {
            case .starting: ["Listening for servers that announce themselves ..."]
            case .running:
                [
                    "No server announces itself on these networks.",
                    "spatioscope serve runs one; spatioscope attach HOST joins one that is further away.",
                ]
            case .impossible(let reason): ["Servers cannot be listened for: \(reason)"]
            }
        case .captures:
            [
                "No capture has been opened yet: o asks for a file.",
                "spatioscope record -i any -o space.pcapng makes one, or tcpdump does.",
            ]
        case .unfinished, .demo: []
        }
    }

    /// What has to be known of a section before anything in it is chosen.
    func note(for place: StartSection) -> String? { place == .interfaces ? captureAdvice : nil }

    static let keys: [KeyBinding] = [
        KeyBinding([.enter], .open, .start, "watch, attach to, open or start what is selected", hint: "open"),
        KeyBinding([" "], .mark, .start, "mark an interface: Enter watches all that are marked", hint: "mark"),
        KeyBinding(["o"], .openFile, .start, "ask for a file to open; Tab completes, Up recalls", hint: "file"),
        KeyBinding(
            ["x"], .deleteUnfinished, .start, "delete an unfinished capture, after a question", hint: "delete"),
        KeyBinding(["d"], .startDemo, .start, "watch the demo", hint: "demo"),
        KeyBinding([.tab], .nextPane, .start, "to the next part", hint: "next part"),
        KeyBinding([.backTab], .previousPane, .start, "to the part before"),
    ]

    /// What of the keys that mean something everywhere means something here.
    private static let general: Set<Action> = [
        .help, .up, .down, .pageUp, .pageDown, .halfPageUp, .halfPageDown, .first, .last, .back, .redraw, .quit,
        .interrupt,
    ]

    /// The keys of this page, own and general.
    var bindings: [KeyBinding] {
        table.bindings.filter { $0.scope == .start }
            + table.bindings.filter { $0.scope == .everywhere && Self.general.contains($0.action) }
    }

    /// The way to the next part comes last: arrows lead there, too.
    var hints: [(key: String, word: String)] {
        let shown = bindings.filter { binding in
            if binding.action == .mark, section != .interfaces || interfaces.isEmpty { return false }
            if binding.action == .deleteUnfinished, section != .unfinished { return false }
            return !binding.hint.isEmpty
        }
        let ordered = shown.filter { $0.action != .nextPane } + shown.filter { $0.action == .nextPane }
        return ordered.compactMap { binding in
            binding.keys.first.map { ($0.name, binding.action == .open ? section.verb : binding.hint) }
        }
    }

    var helpLines: [TextOverlay.Line] {
        let words = [
            "Interfaces: what the kernel counts of each, in and out, over the last second, and its octets in the last ones. "
                + "spatioscope live -i NAME watches one as well; live --list names all that libpcap offers.",
            "Servers nearby: those that announce themselves on this machine's networks, with the least security of a "
                + "session. Nobody proves there who they are. Grey: nothing was heard for 15 s; after 50 s it is gone.",
            "Unfinished: what live and attach had on the screen when the program was killed, or its terminal went away; "
                + "it is there until it is deleted, or newer ones need the room. Open, it is written to a file by w.",
            "Recent captures: the newest first, when they were opened, how large they are, and what was in them; - is "
                + "for what is not known. What is grey is not there any more. pcap and pcapng open, also .gz .zst .lz4.",
            "A click selects, a second one is Enter.",
            "",
        ]
        return words.map { TextOverlay.Line(text: $0) }
            + bindings.map { TextOverlay.Line(key: $0.keys.map(\.name).joined(separator: " "), text: $0.help) }
    }

    // MARK: Paths and ages

    /// A path as it is shown: the user's home is `~`.
    func shown(_ path: String) -> String {
        guard let home, home != "/", path.hasPrefix(home + "/") else { return path }
        return "~" + path.dropFirst(home.count)
    }

    /// The last part of a path, with its `/` where it is a folder.
    static func name(ofPath path: String) -> String {
        let isFolder = path.hasSuffix("/")
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return isFolder ? name + "/" : name
    }

    /// How long ago, in the largest unit that says something.
    package static func age(of time: Int64, now: Int64) -> String {
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

extension KeyTable {
    /// Every key, also those before a capture is open.
    package static let complete = KeyTable(bindings: standard.bindings + StartPage.keys)

    /// The keys while a capture is open.
    package var withoutStart: KeyTable { KeyTable(bindings: bindings.filter { $0.scope != .start }) }
}
