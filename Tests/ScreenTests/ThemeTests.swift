import Foundation
import Screen
import Testing

/// A whole theme in a line of a report would hide the line.
extension Theme: CustomTestStringConvertible {
    public var testDescription: String { name }
}

private func problems(_ overrides: [(key: String, value: SettingValue)]) -> [String] {
    Theme.dark.applying(overrides: overrides).problems.map(\.description)
}

@Suite struct ThemeTests {
    @Test(arguments: [Theme.dark, Theme.light]) func `a compiled-in theme has every role and full ramps`(theme: Theme) {
        for role in Role.allCases { #expect(theme.styles[role] != nil, "\(role)") }
        #expect((10...12).contains(theme.altitude.count))
        #expect((10...12).contains(theme.density.count))
        #expect(Set(theme.entities).count == 8)
    }

    @Test(arguments: [Theme.dark, Theme.light]) func `what is to be read can be read`(theme: Theme) {
        let paper: UInt8 = theme.isDark ? 16 : 231
        // Lines and what is meant to stand back.
        let faint: Set<Role> = [.mapGrid, .border, .mapTrail, .mapStale, .mapRing, .timeline, .filterPlaceholder]
        for role in Role.allCases {
            let style = theme[role]
            let behind = if case .indexed(let index) = style.background { index } else { paper }
            guard case .indexed(let front) = style.foreground else { continue }
            let least = faint.contains(role) ? 1.4 : 4.5
            #expect(Palette.contrast(front, behind) >= least, "\(role) in \(theme.name)")
        }
        for color in theme.entities {
            guard case .indexed(let front) = color else { continue }
            #expect(Palette.contrast(front, paper) >= 3, "\(color)")
        }
    }

    @Test(arguments: [Theme.dark, Theme.light]) func `ramps only grow or only shrink in brightness`(theme: Theme) {
        for ramp in [theme.altitude, theme.density] {
            let steps = ramp.compactMap { if case .indexed(let index) = $0 { Palette.luminance(index) } else { nil } }
            let grows = zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 + 0.02 }
            let shrinks = zip(steps, steps.dropFirst()).allSatisfy { $0 + 0.02 >= $1 }
            #expect(grows || shrinks)
        }
    }

    @Test func `an entity has the same colour always`() {
        #expect(Theme.stableHash("ent-3".utf8) == Theme.stableHash(Array("ent-3".utf8)))
        let colors = (0..<200).map { Theme.dark.entityColor(Theme.stableHash("ent-\($0)".utf8)) }
        #expect(Set(colors).count == Theme.dark.entities.count)
        #expect(Theme.dark.degraded(to: .none).entityColor(7) == .standard)
    }

    @Test func `a ramp has a step for every number`() {
        let ramp: [Color] = [.indexed(1), .indexed(2), .indexed(3)]
        #expect([-5, 0, 0.34, 0.99, 1, 7].map { Theme.step(ramp, at: $0) } == [1, 1, 2, 3, 3, 3].map { .indexed($0) })
        #expect(Theme.step(ramp, at: .nan) == .indexed(1))
        #expect(Theme.step([], at: 1) == .standard)
    }
}

@Suite struct ThemeOverridesTests {
    @Test func `a file changes what it names and nothing else`() {
        let (theme, problems) = Theme.dark.applying(overrides: [
            ("name", .string("mine")),
            ("styles", .table(["selection": .table(["background": .integer(5), "bold": .boolean(true)])])),
            ("ramps.altitude", .array([.integer(1), .string("default")])),
        ])
        #expect(problems.isEmpty)
        #expect(theme.name == "mine")
        var expected = Theme.dark[.selection]
        expected.background = .indexed(5)
        expected.isBold = true
        #expect(theme[.selection] == expected)
        #expect(theme[.text] == Theme.dark[.text])
        #expect(theme.altitude == [.indexed(1), .standard])
    }

    @Test func `an unknown key is named with the one that was meant`() {
        #expect(
            problems([("styles", .table(["selectoin": .table([:])]))])
                == ["styles.selectoin: there is no such key; selection is one"])
        #expect(problems([("colours", .table([:]))]) == ["colours: there is no such key"])
        #expect(
            problems([("styles.text.colour", .integer(1))]) == ["styles.text.colour: there is no such key"])
        #expect(
            problems([("styles.text.Bold", .boolean(true))]) == ["styles.text.Bold: there is no such key; bold is one"])
        #expect(problems([("a.b.c.d", .integer(1)), ("", .integer(1))]).count == 2)
    }

    @Test func `a wrong value is named with what is expected`() {
        #expect(
            problems([("styles.text.foreground", .integer(256))])
                == ["styles.text.foreground: expected a colour, 0...255 or \"default\", found 256"])
        #expect(problems([("styles.text", .integer(1))]) == ["styles.text: expected a table, found 1"])
        #expect(
            problems([("styles.text.bold", .string("yes"))]) == [
                "styles.text.bold: expected true or false, found \"yes\""
            ])
        #expect(
            problems([("ramps.density", .array([.integer(1), .number(1.5)]))])
                == ["ramps.density[1]: expected a colour, 0...255 or \"default\", found 1.5"])
        #expect(problems([("ramps.density", .array([]))]).count == 1)
        #expect(problems([("dark", .integer(1))]) == ["dark: expected true or false, found 1"])
    }

    @Test func `what is right is taken although something else is wrong`() {
        let (theme, problems) = Theme.dark.applying(overrides: [
            ("styles.text", .table(["foreground": .integer(7), "background": .integer(-1)]))
        ])
        #expect(problems.map(\.key) == ["styles.text.background"])
        #expect(theme[.text] == Style(foreground: .indexed(7)))
    }
}

