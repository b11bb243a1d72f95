import Glibc
import Panes
import Screen
import Simulation

/// What the user sees, and how soon.
enum Drawing {
    private static let entities = 100_000
    private static let size = Size(width: 200, height: 60)

    static func measure(program: String, single: String, folder: TemporaryFolder) throws(BenchError) {
        try firstFrame(program, single)
        try frame(folder)
    }

    /// From the start of the program to its first words in a terminal.
    private static func firstFrame(_ program: String, _ capture: String) throws(BenchError) {
        var times: [Double] = []
        for _ in 0..<Bench.runs {
            let terminal = try PseudoTerminal(size)
            var process: pid_t = 0
            times.append(
                try seconds { () throws(BenchError) in
                    process = try terminal.start([program, "open", capture])
                    try terminal.read(until: "spatioscope")
                })
            kill(process, SIGTERM)
            terminal.hangUp()
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        Table.row("first frame after start", "", value: median(times) * 1000, unit: " ms", bar: 100, goal: 30)
    }

    private static func frame(_ folder: TemporaryFolder) throws(BenchError) {
        let capture = folder.path + "/crowd.pcap"
        do {
            _ = try simulate(
                .flood, options: SimulationOptions(messages: 2 * entities, entities: entities), to: capture)
        } catch {
            throw BenchError("\(error)")
        }
        let engine = try Engine(capture)
        defer { engine.inspector.close() }
        var application = Application(theme: .dark)
        let snapshot = engine.inspector.snapshot
        guard snapshot.model.entities.count == entities else { throw BenchError("not every entity is there") }
        application.update(snapshot)
        let times = (0..<4 * Bench.runs).map { _ in
            processorTime { _ = application.draw(size: size, glyphs: .braille) }
        }
        Table.row(
            "CPU a frame, 200 x 60, 100,000 entities", "", value: median(times) * 1000, unit: " ms", bar: 16, goal: 5)
    }

    private static func processorTime(_ body: () -> Void) -> Double {
        let now = {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let start = now()
        body()
        return now() - start
    }
}

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

    /// Takes what the program still says as it ends, so that it need not wait for a reader.
    func hangUp() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while Glibc.read(master, &chunk, chunk.count) > 0 {}
    }
}
