import Inspection
import Screen
import Testing

@testable import Panes

@Suite struct CommandTests {
    static func bench(_ width: Int = 160, _ height: Int = 45) throws -> Bench {
        Bench.ready(try Meeting.small().snapshot(), width, height)
    }

    static func run(_ line: String, in bench: inout Bench) {
        bench.press(":")
        bench.type(line)
        bench.press(.enter)
    }

    static func parser() throws -> CommandParser {
        CommandParser(
            keys: .standard, scope: .messages, snapshot: try Meeting.small().snapshot(), themes: ["dark", "dusk"])
    }

    // MARK: What is understood

    @Test func `everything that a key does has a command`() throws {
        let parser = try Self.parser()
        for name in Action.names where CommandForm.named(name) == nil {
            guard case .action(let action, _) = try parser.parse(name) else {
                Issue.record("\(name) is no action")
                continue
            }
            #expect(action.name == name)
        }
    }

    @Test(
        arguments: [
            ("seek 40%", .seek(.time(1_793_000_001_220_000_000))), ("  speed 2  ", .speed(2)),
            ("speed x0.5", .speed(0.5)),
            ("filter type == ping", .filter("type == ping")), ("space plaza", .space(Meeting.space)),
            ("session bob", .session(1)), ("session 10.7.1.1:40001", .session(0)), ("layout map", .layout(.map)),
            ("loop off", .loop(.off)), ("loop all", .loop(.whole)),
            ("loop 1 2.5", .loop(.part(1_793_000_001_000_000_000, 1_793_000_002_500_000_000))),
            ("set gaps on", .set(.gaps, true)), ("set zoom off", .set(.zoom, false)), ("help map", .help(.pane(.map))),
            ("help filter", .help(.filter)), ("quit", .quit), ("q", .quit),
            ("layer-trails", .action(.layer(.trails), .map)),
            ("theme dusk", .theme("dusk")), ("theme ./my.toml", .theme("./my.toml")),
            ("seek", .action(.seek, .everywhere)), ("help", .action(.help, .everywhere)),
            ("loop", .action(.loop, .everywhere)), ("findings", .action(.focus(.findings), .everywhere)),
        ] as [(String, Command)])
    func `a line is read as`(line: String, command: Command) throws {
        #expect(try Self.parser().parse(line) == command)
    }

    @Test func `a stream is named by its client and its direction`() throws {
        let parser = try Self.parser()
        let model = parser.snapshot.whole
        guard case .stream(let up) = try parser.parse("stream bob>1"),
            case .stream(let down) = try parser.parse("stream \"alice<0\"")
        else {
            Issue.record("no streams")
            return
        }
        #expect(model.streams[up].streamID == 1 && model.streams[up].direction == .client)
        #expect(model.sessions[model.streams[up].session].name == "bob")
        #expect(model.streams[down].direction == .server)
    }

    // MARK: What is not

    @Test(arguments: [
        ("sek 5", 0, "there is no command \"sek\"; did you mean \"seek\"?"), ("", 0, "help commands lists them"),
        ("seek 5x", 6, "\"x\" is no unit"), ("seek  #99", 7, "1 to 52"), ("speed fast", 6, "from 0.1 to 100"),
        ("speed 1000", 6, "from 0.1 to 100"), ("speed 1 2", 8, "speed takes nothing more"),
        ("filter tipe == 1", 7, "tipe"), ("filter type == ping &&", 22, " "),
        ("space plazza", 6, "there is no space \"plazza\"; did you mean \"plaza\"?"),
        ("session eve", 8, "there is no session \"eve\": alice, bob"), ("session", 7, "which session? alice, bob"),
        ("stream bob>9", 7, "there is no stream \"bob>9\""), ("layout wide", 7, "standard, map, messages"),
        ("theme dsk", 6, "did you mean \"dusk\"?"), ("theme", 5, "which theme? dark, dusk"),
        ("loop 2 1", 7, "a loop ends after its beginning"), ("loop 1", 5, "off, all, or two times"),
        ("loop 1 2 3", 9, "loop takes nothing more"), ("set gaps", 8, "on or off?"),
        ("set gaps maybe", 9, "on or off?"),
        ("set gap on", 4, "did you mean \"gaps\"?"), ("help me", 5, "there is no topic \"me\""),
        ("quit now", 5, "quit takes nothing more"), ("play-pause now", 11, "play-pause takes nothing more"),
        ("\"\u{1B}[2J\"", 0, "\u{241B}[2J"),
    ])
    func `what is wrong is said, with its place`(line: String, offset: Int, words: String) throws {
        let error = #expect(throws: CommandError.self) { try Self.parser().parse(line) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.offset == offset)
    }

    @Test func `an error stands under its place while the line is typed, and Enter does not take it`() throws {
        var bench = try Self.bench(80, 24)
        bench.press(":")
        #expect(bench.bottomLine.hasPrefix(" : seek 40%, space plaza, help commands"))
        bench.type("space plazza")
        let sign = try #require(bench.find("\u{25BC}"))
        #expect(sign.x == 3 + "space ".count)
        #expect(bench.row(22).contains("did you mean \"plaza\"?"))
        bench.press(.enter)
        #expect(bench.bottomLine == " : space plazza")
        bench.press(.escape)
        #expect(bench.bottomLine.hasPrefix(" ? help"))
    }

    // MARK: What it does

