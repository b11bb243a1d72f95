/// Finds where each key of a TOML text stands. It expects a text that has been read without error, and of any other
/// finds what it finds.
struct KeyPlaces {
    private var rest: Substring.UnicodeScalarView
    private var line = 1
    private var column = 1
    private var places: [String: SettingsDocument.Place] = [:]
    /// How many tables an array of tables has so far.
    private var counts: [String: Int] = [:]

    /// TOMLKit takes no deeper ones.
    private static let deepest = 256

    /// By keys with dots and brackets: `styles.text.bold`, `colour[0].when`, `ramps.density[2]`.
    static func find(in text: String) -> [String: SettingsDocument.Place] {
        var finder = KeyPlaces(rest: text[...].unicodeScalars)
        finder.readDocument()
        return finder.places
    }

    private init(rest: Substring.UnicodeScalarView) { self.rest = rest }

    // MARK: Lines

    private mutating func readDocument() {
        var table = ""
        while true {
            skipBlanks(andLines: true)
            guard let next = rest.first else { return }
            if next == "[" {
                table = readHeader()
            } else {
                readPair(in: table, depth: 0)
            }
            // Whatever stands behind is a comment or not TOML.
            while let scalar = rest.first, scalar != "\n" { take(scalar) }
        }
    }

    /// `[table]` or `[[array of tables]]`.
    private mutating func readHeader() -> String {
        let start = place
        step()
        let isArray = rest.first == "["
        if isArray { step() }
        let parts = readKey()
        guard isArray else {
            let key = resolved(parts)
            note(key, start)
            return key
        }
        let list = resolved(parts.dropLast()).appending(key: parts.last ?? "")
        let number = counts[list, default: 0]
        counts[list] = number + 1
        note("\(list)[\(number)]", start)
        return "\(list)[\(number)]"
    }

    /// The name of a table in which each array of tables stands for its last one.
    private func resolved(_ parts: some Sequence<String>) -> String {
        parts.reduce("") { key, part in
            let key = key.appending(key: part)
            return counts[key].map { "\(key)[\($0 - 1)]" } ?? key
        }
    }

    /// `key = value`
    private mutating func readPair(in table: String, depth: Int) {
        let start = place
        let key = readKey().reduce(table) { $0.appending(key: $1) }
        note(key, start)
        skipBlanks(andLines: false)
        guard rest.first == "=" else { return }
        step()
        skipBlanks(andLines: false)
        readValue(of: key, depth: depth)
    }

    /// The parts of a key with dots.
    private mutating func readKey() -> [String] {
        var parts: [String] = []
        while true {
            skipBlanks(andLines: false)
            guard let next = rest.first else { return parts }
            if next == "\"" || next == "'" {
                parts.append(readString())
            } else {
                var part = ""
                while let scalar = rest.first, Self.isBare(scalar) {
                    part.unicodeScalars.append(scalar)
                    step()
                }
                guard !part.isEmpty else { return parts }
                parts.append(part)
            }
            skipBlanks(andLines: false)
            guard rest.first == "." else { return parts }
            step()
        }
    }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }

    // MARK: Values

    private mutating func readValue(of key: String, depth: Int) {
        switch rest.first {
        case "\"", "'": _ = readString()
        case "[" where depth < Self.deepest: readArray(of: key, depth: depth + 1)
        case "{" where depth < Self.deepest: readTable(of: key, depth: depth + 1)
        default: while let scalar = rest.first, !",]}#\n".unicodeScalars.contains(scalar) { step() }
        }
    }

    private mutating func readArray(of key: String, depth: Int) {
        step()
        var number = 0
        while true {
            skipBlanks(andLines: true)
            switch rest.first {
            case nil: return
            case "]": return step()
            case ",": step()
            default:
                let before = place
                note("\(key)[\(number)]", before)
                readValue(of: "\(key)[\(number)]", depth: depth)
                number += 1
                // A value of no length is no value, and there is no end to those.
                if place == before { return }
            }
        }
    }

    private mutating func readTable(of key: String, depth: Int) {
        step()
        while true {
            skipBlanks(andLines: true)
            switch rest.first {
            case nil: return
            case "}": return step()
            case ",": step()
            default:
                let before = place
                readPair(in: key, depth: depth)
                if place == before { return }
            }
        }
    }

    /// A string of any of the four kinds, without regard to escapes: as a key it serves for a name only.
    private mutating func readString() -> String {
        guard let quote = rest.first else { return "" }
        step()
        guard rest.first == quote else { return readShort(quote) }
        step()
        // Two quotes and no third: the empty string.
        guard rest.first == quote else { return "" }
        step()
        return readLong(quote)
    }

    private mutating func readShort(_ quote: Unicode.Scalar) -> String {
        var text = ""
        while let scalar = rest.first, scalar != "\n" {
            step()
            if scalar == quote { break }
            if scalar == "\\", quote == "\"", let escaped = rest.first {
                text.unicodeScalars.append(escaped)
                step()
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private mutating func readLong(_ quote: Unicode.Scalar) -> String {
        var quotes = 0
        while let scalar = rest.first {
            quotes = scalar == quote ? quotes + 1 : 0
            take(scalar)
            if scalar == "\\", quote == "\"", let escaped = rest.first { take(escaped) }
            // Up to two quotes may stand before the three that end it.
            if quotes >= 3, rest.first != quote { break }
        }
        return ""
    }

    // MARK: Scalars

    private var place: SettingsDocument.Place { SettingsDocument.Place(line: line, column: column) }

    private mutating func note(_ key: String, _ place: SettingsDocument.Place) {
        if places[key] == nil { places[key] = place }
    }

    /// One on within a line.
    private mutating func step() {
        rest.removeFirst()
        column += 1
    }

    /// One on, which may end the line.
    private mutating func take(_ scalar: Unicode.Scalar) {
        rest.removeFirst()
        if scalar == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
    }

    /// Skips spaces, and line ends with comments where they mean nothing either.
    private mutating func skipBlanks(andLines: Bool) {
        while let scalar = rest.first {
            switch scalar {
            case " ", "\t": step()
            case "\r", "\n":
                guard andLines else { return }
                take(scalar)
            case "#":
                guard andLines else { return }
                while let next = rest.first, next != "\n" { take(next) }
            default: return
            }
        }
    }
}

extension String {
    fileprivate func appending(key part: String) -> String { isEmpty ? part : "\(self).\(part)" }
}
