import Inspection
import Panes
import Screen
import Testing

@testable import Settings

@Suite struct ConfigurationTests {
    @Test func `an empty file leaves every default`() {
        let file = configuration("")
        #expect(file.problems.isEmpty)
        #expect(file.configuration == Configuration())
    }

    @Test func `every key does what it says`() throws {
        let file = configuration(
            """
            theme = "dusk"
            glyphs = "ascii"
            colors = "16"
            cell_aspect = 2.25
            ports = [9000, 65535]
            keylog = "/keys"
            extensions = ["/a.toml", "/b.toml"]
            filter = "lost"

            [screen]
            pane = "map"
            layout = "quality"
            zoomed = true
            speed = 0.5
            skip_gaps = true
            loop = true

            [messages]
            time = "utc"
            columns = ["time", "payload.updates.position.x"]

            [map]
            layers = ["grid", "groups"]

            [findings]
            silenced = ["stale", "version_gap"]

            [filters]
            pings = "type in {ping, pong}"
            """)
        #expect(file.problems.isEmpty)
        var expected = Configuration()
        expected.theme = "dusk"
        expected.glyphs = .ascii
        expected.colors = .sixteen
        expected.cellAspect = 2.25
        expected.ports = [9000, 65535]
        expected.keyLog = "/keys"
        expected.extensions = ["/a.toml", "/b.toml"]
        expected.filter = "lost"
        expected.preferences.pane = .map
        expected.preferences.arrangement = .quality
        expected.preferences.isZoomed = true
        expected.preferences.speed = 0.5
        expected.preferences.skipsGaps = true
        expected.preferences.loops = true
        expected.preferences.timeFormat = .utc
        expected.preferences.layers = [.grid, .groups]
        expected.preferences.columns = try ColumnList(names: ["time", "payload.updates.position.x"])
        expected.silenced = [.stale, .versionGap]
        expected.savedFilters = SavedFilters(["pings": "type in {ping, pong}"])
        #expect(file.configuration == expected)
    }

    @Test(arguments: [
        ("them = \"dark\"", "c:1:1: them: there is no such key; theme is one"),
        ("theme = 3", "c:1:1: theme: expected the name of a theme, or the path of a file, found 3"),
        (
            "\n  glyphs = \"fine\"",
            "c:2:3: glyphs: expected \"auto\" or \"braille\" or \"half\" or \"ascii\", found \"fine\""
        ),
        ("colors = 16", "c:1:1: colors: expected \"auto\" or \"always\" or \"16\" or \"never\", found 16"),
        ("cell_aspect = 0", "c:1:1: cell_aspect: expected a number from 1 to 4, found 0"),
        ("cell_aspect = nan", "c:1:1: cell_aspect: expected a number from 1 to 4, found nan"),
        ("ports = [7728, 0]", "c:1:1: ports: expected an array of ports, 1 to 65535, found an array"),
        ("ports = 7728", "c:1:1: ports: expected an array of ports, 1 to 65535, found 7728"),
        ("keylog = \"\"", "c:1:1: keylog: expected the path of a file, found \"\""),
        ("extensions = \"a\"", "c:1:1: extensions: expected an array of paths of files, found \"a\""),
        ("filter = \"losst\"", "c:1:1: filter: "),
        ("screen = 1", "c:1:1: screen: expected a table, found 1"),
        ("[screen]\npane = \"maps\"", "c:2:1: screen.pane: expected \"messages\" or "),
        ("[screen]\nzoom = true", "c:2:1: screen.zoom: there is no such key"),
        ("[screen]\nspeed = 3", "c:2:1: screen.speed: expected one of 0.1, 0.2, 0.5, 1, 2, "),
        ("screen.zoomed = 1", "c:1:1: screen.zoomed: expected true or false, found 1"),
        (
            "[findings]\nsilenced = [\"stale\", \"x\"]",
            "c:2:1: findings.silenced: expected an array of rules: malformed, "
        ),
        ("[messages]\ntime = \"noon\"", "c:2:1: messages.time: expected \"start\" or \"utc\" or "),
        (
            "[messages]\ncolumns = [\"tiem\"]",
            "c:2:1: messages.columns: expected an array of paths of fields and of number, "
        ),
        ("[messages]\ncolumns = []", "c:2:1: messages.columns: expected an array"),
        ("[map]\nlayers = [\"gird\"]", "c:2:1: map.layers: expected an array of layers: grid, cost, "),
        ("[filters]\na = 1", "c:2:1: filters.a: expected a filter, found 1"),
        ("[filters]\na = \"stream == \"", "c:2:1: filters.a: "),
        ("[filterss]\na = \"lost\"", "c:1:1: filterss: there is no such key; filters is one"),
        ("a = 1979-05-27", "c:1:1: a: there is no such key"),
        ("theme = 1979-05-27", "c:1:1: theme: expected the name of a theme, or the path of a file, found 1979-05-27"),
    ]) func `what is wrong is named with file, line, column and key, and with what is allowed`(
        text: String, sentence: String
    ) {
        let file = configuration(text)
        #expect(file.problems.count == 1)
        #expect(file.problems.first?.hasPrefix(sentence) == true, "\(file.problems)")
        #expect(file.configuration == Configuration())
    }

