import Inspection

/// Filters that have a name: `@name` stands for one where a filter is typed.
package struct SavedFilters: Equatable, Sendable {
    private let byName: [String: String]

    /// - Parameter filters: by name; each is right
    package init(_ filters: [String: String] = [:]) { byName = filters }

    /// In alphabetic order, without their `@`.
    package var names: [String] { byName.keys.sorted() }

    /// The filter that a text stands for: itself, unless it is the name of one.
    package func resolve(_ text: String) throws(CommandError) -> String {
        guard let name = Self.name(in: text) else { return text }
        if let filter = byName[name] { return filter }
        let known =
            names.isEmpty
            ? "the configuration names none" : "there are " + names.map { "@" + $0 }.joined(separator: ", ")
        throw CommandError("there is no filter @\(VisibleText.visible(name)); \(known)", at: 0)
    }

    /// Names with `@` that begin like a text; nil where the text is no name.
    func candidates(for text: String) -> [String]? {
        Self.name(in: text).map { name in names.filter { $0.hasPrefix(name) }.map { "@" + $0 } }
    }

    private static func name(in text: String) -> String? {
        let words = text.split(separator: " ")
        guard words.count == 1, words[0].hasPrefix("@") else { return nil }
        return String(words[0].dropFirst())
    }
}
