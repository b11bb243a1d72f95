import Foundation
import Testing

/// The configuration, themes, history and the start page with the real program.
struct SettingsTests {
    /// A home for settings, and the environment that leads there.
    private struct Home {
        let folder: TemporaryFolder
        var environment: [String: String] {
            [
                "XDG_CONFIG_HOME": "\(folder.path)/config", "XDG_STATE_HOME": "\(folder.path)/state",
                "TERM": "tmux-256color",
            ]
        }

        init(configuration: String? = nil) throws {
            folder = try TemporaryFolder()
            if let configuration { try write(configuration, to: "config.toml") }
        }

        func write(_ text: String, to name: String) throws {
            let file = URL(fileURLWithPath: "\(folder.path)/config/spatioscope/\(name)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    private static let open = "spatioscope open captures/lossy.pcapng"

    private func quit(_ terminal: TerminalSession) throws {
        try terminal.press(":")
        try terminal.type("quit")
        try terminal.press("Enter")
        terminal.waitForPrompt()
    }

    @Test("A configuration sets theme, keys, filters and the first pane")
    func configuration() throws {
        let home = try Home(
            configuration: """
                theme = "paper"
                filter = "type == ping"

                [screen]
                pane = "streams"
                zoomed = true

                [filters]
                losses = "lost"

                [keys]
                problems = "F7"
                """)
        let terminal = try TerminalSession(120, 30, environment: home.environment)
        try terminal.run(Self.open)
        terminal.wait("END")
        // With the first words out of the way.
        try terminal.press("C-l")
        let screen = terminal.wait("the filter is not in force") {
            $0.contains("Streams") && $0.contains("filter: type")
        }
        #expect(!screen.contains("Messages ─"))
        // The paper of the theme, as a background.
        #expect(terminal.coloured.contains("48;5;230"))
        try terminal.press("F7")
        terminal.wait("What could not be read")
        try terminal.press("Escape")
        terminal.wait("it did not close") { !$0.contains("What could not be read") }
        try terminal.press("/", "C-u")
        try terminal.type("@losses")
        try terminal.press("Enter")
        terminal.wait("filter: lost")
        try quit(terminal)
        #expect(try terminal.status() == 0)
    }

    @Test("A wrong configuration is told with its place, on the screen, in the list of problems, and behind the screen")
    func wrongConfiguration() throws {
        let home = try Home(configuration: "glyphs = \"ascii\"\ntheme = \"nope\"\n")
        let terminal = try TerminalSession(200, 50, environment: home.environment)
        try terminal.run(Self.open)
        terminal.wait("config.toml:2:1: theme: there is no theme \"nope\"; there are contrast, dark")
        // What is right in it is taken.
        #expect(!terminal.screen.contains("─"))
        try terminal.press("!")
        terminal.wait("Configuration and theme")
        try terminal.press("Escape")
        try quit(terminal)
        terminal.wait("config.toml:2:1: theme")
        #expect(try terminal.status() == 0)
    }

    @Test("The theme changes while something is watched, and the configuration can be read again")
    func change() throws {
        let home = try Home()
        let terminal = try TerminalSession(120, 30, environment: home.environment)
        try terminal.run(Self.open)
        terminal.wait("END")
        try terminal.press(":")
        try terminal.type("theme dusk")
        try terminal.press("Enter")
        terminal.wait("the theme did not change") { _ in terminal.coloured.contains("48;5;235") }
        try home.write("theme = \"paper\"", to: "config.toml")
        try terminal.press(":")
        try terminal.type("reload")
        try terminal.press("Enter")
        terminal.wait("is read again")
        terminal.wait("the theme did not change") { _ in terminal.coloured.contains("48;5;230") }
        try home.write("theme = 1", to: "config.toml")
        try terminal.press(":")
        try terminal.type("reload")
        try terminal.press("Enter")
        terminal.wait("Not taken")
        #expect(terminal.coloured.contains("48;5;230"))
        try quit(terminal)
    }

    @Test("What was typed is recalled in the next run")
    func history() throws {
        let home = try Home()
        for run in 0..<2 {
            let terminal = try TerminalSession(120, 30, environment: home.environment)
            try terminal.run(Self.open)
            terminal.wait("END")
            try terminal.press("/")
            if run == 0 { try terminal.type("seq < 9000") } else { try terminal.press("Up", "Up") }
            try terminal.press("Enter")
            terminal.wait("filter: seq < 9000")
            try quit(terminal)
        }
    }

    @Test("Where nothing can be remembered the program says so once and works")
    func noMemory() throws {
        let home = try Home()
        let file = try home.folder.file("file", Data())
        let terminal = try TerminalSession(160, 30, environment: ["XDG_STATE_HOME": file])
        try terminal.run(Self.open)
        terminal.wait("Nothing is remembered for the next time")
        try terminal.press("/")
        try terminal.type("lost")
        try terminal.press("Enter")
        terminal.wait("it was said again") { $0.contains("filter: lost") && !$0.contains("Nothing is remembered") }
        try quit(terminal)
    }

    @Test("Without arguments recent captures are listed; Enter opens one")
    func start() throws {
        let home = try Home()
        let first = try TerminalSession(100, 30, environment: home.environment)
        try first.run("spatioscope")
        first.wait("No capture has been opened yet")
        try first.press("o")
        try first.type("captures/loss")
        try first.press("Tab")
        first.wait("open: captures/lossy.pcapng")
        try first.press("Enter")
        first.wait("END")
        try quit(first)

        let second = try TerminalSession(100, 30, environment: home.environment)
        try second.run("spatioscope")
        second.wait("it is not listed") { $0.contains("lossy.pcapng") && $0.contains("228 kB") }
        try second.press("Enter")
        second.wait("END")
        try quit(second)
        #expect(try second.status() == 0)
    }

    @Test("What cannot be opened from the start page is said there")
    func startFailure() throws {
        let terminal = try TerminalSession(100, 30)
        try terminal.run("spatioscope")
        terminal.wait("No capture has been opened yet")
        try terminal.press("o")
        try terminal.type("README.md")
        try terminal.press("Enter")
        terminal.wait("README.md: not a capture")
        try terminal.press("q", "q")
        terminal.waitForPrompt()
        #expect(try terminal.status() == 0)
    }

    @Test("Without a terminal and a command the help is printed, with status 2")
    func noTerminal() throws {
        let outcome = try shell("spatioscope")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("a command is needed"))
        #expect(outcome.errors.contains("USAGE"))
    }

    @Test("config checks the file, and prints one that is right")
    func config() throws {
        let home = try Home()
        let path = "\(home.folder.path)/config/spatioscope/config.toml"
        #expect(
            try shell("spatioscope config", environment: home.environment).output
                == "\(path): not there; everything has its default\n")
        let documented = try shell("spatioscope config --default")
        #expect(documented.status == 0)
        try home.write(documented.output, to: "config.toml")
        #expect(try shell("spatioscope config", environment: home.environment).output == "\(path): right\n")
        try home.write("themes = 1\n[screen]\nspeed = 0\n", to: "config.toml")
        let wrong = try shell("spatioscope config", environment: home.environment)
        #expect(wrong.status == 1)
        #expect(wrong.output == "\(path): 2 problems; the rest is used\n")
        #expect(wrong.errors.contains("\(path):1:1: themes: there is no such key; theme is one"))
        #expect(wrong.errors.contains("\(path):3:1: screen.speed: expected one of 0.1"))
        let other = try home.folder.file("other.toml", Data("[keys]\nquit = \"F10\"".utf8))
        let keys = try shell("spatioscope config --keys --config '\(other)'")
        #expect(keys.output.split(separator: "\n").contains { $0.contains("quit ") && $0.contains("F10") })
        #expect(try shell("spatioscope config --config /nowhere/c.toml").status == 1)
    }

