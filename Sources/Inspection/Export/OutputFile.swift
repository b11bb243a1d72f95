import Glibc

/// A file that has its name only when it is whole: it is written beside it, under another name, and renamed at the end.
/// What is dropped without `keep` leaves nothing behind.
struct OutputFile: ~Copyable {
    let path: String
    /// For whoever writes; it is theirs to close.
    let descriptor: Int32
    private let temporary: String
    private let replaces: Bool
    private var isKept = false

    /// - Parameters:
    ///   - replaces: a file of this name may go.
    ///   - sources: files that must not, whatever their names here.
    init(path: String, replaces: Bool, sources: [String]) throws(ExportError) {
        (descriptor, temporary) = try Self.open(path, replaces: replaces, sources)
        self.path = path
        self.replaces = replaces
    }

    private static func open(
        _ path: String, replaces: Bool, _ sources: [String]
    ) throws(ExportError) -> (descriptor: Int32, name: String) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw .failed("\(path): is no file that could be replaced")
            }
            let isSource = sources.contains { source in
                var other = stat()
                return stat(source, &other) == 0 && other.st_dev == status.st_dev && other.st_ino == status.st_ino
            }
            guard !isSource else { throw .failed("\(path): is the capture that is open here") }
            guard replaces else { throw .exists }
        }
        let name = path + ".part-" + String(UInt32.random(in: .min ... .max), radix: 16)
        let descriptor = Glibc.open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .failed("\(path): \(reason(errno))") }
        return (descriptor, name)
    }

    deinit { if !isKept { unlink(temporary) } }

    /// Gives the whole file its name.
    consuming func keep() throws(ExportError) {
        // A link fails where there is a file, so that none is lost that came in the meantime.
        if !replaces {
            if link(temporary, path) == 0 { return }
            if errno == EEXIST { throw .exists }
        }
        guard rename(temporary, path) == 0 else { throw .failed("\(path): \(Self.reason(errno))") }
        isKept = true
    }

    /// What the system said, in words for people.
    static func reason(_ code: Int32) -> String {
        switch code {
        case EACCES, EPERM: "no permission to write there"
        case ENOENT: "there is no such folder"
        case ENOSPC, EDQUOT: "the disk is full"
        case EROFS: "the file system is read-only"
        default: String(cString: strerror(code))
        }
    }
}

/// Writes text to a descriptor, which it closes, in large pieces.
struct TextOutput: ~Copyable {
    private static let bufferSize = 256 << 10

    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    mutating func write(_ octets: some Collection<UInt8>) throws(ExportError) {
        buffer.append(contentsOf: octets)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    mutating func flush() throws(ExportError) {
        var done = 0
        while done < buffer.count {
            let count = buffer.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .failed("\(path): \(OutputFile.reason(errno))") }
            done += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
