import Screen
import Testing

private func buffer(_ width: Int, _ height: Int = 1, _ glyphs: GlyphSet = .braille) -> Buffer {
    Buffer(size: Size(width: width, height: height), glyphs: glyphs)
}

@Suite struct BufferTests {
    @Test func `a cell is 16 octets and holds no reference`() {
        #expect(MemoryLayout<Cell>.stride == 16)
        #expect(_isPOD(Cell.self))
    }

    @Test func `a style gives back what it was made of`() {
        for foreground in [Color.standard, .indexed(0), .indexed(255)] {
            for background in [Color.standard, .indexed(0), .indexed(255)] {
                let style = Style(foreground: foreground, background: background, attributes: [.bold, .italic])
                #expect(style.foreground == foreground)
                #expect(style.background == background)
                #expect(style.isBold && style.isItalic && !style.isDim && !style.isReversed && !style.isUnderlined)
            }
        }
    }

    @Test func `text is clipped at the right edge and after its width`() {
        var row = buffer(6)
        #expect(row.write("abcdefgh", at: Point(x: 2, y: 0), style: .plain) == 4)
        #expect(row.plainText == "  abcd")
        #expect(row.write("xyz", at: .zero, style: .plain, maxWidth: 2) == 2)
        #expect(row.plainText == "xyabcd")
    }

    @Test func `text that starts left of the buffer shows its rest`() {
        var row = buffer(4)
        row.write("abcdef", at: Point(x: -2, y: 0), style: .plain)
        #expect(row.plainText == "cdef")
    }

    @Test func `text far outside does nothing`() {
        var row = buffer(4)
        for point in [
            Point(x: .max, y: 0), Point(x: .min, y: 0), Point(x: 0, y: .max), Point(x: 0, y: -1), Point(x: 4, y: 0),
        ] {
            row.write("abc", at: point, style: .plain)
        }
        #expect(row == buffer(4))
    }

    @Test func `a wide character takes two columns and is never split`() {
        var row = buffer(5)
        #expect(row.write("世界人", at: .zero, style: .plain) == 4)
        #expect(row.plainText == "世界")
        #expect(row[0, 0].width == 2)
        #expect(row[1, 0].isContinuation)
    }

    @Test func `a wide character cut by the left edge leaves a blank`() {
        var row = buffer(3)
        row.write("世ab", at: Point(x: -1, y: 0), style: .plain)
        #expect(row.plainText == " ab")
    }

    @Test(arguments: [0, 1]) func `writing over one half of a wide character blanks the other`(column: Int) {
        var row = buffer(2)
        row.write("世", at: .zero, style: .plain)
        row.write("x", at: Point(x: column, y: 0), style: .plain)
        #expect(row.plainText == (column == 0 ? "x" : " x"))
        #expect(!row[0, 0].isContinuation && !row[1, 0].isContinuation)
    }

    @Test func `an area that cuts wide characters blanks their other halves`() {
        var row = buffer(6)
        row.write("世界人", at: .zero, style: .plain)
        row.fill(Rect(x: 1, y: 0, width: 4, height: 1), "x", style: .plain)
        #expect(row.plainText == " xxxx")
    }

    @Test func `marks go over the character before, at most two of them`() {
        var row = buffer(4)
        #expect(row.write("e\u{301}\u{302}\u{303}x", at: .zero, style: .plain) == 2)
        #expect(Array(row.plainText.unicodeScalars) == ["e", "\u{301}", "\u{302}", "x"])
    }

    @Test func `a mark without a character is shown over a circle`() {
        var row = buffer(4)
        #expect(row.write("\u{301}a", at: .zero, style: .plain) == 2)
        #expect(row.plainText == "\u{25CC}\u{301}a")
    }

    @Test func `control characters are shown and never sent`() {
        var row = buffer(12)
        row.write("a\u{1B}[0m\0\u{7F}\u{9B}\n", at: .zero, style: .plain)
        #expect(row.plainText == "a␛[0m␀␡\u{FFFD}␊")
    }

    @Test func `in ASCII control characters have caret form and all else is a question mark`() {
        var row = buffer(16, 1, .ascii)
        #expect(row.write("a\u{1B}\u{7F}\u{9B}é世\u{202E}", at: .zero, style: .plain) == 9)
        #expect(row.plainText == "a^[^???" + "?.")
        #expect(row.plainText.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
    }

