import Capture
import Foundation
import Glibc
import Testing

/// The start page in a real terminal, with what there is around this machine.
struct StartPageTests {
    /// A server that stands before all others in the list, whatever other tests run.
    private static func server(_ name: String) throws -> ServingProgram {
        try ServingProgram(["--name", "0 \(name)"])
    }

    /// Whether a process runs; one that has ended and was not asked for its status does not.
    private static func isRunning(_ process: pid_t) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return text[(text.lastIndex(of: ")") ?? text.startIndex)...].dropFirst(2).first != "Z"
    }

    /// Starts the page in a terminal; returns its process and the one that listens for it.
    private static func start(
        _ terminal: TerminalSession, _ folder: TemporaryFolder, _ prefix: String = ""
    ) throws -> (page: pid_t, listener: pid_t) {
        let file = "\(folder.path)/number"
        try terminal.run("sh -c 'echo $$ > \(file); exec \(prefix) spatioscope'")
        terminal.wait("Servers nearby")
        terminal.wait("the interfaces did not come") { $0.contains("127.0.0.1 ::1") || $0.contains(" lo ") }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let page = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let children = try shell("pgrep -P \(page)").output.split(separator: "\n").compactMap { pid_t($0) }
        #expect(children.count == 1)
        return (page, try #require(children.first))
    }

    @Test("Interfaces with their traffic and servers nearby are listed; Enter on a server attaches to it")
    func attaching() throws {
        let folder = try TemporaryFolder()
        let server = try Self.server("attach")
        let terminal = try TerminalSession(120, 40)
        let (_, listener) = try Self.start(terminal, folder)
        terminal.wait("the server is not listed") { $0.contains("0 attach") && $0.contains(server.address) }
        terminal.wait("the loopback interface has no traffic") { screen in
            screen.split(separator: "\n").contains { $0.contains(/\ lo +running +[1-9]/) }
        }
        try terminal.press("Tab")
        terminal.wait("Enter attach")
        // A server of another test that was listed before stays selected.
        try terminal.press("Home", "Enter")
        terminal.wait("it has not attached") { $0.contains(server.address) && $0.contains("LIVE") }
        #expect(!Self.isRunning(listener))
        try terminal.press("q", "q")
        terminal.waitForPrompt()
        #expect(try terminal.status() == 0)
    }

    @Test(
        "Enter on an interface watches it",
        .enabled(if: (try? InterfaceCapture("lo")) != nil, "nobody may capture here: this takes root or cap_net_raw"))
    func watching() throws {
        let folder = try TemporaryFolder()
        let server = try Self.server("watch")
        let terminal = try TerminalSession(120, 40)
        let (_, listener) = try Self.start(terminal, folder)
        var row = 0
        let screen = terminal.wait("no loopback interface") { $0.contains(" lo ") }
        for line in screen.split(separator: "\n") where line.contains("running") || line.contains(" up ") {
            if line.contains(" lo ") { break }
            row += 1
        }
        for _ in 0..<row { try terminal.press("Down") }
        try terminal.press("Enter")
        terminal.wait("it does not watch") { $0.contains("spatioscope  lo") && $0.contains("drops 0/0/0/0") }
        // The server announces itself there, too.
        terminal.wait("PEER_ANNOUNCE")
        #expect(!Self.isRunning(listener))
        try terminal.press("q", "q")
        terminal.waitForPrompt()
        #expect(try terminal.status() == 0)
        withExtendedLifetime(server) {}
    }

    @Test("d starts the demo, with the theme of the page")
    func demo() throws {
        let terminal = try TerminalSession(100, 30)
        try terminal.run("spatioscope --theme paper")
        terminal.wait("Servers nearby")
        try terminal.press("d")
        terminal.wait("the demo does not run") { $0.contains("spatioscope  demo") && $0.contains("SPATIAL_UPDATE") }
        #expect(terminal.coloured.contains("48;5;230"))
        try terminal.press("q", "q")
        terminal.waitForPrompt()
        #expect(try terminal.status() == 0)
    }

    @Test("Who listens for servers ends with the page, however that ends", arguments: [SIGKILL, SIGTERM, SIGHUP, 0])
    func nothingLeft(signal: Int32) throws {
        let folder = try TemporaryFolder()
        let terminal = try TerminalSession(80, 24)
        let (page, listener) = try Self.start(terminal, folder)
        if signal == 0 { try terminal.press("q", "q") } else { kill(page, signal) }
        terminal.wait("it still runs") { _ in !Self.isRunning(page) && !Self.isRunning(listener) }
    }

    @Test(
        "Who listens holds nothing", .enabled(if: geteuid() == 0, "nobody may give up what root has: this takes root"))
    func listener() throws {
        let folder = try TemporaryFolder()
        let terminal = try TerminalSession(80, 24)
        let (_, listener) = try Self.start(terminal, folder)
        terminal.wait("it still holds something") { _ in
            let status = (try? String(contentsOfFile: "/proc/\(listener)/status", encoding: .utf8)) ?? ""
            return status.contains("CapPrm:\t0000000000000000") && status.contains("NoNewPrivs:\t1")
                && status.contains("Seccomp:\t2")
        }
        try terminal.press("C-c")
        terminal.waitForPrompt()
    }

    @Test(
        "Where nobody may capture the page says which command grants it",
        .enabled(if: geteuid() == 0, "who has no right cannot give it up: this takes root"))
    func forbidden() throws {
        let folder = try TemporaryFolder()
        let terminal = try TerminalSession(100, 30)
        _ = try Self.start(terminal, folder, "setpriv --bounding-set -all")
        terminal.wait("No permission to capture: sudo setcap cap_net_raw+ep")
        try terminal.press("Enter")
        terminal.wait("it is not said again") {
            $0.split(separator: "\n").last?.contains("No permission to capture") == true
        }
        try terminal.press("q", "q")
        terminal.waitForPrompt()
        #expect(try terminal.status() == 0)
    }
}

