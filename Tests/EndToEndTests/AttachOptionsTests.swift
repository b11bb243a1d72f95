import ArgumentParser
import Capture
import Foundation
import SpatioWire
import Testing

@testable import spatioscope

/// What `attach` is told.
struct AttachOptionsTests {
    private func request(_ arguments: String...) throws -> AttachRequest {
        try AttachOptions.parse(arguments).request()
    }

    @Test(
        "A server is a name or an address, with a port or without",
        arguments: [
            ("plaza.example", "plaza.example:7728"), ("plaza.example:99", "plaza.example:99"),
            ("10.7.0.1", "10.7.0.1:7728"), ("[fd07::1]", "[fd07::1]:7728"), ("[fd07::1]:99", "[fd07::1]:99"),
            ("fd07::1", "[fd07::1]:7728"),
        ])
    func server(text: String, expected: String) throws {
        #expect(try request(text).title == expected)
    }

    @Test(
        "What is no server is refused before anything is tried",
        arguments: [
            "", ":7728", "a:0", "a:65536", "a:b", "1:2:3", "[10.7.0.1]", "[fd07::1", "[fd07::1]99", "a b", "http://a",
        ])
    func noServer(text: String) {
        #expect(throws: (any Error).self) { try request(text) }
    }

    @Test("Without a server there must be a group, and a group is an address of one")
    func groups() throws {
        #expect(throws: (any Error).self) { try self.request() }
        #expect(throws: (any Error).self) { try self.request("--group", "10.7.0.1") }
        let request = try self.request("--group", "239.7.7.28:99", "--group", "ff15::7728")
        #expect(request.groups.map(\.description) == ["239.7.7.28:99", "[ff15::7728]:7728"])
        #expect(request.server == nil && request.ports == [99, 7728])
    }

    @Test("A token comes from a file, without the end of its line")
    func token() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "token-\(Foundation.UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("s3cret token\r\n".utf8).write(to: file)
        let joining = try request("a", "--token-file", file.path)
        #expect(joining.token == Array("s3cret token".utf8))
        // A token is proved rather than sent, unless that is asked for.
        #expect(joining.security == .sign)
        #expect(try request("a", "--token-file", file.path, "--security", "none").security == .none)
        #expect(try request("a").security == .none)
        try Data("\n".utf8).write(to: file)
        #expect(throws: WrongUse.self) { try request("a", "--token-file", file.path) }
        #expect(throws: Failure.self) { try request("a", "--token-file", file.path + "x") }
    }

    @Test("A server's key is 64 digits, here or in a file")
    func key() throws {
        let digits = String(repeating: "0aF1", count: 16)
        let key = try request("a", "--server-key", digits).serverKey
        #expect(key?.count == 32)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("key-\(Foundation.UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data((digits + "\n").utf8).write(to: file)
        #expect(try request("a", "--server-key", file.path).serverKey == key)
        try Data("abc".utf8).write(to: file)
        #expect(throws: WrongUse.self) { try request("a", "--server-key", file.path) }
    }

    @Test("What is not said has a usual value")
    func usual() throws {
        let request = try request("a", "--tcp", "--space", "plaza", "--space", "lab", "--security", "encrypt")
        #expect(request.isStream && request.spaces == ["plaza", "lab"] && request.security == .encrypt)
        #expect(request.name == "spatioscope" && request.serverKey == nil)
        #expect(try !self.request("a").isStream)
    }
}
