import Foundation
import Glibc
import Testing

/// Who may come in, and which server is believed.
struct CredentialTests {
    private static let secret = "kestrel-over-the-weir-41"

    private func server(
        _ head: String, expires: Int? = nil, in folder: TemporaryFolder
    ) throws -> ServingProgram {
        let toml = """
            \(head)
            [[space]]
            name = "lab"
            [[token]]
            name = "alice"
            file = "alice.token"
            \(expires.map { "expires = \($0)" } ?? "")
            """
        _ = try folder.file("alice.token", Data("\(Self.secret)\n".utf8))
        return try ServingProgram(toml: toml, in: folder)
    }

    @Test(
        "A token comes from a file or the environment, and opens whatever the level of security is",
        arguments: ["none", "sign", "encrypt"])
    func token(level: String) throws {
        let folder = try TemporaryFolder()
        let server = try server("demands_token = true\nsecurity = \"\(level)\"", in: folder)
        let command = "spatioscope dump attach \(server.address) --security \(level) --count 4"
        let byFile = try shell("\(command) --token-file '\(folder.path)/alice.token'")
        #expect(byFile.status == 0)
        #expect(byFile.errors.contains("Joined: lab, security \(level.uppercased())."))
        let byEnvironment = try shell("\(command) --tcp", environment: ["SPATIO_TOKEN": Self.secret])
        #expect(byEnvironment.status == 0)
        #expect(byEnvironment.errors.contains("Joined: lab, security \(level.uppercased())."))
    }

    @Test(
        "A wrong token, one that is too old, and none where one is wanted are refused with what to do about it",
        arguments: [("wrong", "AUTH_FAILED"), ("expired", "TOKEN_EXPIRED"), ("none", "UNAUTHORIZED")],
        [false, true])
    func refused(what: (token: String, code: String), isSealed: Bool) throws {
        let folder = try TemporaryFolder()
        let head = "demands_token = true\n\(isSealed ? "security = \"encrypt\"" : "")"
        let server = try server(head, expires: what.token == "expired" ? 1_600_000_000_000 : nil, in: folder)
        var environment: [String: String] = [:]
        if what.token != "none" { environment["SPATIO_TOKEN"] = what.token == "wrong" ? "guess" : Self.secret }
        let outcome = try shell(
            "spatioscope dump attach \(server.address) --security \(isSealed ? "encrypt" : "none")",
            environment: environment, patience: 20)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(server.address) refuses: \(what.code)"))
        #expect(outcome.errors.contains("--token-file"))
        #expect(!outcome.errors.contains("Joined"))
        // Neither says the other's secret, and the server knows why it let nobody in.
        #expect(!outcome.errors.contains(Self.secret) && !server.program.errors.contains(Self.secret))
        #expect(server.program.errors.contains(what.code))
    }

    @Test("Who asks for less security than the server demands is refused, and told what to try")
    func tooLittle() throws {
        let folder = try TemporaryFolder()
        let server = try ServingProgram(toml: "security = \"encrypt\"\n[[space]]\nname = \"lab\"\n", in: folder)
        let outcome = try shell("spatioscope dump attach \(server.address) --count 8 --duration 10", patience: 20)
        // The server's level is the least: a client that asks for none gets what it demands.
        #expect(outcome.errors.contains("security ENCRYPT") || outcome.errors.contains("--security encrypt"))
    }

    @Test("A token is readable in the traffic without security, and never with it", arguments: ["none", "sign", "encrypt"])
    func clearText(level: String) throws {
        let folder = try TemporaryFolder()
        let server = try server("demands_token = true", in: folder)
        let relay = try DatagramRelay(to: server.port)
        let outcome = try shell(
            "spatioscope dump attach 127.0.0.1:\(relay.port) --security \(level) --count 12",
            environment: ["SPATIO_TOKEN": Self.secret])
        #expect(outcome.errors.contains("Joined: lab, security \(level.uppercased())."))
        let traffic = relay.traffic
        #expect(traffic.count > 500)
        let isReadable = traffic.range(of: Data(Self.secret.utf8)) != nil
        #expect(isReadable == (level == "none"))
    }

    @Test("Only the server with the key that is pinned is believed")
    func serverKey() throws {
        let folder = try TemporaryFolder()
        // The key pair of RFC 8032, section 7.1, test 1.
        let identity = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
        let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        _ = try folder.file("server.key", Data("\(identity)\n".utf8))
        let pinned = try folder.file("pinned", Data("\(key)\n".utf8))
        let server = try ServingProgram(
            toml: "identity = \"server.key\"\n[[space]]\nname = \"lab\"\n", in: folder)
        for (level, given) in [("encrypt", key), ("sign", "'\(pinned)'")] {
            let right = try shell(
                "spatioscope dump attach \(server.address) --security \(level) --server-key \(given) --count 6")
            #expect(right.status == 0)
            #expect(right.errors.contains("Joined: lab, security \(level.uppercased())."))
        }
        let other = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        let wrong = try shell(
            "spatioscope dump attach \(server.address) --security encrypt --server-key \(other)", patience: 20)
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("\(server.address) is not trusted"))
        #expect(!wrong.errors.contains("Joined"))
    }

    @Test("A server without a key is not the one that is pinned, and what cannot prove a key is not believed either")
    func noServerKey() throws {
        let server = try ServingProgram()
        let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        for level in ["none", "encrypt"] {
            let outcome = try shell(
                "spatioscope dump attach \(server.address) --security \(level) --server-key \(key)", patience: 20)
            #expect(outcome.status != 0)
            #expect(!outcome.errors.contains("Joined"))
            #expect(outcome.errors.contains("--server-key"))
        }
    }
}