/// `nearby` as a program, and the servers that it hears.
struct NearbyTests {
    @Test("A server is listed when it appears and when it leaves, in every format")
    func formats() throws {
        let toml = """
            name = "lab \\u001b[31m\\t\\u202e"
            demands_token = true
            security = "sign"
            [[space]]
            name = "hall"
            [[token]]
            name = "a"
            secret = "b"
            """
        let folder = try TemporaryFolder()
        let listeners = try ["text", "json", "tsv"].map { try RunningProgram(["nearby", "--format", $0]) }
        let server = try ServingProgram(toml: toml, in: folder)
        for listener in listeners {
            try listener.wait("the server does not appear") { $0.output.contains(server.address) }
        }
        #expect(try server.program.end(by: SIGTERM) == 0)
        for listener in listeners {
            try listener.wait("the server does not leave") { listener in
                listener.output.split(separator: "\n").contains { $0.contains("left") && $0.contains(server.address) }
            }
            #expect(try listener.end(by: SIGINT) == 130)
        }
        let line = try #require(listeners[0].output.split(separator: "\n").first { $0.contains(server.address) })
        #expect(line.hasPrefix("appeared  lab \u{241B}[31m\u{2409}\u{FFFD}"))
        #expect(line.contains("sign+token"))
        let object = try #require(
            listeners[1].objects.first { ($0["addresses"] as? [String])?.first == server.address })
        #expect(object["event"] as? String == "appeared")
        #expect(object["security"] as? String == "SIGN")
        #expect(object["demands_token"] as? Bool == true)
        #expect(object["spaces"] is NSNull)
        let fields = try #require(listeners[2].output.split(separator: "\n").first { $0.contains(server.address) })
            .split(separator: "\t")
        #expect(fields.count == 7)
        #expect(fields[2...] == ["lab \u{241B}[31m\u{2409}\u{FFFD}", Substring(server.address), "SIGN", "yes", "-"])
    }

    @Test("A server that is told not to is not announced, and says so in its log")
    func silent() throws {
        let server = try ServingProgram(["--no-announce"])
        let loud = try ServingProgram()
        try server.program.wait(for: "not announced")
        try loud.program.wait(for: "announcing interface=lo addresses=\(loud.address)")
        let listener = try RunningProgram(["nearby", "--format", "json", "--duration", "3"])
        #expect(try listener.end() == 0)
        let addresses = listener.objects.compactMap { $0["addresses"] as? [String] }.flatMap { $0 }
        #expect(addresses.contains(loud.address))
        #expect(!addresses.contains(server.address))
    }

    @Test("It ends when nobody reads it any more")
    func pipe() throws {
        let server = try ServingProgram()
        #expect(try shell("spatioscope nearby --format tsv | head -1", patience: 60).status == 0)
        withExtendedLifetime(server) {}
    }
}
