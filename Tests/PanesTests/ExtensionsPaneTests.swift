import Inspection
import Screen
import Simulation
import SpatioWire
import Testing

@testable import Panes

/// Extensions on the screen.
@Suite struct ExtensionsPaneTests {
    static func bench(
        _ scenario: Scenario = .strangers, _ width: Int = 120, _ height: Int = 40,
        schemas: ExtensionSchemas = ExtensionSchemas()
    ) throws -> Bench {
        var bench = Bench.ready(try simulated(scenario, schemas: schemas), width, height)
        bench.press("8", "\\")
        return bench
    }

    @Test(arguments: [(80, 24), (140, 44)])
    func `extensions look as recorded`(width: Int, height: Int) throws {
        var bench = try Self.bench(.strangers, width, height)
        bench.press("j")
        assertGolden(bench.text, "extensions_strangers_\(width)x\(height)")
        var known = try Self.bench(.extension, width, height)
        let place = try #require(known.find("thermal-sensor"))
        known.mouse(.press, place.x, place.y)
        assertGolden(known.text, "extensions_lab_\(width)x\(height)")
        var empty = Bench.ready(try Meeting().snapshot(), width, height)
        empty.press("8", "\\")
        assertGolden(empty.text, "extensions_empty_\(width)x\(height)")
        var crowded = Bench.ready(try Meeting.extended().snapshot(), width, height)
        crowded.press("8", "\\", "G")
        assertGolden(crowded.text, "extensions_crowded_\(width)x\(height)")
    }

    @Test func `needs say what is missing and what is too old, and are met when it comes`() throws {
        var bench = try Self.bench(.strangers, 140, 40)
        #expect(bench.find("1 unmet, 1 too old") != nil)
        bench.press("<")
        // The lidar is registered at 0.9 s, and what it needs then at 2 s.
        bench.press(".")
        #expect(bench.find("1 unmet  ") != nil)
        bench.press(".", ".")
        #expect(bench.find("1 ok") != nil)
    }

    @Test func `the fields of the selected one have the values that were sent last`() throws {
        var bench = try Self.bench(.extension)
        let place = try #require(bench.find("thermal-sensor"))
        bench.mouse(.press, place.x, place.y)
        #expect(bench.find("label  string  \"bench 3\"") != nil)
        #expect(bench.find("state-sync 1.0.0: there is 1.0.0") != nil)
        #expect(bench.find("agreed") != nil)
    }

    @Test func `Enter shows the messages that carry it`() throws {
        var bench = try Self.bench()
        bench.press("j", .enter)
        #expect(bench.application.filterText == "extension == 0x0201")
        let found = try #require(bench.snapshot.filter)
        #expect(found.numbers.count > 5)
        #expect(
            (0..<found.numbers.count).allSatisfy {
                bench.snapshot.index[Int(found.numbers[$0])].type == .extension
            })
    }

    @Test func `one that nothing carries has no messages to show`() throws {
        var bench = try Self.bench()
        let place = try #require(bench.find("point-cloud"))
        bench.mouse(.press, place.x, place.y)
        bench.press(.enter)
        #expect(bench.bottomLine.contains("No message carries this extension"))
    }

    @Test func `the user's file goes before the network and stands there though nobody speaks of it`() throws {
        let own = [
            ExtensionManifest(
                id: 0x0201, name: "my-lidar", type: .spatial, version: SemanticVersion(3, 0, 0), status: .stable,
                schema: [SchemaField("metres", .float)]),
            ExtensionManifest(
                id: 0x7777, name: "unseen", type: .spatial, version: SemanticVersion(1, 0, 0), status: .stable),
        ]
        var bench = try Self.bench(schemas: ExtensionSchemas(configured: own))
        let place = try #require(bench.find("my-lidar"))
        bench.mouse(.press, place.x, place.y)
        #expect(bench.find("metres  float  ") != nil)
        #expect(bench.find("The file given with --extensions goes before it.") != nil)
        #expect(bench.find("unseen") != nil)
        #expect(bench.find("undecoded") == nil)
    }

    @Test func `an extension without data and a number of the profile are no riddle`() throws {
        var bench = try Self.bench(.extension)
        let place = try #require(bench.find("heat-map"))
        bench.mouse(.press, place.x, place.y)
        #expect(bench.find("thermal-sensor 2.0.0: too old, there is 1.2.0") != nil)
        #expect(bench.find("Nobody has said how its data is laid out.") != nil)
    }
}
