extension Key {
    /// The key of a name, as a configuration file has it: a character (`x`, `?`, `Space`), `C-f` or `Ctrl-F`, `F5`, or
    /// what ``name`` gives (`Enter`, `Esc`, `Shift-Tab`, `PgUp` ...), in letters of any case. Nil for anything else.
    package init?(name: String) {
        if let only = name.unicodeScalars.first, name.unicodeScalars.count == 1 {
            // A control character cannot be seen and a combining one cannot be typed alone.
            guard case .columns = CharacterWidth.drawing(of: only) else { return nil }
            self = .character(only)
            return
        }
        let lower = name.lowercased()
        if let key = Self.named[lower] {
            self = key
        } else if lower.first == "f", let number = Int(lower.dropFirst()), (1...Self.functionKeys).contains(number) {
            self = .function(number)
        } else {
            guard let prefix = ["c-", "ctrl-", "^"].first(where: lower.hasPrefix),
                let key = Self.control(String(lower.dropFirst(prefix.count)))
            else { return nil }
            self = key
        }
    }

    /// Terminals know so many.
    private static let functionKeys = 24

    /// Ctrl with what terminals have a code for. Tab, Enter, Esc and Backspace are four of those codes: Ctrl-I is Tab.
    /// Ctrl-Z stops the program wherever it is.
    private static func control(_ name: String) -> Key? {
        if name == "space" { return .control(" ") }
        guard name.unicodeScalars.count == 1, let scalar = name.unicodeScalars.first else { return nil }
        switch scalar {
        case "i": return .tab
        case "m", "j": return .enter
        case "h": return .backspace
        case "z": return nil
        case "[": return .escape
        case "a"..."z", "\\", "]", "^", "_": return .control(scalar)
        default: return nil
        }
    }

    private static let named: [String: Key] = {
        let keys: [Key] = [
            .character(" "), .enter, .escape, .tab, .backTab, .backspace, .delete, .insert, .up, .down, .left, .right,
            .pageUp, .pageDown, .home, .end,
        ]
        let others: [String: Key] = [
            "escape": .escape, "return": .enter, "delete": .delete, "insert": .insert, "pageup": .pageUp,
            "pagedown": .pageDown, "backtab": .backTab, "s-tab": .backTab,
        ]
        return others.merging(keys.map { ($0.name.lowercased(), $0) }) { first, _ in first }
    }()
}
