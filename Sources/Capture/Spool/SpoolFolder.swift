import Glibc

/// The folder of one run's spool. It is locked while the run goes on, whatever becomes of the program, so that others can
/// tell it from one that was left behind.
package final class SpoolFolder: Sendable {
    package let path: String
    private let lock: Descriptor

    static let fileEnding = ".pcapng"
    /// Runs of the same number in the same second, as in containers that begin anew.
    private static let attempts = 100

    /// Makes a folder that only its owner may look into.
    ///
    /// - Parameters:
    ///   - shelf: where those of all runs are. It is there.
    ///   - time: Unix seconds.
    package init(in shelf: SpoolShelf, at time: Int64, process: Int32 = getpid()) throws(CaptureError) {
        let name = "\(shelf.path)/\(Self.stamp(time))-\(process)"
        (path, lock) = try shelf.inTurn { () throws(CaptureError) in
            for attempt in 0..<Self.attempts {
                let path = attempt == 0 ? name : "\(name)-\(attempt)"
                if mkdir(path, 0o700) != 0 {
                    if errno == EEXIST { continue }
                    throw .system(file: path, "cannot be made", code: errno)
                }
                guard let lock = Self.lock(path) else {
                    let code = errno
                    rmdir(path)
                    throw .system(file: path, "cannot be locked", code: code)
                }
                return (path, lock)
            }
            throw .system(file: name, "cannot be made", code: EEXIST)
        }
    }

    /// Removes the folder and everything in it.
    package func remove() { Self.remove(path) }

    // MARK: For any folder

    /// Takes the lock of a folder, which is given back with the descriptor; nil where that is not possible: `errno` is
    /// EWOULDBLOCK where somebody has it.
    static func lock(_ path: String) -> Descriptor? {
        let number = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { return nil }
        let descriptor = Descriptor(number)
        while flock(number, LOCK_EX | LOCK_NB) != 0 { if errno != EINTR { return nil } }
        return descriptor
    }

    /// - Returns: 0, or an errno: a folder in it, which no run makes, is not touched.
    @discardableResult
    static func remove(_ path: String) -> Int32 {
        for name in names(in: path) { unlink("\(path)/\(name)") }
        return rmdir(path) == 0 ? 0 : errno
    }

    /// In alphabetic order; none where it cannot be read.
    static func names(in path: String) -> [String] {
        guard let listing = opendir(path) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { octets in
                String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    // MARK: Names

    /// A file's name longer than this is no better.
    private static let nameLength = 64

    /// What a source is called, in characters that every file system takes.
    static func fileName(_ name: String) -> String {
        let plain = name.unicodeScalars.prefix(nameLength).map { scalar -> Character in
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || ".-".unicodeScalars.contains(scalar))
            return isPlain ? Character(scalar) : "_"
        }
        return plain.isEmpty || plain[0] == "." ? "_" + String(plain) : String(plain)
    }

    static func fileName(_ name: String, number: Int) -> String {
        RotatingWriter.path(name + fileEnding, number: number)
    }

    /// The source and the number in the name of a file; nil where it is none of a spool.
    static func parts(of name: String) -> (source: Substring, number: Int)? {
        guard name.hasSuffix(fileEnding) else { return nil }
        let stem = name.dropLast(fileEnding.count)
        guard let dash = stem.lastIndex(of: "-"), let number = Int(stem[stem.index(after: dash)...]), number > 0 else {
            return nil
        }
        return (stem[..<dash], number)
    }

    /// As ISO 8601 has it without signs: 20260727T101530Z.
    private static func stamp(_ time: Int64) -> String {
        var seconds = time_t(time)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(time)" }
        func digits(_ value: Int32, _ count: Int) -> String {
            let text = "\(value)"
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2) + "T"
            + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2) + "Z"
    }
}
