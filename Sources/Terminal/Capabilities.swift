import Screen

/// What a terminal can do, decided from what is known of it. Pure, so that every combination can be tested.
package struct Capabilities: Equatable, Sendable {
    package let depth: ColorDepth
    package let glyphs: GlyphSet

    /// - Parameters:
    ///   - colors: that the terminal description promises, 0 for none
    ///   - noColor: the value of NO_COLOR; only one that is not empty counts (no-color.org)
    ///   - wantedGlyphs: what the user asked for, if anything
    ///   - isUTF8: whether the locale's encoding is UTF-8; without it ncurses sends blanks for all that is not ASCII
    ///   - knowsBraille: whether the C library takes braille for printable, one column wide
    package init(
        colors: Int, preference: ColorPreference, noColor: String?, terminalType: String, wantedGlyphs: GlyphSet?,
        isUTF8: Bool, knowsBraille: Bool
    ) {
        let isWanted =
            switch preference {
            case .always: true
            case .never: false
            case .automatic, .sixteen: noColor?.isEmpty ?? true
            }
        depth =
            if !isWanted || colors < 8 {
                .none
            } else if colors < 256 || preference == .sixteen {
                .ansi16
            } else {
                .palette256
            }
        glyphs =
            if !isUTF8 {
                .ascii
            } else if let wantedGlyphs {
                wantedGlyphs
            } else if !knowsBraille || terminalType == "linux" {
                // The console's font has no more than 512 characters: blocks and lines, no braille.
                .halfBlock
            } else {
                .braille
            }
    }
}
