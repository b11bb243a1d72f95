import SpatioWire

/// One decoded field by its path, as a column of a list: `payload.updates.position.x`.
package struct FieldColumn: Hashable, Sendable {
    package let name: String
    private let path: FieldPath

    /// Characters of a value: no column is wider.
    private static let lengthLimit = 200

    /// - Throws: when no message has such a field, with the place in the name.
    package init(parsing name: String) throws(FilterError) {
        guard FilterPaths.kind(of: name) != nil else {
            throw FilterError(
                "no message has a field \"\(VisibleText.visible(name))\""
                    + Suggestion.ending(for: name, among: FilterPaths.all), at: 0..<name.count)
        }
        self.name = name
        path = FieldPath(name)
    }

    /// The values of a message, with commas between several; empty where it has none.
    package func text(in map: FieldMap) -> String {
        String(FieldSelection.values(at: path, in: map).joined(separator: ",").prefix(Self.lengthLimit))
    }

    /// Paths that begin with a text, for completion.
    package static func paths(beginningWith start: String) -> [String] {
        FilterPaths.all.filter { $0.hasPrefix(start) }
    }
}
