/// The xterm palette of 256 colours in red, green and blue.
package enum Palette {
    package typealias RGB = (red: Int, green: Int, blue: Int)

    /// xterm's own first 16; a user may have set others, which a program cannot know.
    private static let ansi: [RGB] = [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
        (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
        (255, 255, 255),
    ]

    private static let cubeLevels = [0, 95, 135, 175, 215, 255]

    package static func rgb(_ index: UInt8) -> RGB {
        let index = Int(index)
        if index < 16 { return ansi[index] }
        if index < 232 {
            let cell = index - 16
            return (cubeLevels[cell / 36], cubeLevels[cell / 6 % 6], cubeLevels[cell % 6])
        }
        let grey = 8 + 10 * (index - 232)
        return (grey, grey, grey)
    }

    /// The nearest of the first 16. The distance weighs green most and blue least, as the eye does.
    package static func nearestANSI(_ index: UInt8) -> UInt8 {
        if index < 16 { return index }
        let wanted = rgb(index)
        func distance(_ other: RGB) -> Int {
            let red = wanted.red - other.red
            let green = wanted.green - other.green
            let blue = wanted.blue - other.blue
            return 3 * red * red + 4 * green * green + 2 * blue * blue
        }
        let nearest = ansi.indices.min { distance(ansi[$0]) < distance(ansi[$1]) } ?? 0
        return UInt8(truncatingIfNeeded: nearest)
    }

    /// Relative luminance by WCAG 2 with its curve approximated by a square, 0...1.
    package static func luminance(_ index: UInt8) -> Double {
        let color = rgb(index)
        func linear(_ value: Int) -> Double {
            let share = Double(value) / 255
            return share * share
        }
        return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
    }
}
