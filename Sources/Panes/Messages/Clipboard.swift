/// What is copied out of the program.
enum Clipboard {
    /// Octets that terminals take through OSC 52: xterm and tmux refuse sequences that are much longer.
    static let limit = 65_536

    /// As much of a text as may be copied, ending between characters.
    static func bounded(_ text: String) -> (text: String, isCut: Bool) {
        guard text.utf8.count > limit else { return (text, false) }
        var used = 0
        let kept = text.prefix { character in
            used += character.utf8.count
            return used <= limit
        }
        return (String(kept), true)
    }
}
