/// How many columns a character takes in a terminal, and which ones must not reach it.
///
/// An own table, because the answer must be the same on every machine that shows a capture, and in tests.
package enum CharacterWidth {
    /// What becomes of a scalar on the screen.
    package enum Drawing: Equatable, Sendable {
        /// Drawn as it is, in 1 or 2 columns.
        case columns(Int)
        /// Drawn over the character before it.
        case combining
        /// C0, DEL or C1: it would command the terminal.
        case control
        /// Format characters, line separators, fillers, variation selectors: nothing is drawn for them, so that a text
        /// with them cannot be told from one without, or they turn the direction of what follows.
        case hidden
    }

    package static func drawing(of scalar: Unicode.Scalar) -> Drawing {
        let value = scalar.value
        if value < 0x7F { return value < 0x20 ? .control : .columns(1) }
        if value < 0xA0 { return .control }
        // Latin: nothing combines or is wide before U+0300, and the soft hyphen is the only format character.
        if value < 0x300 { return value == 0xAD ? .hidden : .columns(1) }
        // Braille, boxes and blocks, by the thousand on every frame.
        if value >= 0x2500 && value < 0x25FD || value >= 0x2800 && value < 0x2900 { return .columns(1) }
        return drawingByProperties(of: scalar)
    }

    /// Columns of one scalar: 0 for what is drawn over another one or not at all, 2 for East Asian wide and fullwidth
    /// characters and emoji, 1 for the rest; ambiguous ones count 1.
    package static func columns(of scalar: Unicode.Scalar) -> Int {
        if case .columns(let count) = drawing(of: scalar) { count } else { 0 }
    }

    private static func drawingByProperties(of scalar: Unicode.Scalar) -> Drawing {
        let value = scalar.value
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint { return .hidden }
        switch properties.generalCategory {
        case .format, .lineSeparator, .paragraphSeparator: return .hidden
        case .nonspacingMark, .enclosingMark: return .combining
        default: break
        }
        // The vowels and finals of conjoining Hangul join the consonant before them.
        if value >= 0x1160 && value <= 0x11FF || value >= 0xD7B0 && value <= 0xD7FB { return .combining }
        return .columns(isWide(value) ? 2 : 1)
    }

    private static func isWide(_ value: UInt32) -> Bool {
        var low = 0
        var high = wideRanges.count / 2
        while low < high {
            let middle = (low + high) / 2
            if value > wideRanges[2 * middle + 1] {
                low = middle + 1
            } else if value < wideRanges[2 * middle] {
                high = middle
            } else {
                return true
            }
        }
        return false
    }

    /// First and last of each range with East Asian Width W or F, in order, from EastAsianWidth.txt of Unicode 14 (since
    /// Unicode 9 all characters with emoji presentation are among them). Unassigned gaps inside of a range are taken in.
    private static let wideRanges: [UInt32] = [
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3,
        0x25FD, 0x25FE, 0x2614, 0x2615, 0x2648, 0x2653, 0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1,
        0x26AA, 0x26AB, 0x26BD, 0x26BE, 0x26C4, 0x26C5, 0x26CE, 0x26CE, 0x26D4, 0x26D4, 0x26EA, 0x26EA,
        0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA, 0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B,
        0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797,
        0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55, 0x2E80, 0x3029,
        0x302E, 0x303E, 0x3041, 0x3096, 0x309B, 0x3247, 0x3250, 0x4DBF, 0x4E00, 0xA4C6, 0xA960, 0xA97C,
        0xAC00, 0xD7A3, 0xF900, 0xFAD9, 0xFE10, 0xFE19, 0xFE30, 0xFE6B, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6,
        0x16FE0, 0x16FE3, 0x16FF0, 0x1B2FB, 0x1F004, 0x1F004, 0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E,
        0x1F191, 0x1F19A, 0x1F200, 0x1F320, 0x1F32D, 0x1F335, 0x1F337, 0x1F37C, 0x1F37E, 0x1F393,
        0x1F3A0, 0x1F3CA, 0x1F3CF, 0x1F3D3, 0x1F3E0, 0x1F3F0, 0x1F3F4, 0x1F3F4, 0x1F3F8, 0x1F43E,
        0x1F440, 0x1F440, 0x1F442, 0x1F4FC, 0x1F4FF, 0x1F53D, 0x1F54B, 0x1F54E, 0x1F550, 0x1F567,
        0x1F57A, 0x1F57A, 0x1F595, 0x1F596, 0x1F5A4, 0x1F5A4, 0x1F5FB, 0x1F64F, 0x1F680, 0x1F6C5,
        0x1F6CC, 0x1F6CC, 0x1F6D0, 0x1F6D2, 0x1F6D5, 0x1F6DF, 0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FC,
        0x1F7E0, 0x1F7F0, 0x1F90C, 0x1F93A, 0x1F93C, 0x1F945, 0x1F947, 0x1F9FF, 0x1FA70, 0x1FAFF,
        0x20000, 0x3FFFD,
    ]
}
