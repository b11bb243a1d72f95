import Screen

extension StartPage {
    static let purpose = "shows Spatio traffic: who says what and where"

    /// What can be opened, below the list.
    static let words: [(text: String, role: Role)] = [
        ("Opens pcap and pcapng, also .gz .zst .lz4. To make one:", .dim),
        ("  tcpdump -i any -w space.pcapng port 7728", .text),
    ]

    static let wordsForNone = [
        "No capture has been opened yet.", "",
        "o asks for a file; the next time it is listed here.",
        "d simulates a plaza full of people and opens that.",
    ]

    static let keys: [KeyBinding] = [
        KeyBinding([.enter], .open, .start, "open the selected capture", hint: "open"),
        KeyBinding(["o"], .openFile, .start, "ask for a file to open; Tab completes, Up recalls", hint: "other file"),
        KeyBinding(["d"], .playSimulation, .start, "simulate a space and open that", hint: "simulated space"),
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

    var hints: [(key: String, word: String)] {
        bindings.filter { !$0.hint.isEmpty }.compactMap { binding in
            binding.keys.first.map { ($0.name, binding.hint) }
        }
    }

    var helpLines: [TextOverlay.Line] {
        let words = [
            "The captures that were opened last, the newest first: when, how large they are, and what was in them; - is "
                + "for what is not known. What is grey is not there any more.",
            "A click selects, a second one opens.",
            "",
        ]
        return words.map { TextOverlay.Line(text: $0) }
            + bindings.map { TextOverlay.Line(key: $0.keys.map(\.name).joined(separator: " "), text: $0.help) }
    }
}

extension KeyTable {
    /// Every key, also those before a capture is open.
    package static let complete = KeyTable(bindings: standard.bindings + StartPage.keys)

    /// The keys while a capture is open.
    package var withoutStart: KeyTable { KeyTable(bindings: bindings.filter { $0.scope != .start }) }
}
