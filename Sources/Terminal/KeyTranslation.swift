import CNcurses
import Screen

/// What ncurses says of keys and the mouse, in the program's terms.
enum KeyTranslation {
    /// What terminals send for these keys, whatever their description says: arrows differ by a mode that some ignore,
    /// and Home and End by the brand.
    static let commonSequences: [(String, Int32)] = [
        ("\u{1B}[A", KEY_UP), ("\u{1B}[B", KEY_DOWN), ("\u{1B}[C", KEY_RIGHT), ("\u{1B}[D", KEY_LEFT),
        ("\u{1B}OA", KEY_UP), ("\u{1B}OB", KEY_DOWN), ("\u{1B}OC", KEY_RIGHT), ("\u{1B}OD", KEY_LEFT),
        ("\u{1B}[H", KEY_HOME), ("\u{1B}[F", KEY_END), ("\u{1B}OH", KEY_HOME), ("\u{1B}OF", KEY_END),
        ("\u{1B}[1~", KEY_HOME), ("\u{1B}[4~", KEY_END), ("\u{1B}[7~", KEY_HOME), ("\u{1B}[8~", KEY_END),
        ("\u{1B}[3~", KEY_DC), ("\u{1B}[5~", KEY_PPAGE), ("\u{1B}[6~", KEY_NPAGE), ("\u{1B}[Z", KEY_BTAB),
    ]

    /// The key for a character that was typed.
    static func key(character: UInt32) -> Key? {
        switch character {
        case 9: .tab
        case 10, 13: .enter
        case 27: .escape
        // Terminals differ over what the key sends; Ctrl-H is given up for it.
        case 8, 127: .backspace
        case 0: .control(" ")
        case 1...26: Unicode.Scalar(character + 0x60).map(Key.control)
        case 28...31: Unicode.Scalar(character + 0x40).map(Key.control)
        default: Unicode.Scalar(character).map(Key.character)
        }
    }

    /// The key for one of ncurses' codes (KEY_...); nil for those that mean nothing here.
    static func key(code: Int32) -> Key? {
        switch code {
        case KEY_UP: .up
        case KEY_DOWN: .down
        case KEY_LEFT: .left
        case KEY_RIGHT: .right
        case KEY_PPAGE, KEY_A3: .pageUp
        case KEY_NPAGE, KEY_C3: .pageDown
        case KEY_HOME, KEY_A1, KEY_FIND: .home
        case KEY_END, KEY_C1, KEY_SELECT: .end
        case KEY_ENTER: .enter
        case KEY_BACKSPACE: .backspace
        case KEY_DC: .delete
        case KEY_IC: .insert
        case KEY_BTAB: .backTab
        case KEY_F0...KEY_F0 + 63: .function(Int(code - KEY_F0))
        default: nil
        }
    }
}

/// Mouse reports as events. It remembers which button is held, because a report of a movement does not say so.
struct MouseTranslation {
    private var held: MouseEvent.Button?

    private static let buttons: [(number: Int32, button: MouseEvent.Button)] = [(1, .left), (2, .middle), (3, .right)]
    private static let wheelUp: Int32 = 4
    private static let wheelDown: Int32 = 5

    mutating func events(state: mmask_t, at point: Point) -> [MouseEvent] {
        var modifiers: MouseEvent.Modifiers = []
        if state & cn_mouse_shift() != 0 { modifiers.insert(.shift) }
        if state & cn_mouse_control() != 0 { modifiers.insert(.control) }
        if state & cn_mouse_alt() != 0 { modifiers.insert(.alt) }
        func event(_ kind: MouseEvent.Kind, _ button: MouseEvent.Button = .left) -> MouseEvent {
            MouseEvent(kind, at: point, button: button, modifiers: modifiers)
        }

        var events: [MouseEvent] = []
        if state & cn_mouse_pressed(Self.wheelUp) != 0 { events.append(event(.wheelUp)) }
        if state & cn_mouse_pressed(Self.wheelDown) != 0 { events.append(event(.wheelDown)) }
        if state & cn_mouse_moved() != 0, let held { events.append(event(.drag, held)) }
        for (number, button) in Self.buttons {
            if state & cn_mouse_pressed(number) != 0 {
                events.append(event(.press, button))
                held = button
            }
            if state & cn_mouse_released(number) != 0 {
                events.append(event(.release, button))
                held = nil
            }
            // Both at once, when they came in one read.
            if state & cn_mouse_clicked(number) != 0 {
                events += [event(.press, button), event(.release, button)]
                held = nil
            }
        }
        return events
    }
}