    @Test("A configuration serves commands without a screen, and its mistakes do not fail them")
    func withoutScreen() throws {
        let home = try Home(
            configuration: "keylog = \"sealed.keylog\"\nx = 1\n[filters]\nopened = \"type == pong && decrypted\"\n")
        try home.write(
            String(contentsOfFile: Program.capture("sealed.keylog"), encoding: .utf8), to: "sealed.keylog")
        let outcome = try shell(
            "spatioscope dump captures/sealed.pcapng --filter @opened --count 1", environment: home.environment)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("PONG"))
        #expect(outcome.errors.contains("config.toml:2:1: x: there is no such key"))
        let unknown = try shell(
            "spatioscope dump captures/sealed.pcapng --filter @open", environment: home.environment)
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("there is no filter @open; there are @opened"))
    }

    @Test("themes names every theme, and prints one as a file that is right")
    func themes() throws {
        let folder = try TemporaryFolder()
        let list = try shell("spatioscope themes").output
        for name in ["contrast", "dark", "dusk", "light", "mono", "paper", "safe-dark", "safe-light"] {
            #expect(list.contains("\(name) "))
        }
        #expect(!list.contains("\u{1B}"))
        let file = try folder.file("mine.toml", Data(try shell("spatioscope themes dusk").output.utf8))
        let terminal = try TerminalSession(100, 30, environment: ["TERM": "tmux-256color"])
        try terminal.run("\(Self.open) --theme '\(file)'")
        terminal.wait("END")
        #expect(terminal.coloured.contains("48;5;235"))
        try quit(terminal)
        #expect(try shell("spatioscope themes nope").status == 2)
    }
}
