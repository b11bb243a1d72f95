import Foundation
import Glibc
import Testing

/// A server watched without a screen.
struct DumpAttachTests {
    @Test(
        "By UDP and TCP, over IPv4 and IPv6, messages come and are counted",
        arguments: ["127.0.0.1", "::1"], [false, true])
    func transports(host: String, isStream: Bool) throws {
        let server = try RunningProgram(["serve", "--demo", "--bind", host, "--port", "0"])
        try server.wait(for: "listening")
        let port = try #require(server.errors.firstMatch(of: /:(\d+) transports/)).1
        let address = host == "::1" ? "[::1]:\(port)" : "\(host):\(port)"
        let outcome = try shell(
            "spatioscope dump attach '\(address)' \(isStream ? "--tcp" : "") --format json --count 200")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("Joined: plaza, hall, security NONE."))
        let messages = jsonLines(outcome.output)
        #expect(messages.count == 200)
        #expect(messages.compactMap { $0["number"] as? Int } == Array(1...200))
        #expect(messages.allSatisfy { $0.text("transport") == (isStream ? "tcp" : "udp") })
        #expect(messages.first?.text("message", "type") == "CONNECT")
        #expect(messages.first?.text("destination") == address)
        let updates = messages.filter { $0.text("message", "type") == "SPATIAL_UPDATE" }
        #expect(!updates.isEmpty)
        // What others said was mirrored, and says whose it is.
        #expect(updates.allSatisfy { ($0[["message", "extensions"]] as? [[String: Any]])?.isEmpty == false })
        #expect(try server.end(by: SIGTERM) == 0)
    }

    @Test("After the time that was given it ends, well, having said good-bye")
    func duration() throws {
        let server = try ServingProgram()
        let start = Date()
        let outcome = try shell("spatioscope dump attach \(server.address) --duration 0.7 --format json")
        #expect(Date().timeIntervalSince(start) >= 0.7)
        #expect(outcome.status == 0)
        #expect(jsonLines(outcome.output).contains { $0.text("message", "type") == "CONNECT_ACK" })
        try server.program.wait(for: "the observer leaves")
    }

    @Test("Spaces are chosen by name or id; no other's traffic comes")
    func spaces() throws {
        let server = try ServingProgram(["--demo"])
        let joined = try shell("spatioscope dump attach \(server.address) --space hall --format json --count 150")
        #expect(joined.status == 0)
        #expect(joined.errors.contains("Joined: hall, security NONE."))
        let acknowledgement = try #require(
            jsonLines(joined.output).last { $0.text("message", "type") == "CONNECT_ACK" })
        let spaces = try #require(acknowledgement[["message", "payload", "spaces"]] as? [[String: Any]])
        #expect(spaces.count == 1)
        let hall = try #require(spaces.first?["space_id"] as? String)
        let byID = try shell("spatioscope dump attach \(server.address) --space \(hall) --format json --count 40")
        #expect(byID.errors.contains("Joined: hall, security NONE."))
        let addresses = jsonLines(byID.output).compactMap { $0.text("message", "spatial_address", "space_id") }
        #expect(!addresses.isEmpty && addresses.allSatisfy { $0 == hall })
    }

    @Test("A space that is not there is explained with those that are")
    func unknownSpace() throws {
        let server = try ServingProgram(["--demo"])
        let outcome = try shell("spatioscope dump attach \(server.address) --space attic", patience: 20)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("no space attic for us; there is plaza, hall"))
    }

    @Test("Interrupted, it prints what it has and says good-bye", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let server = try ServingProgram()
        let observer = try RunningProgram(["dump", "attach", server.address])
        try observer.wait(for: "Joined: plaza")
        #expect(try observer.end(by: signal) == 130)
        #expect(observer.output.contains("CONNECT_ACK"))
        try server.program.wait(for: "the observer leaves")
    }

    @Test("A server that is not there is said, and is tried again", arguments: ["", "--tcp"])
    func nobody(transport: String) throws {
        let port = try ServingProgram().port
        let outcome = try shell(
            "spatioscope dump attach 127.0.0.1:\(port) --duration 2.5 \(transport)")
        #expect(outcome.errors.contains("127.0.0.1:\(port) cannot be reached, \"Connection refused\"."))
        #expect(outcome.errors.contains("Tries again "))
        #expect(outcome.errors.components(separatedBy: "Connecting to").count > 2)
        #expect(outcome.status == 1)
    }

    @Test("The name of a host that has several addresses is tried at each of them")
    func severalAddresses() throws {
        // Nobody listens at the first one that names often have: ::1.
        let server = try ServingProgram(["--demo"])
        let outcome = try shell("spatioscope dump attach localhost:\(server.port) --count 1 --duration 20")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("CONNECT"))
    }

    @Test("A server that never answers has not been joined, and the exit status says so")
    func silent() throws {
        let socket = try SilentSocket()
        let outcome = try shell("spatioscope dump attach 127.0.0.1:\(socket.port) --duration 1")
        #expect(outcome.errors.contains("Connecting to 127.0.0.1:\(socket.port) ...\n"))
        #expect(outcome.status == 1)
    }

    @Test(
        "What is sent to a multicast group is heard by who joined it",
        arguments: ["239.77.28.\(Int.random(in: 2...254))", "ff15::\(Int.random(in: 2...9999))"])
    func group(_ group: String) throws {
        let sender = try MulticastSender(group: group)
        if group.contains(":"), !sender.send(MulticastSender.ping) { return }
        let listener = try RunningProgram(
            ["dump", "attach", "--group", sender.address, "--format", "json", "--count", "1"])
        // A PING as the specification has it; sent until it is heard, for nobody says when the group is joined.
        try listener.wait("the group was not heard") { listener in
            sender.send(MulticastSender.ping)
            return !listener.objects.isEmpty
        }
        #expect(try listener.end() == 0)
        let message = try #require(listener.objects.first)
        #expect(message.text("message", "type") == "PING")
        #expect(message.text("destination") == sender.address)
    }
}
