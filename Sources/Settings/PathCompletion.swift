import Glibc

/// Completes the path of a file that is typed.
package enum PathCompletion {
    /// More do not fit on a line that lists them.
    private static let limit = 200

    /// Paths that begin with a text, in alphabetic order; folders end in `/`. What begins with a dot is left out unless
    /// asked for.
    package static func candidates(for text: String, home: String? = UserFolders.home) -> [String] {
        let end = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
        let folder = String(text[..<end])
        let beginning = text[end...]
        let place = folder.isEmpty ? "." : expanded(folder, home: home)
        let names = Files.list(place).filter { name in
            name.hasPrefix(beginning) && name != "." && name != ".."
                && (beginning.hasPrefix(".") || !name.hasPrefix("."))
        }
        return names.prefix(limit).map { name in
            var status = stat()
            let isFolder = stat("\(place)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            return folder + name + (isFolder ? "/" : "")
        }
    }

    /// A path in which `~` at the beginning is the user's home, as a shell has it.
    package static func expanded(_ path: String, home: String? = UserFolders.home) -> String {
        guard let home, path == "~" || path.hasPrefix("~/") else { return path }
        return home + path.dropFirst()
    }
}
