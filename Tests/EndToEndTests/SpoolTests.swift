import Capture
import Foundation
import Glibc
import Testing

/// What is left of a run that was killed, and writing while more comes.
struct SpoolTests {
    /// A command in a terminal, with the number of its process.
    private final class Screen {
        let terminal: TerminalSession
        private let folder: TemporaryFolder

        init(_ command: String, home: TemporaryFolder) throws {
            folder = try TemporaryFolder()
            terminal = try TerminalSession(
                160, 40, environment: ["XDG_CACHE_HOME": "\(home.path)/cache", "SHELL": "/bin/bash"])
            try terminal.run("clear; bash -c 'echo $$ > \(folder.path)/pid; exec spatioscope \(command)'")
        }

        var process: pid_t {
            let text = (try? String(contentsOfFile: "\(folder.path)/pid", encoding: .utf8)) ?? ""
            return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        }

        /// Ends it so that it can do nothing any more; the screen stays as it was.
        func killNow() {
            let process = process
            kill(process, SIGKILL)
            terminal.wait("it still runs") { _ in kill(process, 0) != 0 }
        }

        func command(_ text: String) throws {
            try terminal.press("Escape", ":")
            try terminal.type(text)
            try terminal.press("Enter")
        }

        func quit(location: SourceLocation = #_sourceLocation) throws {
            try command("quit")
            terminal.waitForPrompt(location: location)
        }
    }

    /// The folders of all runs.
    private func runs(_ home: TemporaryFolder) -> [String] {
        let path = "\(home.path)/cache/spatioscope/spool"
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().map { "\(path)/\($0)" }
    }

