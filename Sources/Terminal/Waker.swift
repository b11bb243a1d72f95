import Glibc
import Synchronization

/// Wakes the thread that waits in ``Terminal/poll(timeoutMilliseconds:)``, from any thread and from signal handlers.
///
/// A pipe. However often it is woken before it looks, it finds one octet: a flood of wakes cannot fill the pipe, so the
/// number of a signal always has room.
package final class Waker: Sendable {
    /// Waits for octets: 0 from ``wake()``, the number of a signal from its handler.
    let readEnd: Int32
    let writeEnd: Int32
    private let isPending = Atomic(false)

    init() throws(TerminalError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw TerminalError.system(call: "pipe", errno: errno)
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        Glibc.close(readEnd)
        Glibc.close(writeEnd)
    }

    /// Makes the next or the current wait end with ``Screen/Event/wake``. Cheap, never blocks.
    package func wake() {
        guard !isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        put(0)
    }

    /// Puts an octet (back) into the pipe.
    func put(_ octet: UInt8) {
        var octet = octet
        _ = write(writeEnd, &octet, 1)
    }

    /// Everything that arrived, oldest first.
    func drain() -> [UInt8] {
        // Before reading: a wake that comes in between is told again rather than lost.
        isPending.store(false, ordering: .sequentiallyConsistent)
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64)
        while true {
            let count = read(readEnd, &chunk, chunk.count)
            guard count > 0 else { return octets }
            octets += chunk[..<count]
        }
    }
}
