import Screen

extension KeyTable {
    /// The keys that mean the same in every pane that has no other use for them.
    static let general: [KeyBinding] = panes + clock + finding + moving + program

    private static func group(_ title: String, _ bindings: [KeyBinding]) -> [KeyBinding] {
        bindings.map {
            var binding = $0
            binding.group = title
            return binding
        }
    }

    private static let panes = group(
        "Panes",
        [
            KeyBinding(["?", .function(1)], .help, "help for this pane", hint: "help"),
            KeyBinding([.tab], .nextPane, "next pane on the screen", hint: "pane"),
            KeyBinding([.backTab], .previousPane, "pane before"),
            KeyBinding(["1"], .focus(.streams), "go to Streams"),
            KeyBinding(["2"], .focus(.messages), "go to Messages"),
            KeyBinding(["3"], .focus(.map), "go to Map"),
            KeyBinding(["4"], .focus(.state), "go to State"),
            KeyBinding(["5"], .focus(.quality), "go to Quality"),
            KeyBinding(["6"], .focus(.peers), "go to Peers"),
            KeyBinding(["7"], .focus(.findings), "go to Findings"),
            KeyBinding(["8"], .focus(.extensions), "go to Extensions"),
            KeyBinding(["\\", "z"], .zoomPane, "this pane on the whole screen, and back", hint: "zoom"),
            KeyBinding(["|"], .nextLayout, "the next layout: other panes large", hint: "layout"),
            KeyBinding(
                [.control("w")], .resizePanes, "move the lines between panes: arrows move them, 0 puts them back"),
            KeyBinding([], .wider, "the line beside the pane to the right"),
            KeyBinding([], .narrower, "the line beside the pane to the left"),
            KeyBinding([], .taller, "the line over or under the pane downwards"),
            KeyBinding([], .shorter, "the line over or under the pane upwards"),
            KeyBinding([], .resetSizes, "every line of this layout back to where it was"),
        ])

    private static let clock = group(
        "Time",
        [
            KeyBinding(["p"], .playPause, "play from the clock on, from the beginning at the end; pause", hint: "play"),
            KeyBinding(["["], .stepBack, "the clock one message back", hint: "step"),
            KeyBinding(["]"], .stepForward, "the clock one message on", hint: "step"),
            KeyBinding(["{"], .versionBack, "the clock to the version of the state before", hint: "version"),
            KeyBinding(["}"], .versionForward, "the clock to the next version of the state", hint: "version"),
            KeyBinding([","], .seekBack, "the clock one second back", hint: "seek"),
            KeyBinding(["."], .seekForward, "the clock one second on", hint: "seek"),
            KeyBinding(["@"], .seek, "the clock to a time: 12.5, +5, -500ms, 07:33:21.5, 40%, #1200", hint: "go to"),
            KeyBinding(["<"], .toStart, "the clock to the beginning", hint: "ends"),
            KeyBinding([">"], .toEnd, "the clock to the end", hint: "ends"),
            KeyBinding(["("], .slower, "play slower", hint: "speed"),
            KeyBinding([")"], .faster, "play faster", hint: "speed"),
            KeyBinding(["r"], .loop, "play again and again, between the marks where there are any", hint: "loop"),
            KeyBinding(["a"], .markLoop, "mark here where the loop begins (A), then where it ends (B), then neither"),
            KeyBinding(["~"], .skipGaps, "pass over times without messages while playing, and back"),
            KeyBinding([], .timelineIn, "half the time on the time line, about the clock"),
            KeyBinding([], .timelineOut, "twice the time on the time line"),
            KeyBinding([], .timelineAll, "all the time on the time line"),
        ])

    private static let finding = group(
        "Finding",
        [
            KeyBinding(["/"], .filter, "filter messages; empty shows all", hint: "filter"),
            KeyBinding([":"], .command, "command line; Tab completes", hint: "command"),
            KeyBinding(["e"], .nextFinding, "the clock to the next finding: what is wrong", hint: "finding"),
            KeyBinding(["E"], .previousFinding, "the clock to the finding before", hint: "finding"),
            KeyBinding(["o"], .nextLoss, "the clock to the next lost message", hint: "loss"),
            KeyBinding(["O"], .previousLoss, "the clock to the lost message before", hint: "loss"),
            KeyBinding(["v"], .nextConflict, "the clock to the next conflict of states"),
            KeyBinding(["V"], .previousConflict, "the clock to the conflict before"),
        ])

    private static let moving = group(
        "Moving",
        [
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
        ])

    private static let program = group(
        "The program",
        [
            KeyBinding(["!"], .problems, "what could not be read"),
            KeyBinding([.control("l")], .redraw, "draw the screen anew"),
            KeyBinding([], .reload, "read the configuration again"),
            KeyBinding(["q"], .quit, "quit, after a question", hint: "quit"),
            KeyBinding([.control("c")], .interrupt, "stop loading; else quit at once"),
        ])
}