@Suite struct DegradedThemeTests {
    @Test(arguments: [Theme.dark, Theme.light]) func `with 16 colours no other is used and text shows`(theme: Theme) {
        let poor = theme.degraded(to: .ansi16)
        func isFew(_ color: Color) -> Bool { if case .indexed(let index) = color { index < 16 } else { true } }
        for role in Role.allCases {
            let style = poor[role]
            #expect(isFew(style.foreground) && isFew(style.background))
            if case .indexed(let front) = style.foreground, case .indexed(let behind) = style.background {
                #expect(Palette.contrast(front, behind) >= 3, "\(role)")
            }
        }
        #expect((poor.altitude + poor.density + poor.entities).allSatisfy(isFew))
    }

    @Test func `with 16 colours severities stay apart`() {
        let poor = Theme.dark.degraded(to: .ansi16)
        let severities: [Role] = [.good, .note, .warning, .error, .text]
        #expect(Set(severities.map { poor[$0].foreground }).count == 5)
    }

    @Test(arguments: [Theme.dark, Theme.light]) func `without colour selection, focus and errors are seen`(theme: Theme)
    {
        let plain = theme.degraded(to: .none)
        for role in Role.allCases {
            #expect(plain[role].foreground == .standard && plain[role].background == .standard)
        }
        for (marked, ordinary) in [
            (Role.selection, Role.text), (.selectionUnfocused, .text), (.selection, .selectionUnfocused),
            (.titleFocused, .title), (.borderFocused, .border), (.error, .text), (.malformed, .text),
            (.highlightedOctets, .text), (.timelineCursor, .timeline), (.filterInvalid, .filterValid),
            (.mapSelected, .mapEntity),
        ] {
            #expect(plain[marked].attributes != plain[ordinary].attributes, "\(marked) and \(ordinary)")
        }
    }

    @Test func `with 256 colours nothing changes`() {
        #expect(Theme.dark.degraded(to: .palette256) == Theme.dark)
    }

    @Test func `a colour becomes the one of its hue, not the nearest grey`() {
        #expect(Palette.nearestANSI(203) == 9)
        #expect(Palette.nearestANSI(114) == 10)
        #expect(Palette.nearestANSI(215) == 11)
        #expect(Palette.nearestANSI(24) == 4)
        #expect(Palette.nearestANSI(240) == 8)
        #expect(Palette.nearestANSI(231) == 15)
        #expect((0..<16).allSatisfy { Palette.nearestANSI($0) == $0 })
    }
}

/// The files in `themes/` repeat what is compiled in, for readers. They are read here by hand: the form that they keep to
/// is a small part of TOML.
@Suite struct ThemeFileTests {
    @Test(arguments: [Theme.dark, Theme.light]) func `the theme file says what is compiled in`(theme: Theme) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "themes/\(theme.name).toml")
        let overrides = try entries(String(contentsOf: file, encoding: .utf8))

        var empty = theme
        empty.name = ""
        empty.isDark.toggle()
        for role in Role.allCases { empty.styles[role] = .plain }
        empty.altitude = []
        empty.density = []
        empty.entities = []
        let (read, problems) = empty.applying(overrides: overrides)
        #expect(problems.isEmpty)
        #expect(read == theme)
        for role in Role.allCases { #expect(overrides.contains { $0.key == "styles.\(role.rawValue)" }, "\(role)") }
    }

    private func entries(_ text: String) throws -> [(key: String, value: SettingValue)] {
        var section = ""
        return try text.split(separator: "\n").compactMap { line in
            if line.hasPrefix("#") { return nil }
            if line.hasPrefix("[") {
                section = line.dropFirst().dropLast() + "."
                return nil
            }
            let sides = line.split(separator: " = ", maxSplits: 1)
            try #require(sides.count == 2)
            return (section + sides[0], value(String(sides[1])))
        }
    }

    private func value(_ text: String) -> SettingValue {
        let inside = String(text.dropFirst().dropLast()).trimmingCharacters(in: .whitespaces)
        if text.hasPrefix("[") { return .array(inside.components(separatedBy: ", ").map(value)) }
        if text.hasPrefix("\"") { return .string(inside) }
        if text.hasPrefix("{") {
            let pairs = inside.components(separatedBy: ", ").map { $0.components(separatedBy: " = ") }
            return .table(Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], value($0[1])) }))
        }
        return Int(text).map(SettingValue.integer) ?? .boolean(text == "true")
    }
}
