import Foundation
import Glibc
import Testing

/// What tcpdump captures of a real sealed session, held against what both ends say of it.
struct SealedCaptureTests {
    /// Listing what it could capture takes the right to do so.
    private static let mayCapture = (try? shell("tcpdump -i lo -L").status) == 0

    @Test("The key log can be read by nobody else, and has a line for each sealed session")
    func keyLog() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("keys")
        let server = try ServingProgram(
            toml: "security = \"encrypt\"\n[[space]]\nname = \"lab\"\n", in: folder,
            environment: ["SPATIO_KEYLOG": path])
        let observer = try RunningProgram(["dump", "attach", server.address])
        try observer.wait(for: "Joined: lab, security ENCRYPT.")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 1 && lines.allSatisfy { $0.hasPrefix("SPATIO_SESSION_SECRET ") })
    }

    @Test("A key log that cannot be written is said before anything is served or joined")
    func noKeyLog() throws {
        for command in ["serve --port 0", "dump attach 127.0.0.1:1"] {
            let outcome = try shell(
                "spatioscope \(command)", environment: ["SPATIO_KEYLOG": "/nowhere/keys"], patience: 10)
            #expect(outcome.status == 1)
            #expect(
                outcome.errors
                    == "spatioscope: the key log /nowhere/keys cannot be written: No such file or directory\n")
        }
    }

    @Test(
        "A capture of a sealed session opens with the key log of either end, and holds what both ends say they sent",
        .enabled(if: mayCapture, "tcpdump may not capture here: that takes root"), arguments: [false, true])
    func opens(isStream: Bool) throws {
        let folder = try TemporaryFolder()
        let (capture, ofServer, ofObserver) = (
            try folder.file("lo.pcap"), try folder.file("server.keys"), try folder.file("observer.keys")
        )
        let server = try ServingProgram(["--demo"], environment: ["SPATIO_KEYLOG": ofServer])
        // The port is known when the server is there already: what was said before is not in the capture.
        let tcpdump = try RunningProgram(
            ["-i", "lo", "-U", "-B", "16384", "-s", "0", "-w", capture, "port \(server.port)"], path: "/usr/bin/tcpdump"
        )
        try tcpdump.wait(for: "listening on")
        let observer = try RunningProgram(
            ["dump", "attach", server.address, "--security", "encrypt", "--format", "json", "--duration", "2.5"]
                + (isStream ? ["--tcp"] : []), environment: ["SPATIO_KEYLOG": ofObserver])
        #expect(try observer.end() == 0)
        #expect(observer.errors.contains("security ENCRYPT."))
        try server.program.wait(for: "the observer leaves")
        try tcpdump.wait("the good-bye was not captured") { _ in
            // tcpdump writes each packet at once, a moment after it passed.
            (try? Self.dump(capture, ofObserver).contains { $0.text("message", "type") == "DISCONNECT" }) == true
        }
        _ = try tcpdump.end(by: SIGINT)
        #expect(tcpdump.errors.contains("0 packets dropped by kernel"))

        let printed = observer.objects
        let own = try #require(printed.first?.text("source"))
        for keys in [ofServer, ofObserver] {
            let captured = try Self.dump(capture, keys)
            for isOut in [true, false] {
                let key = isOut ? "source" : "destination"
                let expected = Self.messages(printed, key, own)
                let found = Self.messages(captured, key, own)
                // The end of the session comes after the last that was printed.
                #expect(expected.count > (isOut ? 5 : 100))
                #expect(found.count >= expected.count)
                #expect(zip(expected, found).allSatisfy { $0 == $1 })
            }
        }
        // The participants joined before the capture began, but the observer's session is sealed from its first message.
        let port = try #require(own.split(separator: ":").last)
        let sealed = try Self.statistics("'\(capture)' --bpf 'port \(port)'")
        let opened = try Self.statistics("'\(capture)' --bpf 'port \(port)' --keylog '\(ofObserver)'")
        #expect(try #require(sealed.number("undecrypted")) > 100)
        #expect(opened.number("undecrypted") == 0)
        #expect(opened.number("messages") == sealed.number("messages"))
    }

    private static func dump(_ capture: String, _ keys: String) throws -> [[String: Any]] {
        jsonLines(try shell("spatioscope dump '\(capture)' --keylog '\(keys)' --format json").output)
    }

    private static func statistics(_ arguments: String) throws -> [String: Any] {
        let outcome = try shell("spatioscope stats \(arguments) --format json")
        return try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    /// The messages with an address at one end, as texts that can be compared.
    private static func messages(_ objects: [[String: Any]], _ key: String, _ address: String) -> [String] {
        objects.filter { $0.text(key) == address }.compactMap { object in
            object["message"].flatMap { try? JSONSerialization.data(withJSONObject: $0, options: .sortedKeys) }
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
