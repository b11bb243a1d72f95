extension Theme {
    /// The same theme for a terminal with fewer colours. What must be seen stays visible: see
    /// ``Role/monochromeAttributes``.
    package func degraded(to depth: ColorDepth) -> Theme {
        var theme = self
        switch depth {
        case .palette256:
            break
        case .ansi16:
            theme.styles = styles.mapValues(Self.inSixteen)
            theme.altitude = Self.withoutRepeats(altitude.map(Self.inSixteen))
            theme.density = Self.withoutRepeats(density.map(Self.inSixteen))
            theme.entities = Self.withoutRepeats(entities.map(Self.inSixteen))
        case .none:
            for role in Role.allCases {
                theme.styles[role] = Style(attributes: self[role].attributes.union(role.monochromeAttributes))
            }
            theme.altitude = [.standard]
            theme.density = [.standard]
            theme.entities = [.standard]
        }
        return theme
    }

    private static func inSixteen(_ color: Color) -> Color {
        switch color {
        case .standard: .standard
        case .indexed(let index): .indexed(Palette.nearestANSI(index))
        }
    }

    /// Two colours that become one would hide the text: then the foreground is the black or white that shows.
    private static func inSixteen(_ style: Style) -> Style {
        var result = style
        result.foreground = inSixteen(style.foreground)
        result.background = inSixteen(style.background)
        if case .indexed(let behind) = result.background, result.foreground == result.background,
            style.foreground != style.background
        {
            result.foreground = .indexed(Palette.luminance(behind) > 0.3 ? 0 : 15)
        }
        return result
    }

    private static func withoutRepeats(_ colors: [Color]) -> [Color] {
        colors.reduce(into: []) { kept, color in
            if kept.last != color { kept.append(color) }
        }
    }
}
