import Screen
import Testing

@Suite struct SparklineTests {
    @Test func `two samples a cell, four levels, the newest on the right`() {
        #expect(sparkline(values: [1, 2, 3, 4], width: 2, glyphs: .braille) == "⣠⣾")
        #expect(sparkline(values: [4, 4, 1, 2, 3, 4], width: 2, glyphs: .braille) == "⣠⣾")
        #expect(sparkline(values: [4], width: 3, glyphs: .braille) == "  ⢸")
    }

    @Test func `no data is a gap`() {
        #expect(sparkline(values: [4, 4, nil, nil, 4, nil], width: 3, glyphs: .braille) == "⣿ ⡇")
    }

    @Test func `whatever is above zero has at least one dot, zero has none`() {
        #expect(sparkline(values: [1e-9, 0, 1e9, 0], width: 2, glyphs: .braille) == "⡀⡇")
        #expect(sparkline(values: [1, 0], width: 2, glyphs: .halfBlock, maximum: 1e300) == "▄ ")
    }

    @Test func `it is as wide as asked for, whatever the glyphs`() {
        for glyphs in GlyphSet.allCases {
            for width in [0, 1, 7] {
                let line = sparkline(values: [1, nil, .nan, .infinity, -4], width: width, glyphs: glyphs)
                #expect(glyphs.columns(of: line) == width)
            }
        }
        #expect(sparkline(values: [1, 2, 3], width: 5, glyphs: .ascii) == "  .:|")
    }

    @Test func `a maximum of one's own makes lines comparable`() {
        #expect(sparkline(values: [1, 1], width: 1, glyphs: .braille, maximum: 4) == "⣀")
        #expect(sparkline(values: [9, 9], width: 1, glyphs: .braille, maximum: 4) == "⣿")
    }
}

@Suite struct BarStripTests {
    private func draw(_ strip: BarStrip, _ width: Int, _ height: Int, _ glyphs: GlyphSet = .braille) -> Buffer {
        var buffer = Buffer(size: Size(width: width, height: height), glyphs: glyphs)
        strip.draw(into: &buffer, in: buffer.bounds)
        return buffer
    }

    @Test func `bars rise through the rows`() {
        let strip = BarStrip(values: [1, 2, 4, 8, nil, 5], style: .plain)
        #expect(draw(strip, 3, 2).plainText == " ⢸⢀\n⣠⣿⢸")
    }

    @Test func `marks lie over the bars on their background`() {
        let strip = BarStrip(
            values: [8, 8, 8, 8], style: Style(background: .indexed(4)),
            marks: [.init(bucket: 2, scalar: "!", style: Style(foreground: .indexed(1)))])
        let buffer = draw(strip, 2, 2)
        #expect(buffer.plainText == "⣿!\n⣿⣿")
        #expect(buffer[1, 0].style == Style(foreground: .indexed(1), background: .indexed(4)))
    }

    @Test func `the cursor is seen where there are no bars`() {
        let cursor = Style(attributes: .reversed)
        let strip = BarStrip(values: [nil, nil, 4, 4], style: .plain, cursor: (0, cursor))
        let buffer = draw(strip, 2, 1)
        #expect(buffer.plainText == "│⣿")
        #expect(buffer[0, 0].style == cursor)
    }

    @Test func `a click finds the bucket that was drawn there`() {
        for glyphs in GlyphSet.allCases {
            let count = BarStrip.capacity(width: 10, glyphs: glyphs)
            let bucket = BarStrip.bucket(atColumn: 9, glyphs: glyphs)
            #expect(bucket < count)
            var values = [Double?](repeating: nil, count: count)
            values[bucket] = 1
            let buffer = draw(BarStrip(values: values, style: .plain), 10, 1, glyphs)
            #expect(buffer[9, 0].scalar != " ")
        }
    }

    @Test func `nothing breaks without room, data or sense`() {
        let marks = [
            BarStrip.Mark(bucket: -1, scalar: "!", style: .plain), .init(bucket: 99, scalar: "!", style: .plain),
        ]
        for values in [[], [nil], [.nan], [.infinity, 1], [-1]] as [[Double?]] {
            for (width, height) in [(0, 0), (1, 1), (3, 4)] {
                let strip = BarStrip(values: values, style: .plain, marks: marks, cursor: (-5, .plain))
                #expect(!draw(strip, width, height).plainText.contains("!"))
            }
        }
    }
}

@Suite struct LinePlotTests {
    private func draw(_ values: [Double?], _ range: ClosedRange<Double>, _ width: Int, _ height: Int) -> String {
        var canvas = DotCanvas(size: Size(width: width, height: height), glyphs: .braille)
        LinePlot(series: [.init(values: values, color: .indexed(2))], range: range).draw(on: &canvas)
        var buffer = Buffer(size: canvas.size)
        canvas.render(into: &buffer, at: .zero)
        return buffer.plainText
    }

