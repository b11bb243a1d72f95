import Glibc

/// Small files, whole.
package enum Files {
    /// - Throws: the file's name and the system's reason
    static func read(_ path: String, limit: Int) throws(SettingsError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SettingsError(path, errno) }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SettingsError(path, errno) }
            if count == 0 { return octets }
            octets.append(contentsOf: chunk[..<count])
            guard octets.count <= limit else { throw SettingsError("\(path): over \(limit) octets") }
        }
    }

    /// The names in a folder, in alphabetic order; none where it cannot be read.
    static func list(_ folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { octets in
                    String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.sorted()
    }

    /// Puts a new file, which only its owner may read, in the place of an old one: whoever reads sees the one or the
    /// other, whole.
    static func replace(_ path: String, with octets: [UInt8]) throws(SettingsError) {
        let temporary = "\(path).\(getpid())"
        // A file that a killed run left behind.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SettingsError(temporary, errno) }
        var done = 0
        while done < octets.count {
            let count = octets.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + done }, octets.count - done)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            done += count
        }
        let isWritten = done == octets.count
        let reason = errno
        guard close(descriptor) == 0, isWritten, rename(temporary, path) == 0 else {
            let error = SettingsError(path, isWritten ? errno : reason)
            unlink(temporary)
            throw error
        }
    }

    /// Makes a folder and those above it; only its owner may look into the new ones.
    package static func makeFolder(_ path: String) throws(SettingsError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        let reason = errno
        guard reason == ENOENT, let end = path.lastIndex(of: "/"), end > path.startIndex else {
            throw SettingsError(path, reason)
        }
        try makeFolder(String(path[..<end]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SettingsError(path, errno) }
    }
}

extension SettingsError {
    /// A file and the system's reason.
    init(_ path: String, _ code: Int32) {
        self.init("\(path): \(String(cString: strerror(code)))", isAbsence: code == ENOENT || code == ENOTDIR)
    }
}