    @Test(arguments: ["\u{202E}", "\u{2066}", "\u{200B}", "\u{FEFF}", "\u{AD}", "\u{FE0F}", "\u{E0041}", "\u{2028}"])
    func `what would hide or turn the text is shown as a dot`(hidden: String) {
        var row = buffer(8)
        #expect(row.write("a" + hidden + "b", at: .zero, style: .plain) == 3)
        #expect(row.plainText == "a·b")
    }

    @Test func `the width of a text is the columns it takes when written`() {
        for glyphs in GlyphSet.allCases {
            for text in ["", "abc", "世界", "e\u{301}", "\u{301}\u{301}x", "\u{1B}[", "a\u{202E}", "😀!", "한\u{1161}"] {
                var row = buffer(40, 1, glyphs)
                #expect(row.write(text, at: .zero, style: .plain) == glyphs.columns(of: text), "\(text) \(glyphs)")
            }
        }
    }

    @Test func `text can end at a column`() {
        var row = buffer(8)
        row.write("12.5", endingAt: Point(x: 7, y: 0), style: .plain)
        #expect(row.plainText == "   12.5")
        row.write("abcdef", endingAt: Point(x: 3, y: 0), style: .plain, maxWidth: 3)
        #expect(row.plainText == "abc12.5")
    }

    @Test func `whatever is written, no control reaches a cell and wide characters stay whole`() {
        var generator = SeededGenerator(seed: 11)
        for glyphs in GlyphSet.allCases {
            var screen = buffer(13, 3, glyphs)
            for _ in 0..<400 {
                var text = String.UnicodeScalarView()
                for _ in 0..<generator.next(12) {
                    let limit = [0x80, 0x3000, 0x11_0000][generator.next(3)]
                    if let scalar = Unicode.Scalar(UInt32(generator.next(limit))) { text.append(scalar) }
                }
                let point = Point(x: generator.next(20) - 4, y: generator.next(3))
                screen.write(String(text), at: point, style: .plain, maxWidth: generator.next(16))
            }
            for y in 0..<3 {
                for x in 0..<13 {
                    let cell = screen[x, y]
                    #expect(cell.isContinuation == (x > 0 && screen[x - 1, y].width == 2))
                    #expect(cell.width < 2 || x < 12)
                    #expect(CharacterWidth.columns(of: cell.scalar) > 0)
                    #expect(glyphs.isUnicode || cell.scalar.isASCII && !cell.hasMarks)
                }
            }
        }
    }

    @Test func `copying a buffer keeps wide characters whole at its edges`() {
        var source = buffer(4)
        source.write("世界", at: .zero, style: .plain)
        var target = buffer(3)
        target.draw(source, at: .zero)
        #expect(target.plainText == "世")
        target.clear()
        target.draw(source, at: Point(x: -1, y: 0))
        #expect(target.plainText == " 界")
    }

    @Test func `restyling leaves the characters`() {
        var row = buffer(3)
        row.write("abc", at: .zero, style: .plain)
        row.restyle(Rect(x: 1, y: -5, width: 9, height: 9)) { $0.background = .indexed(4) }
        #expect(row.plainText == "abc")
        #expect(row[0, 0].style == .plain)
        #expect(row[2, 0].style.background == .indexed(4))
    }

