import Capture
import Glibc

/// Octets of messages that no packet holds in one piece, in an unlinked temporary file: written by the engine, read by
/// whoever shows a message.
package final class SideStore: Sendable {
    /// Of one capture; what is beyond cannot be shown again. Bounds what a flood of fragments writes to the disk.
    package static let limit: UInt64 = 8 << 30

    private let descriptor: Int32

    /// Nil when no temporary file can be made.
    package init?() {
        descriptor = openUnnamedFile()
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Writes octets at a position; false when the disk is full or the limit is reached.
    package func write(_ octets: UnsafeRawBufferPointer, at position: UInt64) -> Bool {
        guard position <= Self.limit, UInt64(octets.count) <= Self.limit - position else { return false }
        var done = 0
        while done < octets.count {
            let rest = UnsafeRawBufferPointer(rebasing: octets[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(position) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Nil when the octets are not there.
    package func read(at position: UInt64, count: Int) -> [UInt8]? {
        var done = 0
        var isWhole = true
        let octets = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while done < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(position) + off_t(done))
                if got < 0, errno == EINTR { continue }
                if got <= 0 {
                    isWhole = false
                    break
                }
                done += got
            }
            filled = done
        }
        return isWhole ? octets : nil
    }
}
