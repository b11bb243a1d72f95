/// One word, text or sign of a filter, and where it stands in the text.
struct FilterToken: Equatable {
    enum Kind: Equatable {
        case word(String)
        case quoted(String)
        case sign(FilterSign)
    }

    var kind: Kind
    /// In Characters of the text.
    var range: Range<Int>

    func isWord(_ text: String) -> Bool {
        guard case .word(let word) = kind else { return false }
        return word == text
    }
}

enum FilterSign: String, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case and = "&&"
    case or = "||"
    case range = ".."
    case less = "<"
    case greater = ">"
    case contains = "~"
    case not = "!"
    case open = "("
    case close = ")"
    case openSet = "{"
    case closeSet = "}"
    case comma = ","
}

/// Cuts the text of a filter into tokens.
struct FilterLexer {
    let characters: [Character]
    private var position = 0

    init(_ text: String) { characters = Array(text) }

    /// Every token of a text.
    static func tokens(_ text: String) throws(FilterError) -> [FilterToken] {
        var lexer = FilterLexer(text)
        var tokens: [FilterToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    /// Nil at the end.
    mutating func next() throws(FilterError) -> FilterToken? {
        while position < characters.count, characters[position].isWhitespace { position += 1 }
        guard position < characters.count else { return nil }
        let start = position
        if characters[start] == "\"" { return try quoted() }
        if let sign = FilterSign.allCases.first(where: { isNext($0.rawValue) }) {
            position += sign.rawValue.count
            return FilterToken(kind: .sign(sign), range: start..<position)
        }
        takeWord()
        guard position > start else { throw stray(at: start) }
        return FilterToken(kind: .word(String(characters[start..<position])), range: start..<position)
    }

    private func isNext(_ text: String) -> Bool { characters[position...].starts(with: text) }

    private func stray(at place: Int) -> FilterError {
        let range = place..<place + 1
        return switch characters[place] {
        case "=": FilterError("a single = compares nothing; write ==", at: range)
        case "&": FilterError("a single & joins nothing; write &&", at: range)
        case "|": FilterError("a single | joins nothing; write ||", at: range)
        case "'": FilterError("texts stand in double quotes", at: range)
        default:
            FilterError("\"\(VisibleText.visible(String(characters[place])))\" has no meaning here", at: range)
        }
    }

    /// What a word may hold beside letters and digits: names (`ent-3`), addresses (`10.7.1.1:40001`, `[fe80::1]:7728`),
    /// numbers (`-1.5e+3`), paths.
    static func isWordCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_-.:+[]/@#%".contains(character)
    }

    private mutating func takeWord() {
        while position < characters.count, Self.isWordCharacter(characters[position]), !isNext("..") { position += 1 }
    }

    private mutating func quoted() throws(FilterError) -> FilterToken {
        let start = position
        var text = ""
        position += 1
        while position < characters.count {
            let character = characters[position]
            position += 1
            if character == "\"" { return FilterToken(kind: .quoted(text), range: start..<position) }
            text.append(character == "\\" ? try escaped() : character)
        }
        throw FilterError("the text has no closing quote", at: start..<position)
    }

    /// The character that an escape stands for; the backslash is behind.
    private mutating func escaped() throws(FilterError) -> Character {
        let start = position - 1
        guard position < characters.count else {
            throw FilterError("the text ends behind a backslash", at: start..<position)
        }
        let character = characters[position]
        position += 1
        switch character {
        case "\"", "\\": return character
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "x":
            let end = min(position + 2, characters.count)
            let digits = String(characters[position..<end])
            position = end
            guard digits.utf8.count == 2, digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
                let code = UInt8(digits, radix: 16), code < 0x80
            else { throw FilterError("\\x takes two hexadecimal digits up to 7f", at: start..<position) }
            return Character(Unicode.Scalar(code))
        default:
            throw FilterError("the escapes are \\\" \\\\ \\n \\r \\t and \\x with two digits", at: start..<position)
        }
    }
}
