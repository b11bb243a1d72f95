import Screen

/// A theme at a glance, as a line for a terminal of 256 colours.
package enum Swatch {
    private static let roles: [(role: Role, word: String)] = [
        (.text, "text"), (.dim, "dim"), (.selection, "selected"), (.good, "good"), (.note, "note"),
        (.warning, "warning"), (.error, "error"), (.typeConnection, "connection"), (.typeSpatial, "spatial"),
        (.typeState, "state"), (.typePeer, "peer"), (.typeSecurity, "security"), (.typeExtension, "extension"),
    ]

    package static func line(of theme: Theme) -> String {
        let paper = theme[.text]
        let words = roles.map { role, word in
            var style = theme[role]
            if style.background == .standard { style.background = paper.background }
            if style.foreground == .standard { style.foreground = paper.foreground }
            return "\(escape(style)) \(word) "
        }
        let ramp = theme.altitude.map { escape(Style(foreground: $0, background: paper.background)) + "\u{2588}" }
        return words.joined() + ramp.joined() + "\u{1B}[0m"
    }

    /// The sequence that sets a style, whatever was set before.
    private static func escape(_ style: Style) -> String {
        var codes = ["0"]
        if style.isBold { codes.append("1") }
        if style.isDim { codes.append("2") }
        if style.isItalic { codes.append("3") }
        if style.isUnderlined { codes.append("4") }
        if style.isReversed { codes.append("7") }
        if case .indexed(let index) = style.foreground { codes.append("38;5;\(index)") }
        if case .indexed(let index) = style.background { codes.append("48;5;\(index)") }
        return "\u{1B}[\(codes.joined(separator: ";"))m"
    }
}
