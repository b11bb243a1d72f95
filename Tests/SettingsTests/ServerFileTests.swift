import SpatioServer
import SpatioSession
import SpatioWire
import Testing

@testable import Settings

private func server(_ text: String, folder: String = "/etc") throws -> ServerFile {
    try ServerFile(Array(text.utf8), name: "s", folder: folder)
}

private let id = "a0000000-0000-4000-8000-000000000001"
private let other = "a0000000-0000-4000-8000-000000000002"

@Suite struct ServerFileTests {
    private func uuid(_ text: String) throws -> UUID { try #require(UUID(parsing: text)) }

    @Test func `a space with a name is enough`() throws {
        let file = try server("[[space]]\nname = \"plaza\"")
        #expect(file.problems.isEmpty)
        var expected = ServerPlan()
        expected.spaces = [SpacePlan(id: UUID(ofSpaceNamed: "plaza"), name: "plaza")]
        #expect(file.plan == expected)
        #expect(UUID(ofSpaceNamed: "plaza").description == "\(UUID(ofSpaceNamed: "plaza"))")
        #expect(UUID(ofSpaceNamed: "plaza") != UUID(ofSpaceNamed: "plazb"))
        #expect(UUID(ofSpaceNamed: "plaza").high >> 12 & 0xF == 8)
    }

    @Test func `every key does what it says`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(String(repeating: "0a", count: 32) + "\n", to: "server.key")
        _ = try folder.write("open sesame\n", to: "bob.token")
        let file = try server(
            """
            name = "lab"
            server_id = "\(id)"
            security = "sign"
            demands_token = true
            refuses_sealed_observers = true
            identity = "server.key"
            endpoints = ["192.0.2.7:7728"]
            announce = false
            extensions = ["battery.toml", "/x.toml"]

            [flow]
            window_size = 1000
            rate_limit = 0
            congestion_threshold = 0.25

            [limits]
            sessions = 7
            shortest_interval = 20
            pending_relays = 3

            [[relay]]
            id = "\(other)"
            endpoint = "192.0.2.8:7728"

            [[token]]
            name = "alice"
            secret = "hunter2"
            expires = 1800000000000
            spaces = ["plaza"]

            [[token]]
            name = "bob"
            file = "bob.token"

            [[space]]
            id = "\(id)"
            name = "plaza"
            bounds = { min = [-5, -5, 0], max = [5, 5, 2.5] }
            conflicts = "merge"

            [[space.entity]]
            id = "\(id)"
            kind = 3
            position = [1, 2.5, 0]
            orientation = [0, 0, 0, 1]
            fields = { name = "door", open = false, score = 5, weight = 1.5, at = [1, 2, 3], turn = [0, 0, 0, 1] }

            [[space.region]]
            id = "\(other)"
            entity = "\(id)"
            bounds = { center = [0, 0, 0], radius = 2 }

            [[space.group]]
            id = "\(other)"
            bounds = { center = [0, 0, 0], radius = 3 }
            ttl = 2
            endpoint = "239.77.28.9:7728"
            access = "list"
            members = ["\(id)"]
            reliable = true
            ordered = true
            priority = "high"

            [[space]]
            name = "town"
            coordinates = "geodetic"
            """, folder: folder.path)
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.extensions == ["\(folder.path)/battery.toml", "/x.toml"])
        let plan = file.plan
        #expect(plan.name == "lab")
        #expect(plan.serverID == (try uuid(id)))
        #expect(plan.securityLevel == .sign)
        #expect(plan.demandsToken)
        #expect(plan.refusesSealedObservers)
        #expect(plan.identity == Array(repeating: 10, count: 32))
        #expect(plan.endpoints == ["192.0.2.7:7728"])
        #expect(!plan.isAnnounced)
        #expect(plan.flow == FlowControl(windowSize: 1000, rateLimit: 0, congestionThreshold: 0.25))
        #expect(plan.limits.sessions == 7)
        #expect(plan.limits.shortestInterval == 20)
        #expect(plan.limits.pendingRelays == 3)
        #expect(plan.relays == [RelayConfig(relayID: try uuid(other), endpoint: "192.0.2.8:7728", ttl: 4)])
        #expect(
            plan.tokens == [
                TokenGrant(
                    name: "alice", secret: Array("hunter2".utf8), expires: 1_800_000_000_000, spaces: [try uuid(id)]),
                TokenGrant(name: "bob", secret: Array("open sesame".utf8)),
            ])
        var plaza = SpacePlan(id: try uuid(id), name: "plaza")
        plaza.bounds = .box(min: Vector3(-5, -5, 0), max: Vector3(5, 5, 2.5))
        plaza.conflictStrategy = .merge
        var door = EntityPlan(
            id: try uuid(id), position: Vector3(1, 2.5, 0),
            fields: [
                StateField("at", .vector3(Vector3(1, 2, 3))), StateField("name", .string("door")),
                StateField("open", .bool(false)), StateField("score", .int(5)),
                StateField("turn", .quaternion(.identity)), StateField("weight", .float(1.5)),
            ])
        door.kind = 3
        door.orientation = .identity
        plaza.entities = [door]
        plaza.regions = [
            RegionPlan(id: try uuid(other), entityID: try uuid(id), bounds: .sphere(center: .zero, radius: 2))
        ]
        let group = try #require(plan.spaces.first?.groups.first)
        #expect(group.groupID == (try uuid(other)))
        #expect(group.ttl == 2)
        #expect(group.accessControl == AccessControl(mode: .list, members: [try uuid(id)]))
        #expect(group.qos.reliable && group.qos.ordered && group.qos.priority == .high)
        plaza.groups = [group]
        var town = SpacePlan(id: UUID(ofSpaceNamed: "town"), name: "town")
        town.coordinateSystem = .geodetic(nil)
        #expect(plan.spaces == [plaza, town])
    }

    @Test(arguments: [
        ("nam = \"x\"", "s:1:1: nam: there is no such key; name is one"),
        ("name = 3", "s:1:1: name: expected a text in quotes, found 3"),
        ("security = \"high\"", "s:1:1: security: expected \"none\" or \"sign\" or \"encrypt\", found \"high\""),
        ("server_id = \"7\"", "s:1:1: server_id: expected a UUID in quotes, found \"7\""),
        ("demands_token = true", "s:1:1: demands_token: nobody could come in"),
        ("identity = \"none.key\"", "s:1:1: identity: /etc/none.key: No such file"),
        ("flow = 1", "s:1:1: flow: expected a table, found 1"),
        ("[flow]\nrate_limit = -1", "s:2:1: flow.rate_limit: expected a whole number from 0 to 4294967295, found -1"),
        ("[flow]\ncongestion_threshold = 2", "s:2:1: flow.congestion_threshold: expected a number from 0.0 to 1.0"),
        ("[limits]\nsessions = 1.5", "s:2:1: limits.sessions: expected a whole number"),
        ("[limits]\nsession = 1", "s:2:1: limits.session: there is no such key; sessions is one"),
        ("[[relay]]\nendpoint = \"x\"", "s:1:1: relay[0].id: is missing"),
        ("[[token]]\nname = \"a\"", "s:1:1: token[0].secret: a token needs a secret"),
        (
            "[[token]]\nname = \"a\"\nsecret = \"b\"\nspaces = [\"moon\"]",
            "s:4:1: token[0].spaces: there is no space \"moon\""
        ),
        ("[[space]]\nid = \"\(id)\"", "s:1:1: space[1].name: is missing"),
        ("[[space]]\nname = \"plaza\"", "s:1:1: space[1]: another space has the same name"),
        ("[[space]]\nname = \"b\"\nbounds = { min = [1, 2] }", "s:3:1: space[1].bounds: expected { min = [x, y, z]"),
        ("[[space.entity]]\nposition = [0, 0, 0]", "s:1:1: space[0].entity[0].id: is missing"),
        ("[[space.entity]]\nid = \"\(id)\"", "s:1:1: space[0].entity[0].position: an entity needs a position"),
        (
            "[[space.entity]]\nid = \"\(id)\"\nfields = { a = [1, 2] }",
            "s:3:1: space[0].entity[0].fields: expected a table of texts"
        ),
        (
            "[[space.group]]\nid = \"\(id)\"\nendpoint = \"x\"\nbounds = { center = [0, 0, 0], radius = -1 }",
            "s:4:1: space[0].group[0].bounds: expected"
        ),
    ]) func `what is wrong is named with file, line, column and key`(text: String, sentence: String) throws {
        // What belongs to the file itself stands before its tables, what belongs to a space behind it.
        let space = "\n[[space]]\nname = \"plaza\""
        let file =
            try text.hasPrefix("[[space")
            ? server("[[space]]\nname = \"plaza\"\n" + text) : server(text + space)
        let place = text.hasPrefix("[[space") ? 2 : 0
        #expect(file.problems.count == 1, "\(file.problems)")
        let problem = try #require(file.problems.first)
        #expect(problem.hasPrefix(moved(sentence, by: place)), "\(problem)")
    }

    /// The sentence with its line moved down.
    private func moved(_ sentence: String, by lines: Int) -> String {
        let parts = sentence.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        return "\(parts[0]):\((Int(parts[1]) ?? 0) + lines):\(parts[2])"
    }

    @Test func `a server without a space is none`() throws {
        #expect(try server("").problems == ["s: space: a server needs a space: [[space]]"])
    }

    @Test func `a problem never shows a secret`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("hunter2", to: "k")
        let file = try server(
            "identity = \"k\"\n[[space]]\nname = \"a\"\n[[token]]\nsecret = \"hunter2\"", folder: folder.path)
        #expect(file.problems.count == 2)
        #expect(!file.problems.contains { $0.contains("hunter2") })
    }

    @Test func `what is no TOML, and what is not there, cannot be used`() throws {
        #expect(throws: SettingsError.self) { try server("space = ") }
        #expect(throws: SettingsError.self) { try ServerFile(path: "/nowhere/s.toml") }
    }
}
