import Screen
import Testing

@Suite struct CharacterWidthTests {
    @Test(
        arguments: ["a", "~", "é", "ß", "─", "█", "⣿", "●", "▲", "✓", "α", "א", "Ω", "\u{FFFD}", "\u{E000}"]
            as [Unicode.Scalar])
    func `most characters take one column, ambiguous ones too`(scalar: Unicode.Scalar) {
        #expect(CharacterWidth.columns(of: scalar) == 1)
    }

    @Test(
        arguments: ["世", "あ", "한", "Ａ", "￥", "　", "😀", "🚀", "⌚", "◽", "⛔", "\u{1F9FF}", "\u{20000}", "\u{3FFFD}"]
            as [Unicode.Scalar])
    func `East Asian wide and fullwidth characters and emoji take two`(scalar: Unicode.Scalar) {
        #expect(CharacterWidth.columns(of: scalar) == 2)
    }

    @Test(arguments: ["\u{300}", "\u{483}", "\u{20DD}", "\u{302A}", "\u{1161}", "\u{11A8}"] as [Unicode.Scalar])
    func `marks and the parts of Hangul syllables combine`(scalar: Unicode.Scalar) {
        #expect(CharacterWidth.drawing(of: scalar) == .combining)
    }

    @Test func `every character below space, DEL and C1 is a control`() {
        for value in (0...0xA0).compactMap(Unicode.Scalar.init) {
            let isControl = value.value < 0x20 || (0x7F..<0xA0).contains(value.value)
            #expect((CharacterWidth.drawing(of: value) == .control) == isControl)
        }
    }

    @Test func `no bidirectional control is ever drawn`() {
        let controls = Array(0x202A...0x202E) + Array(0x2066...0x2069) + [0x200E, 0x200F, 0x061C]
        for scalar in controls.compactMap(Unicode.Scalar.init) {
            #expect(CharacterWidth.drawing(of: scalar) == .hidden)
        }
    }
}

@Suite struct ShorteningTests {
    @Test func `what fits stays as it is`() {
        #expect(GlyphSet.braille.shortened("abc", to: 3) == "abc")
        #expect(GlyphSet.braille.shortenedInMiddle("abc", to: 3) == "abc")
    }

    @Test func `the end is cut with an ellipsis`() {
        #expect(GlyphSet.braille.shortened("abcdef", to: 4) == "abc…")
        #expect(GlyphSet.ascii.shortened("abcdef", to: 4) == "abc~")
        #expect(GlyphSet.braille.shortened("世界人", to: 4) == "世…")
    }

    @Test func `an identifier is cut in its middle`() {
        #expect(GlyphSet.braille.shortenedInMiddle("0123456789", to: 5) == "01…89")
        #expect(GlyphSet.braille.shortenedInMiddle("0123456789", to: 6) == "012…89")
    }

    @Test func `no cut is wider than asked for`() {
        for glyphs in GlyphSet.allCases {
            for text in ["abcdef", "世界人世界", "e\u{301}e\u{301}e\u{301}e\u{301}", "\u{301}\u{301}abc", "a\u{1B}\u{1B}b"] {
                for width in 0...8 {
                    #expect(glyphs.columns(of: glyphs.shortened(text, to: width)) <= width)
                    #expect(glyphs.columns(of: glyphs.shortenedInMiddle(text, to: width)) <= width)
                    #expect(glyphs.columns(of: glyphs.padded(text, to: width)) == width)
                }
            }
        }
    }

    @Test func `padding aligns left or right`() {
        #expect(GlyphSet.braille.padded("ab", to: 4) == "ab  ")
        #expect(GlyphSet.braille.padded("世", to: 4, alignedRight: true) == "  世")
    }
}
