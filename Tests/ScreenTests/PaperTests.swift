import Screen
import Testing

@Suite struct PaperTests {
    @Test func `a theme's own paper takes the place of the terminal's colours and of no other`() {
        var buffer = Buffer(size: Size(width: 3, height: 1))
        buffer[0, 0] = Cell("a")
        buffer[1, 0] = Cell("b", style: Style(foreground: .indexed(9), attributes: .bold))
        buffer[2, 0] = Cell("c", style: Style(background: .indexed(4)))
        buffer.replaceStandardColors(with: Style(foreground: .indexed(236), background: .indexed(230)))
        #expect(buffer[0, 0].style == Style(foreground: .indexed(236), background: .indexed(230)))
        #expect(
            buffer[1, 0].style == Style(foreground: .indexed(9), background: .indexed(230), attributes: .bold))
        #expect(buffer[2, 0].style == Style(foreground: .indexed(236), background: .indexed(4)))
        #expect(buffer.plainText == "abc")
    }

    @Test func `without a paper everything stays as it is`() {
        let buffer = Buffer(size: Size(width: 3, height: 1))
        var same = buffer
        same.replaceStandardColors(with: .plain)
        #expect(same == buffer)
    }
}
