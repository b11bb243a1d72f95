import Glibc
import Screen

/// A terminal that nobody sits at.
final class PseudoTerminal {
    private let master: Int32
    private let slavePath: String

    init(_ size: Size) throws(BenchError) {
        var (master, slave): (Int32, Int32) = (-1, -1)
        var window = winsize(ws_row: UInt16(size.height), ws_col: UInt16(size.width), ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&master, &slave, nil, nil, &window) == 0, let name = ttyname(slave) else {
            throw BenchError("no pseudo terminal")
        }
        slavePath = String(cString: name)
        close(slave)
        self.master = master
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    }

    /// POSIX_SPAWN_SETSID, which the C library's headers hide from Swift.
    private static let newSession: Int16 = 0x80

    deinit { close(master) }

    /// Starts a program in a session of its own, with this as its terminal.
    func start(_ arguments: [String]) throws(BenchError) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.newSession)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens becomes the session's.
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, slavePath, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
        return try spawn(arguments, actions: &actions, attributes: &attributes)
    }

    /// Reads until the program has written `text`.
    func read(until text: String) throws(BenchError) {
        var seen: [UInt8] = []
        let wanted = Array(text.utf8)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(master, &chunk, chunk.count)
            guard count > 0, seen.count < 1 << 20 else {
                let last = String(decoding: seen.suffix(200), as: UTF8.self)
                throw BenchError("the program ends without a frame: \(last)")
            }
            seen += chunk[..<count]
            if seen.indices.contains(where: { seen[$0...].starts(with: wanted) }) { return }
        }
    }

    /// Takes what the program still says as it ends, so that it need not wait for a reader; returns how many octets.
    @discardableResult
    func hangUp() -> Int {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var sum = 0
        while true {
            let count = Glibc.read(master, &chunk, chunk.count)
            guard count > 0 else { return sum }
            sum += count
        }
    }
}
