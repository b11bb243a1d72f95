import Foundation
import Glibc
import Testing

/// The server as a program: how it begins, what it says, how it ends.
struct ServeTests {
    @Test("It says where it listens, and ends clean by a signal", arguments: [(SIGTERM, 0), (SIGINT, 130)] as [(Int32, Int32)])
    func ends(signal: Int32, status: Int32) throws {
        let server = try ServingProgram()
        let errors = server.program.errors
        #expect(errors.contains("info listening address=127.0.0.1:\(server.port) transports=\"udp tcp\""))
        #expect(try server.program.end(by: signal) == status)
        #expect(server.program.errors.hasSuffix("info stopped\n"))
        #expect(server.program.output.isEmpty)
    }

    @Test("Its log is lines of JSON where that is asked for")
    func log() throws {
        let server = try RunningProgram(["serve", "--bind", "::1", "--port", "0", "--log-format", "json"])
        try server.wait(for: "listening")
        #expect(try server.end(by: SIGTERM) == 0)
        let entries = jsonLines(server.errors)
        #expect(entries.count == server.errors.split(separator: "\n").count)
        #expect(entries.first?["message"] as? String == "listening")
        #expect((entries.first?["address"] as? String)?.hasPrefix("[::1]:") == true)
        #expect(entries.last?["message"] as? String == "stopped")
    }

    @Test("Clients are told when it ends, by UDP and TCP", arguments: [false, true])
    func farewell(isStream: Bool) throws {
        let server = try ServingProgram()
        let observer = try RunningProgram(["dump", "attach", server.address, "--format", "json"] + (isStream ? ["--tcp"] : []))
        try observer.wait(for: "Joined: plaza")
        #expect(try server.program.end(by: SIGTERM) == 0)
        try observer.wait(for: "has ended the session: SUCCESS, \"the server closes\"")
        try observer.wait("no DISCONNECT was printed") { observer in
            observer.objects.contains { $0.text("message", "type") == "DISCONNECT" }
        }
        #expect(server.program.errors.contains("server closes sessions=1"))
        // What was cut off by the server has not gone well.
        #expect(try observer.end(by: SIGTERM) != 0)
    }

    @Test(
        "What is wrong in a plan is named with its place, one line each, and nothing is served",
        arguments: [
            ("x = \n", ":1:5: "), ("colour = 1\n[[space]]\nname = \"a\"\n", ":1:1: colour: there is no such key"),
            ("name = \"a\"\n", "a server needs a space"),
            ("demands_token = true\n[[space]]\nname = \"a\"\n", "nobody could come in"),
            ("identity = \"nowhere.key\"\n[[space]]\nname = \"a\"\n", "nowhere.key"),
        ])
    func wrongPlan(toml: String, words: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("plan.toml", Data(toml.utf8))
        let outcome = try shell("spatioscope serve '\(path)' --port 0")
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("spatioscope: \(path):"))
        #expect(outcome.errors.contains(words))
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.output.isEmpty)
    }

    @Test(
        "What cannot be done is said in one line",
        arguments: [
            ("/nowhere/plan.toml", 1, "/nowhere/plan.toml: No such file or directory"),
            ("--bind 300.1.1.1", 2, "--bind 300.1.1.1: neither an IPv4 nor an IPv6 address"),
            ("--bind 192.0.2.255 --port 0", 1, "192.0.2.255:0: Cannot assign requested address"),
            ("--bind 127.0.0.1 --port 65536", 2, "65536"),
        ] as [(String, Int32, String)])
    func wrongUse(arguments: String, status: Int32, words: String) throws {
        let outcome = try shell("spatioscope serve \(arguments)", patience: 10)
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(words))
        if !arguments.contains("65536") { #expect(outcome.errors.split(separator: "\n").count == 1) }
    }

    @Test("A port that somebody else has is said in one line")
    func occupied() throws {
        let server = try ServingProgram()
        let outcome = try shell("spatioscope serve --bind 127.0.0.1 --port \(server.port)", patience: 10)
        #expect(outcome.status == 1)
        #expect(outcome.errors == "spatioscope: \(server.address): Address already in use\n")
    }
}

extension [String: Any] {
    /// A value at a path of keys.
    subscript(path: [String]) -> Any? {
        path.reduce(self as Any?) { ($0 as? [String: Any])?[$1] }
    }

    func text(_ path: String...) -> String? { self[path] as? String }
    func number(_ path: String...) -> Int? { self[path] as? Int }
}
