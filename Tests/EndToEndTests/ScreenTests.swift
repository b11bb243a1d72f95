import Foundation
import Testing

/// The program in a real terminal.
struct ScreenTests {
    private static let plaza = "spatioscope open captures/plaza.pcapng.zst"

    /// A terminal in which a sample is open and read.
    private func open(
        _ width: Int = 80, _ height: Int = 24, _ command: String = plaza, environment: [String: String] = [:]
    ) throws -> TerminalSession {
        let terminal = try TerminalSession(width, height, environment: environment)
        try terminal.run(command)
        terminal.wait("END")
        return terminal
    }

    private func quit(_ terminal: TerminalSession) throws {
        try terminal.press("q")
        terminal.wait("Quit?")
        try terminal.press("q")
        terminal.waitForPrompt()
    }

    @Test(
        "At every size streams, messages or both are there, and q q gives the terminal back",
        arguments: [(80, 24), (200, 50)])
    func sizes(width: Int, height: Int) throws {
        let terminal = try TerminalSession(width, height)
        let before = try terminal.settings()
        try terminal.run(Self.plaza)
        let screen = terminal.wait("the capture was not shown") { $0.contains("END") && $0.contains("Messages") }
        #expect(screen.contains("plaza.pcapng.zst"))
        #expect(screen.contains(" msgs"))
        if width == 200 {
            for title in ["Streams", "Map", "Fields", "Octets", "SPATIAL_UPDATE"] { #expect(screen.contains(title)) }
        }
        try quit(terminal)
        #expect(try terminal.settings() == before)
        #expect(try terminal.status() == 0)
    }

    @Test("Opening a message shows its fields and octets, and the selected field tells its octets")
    func fields() throws {
        let terminal = try open(200, 50)
        try terminal.press("2", "Home", "Enter")
        terminal.wait("the fields did not open") { $0.contains("stream_id") && $0.contains("timestamp") }
        // The header of the first message: version 1, type CONNECT.
        terminal.wait("the octets are not there") { $0.contains("01 00 ") }
        let first = terminal.coloured
        try terminal.press("Down", "Down")
        terminal.wait("the mark in the octets did not move") { _ in terminal.coloured != first }
        try quit(terminal)
    }

    @Test("A filter with an error says what is wrong; mended, it lists what it lets through")
    func filter() throws {
        let terminal = try open(200, 50)
        try terminal.press("/")
        try terminal.type("type == pingg")
        terminal.wait("unknown message type \"pingg\"")
        try terminal.press("BSpace")
        terminal.wait("the error did not go") { !$0.contains("unknown message type") }
        try terminal.press("Enter", "2")
        terminal.wait("the list is not filtered") { $0.contains("PING") && !$0.contains("SPATIAL_UPDATE  ") }
        try quit(terminal)
    }

    @Test("The map shows the entities of the space by name")
    func map() throws {
        let terminal = try open(200, 50)
        try terminal.press("3", "\\\\")
        terminal.wait("no entities on the map") { $0.contains("plaza") && $0.contains("alice") && $0.contains("bob") }
        try quit(terminal)
    }

    @Test("The clock steps, seeks, goes to either end, plays and pauses")
    func clock() throws {
        let terminal = try open()
        try terminal.press("<")
        terminal.wait("not at the beginning") { $0.contains("PAUSED") && $0.contains(" 1 msgs") }
        try terminal.press("]", "]")
        terminal.wait(" 3 msgs")
        try terminal.press("[")
        terminal.wait(" 2 msgs")
        try terminal.press(".")
        terminal.wait("not a second on") { $0.contains("PAUSED") && !$0.contains(" 2 msgs") }
        try terminal.press("p")
        terminal.wait("REPLAY")
        try terminal.press("p")
        terminal.wait("PAUSED")
        try terminal.press(">")
        terminal.wait("END")
        try quit(terminal)
    }

    @Test("Help lists the keys of the pane, and any key goes back")
    func help() throws {
        let terminal = try open()
        try terminal.press("?")
        terminal.wait("Help: ")
        try terminal.press("Escape")
        terminal.wait("help did not go") { !$0.contains("Help: ") }
        try quit(terminal)
    }

    @Test("Resized to next to nothing and back, it draws what fits")
    func resize() throws {
        let terminal = try open(120, 40)
        for (width, height) in [(20, 5), (3, 2), (70, 18), (1, 1)] { try terminal.resize(width, height) }
        try terminal.resize(120, 40)
        terminal.wait("the screen did not come back") {
            $0.contains("Messages") && $0.contains("END") && $0.split(separator: "\n").count >= 38
        }
        try quit(terminal)
    }

    @Test("Too small a terminal is told what it needs")
    func tooSmall() throws {
        let terminal = try open(120, 40)
        try terminal.resize(40, 10)
        terminal.wait("60")
        try terminal.resize(120, 40)
        terminal.wait("Messages")
        try quit(terminal)
    }

    @Test("Killed, it gives the terminal back", arguments: ["TERM", "HUP", "INT"])
    func killed(signal: String) throws {
        let terminal = try TerminalSession(80, 24)
        let before = try terminal.settings()
        let folder = try TemporaryFolder()
        let number = try folder.file("pid")
        try terminal.run("bash -c 'echo $$ > \(number); exec \(Self.plaza)'")
        terminal.wait("END")
        try shell("kill -\(signal) $(cat '\(number)')")
        terminal.waitForPrompt()
        #expect(try terminal.settings() == before)
    }

    @Test("Without colours no colour is sent, by NO_COLOR and by a terminal that has none")
    func noColour() throws {
        for environment in [["NO_COLOR": "1"], ["TERM": "vt100"]] {
            let terminal = try open(100, 30, environment: environment)
            let screen = terminal.coloured
            // 30 to 37, 38, 40 to 48 and 90 to 107 set colours; bold, dim, underline and reverse may stay.
            let colour = try Regex("\u{1B}\\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;[0-9;]*)?m")
            #expect(!screen.contains(colour))
            #expect(screen.contains("Messages"))
            try quit(terminal)
        }
    }

    @Test("Eight and sixteen colours are enough", arguments: ["xterm", "xterm-16color", "screen", "linux"])
    func fewColours(type: String) throws {
        guard try shell("infocmp \(type)").status == 0 else { return }
        let terminal = try open(100, 30, environment: ["TERM": type])
        #expect(!terminal.coloured.contains("38;2;"))
        try quit(terminal)
    }

    @Test("Standard input is a source while the keys come from the terminal")
    func standardInput() throws {
        let terminal = try open(100, 30, "cat captures/lossy.pcapng | spatioscope open -")
        terminal.wait("standard input")
        try terminal.press("?")
        terminal.wait("Help: ")
        try terminal.press("Escape")
        terminal.wait("help did not go") { !$0.contains("Help: ") }
        try quit(terminal)
    }

    @Test("Ctrl-C while a large capture loads keeps what is there")
    func stopLoading() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("flood.pcap")
        try shell("spatioscope simulate flood --messages 300000 -o '\(file)'")
        let terminal = try TerminalSession(120, 30)
        // A pipe that gives the first part, and then nothing until the test is over.
        try terminal.run("(head -c 20000000 '\(file)'; sleep 600) | spatioscope open -")
        terminal.wait("nothing came") { $0.contains("READING") && $0.contains("SPATIAL_UPDATE") }
        try terminal.press("C-c")
        terminal.wait("it did not stop") { !$0.contains("READING") && $0.contains("SPATIAL_UPDATE") }
        try terminal.press("<")
        terminal.wait(" 1 msgs")
        try terminal.press("q", "q")
        terminal.wait("it did not end") { !$0.contains("SPATIAL_UPDATE") }
    }

    @Test("What could not be read is shown, and said again behind the screen with status 1")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: Program.capture("lossy.pcapng")))
        let cut = try folder.file("cut.pcapng", whole.prefix(100_001))
        let terminal = try open(120, 30, "spatioscope open '\(cut)'")
        #expect(terminal.screen.contains("INCOMPLETE"))
        try quit(terminal)
        terminal.wait("cut short")
        #expect(try terminal.status() == 1)
    }
}
