import Screen
import Testing

@testable import Terminal

@Suite struct CursesStyleTests {
    private let finding = Style(foreground: .indexed(203), background: .indexed(24), attributes: .underlined)

    @Test func `with 256 colours a style is taken as it is`() {
        let style = CursesStyle(finding, colors: 256)
        #expect(style.foreground == 203)
        #expect(style.background == 24)
        #expect(style.attributes == .underlined)
        #expect(CursesStyle(.plain, colors: 256).foreground == -1)
    }

    @Test func `with direct colour it is told in red, green and blue, but for the first eight`() {
        let style = CursesStyle(finding, colors: 1 << 24)
        #expect(style.foreground == 0xFF5F5F)
        #expect(style.background == 0x005F87)
        #expect(CursesStyle(Style(foreground: .indexed(3)), colors: 1 << 24).foreground == 3)
        // 0 to 7 are no shades of blue there.
        #expect(CursesStyle(Style(foreground: .indexed(16)), colors: 1 << 24).foreground == 8)
        #expect(CursesStyle(.plain, colors: 1 << 24).foreground == -1)
    }

    @Test func `with 16 colours the hue stays`() {
        let style = CursesStyle(finding, colors: 16)
        #expect(style.foreground == 9)
        #expect(style.background == 4)
    }

    @Test func `with 8 colours the bright half is bold`() {
        let style = CursesStyle(finding, colors: 8)
        #expect(style.foreground == 1)
        #expect(style.background == 4)
        #expect(style.attributes == [.underlined, .bold])
    }

    @Test func `with 8 colours nothing is written in the colour of its background`() {
        for front in UInt8.min...UInt8.max {
            for behind in UInt8.min...UInt8.max where front != behind {
                let style = Style(foreground: .indexed(front), background: .indexed(behind))
                let shown = CursesStyle(style, colors: 8)
                #expect(shown.foreground != shown.background)
                #expect((0..<8).contains(shown.foreground) && (0..<8).contains(shown.background))
            }
        }
    }

    @Test func `without colours only attributes are left`() {
        let style = CursesStyle(finding, colors: 0)
        #expect(style.foreground == -1 && style.background == -1)
        #expect(style.attributes == .underlined)
    }
}

@Suite struct CapabilitiesTests {
    private func capabilities(
        colors: Int = 256, _ preference: ColorPreference = .automatic, noColor: String? = nil,
        type: String = "xterm-256color", wanted: GlyphSet? = nil, isUTF8: Bool = true, knowsBraille: Bool = true
    ) -> Capabilities {
        Capabilities(
            colors: colors, preference: preference, noColor: noColor, terminalType: type, wantedGlyphs: wanted,
            isUTF8: isUTF8, knowsBraille: knowsBraille)
    }

    @Test(arguments: [(0, ColorDepth.none), (2, .none), (8, .ansi16), (16, .ansi16), (88, .ansi16), (256, .palette256)])
    func `the terminal's colours decide over the depth`(colors: Int, depth: ColorDepth) {
        #expect(capabilities(colors: colors).depth == depth)
    }

    @Test func `NO_COLOR counts if it is not empty, and less than what the user asks for`() {
        #expect(capabilities(noColor: "1").depth == .none)
        #expect(capabilities(noColor: "").depth == .palette256)
        #expect(capabilities(.always, noColor: "1").depth == .palette256)
        #expect(capabilities(.never).depth == .none)
        #expect(capabilities(colors: 0, .always).depth == .none)
    }

    @Test func `without UTF-8 only ASCII is drawn, whatever was wanted`() {
        #expect(capabilities(isUTF8: false).glyphs == .ascii)
        #expect(capabilities(wanted: .braille, isUTF8: false).glyphs == .ascii)
    }

    @Test func `braille needs a font and a library that have it`() {
        #expect(capabilities().glyphs == .braille)
        #expect(capabilities(type: "linux").glyphs == .halfBlock)
        #expect(capabilities(knowsBraille: false).glyphs == .halfBlock)
        #expect(capabilities(type: "linux", wanted: .braille).glyphs == .braille)
        #expect(capabilities(wanted: .ascii).glyphs == .ascii)
    }

    @Test func `a capability is sent without its delays`() {
        #expect(Terminal.withoutPadding("\u{1B}[?5l$<100/>\u{1B}[m$<2>") == "\u{1B}[?5l\u{1B}[m")
        #expect(Terminal.withoutPadding("a$b$<") == "a$b$<")
    }
}

@Suite struct WakerTests {
    @Test func `many wakes are one, and the next one counts again`() throws {
        let waker = try Waker()
        for _ in 0..<100_000 { waker.wake() }
        #expect(waker.drain() == [0])
        #expect(waker.drain().isEmpty)
        waker.wake()
        #expect(waker.drain() == [0])
    }

    @Test func `signals keep their order beside wakes`() throws {
        let waker = try Waker()
        waker.put(28)
        waker.wake()
        waker.put(15)
        #expect(waker.drain() == [28, 0, 15])
    }
}