    @Test func `a box has a title and joins its neighbour`() {
        var screen = buffer(16, 4)
        let (left, right) = screen.bounds.splitHorizontally(at: 9)
        screen.drawBox(left, style: .plain, title: "Map")
        screen.drawBox(Rect(x: 8, y: 0, width: 1 + right.width, height: 4), style: .plain)
        screen.drawHorizontalLine(from: 8, to: 15, y: 2, style: .plain)
        #expect(
            screen.plainText == """
                ┌─ Map ─┬──────┐
                │       │      │
                │       ├──────┤
                └───────┴──────┘
                """)
    }

    @Test func `in ASCII a box has corners of plus signs and a second title where it fits`() {
        var screen = buffer(18, 2, .ascii)
        screen.drawBox(screen.bounds, style: .plain, title: "State", trailing: "v41")
        #expect(screen.plainText == "+- State -- v41 -+\n+----------------+")
        screen = buffer(14, 2, .ascii)
        screen.drawBox(screen.bounds, style: .plain, title: "State", trailing: "v41")
        #expect(screen.plainText == "+- State ----+\n+------------+")
        screen = buffer(9, 2, .ascii)
        screen.drawBox(screen.bounds, style: .plain, title: "State")
        #expect(screen.plainText == "+- St~ -+\n+-------+")
    }

    @Test func `nothing breaks on a buffer without cells or with one`() {
        for size in [Size.zero, Size(width: 1, height: 1), Size(width: 0, height: 3), Size(width: 3, height: -1)] {
            for glyphs in GlyphSet.allCases {
                var small = Buffer(size: size, glyphs: glyphs)
                let around = Rect(x: -2, y: -2, width: 9, height: 9)
                small.write("世a\u{301}", at: Point(x: -1, y: 0), style: .plain)
                small.fill(around, style: .plain)
                small.drawBox(around, style: .plain, title: "title", trailing: "more")
                small.drawBox(small.bounds, style: .plain, title: "title")
                small.drawVerticalLine(x: 0, from: -3, to: 3, style: .plain)
                small[0, 0] = Cell("世", width: 2)
                small[5, 5] = Cell("x")
                small.draw(small, at: .zero)
                #expect(small.size == size)
                #expect(!small.cells.contains { $0.width == 2 })
            }
        }
    }
}

@Suite struct ChangedSpansTests {
    @Test func `equal buffers differ nowhere`() {
        #expect(spans(from: buffer(5, 2), to: buffer(5, 2)).isEmpty)
    }

    @Test func `each change is one span, near ones are taken together`() {
        let old = buffer(20, 2)
        var new = old
        new.write("x", at: Point(x: 2, y: 1), style: .plain)
        new.write("x", at: Point(x: 5, y: 1), style: .plain)
        new.write("x", at: Point(x: 19, y: 1), style: .plain)
        #expect(
            spans(from: old, to: new) == [
                ChangedSpan(row: 1, columns: 2..<6), ChangedSpan(row: 1, columns: 19..<20),
            ])
    }

    @Test func `a change of style alone is a change`() {
        let old = buffer(3)
        var new = old
        new.restyle(Rect(x: 1, y: 0, width: 1, height: 1)) { $0.background = .indexed(1) }
        #expect(spans(from: old, to: new) == [ChangedSpan(row: 0, columns: 1..<2)])
    }

    @Test func `a span covers wide characters of both buffers whole`() {
        var old = buffer(8)
        old.write("ab世cd", at: .zero, style: .plain)
        var new = buffer(8)
        new.write("abxycd", at: .zero, style: .plain)
        #expect(spans(from: old, to: new) == [ChangedSpan(row: 0, columns: 2..<4)])
        #expect(spans(from: new, to: old) == [ChangedSpan(row: 0, columns: 2..<4)])
        var other = buffer(8)
        other.write("ab界cd", at: .zero, style: .plain)
        #expect(spans(from: old, to: other) == [ChangedSpan(row: 0, columns: 2..<4)])
    }

    @Test func `another size changes everything`() {
        #expect(spans(from: buffer(3, 3), to: buffer(2, 1)) == [ChangedSpan(row: 0, columns: 0..<2)])
        #expect(spans(from: buffer(3, 3), to: buffer(0, 1)).isEmpty)
    }

    @Test func `what the spans say makes the old screen the new one`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var old = buffer(24, 2)
            var new = old
            for _ in 0..<generator.next(6) {
                let point = Point(x: generator.next(26) - 1, y: generator.next(2))
                let text = ["世", "a", "bc", "e\u{301}", "界x"][generator.next(5)]
                old.write(text, at: point, style: .plain)
                if generator.next(3) > 0 { new.write(text, at: point, style: .plain) }
            }
            var result = old
            for span in spans(from: old, to: new) {
                #expect(!new[span.columns.lowerBound, span.row].isContinuation)
                #expect(!old[span.columns.lowerBound, span.row].isContinuation)
                for x in span.columns { result[x, span.row] = new[x, span.row] }
            }
            #expect(result == new)
        }
    }
}

/// A sequence of numbers that is the same on every run.
struct SeededGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
