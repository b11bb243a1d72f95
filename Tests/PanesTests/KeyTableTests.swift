import Screen
import Testing

@testable import Panes

@Suite struct KeyTableTests {
    static let scopes: [KeyBinding.Scope] = [.streams, .messages, .tree, .octets, .map]
    let table = KeyTable.standard

    @Test(arguments: scopes + [.everywhere])
    func `no key means two things in one place`(scope: KeyBinding.Scope) {
        let keys = table.bindings.filter { $0.scope == scope }.flatMap(\.keys)
        #expect(Set(keys).count == keys.count)
    }

    @Test func `every line of the table can be reached, says what it does, and has a key`() {
        for binding in table.bindings {
            #expect(!binding.keys.isEmpty && !binding.help.isEmpty)
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
        #expect(hints.contains { $0 == ("[ ]", "step") })
        #expect(hints.contains { $0 == (", .", "seek") })
        #expect(Set(hints.map(\.word)).count == hints.count)
    }

    @Test(arguments: scopes)
    func `on a screen of 80 columns the hints tell how to get to the other panes`(scope: KeyBinding.Scope) {
        let hints = table.hints(in: scope)
        let shown = hints.prefix(through: hints.firstIndex { $0.word == "pane" } ?? 0)
        #expect(shown.reduce(1) { $0 + $1.key.count + 1 + $1.word.count + 2 } <= 80)
    }
}
