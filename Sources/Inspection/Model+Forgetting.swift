extension Model {
    /// Nobody asks any more for messages before this one.
    mutating func forget(before message: Int) {
    }
}
