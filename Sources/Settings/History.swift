import Panes

/// What was typed into the program's lines, from run to run: `history` in the state folder, one line an entry, the
/// oldest first, kind and text with a tab between.
package struct History: Sendable {
    private let folder: StateFolder

    /// More than anybody goes back through with a key; about 60 kB.
    package static let limit = 1000
    private static let file = "history"

    package init(in folder: StateFolder) { self.folder = folder }

    /// Everything that was typed, the oldest first. What is no entry is passed over.
    package func entries() -> [TypedLine] { Self.entries(folder.lines(of: Self.file)) }

    /// Adds an entry behind all others; it is there only once.
    /// - Throws: why it could not be written
    package func add(_ entry: TypedLine) throws(SettingsError) {
        guard !entry.text.isEmpty else { return }
        try folder.change(Self.file) { lines in
            let others = Self.entries(lines).filter { $0 != entry }
            return (others + [entry]).suffix(Self.limit).map { "\($0.kind.rawValue)\t\(LineField.escaped($0.text))" }
        }
    }

    private static func entries(_ lines: [Substring]) -> [TypedLine] {
        lines.suffix(limit).compactMap { line in
            let fields = line.split(separator: "\t", maxSplits: 1)
            guard fields.count == 2, let kind = TypedLine.Kind(rawValue: String(fields[0])) else { return nil }
            return TypedLine(kind: kind, text: LineField.unescaped(fields[1]))
        }
    }
}
