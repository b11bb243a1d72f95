import Foundation
import Testing

/// What people want to know of a capture, each found out with the real program in a real terminal.
struct TaskTests {
    private func open(_ capture: String, _ width: Int = 200, _ height: Int = 50) throws -> TerminalSession {
        let terminal = try TerminalSession(width, height)
        try terminal.run("spatioscope open captures/\(capture)")
        terminal.wait("END")
        return terminal
    }

    private func quit(_ terminal: TerminalSession) throws {
        try command("quit", terminal)
        terminal.waitForPrompt()
        #expect(try terminal.status() == 0)
    }

    /// Types a command.
    private func command(_ line: String, _ terminal: TerminalSession) throws {
        try terminal.press(":")
        try terminal.type(line)
        try terminal.press("Enter")
    }

    @Test("Is my traffic there? The first screen counts it and says what to press")
    func traffic() throws {
        let terminal = try TerminalSession(80, 24)
        try terminal.run("spatioscope open captures/plaza.pcapng.zst")
        let screen = terminal.wait("no first words") { $0.contains("? explains") }
        #expect(screen.contains("5,950 msgs"))
        #expect(screen.contains("8 sessions"))
        #expect(screen.contains("p plays"))
        try quit(terminal)
    }

    @Test("Who talks to whom? Streams names both ends of each session, sorted by what is busiest on a key")
    func whoTalks() throws {
        let terminal = try open("plaza.pcapng.zst")
        try terminal.press("1")
        terminal.wait("the sessions are not named") { $0.contains("alice > server") && $0.contains("bob > server") }
        try terminal.press("s")
        terminal.wait("by msg/s")
        try quit(terminal)
    }

    @Test("Where is everybody? The map shows them at the time of the clock")
    func whereIs() throws {
        let terminal = try open("plaza.pcapng.zst")
        try terminal.press("3")
        terminal.wait("nobody is on the map") { $0.contains("robot-1") && $0.contains("dmitri") }
        try command("seek start", terminal)
        terminal.wait("somebody is there before anything was said") {
            $0.contains("00:00.000") && !$0.contains("robot-1")
        }
        try command("seek 50%", terminal)
        terminal.wait("nobody came back") { $0.contains("00:14.670") && $0.contains("robot-1") }
        try quit(terminal)
    }

    @Test("What does one of them say? Chosen on the map, its messages are listed")
    func whatItSays() throws {
        let terminal = try open("plaza.pcapng.zst")
        try terminal.press("3", "n")
        terminal.wait("no message is marked") { $0.contains("* ") }
        try terminal.press("Enter")
        terminal.wait("its messages are not listed") {
            $0.contains("filter: entity ==") && $0.contains("filtered from 5,950")
        }
        try terminal.press("Escape")
        terminal.wait("not everything is listed again") { !$0.contains("filter: entity ==") }
        try quit(terminal)
    }

    @Test("Is the network losing? The clock goes to each loss")
    func losing() throws {
        let terminal = try open("lossy.pcapng")
        let screen = terminal.screen
        #expect(screen.contains("lost 25"))
        try terminal.press("<", "o")
        let first = terminal.wait("no loss was found") { $0.contains("sequences before this message are missing") }
        try terminal.press("o")
        terminal.wait("the clock did not go on") { $0 != first && $0.contains("are missing") }
        try quit(terminal)
    }

    @Test("Is it delaying? Streams has round trips and jitter, and sorts by them")
    func delaying() throws {
        let terminal = try open("lossy.pcapng")
        try command("streams", terminal)
        for _ in 0..<5 { try terminal.press("s") }
        let screen = terminal.wait("by rtt")
        #expect(screen.contains(try Regex("0 control +[0-9.]+ +[0-9.]+ +[0-9]+ +[0-9.]+ +[0-9.]+")))
        try quit(terminal)
    }

    @Test("What exactly is in this message? Its fields and its octets")
    func whatIsIn() throws {
        let terminal = try open("plaza.pcapng.zst")
        try command("seek #2", terminal)
        try terminal.press("2", "Enter")
        terminal.wait("its fields are not there") {
            $0.contains("Fields of 2") && $0.contains("stream_id") && $0.contains("0000  01 ")
        }
        try quit(terminal)
    }

    @Test("What is wrong? The clock goes from finding to finding and says what each is")
    func whatIsWrong() throws {
        let terminal = try open("broken.pcapng")
        try terminal.press("<", "e")
        let first = terminal.wait("no finding") {
            $0.contains("PAUSED") && $0.split(separator: "\n").last?.contains(": ") == true
        }
        let words = first.split(separator: "\n").last.map(String.init) ?? ""
        #expect(words.contains(": "))
        try terminal.press("e")
        terminal.wait("it did not go on") { $0.split(separator: "\n").last.map(String.init) != words }
        try command("help findings", terminal)
        terminal.wait("Help: Findings")
        try terminal.press("Escape")
        try quit(terminal)
    }

    @Test("What happened then? The clock goes to a time of day, steps, plays a part again and again, ten times as fast")
    func whatHappened() throws {
        let terminal = try open("plaza.pcapng.zst")
        try terminal.press("@")
        try terminal.type("07:33:30")
        try terminal.press("Enter")
        terminal.wait("the clock is not there") { $0.contains("PAUSED") && $0.contains("00:09.") }
        try terminal.press("]", "]", "[")
        try command("loop 10 12", terminal)
        try command("speed 10", terminal)
        try terminal.press("p")
        terminal.wait("REPLAY x10 A-B")
        try terminal.press("p")
        terminal.wait("PAUSED x10 A-B")
        try quit(terminal)
    }

