/// A question to messages, in Wireshark's shape: `type == spatial_update && !(stream in 1..3)`.
///
/// A comparison holds if any value of its field matches; `!=` holds if there is a value and none is equal, so a message
/// without the field satisfies neither `==` nor `!=`. A name alone asks whether the field is there, or the flag set.
package struct Filter: Sendable {
    package let text: String
    let condition: FilterCondition
    /// The entities that `near` speaks of.
    let tracked: [IdentityMatch]
    /// Whether messages have to be decoded to answer it; else their records are enough.
    package let needsFields: Bool

    /// It asks where an entity is (`near`), and so has to see every message from the first on.
    package var followsEntities: Bool { !tracked.isEmpty }

    /// Nothing but blanks matches everything.
    package init(parsing text: String) throws(FilterError) {
        var parser = try FilterParser(text)
        condition = try parser.parse()
        let tests = condition.tests
        let streamTests = tests.count { if case .stream = $0 { true } else { false } }
        let spaceTests = tests.count { if case .space = $0 { true } else { false } }
        guard max(streamTests, spaceTests) <= FilterProgram.tableTests else {
            throw FilterError(
                "more than \(FilterProgram.tableTests) questions to streams or spaces; in {a, b} asks for many values in one",
                at: 0..<text.count)
        }
        tracked = parser.tracked
        needsFields = condition.needsFields
        self.text = text
    }

    /// Characters of a filter: more than anybody types, less than would take time to read.
    package static let lengthLimit = 4096
    /// Parentheses and negations inside each other, which bounds the stack that reading one takes.
    package static let depthLimit = 64
}
