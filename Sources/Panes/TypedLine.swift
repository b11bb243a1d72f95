/// A line that was typed and entered, to be recalled later.
package struct TypedLine: Hashable, Sendable {
    /// What it was typed as. The raw value is its name in the history file.
    package enum Kind: String, CaseIterable, Sendable {
        case filter, search, command, seek
        /// A file to open.
        case file
    }

    package var kind: Kind
    package var text: String

    package init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}
