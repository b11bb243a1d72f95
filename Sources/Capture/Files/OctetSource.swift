import Glibc

/// Where the octets of a capture come from, after decompression.
protocol OctetSource: AnyObject {
    /// Fills the front of `buffer`, which is not empty.
    ///
    /// - Returns: how many octets were written; 0 only at the end. Fewer than asked for is usual: a pipe gives what
    ///   has arrived.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int
}

/// A descriptor that is closed with its last owner: the reader and the random access of one file share it.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }
}

/// The octets of a file, a pipe or standard input, as they are.
final class FileSource: OctetSource {
    let name: String
    let descriptor: Descriptor
    /// Octets in the file; nil where nobody knows.
    let size: UInt64?
    private(set) var octetsRead: UInt64 = 0
    /// The first octets, read ahead to recognise the format, given out again by `read`.
    private var ahead: [UInt8] = []

    /// - Parameter path: a path, or `-` for standard input.
    init(path: String) throws(CaptureError) {
        let name = path == "-" ? "standard input" : path
        let number = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw .system(file: name, "cannot be opened", code: errno) }
        let descriptor = Descriptor(number)
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .system(file: name, "cannot be opened", code: errno) }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw CaptureError(file: name, reason: "is a directory") }
        self.name = name
        self.descriptor = descriptor
        // Standard input may be a file that someone has read from already: positions in it would be wrong.
        let isWholeFile = kind == S_IFREG && lseek(number, 0, SEEK_CUR) == 0
        size = isWholeFile ? UInt64(clamping: status.st_size) : nil
    }

    /// The first octets, fewer than `count` only where the file has no more. They are still there for `read`.
    func peek(_ count: Int) throws(CaptureError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        while ahead.count < count {
            let result = try readDescriptor(UnsafeMutableRawBufferPointer(rebasing: buffer[ahead.count...]))
            if result == 0 { break }
            ahead = Array(buffer[..<(ahead.count + result)])
        }
        return ahead
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int {
        guard ahead.isEmpty else {
            let count = min(ahead.count, buffer.count)
            buffer.copyBytes(from: ahead.prefix(count))
            ahead.removeFirst(count)
            return count
        }
        return try readDescriptor(buffer)
    }

    /// Whether a read would return at once: with octets, or because the end was reached.
    var isReadable: Bool {
        guard size == nil, ahead.isEmpty else { return true }
        var waiting = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) != 0
    }

    private func readDescriptor(_ buffer: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int {
        while true {
            let result = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
            if result >= 0 {
                octetsRead += UInt64(result)
                return result
            }
            let code = errno
            guard code == EINTR else {
                var error = CaptureError.system(file: name, "cannot be read", code: code)
                error.position = octetsRead
                throw error
            }
        }
    }
}
