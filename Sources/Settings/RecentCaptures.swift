import Glibc
import Panes

/// The captures that were opened last: `recent` in the state folder, one line each, the newest first: when (Unix
/// seconds), octets, messages, sessions, spaces, path; with tabs between, and `-` for what is not known.
package struct RecentCaptures: Sendable {
    private let folder: StateFolder

    /// More than a person chooses from a list.
    package static let limit = 50
    private static let file = "recent"

    package init(in folder: StateFolder) { self.folder = folder }

    /// The newest first, with whether they are still there.
    package func list() -> [RecentCapture] {
        Self.captures(folder.lines(of: Self.file)).map { capture in
            var capture = capture
            var status = stat()
            capture.isThere = stat(capture.path, &status) == 0
            return capture
        }
    }

    /// Puts a capture before all others.
    /// - Throws: why it could not be written
    package func add(_ capture: RecentCapture) throws(SettingsError) {
        try folder.change(Self.file) { lines in
            let others = Self.captures(lines).filter { $0.path != capture.path }
            return ([capture] + others).prefix(Self.limit).map(Self.line)
        }
    }

    private static func line(_ capture: RecentCapture) -> String {
        let numbers =
            [capture.octets.map { Int64(clamping: $0) }]
            + [
                capture.messages, capture.sessions, capture.spaces,
            ].map { $0.map { Int64(clamping: $0) } }
        let fields = ["\(capture.opened)"] + numbers.map { $0.map { "\($0)" } ?? "-" }
        return (fields + [LineField.escaped(capture.path)]).joined(separator: "\t")
    }

    private static func captures(_ lines: [Substring]) -> [RecentCapture] {
        lines.prefix(limit).compactMap { line in
            let fields = line.split(separator: "\t", maxSplits: 5)
            guard fields.count == 6, let opened = Int64(fields[0]) else { return nil }
            let path = LineField.unescaped(fields[5])
            guard path.hasPrefix("/") else { return nil }
            return RecentCapture(
                path: path, opened: opened, octets: UInt64(fields[1]), messages: Int(fields[2]),
                sessions: Int(fields[3]), spaces: Int(fields[4]))
        }
    }
}
