import Glibc
import Screen

/// A terminal that nobody sits at.
final class PseudoTerminal {
    private let master: Int32
    private let slavePath: String
    private var chunk = [UInt8](repeating: 0, count: 65_536)

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
    ///
    /// - Parameter home: where it keeps its files; nil: nowhere.
    func start(_ arguments: [String], home: String? = nil) throws(BenchError) -> pid_t {
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
        return try spawn(arguments, home: home, actions: &actions, attributes: &attributes)
    }

    /// Presses keys.
    func type(_ text: String) throws(BenchError) {
        let octets = Array(text.utf8)
        guard write(master, octets, octets.count) == octets.count else { throw BenchError("nobody reads the keys") }
    }

    /// What is typed is left to the program: no echo, no lines.
    func setRaw() {
        var settings = termios()
        tcgetattr(master, &settings)
        cfmakeraw(&settings)
        tcsetattr(master, TCSANOW, &settings)
    }

    /// Reads until the program has written `text`; returns what it has written until then, and some of what comes after.
    @discardableResult
    func read(until text: String, seconds: Double = 30) throws(BenchError) -> [UInt8] {
        let wanted = Array(text.utf8)
        var seen: [UInt8] = []
        try read(seconds: seconds) { chunk in
            // It may be cut in two.
            let start = max(0, seen.count - wanted.count)
            seen += chunk
            return seen.contains(wanted, from: start)
        }
        guard seen.contains(wanted, from: 0) else {
            let last = String(decoding: seen.suffix(200), as: UTF8.self)
            throw BenchError("the program does not say \(text): \(last)")
        }
        return seen
    }

    /// Takes what the program writes for so long.
    func read(for seconds: Double) throws(BenchError) { try read(seconds: seconds) { _ in false } }

    private func read(seconds: Double, until isEnough: (ArraySlice<UInt8>) -> Bool) throws(BenchError) {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            let left = (end - ContinuousClock.now) / .milliseconds(1)
            var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&waiting, 1, Int32(left.rounded(.up))) > 0 else { return }
            let count = Glibc.read(master, &chunk, chunk.count)
            guard count > 0 else { throw BenchError("the program has ended") }
            if isEnough(chunk[..<count]) { return }
        }
    }

    /// Takes what the program still says as it ends, so that it need not wait for a reader; returns how many octets.
    @discardableResult
    func hangUp() -> Int {
        var sum = 0
        while true {
            let count = Glibc.read(master, &chunk, chunk.count)
            guard count > 0 else { return sum }
            sum += count
        }
    }
}

extension [UInt8] {
    /// Whether some octets are among these, from a place on.
    fileprivate func contains(_ wanted: [UInt8], from start: Int) -> Bool {
        guard let first = wanted.first, count >= wanted.count else { return wanted.isEmpty }
        return (start...(count - wanted.count)).contains { place in
            self[place] == first && self[place...].starts(with: wanted)
        }
    }
}
