import Panes

/// What the program remembers for its user from run to run. Where that cannot be written, it is said once, and not tried
/// again.
package struct Memory: Sendable {
    private var folder: StateFolder?

    /// - Parameter folder: nil remembers nothing
    package init(in folder: StateFolder? = StateFolder()) { self.folder = folder }

    /// What was typed, the oldest first.
    package var lines: [TypedLine] { folder.map { History(in: $0).entries() } ?? [] }

    /// What was opened, the newest first.
    package var captures: [RecentCapture] { folder.map { RecentCaptures(in: $0).list() } ?? [] }

    /// Returns why it cannot be remembered, the first time.
    package mutating func add(_ line: TypedLine) -> String? {
        attempt { folder throws(SettingsError) in try History(in: folder).add(line) }
    }

    /// Returns why it cannot be remembered, the first time.
    package mutating func add(_ capture: RecentCapture) -> String? {
        attempt { folder throws(SettingsError) in try RecentCaptures(in: folder).add(capture) }
    }

    private mutating func attempt(_ body: (StateFolder) throws(SettingsError) -> Void) -> String? {
        guard let folder else { return nil }
        do throws(SettingsError) {
            try body(folder)
            return nil
        } catch {
            self.folder = nil
            return "Nothing is remembered for the next time: \(error)"
        }
    }
}
