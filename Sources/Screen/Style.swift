/// A colour of the terminal.
package enum Color: Hashable, Sendable {
    /// What the user's terminal has when nothing is asked for.
    case standard
    /// One of the 256 of the xterm palette: 0...15 as the user has set them, 16...231 a cube of 6 x 6 x 6, 232...255 greys.
    case indexed(UInt8)
}

/// How many colours can be shown, in the order of what they can do.
package enum ColorDepth: Int, Comparable, CaseIterable, Sendable {
    /// No colour at all, or none wanted (NO_COLOR): bold, dim, underline and reverse must do.
    case none
    /// The 16 of the ANSI palette; a terminal with 8 shows the upper half as bold.
    case ansi16
    /// The xterm palette of 256.
    case palette256

    package static func < (left: ColorDepth, right: ColorDepth) -> Bool { left.rawValue < right.rawValue }
}

/// Everything about a cell except its character: two colours and attributes.
///
/// One word, because a screen of 12,000 of them is compared and copied for each frame.
package struct Style: Hashable, Sendable {
    /// Foreground in bits 0...8, background in 9...17 (0 is standard, n + 1 is the indexed colour n), attributes above.
    private var bits: UInt32

    package struct Attributes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let bold = Attributes(rawValue: 1)
        package static let dim = Attributes(rawValue: 2)
        package static let underlined = Attributes(rawValue: 4)
        package static let reversed = Attributes(rawValue: 8)
        package static let italic = Attributes(rawValue: 16)
    }

    package init(
        foreground: Color = .standard, background: Color = .standard, attributes: Attributes = []
    ) {
        bits =
            Self.encoded(foreground) | Self.encoded(background) << 9 | UInt32(attributes.rawValue) << 18
    }

    /// The terminal's own colours, no attribute.
    package static let plain = Style()

    package var foreground: Color {
        get { Self.decoded(bits) }
        set { bits = bits & ~0x1FF | Self.encoded(newValue) }
    }

    package var background: Color {
        get { Self.decoded(bits >> 9) }
        set { bits = bits & ~(0x1FF << 9) | Self.encoded(newValue) << 9 }
    }

    package var attributes: Attributes {
        get { Attributes(rawValue: UInt8(truncatingIfNeeded: bits >> 18)) }
        set { bits = bits & 0x3FFFF | UInt32(newValue.rawValue) << 18 }
    }

    package var isBold: Bool {
        get { attributes.contains(.bold) }
        set { set(.bold, newValue) }
    }

    package var isDim: Bool {
        get { attributes.contains(.dim) }
        set { set(.dim, newValue) }
    }

    package var isUnderlined: Bool {
        get { attributes.contains(.underlined) }
        set { set(.underlined, newValue) }
    }

    package var isReversed: Bool {
        get { attributes.contains(.reversed) }
        set { set(.reversed, newValue) }
    }

    package var isItalic: Bool {
        get { attributes.contains(.italic) }
        set { set(.italic, newValue) }
    }

    /// This style on the background of another one: for text on a selected row or on an area of the map.
    package func on(_ other: Style) -> Style {
        on(other.background)
    }

    package func on(_ background: Color) -> Style {
        var style = self
        style.background = background
        return style
    }

    /// This style with more attributes.
    package func adding(_ attributes: Attributes) -> Style {
        var style = self
        style.attributes.formUnion(attributes)
        return style
    }

    private mutating func set(_ attribute: Attributes, _ isOn: Bool) {
        if isOn { attributes.insert(attribute) } else { attributes.remove(attribute) }
    }

    private static func encoded(_ color: Color) -> UInt32 {
        switch color {
        case .standard: 0
        case .indexed(let index): UInt32(index) + 1
        }
    }

    private static func decoded(_ bits: UInt32) -> Color {
        let value = bits & 0x1FF
        return value == 0 ? .standard : .indexed(UInt8(truncatingIfNeeded: value - 1))
    }
}