    @Test func `a filter that is wrong is told with the place in it`() throws {
        let problem = try #require(configuration("filter = \"type == pingg\"").problems.first)
        #expect(problem.hasPrefix("c:1:1: filter: unknown message type \"pingg\""))
        #expect(problem.hasSuffix("at character 9 of \"type == pingg\""))
    }

    @Test(arguments: [
        ("theme = \n", "c:1:"), ("theme = \"dark\"\ntheme = \"light\"", "c:2:"), ("[screen", "c:1:"), ("=", "c:1:"),
        ("a = \"\\q\"", "c:1:"), ("x = [1, 2\n", "c:"),
    ]) func `a file that is no TOML leaves every default and is named with the place`(text: String, place: String) {
        let file = configuration(text)
        #expect(file.problems.count == 1)
        #expect(file.problems.first?.hasPrefix(place) == true, "\(file.problems)")
        #expect(file.configuration == Configuration())
    }

    @Test func `octets that are no text are no configuration`() {
        #expect(ConfigurationFile([97, 61, 10, 0], name: "c").problems == ["c:2: a zero octet: this is not a text"])
        #expect(ConfigurationFile([0xFF, 0xFE], name: "c").problems == ["c: not UTF-8: this is not a text"])
    }

    @Test func `several problems come in the order of the file, and what is right is taken`() {
        let file = configuration("colors = 1\nfilter = \"lost\"\nbells = 1\n[screen]\nzoomed = true\npane = 1\n")
        #expect(file.problems.map { $0.prefix(5) } == ["c:1:1", "c:3:1", "c:6:1"])
        #expect(file.configuration.filter == "lost")
        #expect(file.configuration.preferences.isZoomed)
    }

    @Test func `paths begin at the file's folder or at home`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "theme = \"mine.toml\"\nkeylog = \"k/log\"\nextensions = [\"~/e.toml\", \"/f.toml\"]", to: "c.toml")
        let configuration = try ConfigurationFile(path: path).configuration
        #expect(configuration.theme == "\(folder.path)/mine.toml")
        #expect(configuration.keyLog == "\(folder.path)/k/log")
        #expect(configuration.extensions == ["\(UserFolders.home ?? "")/e.toml", "/f.toml"])
    }

    @Test func `a file that was named has to be there`() {
        #expect(throws: SettingsError("/nowhere/c.toml: No such file or directory", isAbsence: true)) {
            try ConfigurationFile(path: "/nowhere/c.toml")
        }
    }

    @Test func `a problem that shows later has the place of its key`() {
        var file = configuration("\n\ntheme = \"nope\"")
        file.add(problem: "there is no theme \"nope\"", with: "theme")
        #expect(file.problems == ["c:3:1: theme: there is no theme \"nope\""])
    }
}

@Suite struct ConfiguredKeysTests {
    private func keys(_ text: String) -> KeyTable { configuration(text).configuration.keyTable }

    @Test func `an action gets the keys that it is given, one or several`() {
        let table = keys("[keys]\nhelp = \"F3\"\nquit = [\"Q\", \"C-q\"]\n")
        #expect(table.action(for: .function(3), in: .map) == .help)
        #expect(table.action(for: "?", in: .map) == nil)
        #expect(table.action(for: "Q", in: .messages) == .quit)
        #expect(table.action(for: .control("q"), in: .messages) == .quit)
    }

    @Test func `a pane has keys of its own`() {
        let table = keys("[keys.map]\nfit = \"Home\"\n")
        #expect(table.action(for: .home, in: .map) == .fit)
        #expect(table.action(for: .home, in: .messages) == .first)
    }