    @Test func `a line runs from corner to corner`() {
        #expect(draw([0, 1], 0...1, 2, 1) == "⡠⠊")
    }

    @Test func `a line breaks where there is no data`() {
        #expect(draw([1, 1, nil, 1, 1, nil], 0...2, 3, 1) == "⠤⠠⠄")
        #expect(draw([nil, 0, nil], 0...1, 3, 1) == " ⢀")
    }

    @Test func `nothing breaks on a canvas without dots, a range without extent or a value without sense`() {
        #expect(draw([1, 2], 0...1, 0, 0).isEmpty)
        #expect(draw([5, 5], 5...5, 2, 1).count == 2)
        #expect(draw([.nan, .infinity, -.infinity, 1e300], 0...1, 2, 1).isEmpty)
        #expect(draw([], 0...1, 2, 1).isEmpty)
    }

    @Test func `a line can take a part of the width, or reach beyond it`() {
        func draw(_ extent: ClosedRange<Double>, isDotted: Bool = false) -> String {
            var canvas = DotCanvas(size: Size(width: 4, height: 1), glyphs: .braille)
            let series = LinePlot.Series(values: [0, 0], color: .indexed(2), extent: extent, isDotted: isDotted)
            LinePlot(series: [series], range: 0...1).draw(on: &canvas)
            var buffer = Buffer(size: canvas.size)
            canvas.render(into: &buffer, at: .zero)
            return buffer.plainText
        }
        #expect(draw(0...1) == "⣀⣀⣀⣀")
        #expect(draw(0...0.5) == "⣀⣀⡀" || draw(0...0.5) == "⣀⣀")
        #expect(draw(-5...5) == "⣀⣀⣀⣀")
        #expect(draw(0...1, isDotted: true) == "⡀⢀ ⡀")
    }

    @Test func `axis labels stand in the rows of their values`() throws {
        let axis = try #require(Axis(covering: 0...20, maximumTicks: 3))
        var buffer = Buffer(size: Size(width: 4, height: 5))
        LinePlot.drawLabels(of: axis, into: &buffer, in: buffer.bounds, style: .plain) { Format.fixed($0, decimals: 0) }
        #expect(buffer.plainText == "  20\n\n  10\n\n   0")
    }
}

@Suite struct AxisTests {
    @Test(arguments: [(0.0, 1.0), (0, 7), (-3, 12), (0.001, 0.0042), (1000, 1e6), (-5, -4.2)])
    func `the ticks are round, few, and reach over the range`(low: Double, high: Double) throws {
        for count in 2...8 {
            let axis = try #require(Axis(covering: low...high, maximumTicks: count))
            #expect(axis.lowest <= low + axis.step * 1e-9 && axis.highest >= high - axis.step * 1e-9)
            #expect(axis.ticks.count <= max(count, 3))
            #expect(Axis.niceStep(atLeast: axis.step * 0.999) == axis.step)
        }
    }

    @Test func `steps are 1, 2 and 5 times a power of ten`() {
        #expect(Axis.niceStep(atLeast: 0.7) == 1)
        #expect(Axis.niceStep(atLeast: 1.1) == 2)
        #expect(Axis.niceStep(atLeast: 2.1) == 5)
        #expect(Axis.niceStep(atLeast: 51) == 100)
        #expect(Axis.niceStep(atLeast: Double.leastNonzeroMagnitude) > 0)
    }

    @Test func `a range without extent or beyond reason has no axis`() {
        #expect(Axis(covering: 3...3) == nil)
        #expect(Axis(covering: 0...Double.infinity) == nil)
        #expect(Axis(covering: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude) == nil)
        #expect(Axis(covering: 1e300...1e300.nextUp) == nil)
    }
}

@Suite struct LogAxisTests {
    @Test func `its ticks are powers of ten around the values, and few`() throws {
        #expect(try #require(LogAxis(covering: 0.3...42)).ticks.map { ($0 * 10).rounded() } == [1, 10, 100, 1000])
        #expect(try #require(LogAxis(covering: 5...5)).ticks == [1, 10])
        let wide = try #require(LogAxis(covering: 1e-3...1e9, maximumTicks: 4))
        #expect(wide.ticks.count <= 4 && wide.lowest < 1.1e-3 && wide.highest > 0.9e9)
    }

    @Test func `zero lies on its lower edge, and each decade takes the same room`() throws {
        let axis = try #require(LogAxis(covering: 1...1000))
        #expect(axis.share(of: 0) == 0 && axis.share(of: 1) == 0 && axis.share(of: -5) == 0)
        #expect(abs(axis.share(of: 10) - 1.0 / 3) < 1e-12 && abs(axis.share(of: 1000) - 1) < 1e-12)
    }

    @Test func `there is none without anything positive or beyond reason`() {
        #expect(LogAxis(covering: 0...1) == nil)
        #expect(LogAxis(covering: -1...1) == nil)
        #expect(LogAxis(covering: 1...Double.infinity) == nil)
    }
}
