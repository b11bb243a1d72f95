/// What a person or the system wants, as the program sees it.
package enum Event: Hashable, Sendable {
    case key(Key)
    case mouse(MouseEvent)
    /// The screen has another size now; what was on it is gone.
    case resize(Size)
    /// Another thread asked for attention.
    case wake
    /// The terminal is gone: nobody will see another frame.
    case hangup
    /// SIGTERM or SIGINT came from outside. Ctrl-C comes as a key.
    case terminate(signal: Int32)
}

/// A key, or several at once where terminals send them as one.
package enum Key: Hashable, Sendable {
    case character(Unicode.Scalar)
    /// Ctrl with a lower-case letter, a space or one of `\ ] ^ _`.
    case control(Unicode.Scalar)
    case function(Int)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, pageUp, pageDown, home, end

    /// As help and hint line name it.
    package var name: String {
        switch self {
        case .character(" "): "Space"
        case .character(let scalar): String(scalar)
        case .control(" "): "Ctrl-Space"
        case .control(let scalar): "Ctrl-" + String(scalar).uppercased()
        case .function(let number): "F\(number)"
        case .enter: "Enter"
        case .escape: "Esc"
        case .tab: "Tab"
        case .backTab: "Shift-Tab"
        case .backspace: "Backspace"
        case .delete: "Del"
        case .insert: "Ins"
        case .up: "Up"
        case .down: "Down"
        case .left: "Left"
        case .right: "Right"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .home: "Home"
        case .end: "End"
        }
    }

    /// The key of a name, upper or lower case: one character, or what ``name`` says; `C-F` is short for `Ctrl-F`.
    package init?(named name: String) {
        let scalars = Array(name.unicodeScalars)
        if scalars.count == 1, scalars[0] > " ", scalars[0] != "\u{7F}" {
            self = .character(scalars[0])
            return
        }
        let lowered = (name.lowercased().hasPrefix("c-") ? "ctrl-" + name.dropFirst(2) : name).lowercased()
        let named = Self.special.first { $0.name.lowercased() == lowered }
        if let named {
            self = named
        } else if lowered.hasPrefix("f"), let number = Int(lowered.dropFirst()), (1...63).contains(number) {
            self = .function(number)
        } else if lowered.hasPrefix("ctrl-"), let last = lowered.unicodeScalars.last,
            lowered.unicodeScalars.count == 6,
            ("a"..."z").contains(last) && !Self.sentAsOthers.contains(last) || "\\]^_".unicodeScalars.contains(last)
        {
            self = .control(last)
        } else {
            return nil
        }
    }

    /// Terminals send Ctrl with these as Backspace, Tab and Enter.
    private static let sentAsOthers: [Unicode.Scalar] = ["h", "i", "j", "m"]

    private static let special: [Key] = [
        .character(" "), .control(" "), .enter, .escape, .tab, .backTab, .backspace, .delete, .insert, .up, .down,
        .left, .right, .pageUp, .pageDown, .home, .end,
    ]
}

package struct MouseEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case press, release, wheelUp, wheelDown
        /// Moved with a button held.
        case drag
    }

    package enum Button: Hashable, Sendable {
        case left, middle, right
    }

    package struct Modifiers: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let shift = Modifiers(rawValue: 1)
        package static let control = Modifiers(rawValue: 2)
        package static let alt = Modifiers(rawValue: 4)
    }

    package let kind: Kind
    /// The cell under the pointer.
    package let point: Point
    /// Which button; `left` where the event has none (the wheel).
    package let button: Button
    package let modifiers: Modifiers

    package init(_ kind: Kind, at point: Point, button: Button = .left, modifiers: Modifiers = []) {
        self.kind = kind
        self.point = point
        self.button = button
        self.modifiers = modifiers
    }
}
