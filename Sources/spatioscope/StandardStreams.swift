import Glibc

/// Standard output with a buffer of its own. Writing to a closed pipe ends the program, as it does any filter.
struct StandardOutput {
    /// One write for many lines; a terminal or a slow pipe sees each batch at once.
    private static let bufferSize = 64 << 10

    private var buffer: [UInt8] = []

    init() { buffer.reserveCapacity(Self.bufferSize * 2) }

    mutating func write(_ octets: some Collection<UInt8>) {
        buffer.append(contentsOf: octets)
        if buffer.count >= Self.bufferSize { flush() }
    }

    mutating func line(_ text: String) {
        write(text.utf8)
        write(CollectionOfOne(UInt8(ascii: "\n")))
    }

    mutating func flush() {
        if !writeAll(buffer, to: STDOUT_FILENO) {
            let reason = String(cString: strerror(errno))
            StandardError.print("spatioscope: standard output: \(reason)")
            exit(ExitStatus.failed.rawValue)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    static func print(_ text: String) {
        var output = StandardOutput()
        output.line(text)
        output.flush()
    }
}

enum StandardError {
    static func print(_ text: String) { _ = writeAll(Array((text + "\n").utf8), to: STDERR_FILENO) }
}

/// False when not all could be written; `errno` says why.
private func writeAll(_ octets: [UInt8], to descriptor: Int32) -> Bool {
    var done = 0
    while done < octets.count {
        let count = octets.withUnsafeBytes {
            Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, octets.count - done)
        }
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return false }
        done += count
    }
    return true
}
