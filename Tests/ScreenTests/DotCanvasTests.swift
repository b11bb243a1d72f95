import Screen
import Testing

private typealias Place = DotCanvas.Place

private func canvas(_ width: Int, _ height: Int, _ glyphs: GlyphSet = .braille, aspect: Double = 2) -> DotCanvas {
    DotCanvas(size: Size(width: width, height: height), glyphs: glyphs, cellAspect: aspect)
}

private func text(_ canvas: DotCanvas) -> String {
    var buffer = Buffer(size: canvas.size, glyphs: canvas.glyphs)
    canvas.render(into: &buffer, at: .zero)
    return buffer.plainText
}

private func dots(_ canvas: DotCanvas) -> [(x: Int, y: Int)] {
    (0..<canvas.height).flatMap { y in
        (0..<canvas.width).compactMap { x in canvas.isSet(x: x, y: y) ? (x, y) : nil }
    }
}

@Suite struct DotCanvasTests {
    @Test func `each dot of a braille cell has its bit`() {
        let expected: [Unicode.Scalar] = ["⠁", "⠈", "⠂", "⠐", "⠄", "⠠", "⡀", "⢀"]
        for (index, glyph) in expected.enumerated() {
            var cell = canvas(1, 1)
            cell.set(x: index % 2, y: index / 2, color: .standard)
            #expect(text(cell) == String(glyph))
        }
    }

    @Test func `halves and ASCII have two dots a cell`() {
        for (glyphs, expected) in [(GlyphSet.halfBlock, "▀▄█"), (.ascii, "'.:")] {
            var three = canvas(3, 1, glyphs)
            three.set(x: 0, y: 0, color: .standard)
            three.set(x: 1, y: 1, color: .standard)
            three.set(x: 2, y: 0, color: .standard)
            three.set(x: 2, y: 1, color: .standard)
            #expect(text(three) == expected)
        }
    }

    @Test func `the colour with the highest priority wins, whichever comes first`() {
        for isWarningFirst in [true, false] {
            var cell = canvas(1, 1)
            if isWarningFirst { cell.set(x: 0, y: 0, color: .indexed(1), priority: 5) }
            cell.set(x: 1, y: 1, color: .indexed(2), priority: 4)
            if !isWarningFirst { cell.set(x: 0, y: 0, color: .indexed(1), priority: 5) }
            var buffer = Buffer(size: cell.size)
            cell.render(into: &buffer, at: .zero)
            #expect(buffer[0, 0].style.foreground == .indexed(1))
            #expect(buffer.plainText == "⠑")
        }
    }

    @Test func `dots keep the background behind them and leave other cells alone`() {
        var dot = canvas(2, 1)
        dot.set(x: 0, y: 0, color: .indexed(3))
        var buffer = Buffer(size: dot.size)
        buffer.write("ab", at: .zero, style: Style(background: .indexed(17)))
        dot.render(into: &buffer, at: .zero)
        #expect(buffer.plainText == "⠁b")
        #expect(buffer[0, 0].style == Style(foreground: .indexed(3), background: .indexed(17)))
    }

    @Test func `a canvas may lie partly outside of the buffer`() {
        var dots = canvas(2, 2)
        dots.set(x: 3, y: 7, color: .standard)
        var buffer = Buffer(size: Size(width: 1, height: 1))
        dots.render(into: &buffer, at: Point(x: -1, y: -1))
        #expect(buffer.plainText == "⢀")
    }

    @Test func `places are rounded to the nearest dot, and half a dot around the edge belongs to it`() {
        var dots = canvas(2, 1)
        dots.set(0.6, 1.4, color: .standard)
        #expect(dots.isSet(x: 1, y: 1))
        dots.set(3.4, -0.4, color: .standard)
        #expect(dots.isSet(x: 3, y: 0))
        dots.set(3.6, 0, color: .standard)
        dots.set(.nan, .infinity, color: .standard)
        dots.set(1e300, -1e300, color: .standard)
        dots.set(x: .max, y: .min, color: .standard)
        #expect(dotCount(dots) == 2)
    }

    @Test func `clearing and resizing leave no dot`() {
        var dots = canvas(3, 4)
        dots.set(x: 1, y: 1, color: .standard)
        dots.clear()
        #expect(dotCount(dots) == 0)
        dots.set(x: 1, y: 1, color: .standard)
        dots.resize(to: Size(width: 4, height: 3))
        #expect(dotCount(dots) == 0)
        dots.resize(to: Size(width: 5, height: 5))
        dots.set(x: 9, y: 19, color: .standard)
        #expect(dots.isSet(x: 9, y: 19))
    }

    @Test func `a line has both of its ends and one dot a step`() {
        var dots = canvas(5, 5)
        dots.line(from: Place(1, 2), to: Place(8, 5), color: .standard)
        #expect(dots.isSet(x: 1, y: 2) && dots.isSet(x: 8, y: 5))
        #expect(dotCount(dots) == 8)
    }