    private func files(_ run: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: run)) ?? []).sorted().map { "\(run)/\($0)" }
    }

    private func packets(_ path: String) throws -> [Int64] {
        let file = try CaptureFile(path: path)
        var times: [Int64] = []
        while let packet = try? file.next() { times.append(packet.time) }
        return times
    }

    /// Nanoseconds since the Unix epoch.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Kills what watches a server, and follows what is left of it.
    private func survives(_ command: (ServingProgram) -> String, source: (ServingProgram) -> String) throws {
        let home = try TemporaryFolder()
        let server = try ServingProgram(["--demo"])
        let screen = try Screen(command(server), home: home)
        screen.terminal.wait("nothing came") { $0.contains("LIVE") && $0.contains("SPATIAL_UPDATE") }
        screen.terminal.wait("nothing is kept") { [self] _ in
            runs(home).first.map { files($0).contains { (try? packets($0).count) ?? 0 > 100 } } ?? false
        }
        screen.killNow()
        let killed = Self.now()
        let run = try #require(runs(home).first)
        #expect(runs(home).count == 1)
        var status = stat()
        #expect(stat(run, &status) == 0 && status.st_mode & 0o777 == 0o700)
        let path = try #require(files(run).first)
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        // The demo never pauses for so long: what came in the last second may be missing, and nothing else.
        let last = try #require(try packets(path).last)
        #expect(killed - last < 1_500_000_000)

        let second = try Screen(command(server), home: home)
        second.terminal.wait("A capture was cut off")
        second.terminal.wait("nothing came") { $0.contains("SPATIAL_UPDATE") }
        #expect(runs(home).count == 2)
        try second.quit()
        #expect(runs(home) == [run])

        let start = try Screen("", home: home)
        start.terminal.wait("it is not offered") { $0.contains("Unfinished:") && $0.contains(source(server)) }
        try start.terminal.press("Enter")
        start.terminal.wait("it is not opened") { $0.contains("END") && $0.contains("Recovered: ") }
        try start.command("write \(home.path)/saved.pcapng")
        start.terminal.wait("written to")
        try start.quit()
        #expect(try packets("\(home.path)/saved.pcapng").count > 50)
        #expect(runs(home) == [run])

        let last2 = try Screen("", home: home)
        last2.terminal.wait("Unfinished:")
        try last2.terminal.press("x")
        last2.terminal.wait("y deletes")
        try last2.terminal.press("y")
        last2.terminal.wait("it is still there") { !$0.contains("Unfinished:") }
        #expect(runs(home) == [])
    }

    @Test func `What was attached to is left by kill -9, offered, opened, saved and deleted`() throws {
        try survives {
            "attach \($0.address)"
        } source: {
            $0.address
        }
    }

    @Test(.enabled(if: mayCapture, "nobody may capture here: this takes root or cap_net_raw"))
    func `What an interface brought is left by kill -9, offered, opened, saved and deleted`() throws {
        try survives {
            "live -i lo --port \($0.port)"
        } source: { _ in
            "lo"
        }
    }

    @Test(arguments: ["quit", "hangup"])
    func `Who quits leaves nothing, and who loses the terminal finds everything`(end: String) throws {
        let home = try TemporaryFolder()
        let server = try ServingProgram(["--demo"])
        let screen = try Screen("attach \(server.address)", home: home)
        screen.terminal.wait("nothing came") { $0.contains("SPATIAL_UPDATE") }
        if end == "quit" {
            try screen.quit()
            #expect(runs(home) == [])
        } else {
            kill(screen.process, SIGHUP)
            screen.terminal.waitForPrompt()
            #expect(runs(home).count == 1)
        }
    }

    @Test func `The demo leaves nothing, however it ends`() throws {
        let home = try TemporaryFolder()
        let screen = try Screen("demo", home: home)
        screen.terminal.wait("nothing came") { $0.contains("SPATIAL_UPDATE") }
        screen.killNow()
        #expect(runs(home) == [])
    }

    @Test(.enabled(if: mayCapture, "nobody may capture here: this takes root or cap_net_raw"))
    func `Where older parts have gone, w writes the rest, and capturing goes on`() throws {
        let home = try TemporaryFolder()
        let server = try ServingProgram(["--demo"])
        let screen = try Screen("live -i lo --port \(server.port) --spool 16", home: home)
        screen.terminal.wait("nothing came") { $0.contains("SPATIAL_UPDATE") }
        // More than it keeps, to a port that nobody listens at.
        let line = """
            python3 -c 'import socket, time
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for n in range(500):
                for _ in range(40): s.sendto(bytes(1400), ("127.0.0.1", 9))
                time.sleep(0.005)'
            """
        #expect(try shell(line).status == 0)
        screen.terminal.wait("nothing has made room") { [self] _ in
            runs(home).first.flatMap { files($0).first }?.hasSuffix("lo-00001.pcapng") == false
        }
        try screen.command("write \(home.path)/rest.pcapng")
        let written = screen.terminal.wait("nothing was written") { $0.contains("written to") }
        let line2 = written.split(separator: "\n").last { $0.contains("written to") }
        #expect(line2?.contains("older ones were not kept") == true)
        #expect(try packets("\(home.path)/rest.pcapng").count > 0)
        let size = try runs(home).flatMap(files).reduce(0) { size, path in
            size + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
        }
        #expect(size <= 16 << 20)
        try screen.terminal.press("Escape")
        screen.terminal.wait("capturing has ended") { $0.contains("LIVE") }
        try screen.quit()
    }

    @Test(.enabled(if: geteuid() == 0, "nobody may mount a small file system here: this takes root"))
    func `On a full disk one problem is said, and the view goes on`() throws {
        let home = try TemporaryFolder()
        let cache = "\(home.path)/cache"
        mkdir(cache, 0o700)
        guard mount("tmpfs", cache, "tmpfs", 0, "size=100k") == 0 else {
            try Test.cancel("no file system can be mounted here")
        }
        defer { umount2(cache, Int32(MNT_DETACH)) }
        let server = try ServingProgram(["--demo"])
        let screen = try Screen("attach \(server.address)", home: home)
        screen.terminal.wait("the full disk is not told") { $0.contains("INCOMPLETE: ! says why") }
        try screen.terminal.press("!")
        screen.terminal.wait("the spool: nothing more of what comes is kept: No space left on device")
        try screen.terminal.press("Escape")
        let before = screen.terminal.screen
        screen.terminal.wait("nothing comes any more") { $0 != before && $0.contains("LIVE") }
        try screen.quit()
        #expect(try screen.terminal.status() == 1)
    }

    @Test func `A space that nobody can mean is refused`() throws {
        for number in ["15", "0", "-1", "1048577", "x"] {
            #expect(try shell("spatioscope attach localhost --spool=\(number)").status == 2)
        }
    }
}
