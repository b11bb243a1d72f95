import Foundation
import Panes
import Screen
import Testing

@testable import Settings

private let names = ThemeLibrary.builtIn.map(\.name)

private func theme(_ name: String) throws -> Theme {
    let loaded = try ThemeLibrary(folder: nil).load(name)
    #expect(loaded.problems.isEmpty)
    return loaded.theme
}

private func pairs<Element>(_ elements: [Element]) -> [(Element, Element)] {
    elements.indices.flatMap { first in elements.indices.dropFirst(first + 1).map { (elements[first], elements[$0]) } }
}

@Suite struct ThemeLibraryTests {
    @Test func `there are at least six themes, and each file of the folder is one of them`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "themes")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files == names.map { "\($0).toml" })
        #expect(names.count >= 6)
        #expect(ThemeLibrary(folder: nil).names == names)
    }

    @Test(arguments: names) func `a theme has its name, every role, and full ramps`(name: String) throws {
        let theme = try theme(name)
        #expect(theme.name == name)
        for role in Role.allCases { #expect(theme.styles[role] != nil, "\(role)") }
        guard name != "mono" else { return }
        #expect((10...12).contains(theme.altitude.count))
        #expect((10...12).contains(theme.density.count))
        #expect(Set(theme.entities).count == 8)
    }

    @Test func `the compiled-in themes and their files are the same`() throws {
        #expect(try theme("dark") == .dark)
        #expect(try theme("light") == .light)
    }

    @Test(arguments: names) func `what is to be read can be read`(name: String) throws {
        let theme = try theme(name)
        // Lines and what is meant to stand back.
        let faint: Set<Role> = [.mapGrid, .border, .mapTrail, .mapStale, .mapRing, .timeline, .filterPlaceholder]
        let isHigh = name == "contrast"
        for role in Role.allCases {
            let style = theme[role]
            guard case .indexed(let front) = style.foreground else { continue }
            let least = faint.contains(role) ? (isHigh && role != .mapGrid ? 3 : 1.4) : isHigh ? 7 : 4.5
            #expect(Palette.contrast(front, paper(behind: style, in: theme)) >= least, "\(role)")
        }
        for case .indexed(let front) in theme.entities {
            #expect(Palette.contrast(front, paper(behind: .plain, in: theme)) >= 3, "\(front)")
        }
    }

    /// The background of a style; where the theme leaves that to the terminal, the darkest or the brightest.
    private func paper(behind style: Style, in theme: Theme) -> UInt8 {
        for color in [style.background, theme[.text].background] {
            if case .indexed(let index) = color { return index }
        }
        return theme.isDark ? 16 : 231
    }

    @Test(arguments: names) func `ramps only grow or only shrink in brightness`(name: String) throws {
        let theme = try theme(name)
        for ramp in [theme.altitude, theme.density] {
            let steps = ramp.compactMap { if case .indexed(let index) = $0 { Palette.luminance(index) } else { nil } }
            let grows = zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 + 0.02 }
            let shrinks = zip(steps, steps.dropFirst()).allSatisfy { $0 + 0.02 >= $1 }
            #expect(grows || shrinks)
        }
    }

    private static let severities: [Role] = [.good, .note, .warning, .error]
    private static let families: [Role] = [
        .typeConnection, .typeSpatial, .typeState, .typePeer, .typeSecurity, .typeExtension,
    ]

    @Test(arguments: names) func `severities and families have colours of their own`(name: String) throws {
        guard name != "mono" else { return }
        let theme = try theme(name)
        for roles in [Self.severities, Self.families] {
            #expect(Set(roles.map { theme[$0].foreground }).count == roles.count)
        }
    }

    @Test(arguments: [("safe-dark", 0.1), ("safe-light", 0.08)])
    func `severities, families and entities stay apart for everybody`(name: String, least: Double) throws {
        let theme = try theme(name)
        for roles in [Self.severities, Self.families] {
            for (first, second) in pairs(roles) {
                let distance = Vision.leastDistance(theme[first].foreground, theme[second].foreground)
                #expect(distance >= least, "\(first) and \(second): \(distance)")
            }
        }
        for (first, second) in pairs(theme.entities) {
            let distance = Vision.leastDistance(first, second)
            #expect(distance >= least, "\(first) and \(second): \(distance)")
        }
    }

    @Test func `the measure of what stays apart finds red and green`() {
        #expect(Vision.usual.distance(160, 64) > 0.2)
        #expect(Vision.leastDistance(.indexed(160), .indexed(64)) < 0.08)
        #expect(Vision.usual.distance(16, 231) > 0.95)
        #expect(Vision.leastDistance(.standard, .indexed(1)) == 0)
    }

    @Test func `the monochrome theme has no colour and marks what must be seen`() throws {
        let theme = try theme("mono")
        #expect(Role.allCases.allSatisfy { theme[$0].foreground == .standard && theme[$0].background == .standard })
        #expect((theme.altitude + theme.density + theme.entities).allSatisfy { $0 == .standard })
        #expect(theme.styles == Theme.dark.degraded(to: .none).styles)
    }

    @Test(arguments: names) func `with 16 colours no other is used, text shows, and the terminal has its own paper`(
        name: String
    ) throws {
        let poor = try theme(name).degraded(to: .ansi16)
        func isFew(_ color: Color) -> Bool { if case .indexed(let index) = color { index < 16 } else { true } }
        for role in Role.allCases {
            let style = poor[role]
            #expect(isFew(style.foreground) && isFew(style.background))
            if case .indexed(let front) = style.foreground, case .indexed(let behind) = style.background {
                #expect(Palette.contrast(front, behind) >= 3, "\(role)")
            }
        }
        #expect((poor.altitude + poor.density + poor.entities).allSatisfy(isFew))
        #expect(poor[.text].foreground == .standard && poor[.text].background == .standard)
    }

    @Test(arguments: names) func `without colours what must be seen is seen`(name: String) throws {
        let plain = try theme(name).degraded(to: .none)
        #expect(Role.allCases.allSatisfy { plain[$0].foreground == .standard && plain[$0].background == .standard })
        for (marked, ordinary) in [
            (Role.selection, Role.text), (.selectionUnfocused, .text), (.selection, .selectionUnfocused),
            (.titleFocused, .title), (.borderFocused, .border), (.error, .text), (.malformed, .text),
            (.timelineCursor, .timeline), (.filterInvalid, .filterValid), (.mapSelected, .mapEntity),
        ] {
            #expect(plain[marked].attributes != plain[ordinary].attributes, "\(marked) and \(ordinary)")
        }
    }
}

