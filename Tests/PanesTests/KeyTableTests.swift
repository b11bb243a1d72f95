import Screen
import Testing

@testable import Panes

@Suite struct KeyTableTests {
    static let scopes = KeyBinding.Scope.allCases.filter { Application.Focus($0) != nil }
    let table = KeyTable.standard

    @Test(arguments: scopes + [.everywhere])
    func `no key means two things in one place`(scope: KeyBinding.Scope) {
        let keys = table.bindings.filter { $0.scope == scope }.flatMap(\.keys)
        #expect(Set(keys).count == keys.count)
    }

    @Test func `every line of the table can be reached and says what it does`() {
        for binding in table.bindings {
            #expect(!binding.help.isEmpty)
            // Without a key it is a command, which any pane can give.
            #expect(!binding.keys.isEmpty || binding.scope == .everywhere, "\(binding.action.name)")
            let scopes = binding.scope == .everywhere ? Self.scopes : [binding.scope]
            for key in binding.keys {
                #expect(scopes.contains { table.action(for: key, in: $0) == binding.action }, "\(key.name)")
            }
        }
    }

    @Test func `what the conventions ask for is there`() {
        let expected: [(Key, Action)] = [
            ("?", .help), (.function(1), .help), ("q", .quit), (.escape, .back), (.control("c"), .interrupt),
            (.tab, .nextPane), (.backTab, .previousPane), ("/", .filter), ("p", .playPause), ("[", .stepBack),
            ("]", .stepForward), ("h", .left), ("j", .down), ("k", .up), ("l", .right), ("g", .first), ("G", .last),
            (.control("l"), .redraw), ("\\", .zoomPane), ("z", .zoomPane), (.control("f"), .pageDown),
        ]
        for (key, action) in expected {
            for scope in Self.scopes { #expect(table.action(for: key, in: scope) == action, "\(key.name) \(scope)") }
        }
    }

    @Test(arguments: scopes)
    func `hints begin with help, and keys that belong together share a word`(scope: KeyBinding.Scope) {
        let hints = table.hints(in: scope)
        #expect(hints.first?.key == "?")
        #expect(hints.contains { $0 == ("< >", "ends") })
        #expect(hints.contains { $0 == (", .", "seek") })
        #expect(hints.allSatisfy { !$0.key.isEmpty })
        #expect(Set(hints.map(\.word)).count == hints.count)
    }

    @Test(arguments: scopes)
    func `on a screen of 80 columns the hints tell how to get to the other panes`(scope: KeyBinding.Scope) {
        let hints = table.hints(in: scope)
        let shown = hints.prefix(through: hints.firstIndex { $0.word == "pane" } ?? 0)
        #expect(shown.reduce(1) { $0 + $1.key.count + 1 + $1.word.count + 2 } <= 80)
    }

    @Test(arguments: scopes)
    func `a key that means something else in a pane is not on its hint line with its general meaning`(
        scope: KeyBinding.Scope
    ) {
        for binding in table.bindings where binding.scope == scope {
            for key in binding.keys {
                let general = table.bindings.first { $0.scope == .everywhere && $0.keys.first == key }
                guard let general, !general.hint.isEmpty, general.hint != binding.hint else { continue }
                #expect(!table.hints(in: scope).contains { $0.key == key.name && $0.word == general.hint })
            }
        }
    }

    // MARK: Names

    @Test func `each action has one name, which finds it again`() {
        for binding in table.bindings {
            #expect(Action.named(binding.action.name) == binding.action, "\(binding.action)")
        }
        #expect(Set(Action.names).count == Action.names.count)
    }

    @Test func `names are words with hyphens, and panes have theirs`() {
        #expect(Action.playPause.name == "play-pause")
        #expect(Action.help.name == "help")
        #expect(Action.focus(.findings).name == "findings")
        #expect(Action.named("no-such-thing") == nil)
    }

    @Test func `an action is done in the pane that is asked, or where it belongs`() {
        #expect(table.scope(of: .onlyThis, from: .streams) == .streams)
        #expect(table.scope(of: .zoomIn, from: .streams) == .map)
        #expect(table.scope(of: .help, from: .map) == .everywhere)
    }

    // MARK: Other keys

    @Test func `an action gets other keys, and the old ones mean nothing any more`() throws {
        let table = try table.rebound(with: [Rebinding(action: "play-pause", keys: ["F5", "Ctrl-P"])])
        #expect(table.action(for: .function(5), in: .map) == .playPause)
        #expect(table.action(for: .control("p"), in: .streams) == .playPause)
        #expect(table.action(for: "p", in: .map) == nil)
    }

    @Test func `two actions can change keys, and one can be left without`() throws {
        let table = try table.rebound(with: [
            Rebinding(action: "step-back", keys: ["]"]), Rebinding(action: "step-forward", keys: ["["]),
            Rebinding(action: "next-loss", keys: []),
        ])
        #expect(table.action(for: "]", in: .streams) == .stepBack)
        #expect(table.action(for: "o", in: .streams) == nil)
    }

    @Test func `a key is bound in one pane alone`() throws {
        let table = try table.rebound(with: [Rebinding(scope: "streams", action: "open", keys: ["x"])])
        #expect(table.action(for: "x", in: .streams) == .open)
        #expect(table.action(for: .enter, in: .messages) == .open)
    }

    @Test(arguments: [
        (Rebinding(scope: "maps", action: "open", keys: ["x"]), "there is no pane \"maps\"; did you mean \"map\"?"),
        (Rebinding(action: "play-paus", keys: ["x"]), "no action \"play-paus\"; did you mean \"play-pause\"?"),
        (Rebinding(scope: "map", action: "quit", keys: ["x"]), "there is no action \"quit\" in map"),
        (Rebinding(action: "quit", keys: ["Ctlr-X"]), "quit: there is no key \"Ctlr-X\""),
        (Rebinding(action: "quit", keys: ["/"]), "/ is bound to both filter and quit (everywhere)"),
        (Rebinding(action: "quit", keys: []), "quit needs a key"),
        (Rebinding(action: "a\u{1B}[2J", keys: []), "a\u{241B}[2J"),
    ])
    func `what cannot be bound is named`(change: Rebinding, words: String) {
        let error = #expect(throws: RebindingError.self) { try table.rebound(with: [change]) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func `help and hint line show the keys as they are bound`() throws {
        var bench = Bench.ready(try Meeting.small().snapshot(), 100, 60)
        bench.application.keys = try table.rebound(with: [Rebinding(action: "help", keys: ["F12"])])
        #expect(bench.draw().contains("F12 help"))
        bench.press(.function(12))
        #expect(bench.find("Help: Messages") != nil)
    }
}
