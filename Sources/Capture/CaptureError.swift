import Glibc

/// Why a capture could not be opened, read or written.
package struct CaptureError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The file's name as the user gave it; "standard input" for `-`; a filter's text where a filter is wrong.
    package var file: String
    /// The offset in the file where it went wrong, where there is one. For damage of the compression itself it counts
    /// compressed octets, else decompressed ones.
    package var position: UInt64?
    /// What is wrong, in a few words, without a full stop.
    package var reason: String

    package init(file: String, position: UInt64? = nil, reason: String) {
        self.file = file
        self.position = position
        self.reason = reason
    }

    /// One sentence that names the file, what is wrong, and the place.
    package var description: String {
        guard let position else { return "\(file): \(reason)" }
        return "\(file): \(reason) (at octet \(position))"
    }

    /// What the system said, in words that fit behind a file's name.
    ///
    /// - Parameters:
    ///   - action: what was tried, such as "cannot be opened".
    ///   - code: the value of `errno`.
    static func system(file: String, _ action: String, code: Int32) -> CaptureError {
        switch code {
        case ENOENT: CaptureError(file: file, reason: "no such file")
        case EACCES, EPERM: CaptureError(file: file, reason: "\(action): no permission")
        default: CaptureError(file: file, reason: "\(action): \(String(cString: strerror(code)))")
        }
    }
}
