import Inspection

/// What is wrong with a line that somebody typed, and where.
package struct CommandError: Error, Equatable, Sendable {
    /// Characters before the first wrong one.
    package var offset: Int
    /// A sentence that says what is wrong and what is possible.
    package var message: String

    init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    init(_ error: FilterError, after offset: Int = 0) {
        self.init(error.message, at: offset + error.offset)
    }
}