    @Test func `going to a pane has the name of the pane`() {
        let table = keys("[keys.everywhere]\nmap = \"M\"\n[keys.map]\nfit = \"F4\"\n")
        #expect(table.action(for: "M", in: .streams) == .focus(.map))
        #expect(table.action(for: .function(4), in: .map) == .fit)
    }

    @Test func `two actions may change places`() {
        let table = keys("[keys]\nplay-pause = \"q\"\nquit = \"p\"\n")
        #expect(table.action(for: "q", in: .streams) == .playPause)
        #expect(table.action(for: "p", in: .streams) == .quit)
    }

    @Test func `what means something everywhere is not rebound in the panes that have another key for it`() {
        let table = keys("[keys]\nstep-forward = \"F7\"\n")
        #expect(table.action(for: .function(7), in: .messages) == .stepForward)
        #expect(table.action(for: "n", in: .tree) == .stepForward)
    }

    @Test func `the start page has keys of its own`() {
        let table = keys("[keys.start]\nopen-file = \"F3\"\n")
        #expect(table.action(for: .function(3), in: .start) == .openFile)
        #expect(table.withoutStart.bindings.allSatisfy { $0.scope != .start })
    }

    @Test(arguments: [
        ("[keys]\nhepl = \"x\"", "c:2:1: keys.hepl: there is no action \"hepl\""),
        ("[keys]\nhelp = 1", "c:2:1: keys.help: expected a key or an array of keys, found 1"),
        ("[keys]\nhelp = [1]", "c:2:1: keys.help: expected a key or an array of keys, found an array"),
        ("[keys]\nhelp = \"Hyper-X\"", "c:2:1: keys.help: help: there is no key \"Hyper-X\""),
        ("[keys]\nhelp = \"C-i\"", "c:2:1: keys.help: help: there is no key \"C-i\""),
        ("[keys.maps]\nfit = \"x\"", "c:2:1: keys.maps.fit: there is no pane \"maps\""),
        ("[keys.map]\nhelp = \"x\"", "c:2:1: keys.map.help: there is no action \"help\" in map"),
        ("[keys]\nhelp = \"q\"", "c:2:1: keys.help: q is bound to both help and quit (everywhere)"),
        ("[keys]\nquit = []", "c:2:1: keys.quit: quit needs a key"),
    ]) func `keys that cannot be are named, and the others stay as they are`(text: String, sentence: String) {
        let file = configuration(text + "\n[keys.messages]\nfollow = \"F9\"\n")
        #expect(file.problems.count == 1)
        #expect(file.problems.first?.hasPrefix(sentence) == true, "\(file.problems)")
        #expect(file.configuration.keyTable.action(for: "?", in: .map) == .help)
        #expect(file.configuration.keyTable.action(for: .function(9), in: .messages) == .follow)
    }
}

@Suite struct ConfigurationTextTests {
    @Test func `the documented file is right and says the defaults`() {
        let file = configuration(ConfigurationText.documented)
        #expect(file.problems.isEmpty)
        #expect(file.configuration == Configuration())
    }

    /// Every line of it that is commented out, taken in.
    private var uncommented: String {
        ConfigurationText.documented.split(separator: "\n").map { line in
            let rest = line.drop { $0 == "#" || $0 == " " }
            return line.hasPrefix("# ") && rest.prefix { $0 != " " }.allSatisfy { $0.isLetter || "_-".contains($0) }
                && rest.dropFirst(rest.prefix { $0 != " " }.count).hasPrefix(" = ") ? String(rest) : String(line)
        }.joined(separator: "\n")
    }

    @Test func `its examples are right, and the keys are the ones that are`() {
        let file = configuration(uncommented)
        #expect(file.problems.isEmpty)
        #expect(file.configuration.cellAspect == 2)
        #expect(file.configuration.savedFilters.names == ["losses"])
        #expect(file.configuration.keys.count == KeyTable.complete.bindings.count)
        let table = file.configuration.keyTable
        for (bound, standard) in zip(table.bindings, KeyTable.complete.bindings) {
            #expect(bound.keys == standard.keys, "\(standard.action)")
        }
    }

    @Test func `every key of the file is in it, in lines that fit`() {
        let text = ConfigurationText.documented
        for setting in Setting.all { #expect(text.contains("\(setting.name) = \(setting.sample)\n"), "\(setting.key)") }
        for line in text.split(separator: "\n") where !line.contains(" = ") { #expect(line.count <= 120, "\(line)") }
    }
}
