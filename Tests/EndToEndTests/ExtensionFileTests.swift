import Foundation
import Testing

/// `--extensions FILE`: what it gives, and how what is wrong in it is named.
struct ExtensionFileTests {
    private static let thermo = """
        # of the laboratory
        [[extension]]
        id = 0x0101
        name = "thermo"
        type = "application"
        version = "1.2.0"
        status = "stable"
        dependencies = [{ id = 0x0002, version = "1.0.0" }]
        fields = [
          { name = "who", type = "uuid" }, { name = "degrees", type = "float" }, { name = "text", type = "string" },
          { name = "where", type = "vector3" }, { name = "ok", type = "bool" }, { name = "when", type = "timestamp" },
        ]
        """

    private func run(_ text: String, _ command: String) throws -> Outcome {
        let folder = try TemporaryFolder()
        let path = try folder.file("mine.toml", Data(text.utf8))
        return try shell("spatioscope \(command) --extensions '\(path)'")
    }

    @Test("dump decodes by the user's fields, whatever a manifest says, and the filter knows the name")
    func dump() throws {
        let outcome = try run(
            Self.thermo, "dump captures/extension.pcapng --format json --filter 'extension == thermo' --count 3")
        #expect(outcome.status == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.contains("\"degrees\":") && !$0.contains("\"celsius\":") })
        let plain = try shell(
            "spatioscope dump captures/extension.pcapng --format json --filter 'extension == thermal-sensor' --count 1")
        #expect(plain.output.contains("\"celsius\":"))
        #expect(!plain.output.contains("\"degrees\":"))
    }

    @Test("dump shows by a given schema what no manifest of the capture explains")
    func withoutManifest() throws {
        let text = "[[extension]]\nid = 0x0204\nname = \"grid\"\nfields = [{ name = \"a\", type = \"bool\" }]\n"
        let outcome = try run(
            text, "dump captures/strangers.pcapng --format json --filter 'extension == grid' --count 1")
        #expect(outcome.output.contains("\"undecoded\":") || outcome.output.contains("\"a\":"))
        let without = try shell(
            "spatioscope dump captures/strangers.pcapng --format json --filter 'extension == 0x0204' --count 1")
        #expect(!without.output.contains("\"decoded\":"))
    }

    @Test("stats takes a file: what it gives meets the needs of a manifest that nobody in the capture meets")
    func stats() throws {
        let before = try shell("spatioscope stats captures/strangers.pcapng --format json")
        #expect(before.output.contains(#"{"rule":"dependency","severity":"warning","count":3}"#))
        let text = "[[extension]]\nid = 0x0203\nname = \"mesh\"\nversion = \"1.0.0\"\n"
        let after = try run(text, "stats captures/strangers.pcapng --format json")
        #expect(after.status == 0)
        #expect(after.output.contains(#"{"rule":"dependency","severity":"warning","count":2}"#))
    }

    @Test(
        "What is wrong in a file is named with its line and key, and nothing begins",
        arguments: [
            ("[[extension]\n", ":1:", "Error while parsing"),
            ("", "extension", "no table [[extension]]"),
            ("colour = 1\n[[extension]]\nid = 0x9001\nname = \"x\"\n", ":1: colour", "unknown key"),
            ("extension = 3\n", ":1: extension", "a list of tables"),
            ("[[extension]]\nname = \"x\"\n", ":1: extension[0].id", "is missing"),
            ("[[extension]]\nid = 0x9001\n", ":1: extension[0].name", "is missing"),
            ("[[extension]]\nid = 70000\nname = \"x\"\n", ":2: extension[0].id", "0 to 0xFFFF"),
            ("[[extension]]\nid = -1\nname = \"x\"\n", ":2: extension[0].id", "0 to 0xFFFF"),
            ("[[extension]]\nid = \"a\"\nname = \"x\"\n", ":2: extension[0].id", "0 to 0xFFFF"),
            ("[[extension]]\nid = 0x8002\nname = \"x\"\n", ":2: extension[0].id", "is origin, which the protocol's"),
            ("[[extension]]\nid = 0x9001\nname = \"\"\n", ":3: extension[0].name", "nobody's"),
            ("[[extension]]\nid = 0x9001\nname = 7\n", ":3: extension[0].name", "a text in quotes"),
            (
                "[[extension]]\nid = 9\nname = \"x\"\ntyp = 1\n", ":4: extension[0].typ",
                "unknown key; there are id, name"
            ),
            ("[[extension]]\nid = 9\nname = \"x\"\ntype = \"appl\"\n", ":4: extension[0].type", "application"),
            ("[[extension]]\nid = 9\nname = \"x\"\nversion = \"1.2\"\n", ":4: extension[0].version", "\"1.2.0\""),
            ("[[extension]]\nid = 9\nname = \"x\"\nversion = 1.2\n", ":4: extension[0].version", "three numbers"),
            ("[[extension]]\nid = 9\nname = \"x\"\nstatus = \"good\"\n", ":4: extension[0].status", "deprecated"),
            (
                "[[extension]]\nid = 9\nname = \"x\"\ndependencies = [{ id = 1 }]\n",
                ":4: extension[0].dependencies[0].version", "is missing"
            ),
            (
                "[[extension]]\nid = 9\nname = \"x\"\n\nfields = [{ name = \"a\", type = \"flaot\" }]\n",
                ":5: extension[0].fields[0].type", "\"flaot\" is none of bool, int, float"
            ),
            (
                "[[extension]]\nid = 9\nname = \"x\"\nfields = [{ type = \"int\" }]\n",
                ":4: extension[0].fields[0].name", "is missing"
            ),
            (
                "[[extension]]\nid = 9\nname = \"x\"\nfields = [{ name = \"a\", type = \"int\", size = 3 }]\n",
                ":4: extension[0].fields[0].size", "unknown key"
            ),
            ("[[extension]]\nid = 9\nname = \"x\"\nfields = 3\n", ":4: extension[0].fields", "a list of tables"),
            (
                "[[extension]]\nid = 9\nname = \"x\"\n[[extension]]\nid = 9\nname = \"y\"\n", ":5: extension[1].id",
                "has the number 0x0009 already"
            ),
        ])
    func wrong(text: String, place: String, reason: String) throws {
        let outcome = try run(text, "dump captures/lossy.pcapng")
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("mine.toml"))
        #expect(outcome.errors.contains(place), "\(outcome.errors)")
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test("Everything that is wrong is said at once, a line each")
    func several() throws {
        let outcome = try run("[[extension]]\nid = 99999\n[[extension]]\nname = 3\n", "stats captures/lossy.pcapng")
        #expect(outcome.status == 1)
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.hasPrefix("spatioscope: ") && $0.contains("mine.toml:") })
    }

    @Test("A file that is not there is named, and the screen does not open with a wrong one")
    func missing() throws {
        let outcome = try shell("spatioscope dump captures/lossy.pcapng --extensions /nowhere/x.toml")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("/nowhere/x.toml: No such file or directory"))
        let screen = try run("[[extension]]\n", "open captures/lossy.pcapng")
        #expect(screen.status == 1)
        #expect(screen.errors.contains("extension[0].id"))
    }
}