@Suite struct OwnThemeTests {
    private let folder: TemporaryFolder
    private let library: ThemeLibrary

    init() throws {
        folder = try TemporaryFolder()
        library = ThemeLibrary(folder: folder.path)
    }

    @Test func `a file in the user's folder is a theme, and goes before the program's own`() throws {
        _ = try folder.write("name = \"mine\"\n[styles]\ntext = { foreground = 7 }\n", to: "mine.toml")
        _ = try folder.write("name = \"my dark\"", to: "dark.toml")
        #expect(library.names.contains("mine"))
        #expect(try library.load("mine").theme[.text].foreground == .indexed(7))
        #expect(try library.load("dark").theme.name == "my dark")
        #expect(try library.source(of: "dark") == Array("name = \"my dark\"".utf8))
    }

    @Test func `a file can be named`() throws {
        let path = try folder.write("dark = false\nname = \"x\"", to: "any.toml")
        let loaded = try library.load(path)
        #expect(loaded.theme[.selection] == Theme.light[.selection])
        #expect(loaded.problems.isEmpty)
    }

    @Test func `a name that no theme has is told with those that there are`() {
        #expect(throws: ThemeLibrary.Failure.unknown("nope", known: library.names)) { try library.load("nope") }
        #expect(
            ThemeLibrary.Failure.unknown("nope", known: ["a", "b"]).description
                == "there is no theme \"nope\"; there are a, b")
        #expect(throws: ThemeLibrary.Failure.self) { try library.load("/nowhere/x.toml") }
    }

    @Test func `a mistake is named with file, line, column and key, and the rest is used`() throws {
        let path = try folder.write(
            """
            name = "x"
            [styles]
            text = { foreground = 7,
                backgruond = 3 }
            selectoin = { bold = true }
            dim = { foreground = 300 }
            [ramps]
            density = [1, 2,
              "red"]
            """.replacingOccurrences(of: ",\n    back", with: ", back"), to: "x.toml")
        let loaded = try library.load(path)
        #expect(
            loaded.problems == [
                "\(path):3:26: styles.text.backgruond: there is no such key; background is one",
                "\(path):4:1: styles.selectoin: there is no such key; selection is one",
                "\(path):5:9: styles.dim.foreground: expected a colour, 0...255 or \"default\", found 300",
                "\(path):8:3: ramps.density[2]: expected a colour, 0...255 or \"default\", found \"red\"",
            ])
        #expect(loaded.theme[.text].foreground == .indexed(7))
        #expect(loaded.theme.density == Theme.dark.density)
    }

    @Test func `rules colour messages, in their order`() throws {
        let path = try folder.write(
            """
            name = "x"
            [[colour]]
            when = "lost"
            role = "warning"
            [[colour]]
            when = "type == ping"
            foreground = 100
            background = "default"
            bold = true
            dim = false
            """, to: "x.toml")
        let loaded = try library.load(path)
        #expect(loaded.problems.isEmpty)
        #expect(loaded.rules.map(\.filter.text) == ["lost", "type == ping"])
        #expect(
            loaded.rules.map(\.look) == [
                ColorRule.Look(role: .warning),
                ColorRule.Look(foreground: .indexed(100), background: .standard, attributes: .bold),
            ])
    }

    @Test func `a rule that is wrong is named, and the others are used`() throws {
        let path = try folder.write(
            """
            [[colour]]
            when = "type == pingg"
            [[colour]]
            foreground = 1
            [[colour]]
            when = "lost"
            role = "warnings"
            foregruond = 2
            bold = 1
            [[colour]]
            when = 7
            [[colour]]
            when = "near(alice, 5)"
            """, to: "x.toml")
        let loaded = try library.load(path)
        #expect(loaded.rules.count == 1)
        let beginnings = [
            "2:1: colour[0].when: unknown message type \"pingg\"", "3:1: colour[1]: when is missing: a filter",
            "7:1: colour[2].role: expected a style of the theme, as under [styles], found \"warnings\"",
            "8:1: colour[2].foregruond: there is no such key; foreground is one",
            "9:1: colour[2].bold: expected true or false, found 1", "11:1: colour[3].when: expected a filter, found 7",
            "13:1: colour[4].when: ",
        ]
        #expect(loaded.problems.count == beginnings.count)
        for (problem, beginning) in zip(loaded.problems, beginnings) {
            #expect(problem.hasPrefix("\(path):\(beginning)"), "\(problem)")
        }
    }

    @Test func `a file that is no TOML is named with the place`() throws {
        let path = try folder.write("name = \"x\"\n[styles\n", to: "x.toml")
        #expect {
            try library.load(path)
        } throws: { error in
            "\(error)".hasPrefix("\(path):2:")
        }
    }

    @Test func `a file as large as no theme is not read`() throws {
        let path = try folder.write(String(repeating: "#", count: (1 << 20) + 1), to: "x.toml")
        #expect(throws: ThemeLibrary.Failure.self) { try library.load(path) }
    }
}
