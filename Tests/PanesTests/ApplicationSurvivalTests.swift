import Inspection
import Screen
import Testing

@testable import Panes

/// Whatever is pressed, wherever, on whatever screen: a frame comes of it.
@Suite struct ApplicationSurvivalTests {
    /// Small and fast, the same in each run (Steele, Lea and Flood: SplitMix).
    struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    static let keys: [Key] =
        (0x20...0x7E).compactMap { Unicode.Scalar($0).map { .character($0) } }
        + ["a", "b", "d", "e", "f", "h", "l", "u", "w"].map { .control($0) }
        + [
            .enter, .escape, .tab, .backTab, .backspace, .delete, .up, .down, .left, .right, .pageUp, .pageDown, .home,
            .end,
        ]
        + [.character("\u{4E2D}"), .character("\u{301}"), .function(1), .insert]

    static let commands =
        Action.names.filter { $0 != "quit" && $0 != "interrupt" } + CommandForm.all.map(\.name).filter { $0.count > 4 }
        + Arrangement.allCases.map { "layout \($0.rawValue)" } + HelpTopic.names.map { "help \($0)" }
        + ["seek 40%", "seek -1", "speed 7", "loop 1 2", "loop off", "set gaps on", "session bob", "stream bob>1"]

    @Test(arguments: [("small", 1), ("crowded", 2), ("empty", 3), ("small", 4)] as [(String, UInt64)])
    func `random keys and mouse never crash it and never quit it unasked`(kind: String, seed: UInt64) throws {
        var bench = Bench.ready(try ApplicationScreenTests.snapshot(kind), 120, 40)
        var random = Random(state: seed)
        for step in 0..<5000 {
            bench.isDrawing = false
            let x = Int.random(in: -2...130, using: &random)
            let y = Int.random(in: -2...45, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                let kinds: [MouseEvent.Kind] = [.press, .release, .drag, .wheelUp, .wheelDown]
                bench.mouse(kinds[Int.random(in: 0..<5, using: &random)], x, y)
            case 1 where step % 20 == 0: bench.size = Size(width: max(0, x), height: max(0, y))
            case 2: bench.pass(seconds: 0.02)
            case 3 where step % 10 == 0:
                bench.press(.escape, .escape, ":")
                bench.type(Self.commands[Int.random(in: 0..<Self.commands.count, using: &random)])
                bench.press(.enter)
            default: bench.press(Self.keys[Int.random(in: 0..<Self.keys.count, using: &random)])
            }
            if step % 8 == 7 {
                bench.draw()
                #expect(bench.buffer.size == bench.size)
            }
        }
    }

    @Test func `any size from nothing to huge is drawn`() throws {
        var bench = Bench.ready(try Meeting.small().snapshot(), 0, 0)
        let sizes = [
            (0, 0), (1, 1), (0, 50), (300, 0), (59, 100), (60, 15), (60, 16), (61, 17), (109, 30), (110, 29), (110, 30),
            (300, 100), (80, 24),
        ]
        for (width, height) in sizes {
            bench.size = Size(width: width, height: height)
            for key: Key in ["1", "2", "3", "7", "|", "\\", "\\", .tab, "?"] {
                bench.press(key)
                #expect(bench.buffer.size == bench.size)
            }
            bench.press(.escape)
        }
    }

    @Test func `a snapshot with less in it than before is shown`() throws {
        var bench = Bench.ready(try Meeting.crowded().snapshot(), 160, 45)
        bench.press("1", .end, "2", .end, .enter, .end, "3", "n", "n", "2")
        bench.show(try Meeting.small().snapshot())
        bench.press("1", .enter, "f", "2", .up, .enter, "f", "n")
        bench.show(try Meeting().snapshot())
        bench.press("1", .enter, "f", .up, "2", .up, .enter, "f", "n", "]", "[", "p", ">", "<")
        #expect(bench.find("The capture is empty") != nil)
    }

    @Test(arguments: ColorDepth.allCases)
    func `the text is the same in every depth of colour`(depth: ColorDepth) throws {
        let snapshot = try Meeting.small().snapshot()
        #expect(Bench(snapshot, 160, 45, theme: Theme.light.degraded(to: depth)).text == Bench(snapshot, 160, 45).text)
    }
}
