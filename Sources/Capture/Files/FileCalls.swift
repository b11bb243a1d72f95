import CPcap
import Glibc

/// Where temporary files belong.
var temporaryFolder: String { getenv("TMPDIR").flatMap { String(validatingCString: $0) } ?? "/tmp" }

/// Opens a temporary file without a name, so that nothing is left behind whatever happens.
///
/// - Returns: its descriptor; -1 when there can be none, and `errno` says why.
package func openUnnamedFile() -> Int32 {
    var template = Array("\(temporaryFolder)/spatioscope-XXXXXX".utf8CString)
    let number = mkstemp(&template)
    guard number >= 0 else { return -1 }
    unlink(template)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return number
}

/// Gives back the room that a part of a file takes on the disk.
///
/// - Returns: false where the file system cannot do that.
package func punchHole(in descriptor: Int32, _ part: Range<UInt64>) -> Bool {
    cp_punch_hole(descriptor, Int64(clamping: part.lowerBound), Int64(clamping: part.count)) == 0
}

/// Fills the front of `buffer` with what a file has at a position; 0 where it has nothing.
func readSome(of descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at position: UInt64) -> Int {
    guard let offset = off_t(exactly: position) else { return 0 }
    while true {
        let result = pread(descriptor, buffer.baseAddress, buffer.count, offset)
        if result >= 0 { return result }
        guard errno == EINTR else { return 0 }
    }
}

/// Writes all the octets, however many calls it takes.
///
/// - Returns: 0, or the `errno` of the call that failed.
func writeAll(_ octets: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = octets
    while !rest.isEmpty {
        let result = write(descriptor, rest.baseAddress, rest.count)
        if result >= 0 {
            rest = UnsafeRawBufferPointer(rebasing: rest[result...])
        } else if errno != EINTR {
            return errno
        }
    }
    return 0
}

/// Writes all the octets at a position of a file, however many calls it takes.
///
/// - Returns: how many were written, and 0 or the `errno` of the call that failed.
func writeAll(_ octets: UnsafeRawBufferPointer, to descriptor: Int32, at position: UInt64) -> (
    done: Int, code: Int32
) {
    var done = 0
    while done < octets.count {
        let rest = UnsafeRawBufferPointer(rebasing: octets[done...])
        let result = pwrite(descriptor, rest.baseAddress, rest.count, off_t(position) + off_t(done))
        if result > 0 {
            done += result
        } else if result == 0 || errno != EINTR {
            return (done, result == 0 ? ENOSPC : errno)
        }
    }
    return (done, 0)
}
