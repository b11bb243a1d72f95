import ArgumentParser

extension ParsableArguments {
    /// - Throws: `ValidationError` for what is no `--duration` in seconds.
    static func validate(duration: Double?) throws {
        if let duration, !(duration > 0 && duration < 1e9) { throw ValidationError("--duration is over 0 seconds") }
    }
}

extension String {
    /// With spaces behind it up to a number of characters.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
