import Foundation
import Glibc
import Testing

/// A server watched on the screen, in every state that it can be in.
struct AttachScreenTests {
    /// A command in a terminal, with the number of its process.
    private struct Screen {
        let terminal: TerminalSession
        private let folder: TemporaryFolder
        private let number: String

        init(_ arguments: String, _ width: Int = 140, _ height: Int = 40) throws {
            terminal = try TerminalSession(width, height)
            folder = try TemporaryFolder()
            number = try folder.file("pid")
            try terminal.run("clear; bash -c 'echo $$ > \(number); exec spatioscope \(arguments)'")
        }

        var process: String {
            (try? String(contentsOfFile: number, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)) ?? ""
        }

        /// The top line.
        func wait(_ words: String, location: SourceLocation = #_sourceLocation) {
            terminal.wait("the status line does not say \(words)", location: location) {
                $0.split(separator: "\n", maxSplits: 1).first?.contains(words) == true
            }
        }

        func quit(location: SourceLocation = #_sourceLocation) throws {
            try terminal.press("Escape", ":")
            try terminal.type("quit")
            try terminal.press("Enter")
            terminal.waitForPrompt(location: location)
        }
    }

    @Test("A server that refuses is explained with its code and what to do, on the screen and behind it")
    func refused() throws {
        let folder = try TemporaryFolder()
        let toml = "demands_token = true\n[[space]]\nname = \"lab\"\n[[token]]\nname = \"a\"\nsecret = \"s\"\n"
        let server = try ServingProgram(toml: toml, in: folder)
        let screen = try Screen("attach \(server.address)")
        screen.wait("REFUSED UNAUTHORIZED")
        screen.terminal.wait("no remedy") { $0.contains("--token-file") && $0.contains("SPATIO_TOKEN") }
        try screen.quit()
        screen.terminal.wait("refuses: UNAUTHORIZED")
        #expect(try screen.terminal.status() == 1)
    }

    @Test("A server that never answers is shown as that, with what may be the reason")
    func silent() throws {
        let socket = try SilentSocket()
        let screen = try Screen("attach 127.0.0.1:\(socket.port)")
        screen.wait("CONNECTING 2 s")
        screen.terminal.wait("No answer yet:")
        try screen.quit()
    }

    @Test("Where nobody listens, that is said, and it is tried again", arguments: ["", "--tcp"])
    func nobody(transport: String) throws {
        let port = try ServingProgram().port
        let screen = try Screen("attach 127.0.0.1:\(port) \(transport)")
        screen.wait("UNREACHABLE, AGAIN IN ")
        screen.terminal.wait("no reason") { $0.contains("cannot be reached, \"Connection refused\"") }
        try screen.quit()
    }

    @Test(
        "A server that dies and one that ends are told apart; when it is back, the gap stays visible",
        arguments: [SIGKILL, SIGTERM])
    func returns(signal: Int32) throws {
        var server: ServingProgram? = try ServingProgram(["--demo"])
        let port = try #require(server?.port)
        let screen = try Screen("attach 127.0.0.1:\(port) --tcp")
        screen.terminal.wait("nothing came") { $0.contains("LIVE") && $0.contains("SPATIAL_UPDATE") }
        _ = try server?.program.end(by: signal)
        server = nil
        screen.wait(signal == SIGTERM ? "ENDED BY SERVER, AGAIN IN " : "UNREACHABLE, AGAIN IN ")
        server = try ServingProgram(["--demo"], port: port)
        screen.terminal.wait("it did not join again") { text in
            let status = text.prefix { $0 != "\n" }
            return status.contains("LIVE") && !["UNREACHABLE", "ENDED", "CONNECTING"].contains { status.contains($0) }
        }
        // The time line has a sign where the connection was lost, and a line as long as it was away.
        screen.terminal.wait("no gap is visible") { $0.contains("x\u{2504}") }
        try screen.quit()
        #expect(try screen.terminal.status() == 0)
    }

    @Test("A server that is silent after it was joined is told from one that is away")
    func fallsSilent() throws {
        let server = try ServingProgram(["--demo"])
        let screen = try Screen("attach \(server.address)")
        screen.terminal.wait("nothing came") { $0.contains("LIVE") && $0.contains("SPATIAL_UPDATE") }
        server.program.signal(SIGSTOP)
        screen.wait("SILENT ")
        server.program.signal(SIGCONT)
        screen.terminal.wait("its voice was not heard") { !$0.prefix { $0 != "\n" }.contains("SILENT") }
        try screen.quit()
    }

    @Test("The demo shows people at once, and quits clean with nothing left")
    func demo() throws {
        let screen = try Screen("demo")
        let start = Date()
        screen.wait("LIVE")
        screen.terminal.wait("nobody came") { $0.contains("SPATIAL_UPDATE") && $0.contains("alice") }
        #expect(Date().timeIntervalSince(start) < 10)
        let process = screen.process
        #expect(FileManager.default.fileExists(atPath: "/proc/\(process)"))
        try screen.quit()
        #expect(try screen.terminal.status() == 0)
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)"))
    }

    @Test(
        "Ended by a signal, the terminal is as it was in under a second", arguments: ["attach", "demo"],
        ["TERM", "HUP"])
    func killed(command: String, signal: String) throws {
        let before = try TerminalSession(80, 24).settings()
        let server = try ServingProgram(["--demo"])
        let screen = try Screen(command == "demo" ? "demo" : "attach \(server.address)", 80, 24)
        screen.wait("LIVE")
        let process = screen.process
        let start = Date()
        try shell(
            "kill -\(signal) \(process); while kill -0 \(process) 2> /dev/null; do sleep 0.01; done", patience: 10)
        #expect(Date().timeIntervalSince(start) < 1)
        screen.terminal.waitForPrompt()
        #expect(try screen.terminal.settings() == before)
    }
}
