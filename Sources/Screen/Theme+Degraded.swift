extension Theme {
    /// The same theme for a terminal with fewer colours. What must be seen stays visible: see
    /// ``Role/monochromeAttributes``.
    package func degraded(to depth: ColorDepth) -> Theme {
        var theme = self
        switch depth {
        case .palette256:
            break
        case .ansi16:
            for role in Role.allCases { theme.styles[role] = inSixteen(self[role], for: role) }
            // A paper of the theme's own would be any of 16 that the user has set: the terminal's is made for the others.
            theme.styles[.text] = Style(attributes: self[.text].attributes)
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

    /// Colours that come too close would hide the text: then the foreground is the black or white that shows. A background
    /// that becomes the one of the screen would hide the mark: then the role's attribute helps.
    private func inSixteen(_ style: Style, for role: Role) -> Style {
        var result = style
        result.foreground = Self.inSixteen(style.foreground)
        result.background = Self.inSixteen(style.background)
        if style.background != .standard, result.background == .indexed(isDark ? 0 : 15) {
            result.attributes.formUnion(role.monochromeAttributes)
        }
        if case .indexed(let front) = result.foreground, case .indexed(let behind) = result.background,
            Palette.contrast(front, behind) < Self.leastContrast
        {
            result.foreground = .indexed(Palette.readable(on: behind))
        }
        return result
    }

    /// WCAG's least for large text; most of ours is bold where it has a background.
    private static let leastContrast = 3.0

    private static func withoutRepeats(_ colors: [Color]) -> [Color] {
        colors.reduce(into: []) { kept, color in
            if kept.last != color { kept.append(color) }
        }
    }
}
