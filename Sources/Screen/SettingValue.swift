/// A value of a settings file (a theme, the configuration), as far as a setting can mean something by it. Whoever reads
/// the file translates, nothing more.
package enum SettingValue: Equatable, Sendable {
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case string(String)
    case array([SettingValue])
    case table([String: SettingValue])
    /// A date or a time: never right in a setting.
    case other(String)

    /// As an error names it.
    package var kind: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .array: "an array"
        case .table: "a table"
        case .other(let value): value
        }
    }
}

/// What is wrong with one entry of a settings file. The file and the place are named by whoever read it.
package struct SettingProblem: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        /// No such key, and the existing one that looks most like it.
        case unknownKey(nearest: String?)
        /// A value that the key cannot have.
        case wrongValue(found: String, expected: String)
        /// What else there is to say, a sentence without its full stop.
        case other(String)
    }

    /// With dots, from the top of the file; places in arrays in brackets: `styles.selection.bold`, `ramps.density[2]`.
    package let key: String
    package let reason: Reason

    package init(key: String, reason: Reason) {
        self.key = key
        self.reason = reason
    }

    /// An unknown key, with the one that was meant if one comes near.
    package init(unknown path: [String], among known: [String]) {
        self.init(
            key: path.joined(separator: "."),
            reason: .unknownKey(nearest: Spelling.nearest(to: path.last ?? "", among: known)))
    }

    package init(key: String, found value: SettingValue, expected: String) {
        self.init(key: key, reason: .wrongValue(found: value.kind, expected: expected))
    }

    package var description: String {
        switch reason {
        case .unknownKey(nil): "\(key): there is no such key"
        case .unknownKey(let nearest?): "\(key): there is no such key; \(nearest) is one"
        case .wrongValue(let found, let expected): "\(key): expected \(expected), found \(found)"
        case .other(let text): "\(key): \(text)"
        }
    }
}

/// Finds the word that was meant.
package enum Spelling {
    /// The known name that looks most like a wrong one; nil when none does.
    package static func nearest(to name: String, among known: [String]) -> String? {
        // A third of the letters may be wrong: further off it is another word.
        let nearest = known.map { (distance(name, $0), $0) }.min { $0 < $1 }
        return nearest.flatMap { $0.0 * 3 <= max(name.count, 3) ? $0.1 : nil }
    }

    /// Levenshtein's distance without regard to case; a name beyond all sense is not compared.
    private static func distance(_ first: String, _ second: String) -> Int {
        let left = Array(first.lowercased().utf8)
        let right = Array(second.lowercased().utf8)
        guard left.count <= 64 else { return .max / 4 }
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
