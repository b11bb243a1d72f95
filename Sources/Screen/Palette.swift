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

    /// The one of the first 16 that tells the same. By hue and not by distance: nearest to almost every soft colour is a
    /// grey, and then a finding looks like any text.
    package static func nearestANSI(_ index: UInt8) -> UInt8 {
        if index < 16 { return index }
        let color = rgb(index)
        let brightest = max(color.red, color.green, color.blue)
        let chroma = brightest - min(color.red, color.green, color.blue)
        guard chroma >= leastChroma else {
            return brightest < 64 ? 0 : brightest < 160 ? 8 : brightest < 240 ? 7 : 15
        }
        let base = base(ofHue: hue(color, brightest: brightest, chroma: chroma))
        return brightest >= 170 ? base + 8 : base
    }

    /// Below it a colour counts as grey: all 24 greys and the palest of the cube.
    private static let leastChroma = 40

    /// In degrees, 0..<360: red 0, green 120, blue 240.
    private static func hue(_ color: RGB, brightest: Int, chroma: Int) -> Int {
        if brightest == color.red { return (60 * (color.green - color.blue) / chroma + 360) % 360 }
        if brightest == color.green { return 120 + 60 * (color.blue - color.red) / chroma }
        return 240 + 60 * (color.red - color.green) / chroma
    }

    /// Orange goes to yellow and pink to magenta: red is for errors.
    private static func base(ofHue hue: Int) -> UInt8 {
        switch hue {
        case 25..<75: 3
        case 75..<150: 2
        case 150..<195: 6
        case 195..<265: 4
        case 265..<345: 5
        default: 1
        }
    }

    /// Relative luminance by WCAG 2, 0...1; the curve of sRGB by a cubic that is within 0.002 of it.
    package static func luminance(_ index: UInt8) -> Double {
        let color = rgb(index)
        func linear(_ value: Int) -> Double {
            let share = Double(value) / 255
            return share * (0.0125 + share * (0.6822 + share * 0.3053))
        }
        return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
    }

    /// Contrast by WCAG 2, 1 (none) to 21; 3 is the least that large text needs.
    package static func contrast(_ first: UInt8, _ second: UInt8) -> Double {
        let brighter = max(luminance(first), luminance(second))
        let darker = min(luminance(first), luminance(second))
        return (brighter + 0.05) / (darker + 0.05)
    }

    /// The black or the white of the 16 that shows best on a colour.
    package static func readable(on background: UInt8) -> UInt8 {
        contrast(0, background) > contrast(15, background) ? 0 : 15
    }
}