    @Test func `the clock goes where it is told`() throws {
        var bench = try Self.bench()
        Self.run("seek 40%", in: &bench)
        #expect(bench.topLine.contains("PAUSED x1  00:01.220"))
        Self.run("seek -220ms", in: &bench)
        #expect(bench.topLine.contains("00:01.000"))
        Self.run("seek #12", in: &bench)
        #expect(bench.snapshot.cursor == 12)
        bench.press("@")
        #expect(bench.bottomLine.hasPrefix(" @ the clock to 12.5, +5"))
        bench.type("07:33:22")
        bench.press(.enter)
        #expect(bench.topLine.contains("00:02.000"))
        bench.press("@")
        bench.type("4")
        #expect(bench.row(bench.size.height - 2).contains("the capture lasts 00:03.050"))
        bench.press(.escape)
        #expect(bench.topLine.contains("00:02.000"))
    }

    @Test func `a command of another pane is done there`() throws {
        var bench = try Self.bench()
        bench.press("1")
        Self.run("layer-labels", in: &bench)
        #expect(bench.application.focus == .map)
        Self.run("sort-next", in: &bench)
        #expect(bench.application.focus == .streams && bench.application.streams.sort == .rate)
    }

    @Test func `a session is filtered, selected, and what Quality shows`() throws {
        var bench = try Self.bench()
        Self.run("session bob", in: &bench)
        #expect(bench.application.selection.scope == .session(1))
        #expect(bench.application.streams.selectedRow == .session(1))
        #expect(bench.snapshot.listCount == 23)
        Self.run("stream alice>1", in: &bench)
        guard case .stream = bench.application.selection.scope else {
            Issue.record("no stream is selected")
            return
        }
        Self.run("filter type == pong", in: &bench)
        #expect(bench.snapshot.listCount == 3)
    }

    @Test func `settings, speed, layout and loop`() throws {
        var bench = try Self.bench()
        Self.run("set gaps on", in: &bench)
        Self.run("loop 1 2", in: &bench)
        Self.run("speed 20", in: &bench)
        bench.press("<")
        #expect(bench.topLine.contains("PAUSED x20 A-B no gaps"))
        Self.run("loop off", in: &bench)
        Self.run("layout columns", in: &bench)
        #expect(bench.application.desk.arrangement == .columns)
        Self.run("set zoom on", in: &bench)
        #expect(bench.application.layout.isSingle)
        Self.run("quit", in: &bench)
        #expect(bench.hasQuit)
    }

    @Test func `other colours are asked for by their name`() throws {
        var bench = try Self.bench()
        bench.application.themes = ["dark", "dusk"]
        bench.press(":")
        bench.type("theme du")
        bench.press(.tab, .enter)
        #expect(bench.themes == ["dusk"])
    }

    @Test(arguments: HelpTopic.names) func `every topic has a page of help`(topic: String) throws {
        var bench = try Self.bench()
        Self.run("help \(topic)", in: &bench)
        #expect(bench.find("Help: ") != nil)
        bench.press("G", "?")
        #expect(bench.find("Help: ") == nil)
    }

    @Test func `what was typed comes back with Up, apart from filters`() throws {
        var bench = try Self.bench()
        Self.run("speed 2", in: &bench)
        Self.run("speed 5", in: &bench)
        bench.press(":", .up, .up)
        #expect(bench.bottomLine == " : speed 2")
        bench.press(.escape, "/", .up)
        #expect(!bench.bottomLine.contains("speed"))
    }

    @Test func `Backspace in an empty command line leaves it`() throws {
        var bench = try Self.bench()
        bench.press(":", "x", .backspace)
        #expect(bench.bottomLine.hasPrefix(" : "))
        bench.press(.backspace)
        #expect(bench.bottomLine.hasPrefix(" ? help"))
    }

    // MARK: Completion

    @Test(arguments: [
        ("spe", ["speed"]), ("space ", ["plaza"]), ("session ", ["alice", "bob"]),
        ("stream al", ["alice>0", "alice<0", "alice>1"]),
        ("layout m", ["map", "messages"]), ("theme d", ["dark", "dusk"]), ("set g", ["gaps"]),
        ("set gaps o", ["on", "off"]),
        ("help co", ["commands"]),
        ("filter type == pon", ["pong"]), ("filter ty", ["type"]), ("seek e", ["end"]), ("loop a", ["all"]),
        ("nonsense x", []), ("space plaza ", []), ("layer-tr", ["layer-trails"]),
    ])
    func `Tab offers what can stand there`(line: String, words: [String]) throws {
        #expect(try Self.parser().candidates(for: line, cursor: line.count).words == words)
    }

    @Test func `Tab completes names and values on the line`() throws {
        var bench = try Self.bench()
        bench.press(":")
        bench.type("spa")
        bench.press(.tab)
        bench.type("p")
        bench.press(.tab)
        #expect(bench.bottomLine == " : space plaza")
        bench.press(.control("u"))
        bench.type("layout m")
        bench.press(.tab)
        #expect(bench.row(bench.size.height - 2).contains("map  messages"))
    }

    @Test func `no line and no place in it is a trap`() throws {
        let parser = try Self.parser()
        var random = ApplicationSurvivalTests.Random(state: 7)
        let pieces = [
            "seek", "filter", "space", " ", "\"", "set", "loop", "1", "gaps", ">", "#", "%", "\u{301}", "type ==",
        ]
        for _ in 0..<500 {
            let line = (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined(separator: Bool.random(using: &random) ? " " : "")
            do throws(CommandError) {
                _ = try parser.parse(line)
            } catch {
                #expect(error.offset <= line.count, "\(line)")
            }
            for cursor in 0...line.count {
                let range = parser.candidates(for: line, cursor: cursor).range
                #expect(range.lowerBound >= 0 && range.upperBound <= line.count)
            }
        }
    }
}