    @Test("Only this, please: a filter by hand, a session by name, and everything again")
    func onlyThis() throws {
        let terminal = try open("plaza.pcapng.zst")
        try terminal.press("/")
        try terminal.type("type == delta_update")
        try terminal.press("Enter")
        terminal.wait("not filtered") { $0.contains("filtered from 5,950") && $0.contains("DELTA_UPDATE") }
        try command("session alice", terminal)
        terminal.wait("filter: session ==")
        try terminal.press("Escape")
        terminal.wait("not everything is listed again") { !$0.contains("filtered from") }
        try quit(terminal)
    }

    @Test(
        "Which version has each replica, and where do they differ? State has a lane each, and the difference by field")
    func whichVersion() throws {
        let terminal = try open("versions.pcapng.zst")
        try terminal.press("4", "\\")
        let lanes = terminal.wait("no lanes") { $0.contains("replica") && $0.contains("behind") }
        for name in ["alice", "bob", "chloe", "dmitri", "emeka", "fatima", "server"] { #expect(lanes.contains(name)) }
        try command("seek 4.5", terminal)
        terminal.wait("the clock did not move") { $0.contains("00:04.500") && $0.contains("bob") }
        try terminal.press("v")
        terminal.wait("no difference") { $0.contains("chloe  version 3 > 4") && $0.contains("2.50 m") }
        try terminal.press("v", "v")
        terminal.wait("no conflicts") { $0.contains("LAST_WRITE_WINS") }
        try quit(terminal)
    }

    @Test("Is it throttling? Quality holds window and rate against what was allowed")
    func throttling() throws {
        let terminal = try open("congested.pcapng.zst")
        try terminal.press("5", "\\")
        terminal.wait("no graphs") {
            $0.contains("window used") && $0.contains("rate limit used") && $0.contains("congestion over")
        }
        try terminal.press("c")
        terminal.wait("no cost") { $0.contains("alice") && $0.contains("%") }
        try quit(terminal)
    }

    @Test("What is wrong, by rule? Findings opens a rule, goes to a message, and silences")
    func findings() throws {
        let terminal = try open("misconduct.pcapng.zst --keylog captures/misconduct.keylog")
        try terminal.press("7", "\\")
        terminal.wait("no rules") { $0.contains("teleport") && $0.contains("clear_text_credentials") }
        try command("silence teleport", terminal)
        terminal.wait("not silenced") { $0.contains("silenced") }
        try terminal.press("g", "Right", "Down", "Enter")
        terminal.wait("no message was opened") { $0.contains("Fields of ") }
        try quit(terminal)
    }

    @Test("Who is there, and what do they add to the protocol? Peers, groups, relays and extensions")
    func peers() throws {
        let terminal = try open("strangers.pcapng")
        try terminal.press("6", "\\")
        terminal.wait("no peers") { $0.contains("participant+relay") && $0.contains("1 leak") }
        try terminal.press("Right")
        terminal.wait("no leak") { $0.contains("LEAK") }
        try terminal.press("8")
        terminal.wait("no extensions") { $0.contains("lidar") }
        try quit(terminal)
    }

    @Test("Can a colleague have it, without our places and names? What is written has others")
    func written() throws {
        let folder = try TemporaryFolder()
        let terminal = try open("plaza.pcapng.zst")
        try command("filter type == connect", terminal)
        terminal.wait("filtered from 5,950")
        let path = "\(folder.path)/part.json"
        try command("write \(path) filtered", terminal)
        terminal.wait("it was not written") { _ in FileManager.default.fileExists(atPath: path) }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 16 && lines.allSatisfy { $0.contains("CONNECT") })
        try quit(terminal)
        let hidden = try shell("spatioscope dump captures/plaza.pcapng.zst --pseudonyms --blur 5 --count 50").output
        #expect(hidden.contains("SPATIAL_UPDATE") && !hidden.contains("alice") && !hidden.contains("10.7.1.1"))
    }

    @Test("Other colours, while it runs; a name that is none is said, and nothing changes")
    func colours() throws {
        let terminal = try open("plaza.pcapng.zst")
        let before = terminal.coloured
        try command("theme light", terminal)
        terminal.wait("the colours did not change") { _ in terminal.coloured != before }
        try terminal.press(":")
        try terminal.type("theme ligt")
        terminal.wait("did you mean \"light\"?")
        try terminal.press("Escape")
        try quit(terminal)
    }

    @Test("On a small terminal every pane is a key away")
    func everyPane() throws {
        let terminal = try open("plaza.pcapng.zst", 80, 24)
        let titles = ["Streams", "Messages", "Map", "State", "Quality", "Peers", "Findings", "Extensions"]
        for (place, title) in titles.enumerated() {
            try terminal.press("\(place + 1)")
            terminal.wait("\(title) did not come") { $0.contains("─ \(place + 1) \(title)") }
        }
        try terminal.press("?")
        terminal.wait("Help: Extensions")
        try terminal.press("?")
        terminal.wait("help did not go") { !$0.contains("Help: ") }
        try quit(terminal)
    }
}
