import Capture
import Glibc
import Synchronization

/// Octets of messages that no packet holds in one piece, in an unlinked temporary file: written by the engine, read by
/// whoever shows a message.
package final class SideStore: Sendable {
    /// Octets at a time; what is beyond cannot be shown again. Bounds what a flood of fragments writes to the disk.
    package static let limit: UInt64 = 8 << 30

    private let descriptor: Int32
    /// What lies before it takes no room on the disk any more.
    private let start = Atomic<UInt64>(0)

    /// Nil when no temporary file can be made.
    package init?() {
        descriptor = openUnnamedFile()
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Writes octets at a position; false when the disk is full or the limit is reached.
    package func write(_ octets: UnsafeRawBufferPointer, at position: UInt64) -> Bool {
        let used = position - min(position, start.load(ordering: .relaxed))
        guard used <= Self.limit, UInt64(octets.count) <= Self.limit - used else { return false }
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

    /// Nobody will ask any more for what lies before a position: its room on the disk is given back, where the file
    /// system can do that.
    package func forget(before position: UInt64) {
        let first = start.load(ordering: .relaxed)
        guard position > first, punchHole(in: descriptor, first..<position) else { return }
        start.store(position, ordering: .relaxed)
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