    @Test func `a line far beyond the edges is seen where it crosses`() {
        var dots = canvas(10, 5)
        dots.line(from: Place(-1e9, 10), to: Place(1e9, 10), color: .standard)
        #expect((0..<20).allSatisfy { dots.isSet(x: $0, y: 10) })
        dots.clear()
        dots.line(from: Place(-5, -5), to: Place(100, 100), color: .standard)
        #expect(dots.isSet(x: 0, y: 0) && dots.isSet(x: 19, y: 19))
    }

    @Test func `a line that does not cross the canvas sets nothing, whatever its ends`() {
        var dots = canvas(10, 5)
        let far = Double.greatestFiniteMagnitude
        let ends = [
            Place(-30, 5), Place(10, -30), Place(-far, far), Place(far, far), Place(.nan, 0), Place(0, .infinity),
        ]
        for end in ends { dots.line(from: Place(-10, -10), to: end, color: .standard) }
        dots.line(from: Place(-far, -far), to: Place(far, far), color: .standard)
        #expect(dotCount(dots) <= 20)
    }

    @Test func `a polygon is closed`() {
        var dots = canvas(3, 2)
        dots.polygon([Place(0, 0), Place(5, 0), Place(5, 7), Place(0, 7)], color: .standard)
        #expect(text(dots) == "⡏⠉⢹\n⣇⣀⣸")
    }

    @Test func `nothing breaks on a canvas without cells or with one`() {
        for size in [Size.zero, Size(width: 1, height: 1)] {
            for glyphs in GlyphSet.allCases {
                var small = DotCanvas(size: size, glyphs: glyphs)
                small.set(0, 0, color: .standard)
                small.line(from: Place(-9, -9), to: Place(9, 9), color: .standard)
                small.circle(center: Place(0, 0), radius: 1, color: .standard)
                small.polygon([], color: .standard)
                small.polygon([Place(0, 0)], color: .standard)
                var buffer = Buffer(size: size, glyphs: glyphs)
                small.render(into: &buffer, at: .zero)
                #expect(buffer.plainText.isEmpty == size.isEmpty)
            }
        }
    }
}

@Suite struct CircleTests {
    @Test(arguments: [2.0, 2.22, 1.8], [0.4, 1, 1.5, 2, 3.3, 7, 15, 40])
    func `a circle is round, thin and closed on every cell`(aspect: Double, radius: Double) {
        for glyphs in GlyphSet.allCases {
            var canvas = canvas(90, 60, glyphs, aspect: aspect)
            let center = Place(Double(canvas.width / 2), Double(canvas.height / 2))
            canvas.circle(center: center, radius: radius, color: .standard)
            let dots = dots(canvas)
            #expect(!dots.isEmpty)
            // On the screen a dot is one wide and `dotAspect` high: all of them lie as far from the centre.
            let tall = canvas.dotAspect
            for dot in dots {
                let x = Double(dot.x) - center.x
                let y = (Double(dot.y) - center.y) * tall
                let distance = (x * x + y * y).squareRoot()
                #expect(abs(distance - radius) <= 0.5 * max(1, tall) + 0.01, "\(dot) of \(radius)")
            }
            let isClosed = dots.allSatisfy { dot in
                dots.count { abs($0.x - dot.x) <= 1 && abs($0.y - dot.y) <= 1 } >= min(3, dots.count)
            }
            #expect(isClosed)
        }
    }

    @Test func `a circle is as wide as it is high on the screen`() {
        for aspect in [2.0, 2.22] {
            var canvas = canvas(90, 60, aspect: aspect)
            canvas.circle(center: Place(90, 120), radius: 60, color: .standard)
            let dots = dots(canvas)
            let width = Double((dots.map(\.x).max() ?? 0) - (dots.map(\.x).min() ?? 0))
            let height = Double((dots.map(\.y).max() ?? 0) - (dots.map(\.y).min() ?? 0)) * canvas.dotAspect
            #expect(abs(width - height) <= 2 * canvas.dotAspect)
        }
    }

    @Test func `of a circle much larger than the canvas the visible part is drawn`() {
        var canvas = canvas(20, 10)
        canvas.circle(center: Place(-1e6, 20), radius: 1e6 + 20, color: .standard)
        #expect(canvas.isSet(x: 20, y: 20))
        #expect(dotCount(canvas) >= 40)
    }

    @Test func `a circle beyond reason sets nothing`() {
        var canvas = canvas(20, 10)
        for radius in [-1, .nan, .infinity] {
            canvas.circle(center: Place(5, 5), radius: radius, color: .standard)
        }
        canvas.circle(center: Place(.nan, 5), radius: 3, color: .standard)
        canvas.circle(center: Place(1e300, 5), radius: 3, color: .standard)
        #expect(dotCount(canvas) == 0)
    }

    @Test func `an ellipse without width is a line`() {
        var canvas = canvas(5, 5)
        canvas.ellipse(center: Place(4, 9), across: 0, down: 4, color: .standard)
        #expect(dots(canvas).allSatisfy { $0.x == 4 })
        #expect(dotCount(canvas) == 9)
    }
}

private func dotCount(_ canvas: DotCanvas) -> Int { dots(canvas).count }
