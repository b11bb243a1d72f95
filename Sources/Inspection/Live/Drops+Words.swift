import Capture

extension InterfaceCapture.Drops {
    /// For people, where there is something to say.
    package var words: String? {
        let parts = [(byKernel, "the kernel"), (byInterface, "the interface"), (byRing, "our own ring")]
            .filter { $0.0 > 0 }.map { "\($0.0) by \($0.1)" }
        return parts.isEmpty ? nil : "dropped: \(parts.joined(separator: ", "))"
    }
}
