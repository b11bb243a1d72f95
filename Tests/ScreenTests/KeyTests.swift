import Screen
import Testing

@Suite struct KeyTests {
    @Test func `keys are named as the help names them`() {
        let names = [
            Key.character("G"), .character(" "), .control("c"), .control(" "), .function(1), .backTab, .pageDown,
        ]
        .map(\.name)
        #expect(names == ["G", "Space", "Ctrl-C", "Ctrl-Space", "F1", "Shift-Tab", "PgDn"])
    }

    @Test func `a key is found by its name, however it is capitalised`() {
        let keys: [Key] = [
            .character("G"), .character(" "), .control("c"), .control(" "), .control("\\"), .function(12), .enter,
            .escape, .tab, .backTab, .backspace, .delete, .insert, .up, .down, .left, .right, .pageUp, .pageDown, .home,
            .end, .character("\u{E9}"),
        ]
        for key in keys { #expect(Key(named: key.name) == key, "\(key.name)") }
        #expect(Key(named: "ctrl-F") == .control("f"))
        #expect(Key(named: "PGDN") == .pageDown)
        #expect(Key(named: "f") == .character("f"))
        #expect(Key(named: "F") == .character("F"))
    }

    @Test(
        arguments: [
            "", " ", "ab", "Ctrl-", "Ctrl-AB", "Ctrl-1", "Ctrl-H", "Ctrl-M", "F0", "F99", "\u{7F}", "\n", "Hyper-X",
        ])
    func `what is no key has no name`(name: String) {
        #expect(Key(named: name) == nil)
    }
}
