import Glibc

/// The folder of what the program remembers from run to run.
package struct StateFolder: Sendable {
    package let path: String
    private let patience: Int

    /// - Parameter patience: how often it tries to get its turn where another run is writing
    package init(path: String, patience: Int = usualPatience) {
        self.path = path
        self.patience = patience
    }

    /// The user's; nil without a home.
    package init?() {
        guard let path = UserFolders.state else { return nil }
        self.init(path: path)
    }

    /// What of a file is read: more than these files ever get.
    private static let sizeLimit = 4 << 20

    /// A fifth of a second. Then another run is not waited for any longer, and one of the two may lose a line, which is
    /// better than a screen that hangs.
    package static let usualPatience = 100
    /// Microseconds between two tries.
    private static let pause: UInt32 = 2_000

    /// The lines of a file; none where it is not there, is not readable, or is no text.
    func lines(of file: String) -> [Substring] {
        guard let octets = try? Files.read("\(path)/\(file)", limit: Self.sizeLimit) else { return [] }
        return String(decoding: octets, as: UTF8.self).split(separator: "\n")
    }

    /// Replaces the lines of a file by what `change` makes of them. Runs that do so at once take turns, so that each keeps
    /// what the other has added.
    func change(_ file: String, _ change: ([Substring]) -> [String]) throws(SettingsError) {
        try Files.makeFolder(path)
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw SettingsError(path, errno) }
        // Closing gives the lock back.
        defer { close(folder) }
        for _ in 0..<patience where flock(folder, LOCK_EX | LOCK_NB) != 0 { usleep(Self.pause) }
        let text = change(lines(of: file)).map { $0 + "\n" }.joined()
        try Files.replace("\(path)/\(file)", with: Array(text.utf8))
    }
}

/// A text in one field of a line: without line ends and tabs, from which it can be had back.
enum LineField {
    static func escaped(_ text: String) -> String {
        var field = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": field += "\\\\"
            case "\n": field += "\\n"
            case "\r": field += "\\r"
            case "\t": field += "\\t"
            default: field.unicodeScalars.append(scalar)
            }
        }
        return field
    }

    static func unescaped(_ field: some StringProtocol) -> String {
        var text = ""
        var isEscaped = false
        for scalar in field.unicodeScalars {
            if isEscaped {
                switch scalar {
                case "n": text += "\n"
                case "r": text += "\r"
                case "t": text += "\t"
                default: text.unicodeScalars.append(scalar)
                }
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
