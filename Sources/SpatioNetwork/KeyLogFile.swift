import Glibc
import SpatioSession

/// The file that `SPATIO_KEYLOG` names: one line for each epoch (profile section 8), so that a capture of a sealed session
/// can be opened. Several programs may write to the same file at the same time.
public final class KeyLogFile: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// The environment variable with the path.
    public static let variable = "SPATIO_KEYLOG"

    private let descriptor: Int32

    /// Opens a key log to append to; it is made with mode 0600.
    public init(path: String) throws(Failure) {
        let number = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else {
            throw Failure(description: "the key log \(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        descriptor = number
    }

    deinit { close(descriptor) }

    /// The key log that the environment asks for; nil where it asks for none.
    public static func ofEnvironment() throws(Failure) -> KeyLogFile? {
        guard let path = getenv(variable).flatMap({ String(validatingCString: $0) }), !path.isEmpty else { return nil }
        return try KeyLogFile(path: path)
    }

    /// Appends an entry, in one piece: lines of several writers do not mix.
    public func write(_ entry: KeyLog.Entry) {
        var line = Array((KeyLog.line(for: entry) + "\n").utf8)
        // What a full disk takes from the log, the session does not lack.
        _ = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        line.withUnsafeMutableBytes { octets in
            if let start = octets.baseAddress { explicit_bzero(start, octets.count) }
        }
    }
}
