import Screen

/// A style in the terms of ncurses, for a terminal with so many colours.
struct CursesStyle: Hashable, Sendable {
    /// -1 for the terminal's own.
    let foreground: Int32
    /// -1 for the terminal's own.
    let background: Int32
    let attributes: Style.Attributes

    /// - Parameter colors: 0, 8, 16 or 256, and anything between; more where colours are red, green and blue themselves
    init(_ style: Style, colors: Int) {
        var attributes = style.attributes
        switch colors {
        case 257...:
            foreground = Self.direct(style.foreground)
            background = Self.direct(style.background)
        case 256:
            foreground = Self.number(style.foreground)
            background = Self.number(style.background)
        case 16...:
            foreground = Self.number(style.foreground, Palette.nearestANSI)
            background = Self.number(style.background, Palette.nearestANSI)
        case 8...:
            let behind = Self.number(style.background, Self.backgroundOfEight)
            var front = Self.number(style.foreground, Self.foregroundOfEight)
            if case .indexed(let index) = style.foreground, Palette.nearestANSI(index) > 8 {
                attributes.insert(.bold)
            }
            if front == behind, front >= 0, style.foreground != style.background {
                // Dark on light, light on dark: green, yellow, cyan and white are the light ones of the eight.
                front = behind & 2 != 0 ? 0 : 7
            }
            foreground = front
            background = behind
        default:
            foreground = -1
            background = -1
        }
        self.attributes = attributes
    }

    private static func number(_ color: Color, _ map: (UInt8) -> UInt8 = { $0 }) -> Int32 {
        switch color {
        case .standard: -1
        case .indexed(let index): Int32(map(index))
        }
    }

    /// 0xRRGGBB, as terminals with direct colour take it; 0 to 7 are the first of the palette there, as everywhere.
    private static func direct(_ color: Color) -> Int32 {
        guard case .indexed(let index) = color, index >= 8 else { return number(color) }
        let (red, green, blue) = Palette.rgb(index)
        return Int32(max(8, red << 16 | green << 8 | blue))
    }

    /// The upper half of the 16 is the lower one in bold. Grey would be bold black, which many terminals show as black.
    private static func foregroundOfEight(_ index: UInt8) -> UInt8 {
        let nearest = Palette.nearestANSI(index)
        return nearest == 8 ? 7 : nearest & 7
    }

    /// There is no bold for backgrounds: grey, which most often marks a row, becomes blue.
    private static func backgroundOfEight(_ index: UInt8) -> UInt8 {
        let nearest = Palette.nearestANSI(index)
        return nearest == 8 ? 4 : nearest & 7
    }
}
