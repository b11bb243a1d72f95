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
}
