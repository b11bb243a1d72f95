import Capture
import Glibc

/// What takes packets from the loopback interface.
enum CaptureTool: CaseIterable {
    case tcpdump, record, live

    /// The first place where tcpdump is.
    static let tcpdumpPath: String? = ["/usr/bin/tcpdump", "/usr/sbin/tcpdump"].first { (path: String) in
        access(path, X_OK) == 0
    }

    var name: String {
        switch self {
        case .tcpdump: "tcpdump -w"
        case .record: "record"
        case .live: "live"
        }
    }
}

/// A capture of the loopback interface by a process of its own, as it is used: to a file, or on a screen with its spool.
final class CaptureRun {
    let tool: CaptureTool
    let process: pid_t
    /// What the tool keeps goes here, and with the run.
    private let folder: TemporaryFolder
    private let screen: PseudoTerminal?
    private var isOver = false

    /// Starts it, and waits until it takes what comes.
    init(_ tool: CaptureTool, program: String, _ traffic: Traffic) throws(BenchError) {
        self.tool = tool
        folder = try TemporaryFolder()
        let file = folder.path + "/captured"
        let words = folder.path + "/words"
        switch tool {
        case .tcpdump:
            guard let tcpdump = CaptureTool.tcpdumpPath else { throw BenchError("there is no tcpdump") }
            screen = nil
            // As much memory in the kernel as ours, and files of whoever runs this.
            process = try Self.start(
                [tcpdump, "-i", "lo", "-n", "-B", "65536", "-Z", "root", "-w", file, traffic.filter], saying: words)
            try Self.wait { Self.text(of: words).contains("listening on") }
        case .record:
            screen = nil
            process = try Self.start(
                [program, "record", "-i", "lo", "-o", file, "--bpf", traffic.filter], saying: words)
            try Self.wait { access(file, R_OK) == 0 }
        case .live:
            let screen = try PseudoTerminal(Drawing.size)
            self.screen = screen
            process = try screen.start(
                [program, "live", "-i", "lo", "--port", "\(traffic.port)", "--bpf", traffic.filter], home: folder.path)
            try screen.read(until: "LIVE")
        }
    }

    deinit {
        guard !isOver else { return }
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    /// Seconds of processor time so far, its own and the system's for it.
    var processorTime: Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return .nan }
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Lets it do what it does for some time.
    func goOn(for seconds: Double) throws(BenchError) {
        guard let screen else {
            usleep(useconds_t(seconds * 1e6))
            return
        }
        try screen.read(for: seconds)
    }

    /// How soon its screen answers keys: letters in its line for commands.
    func keys() throws(BenchError) -> KeyTimes {
        guard let screen else { return KeyTimes() }
        let times = try KeyTimes(screen) { () throws(BenchError) in try Self.beginLine(screen) }
        try Self.leaveLine(screen)
        return times
    }

    private static func beginLine(_ screen: PseudoTerminal) throws(BenchError) {
        try leaveLine(screen)
        try screen.type(":")
        try screen.read(for: patience)
    }

    private static func leaveLine(_ screen: PseudoTerminal) throws(BenchError) {
        try screen.type("\u{1B}")
        // Longer than an escape sequence may take.
        try screen.read(for: patience)
    }

    /// What was taken in, and what the tool says that it has dropped, whoever did.
    struct Taken {
        var packets = 0
        var drops = 0
    }

    /// What there is on the screen, once it has caught up.
    ///
    /// - Parameter sent: packets since it was started.
    func shown(of sent: Int) throws(BenchError) -> Taken {
        guard let screen else { return Taken() }
        var taken = Taken()
        // As long as it still gets on.
        while true {
            let before = taken.packets
            try screen.read(for: Self.patience)
            try screen.type(Self.redraw)
            taken = try Self.figures(in: screen.read(until: " msgs"))
            if taken.packets >= sent || taken.packets == before { return taken }
        }
    }

    /// Ends it.
    func end(after sent: Int) throws(BenchError) -> Taken {
        var taken = Taken()
        switch tool {
        case .tcpdump, .record:
            // The kernel hands over what it has collected after that at the latest.
            usleep(Self.collectingTime)
            kill(process, SIGINT)
        case .live:
            taken = try shown(of: sent)
            try screen?.type(":q\r")
            screen?.hangUp()
        }
        waitpid(process, nil, 0)
        isOver = true
        if tool != .live { taken = Self.figures(in: Self.text(of: folder.path + "/words"), of: tool) }
        return taken
    }

    /// Seconds between two looks at a screen that catches up.
    private static let patience = 0.3
    /// Microseconds; tcpdump asks the kernel for what is there once a second.
    private static let collectingTime: useconds_t = 1_300_000
    private static let redraw = "\u{0C}"

    // MARK: What it says

    private static func start(_ arguments: [String], saying words: String) throws(BenchError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, words, O_WRONLY | O_CREAT, 0o600)
        return try spawn(arguments, actions: &actions, attributes: nil)
    }

    private static func wait(until condition: () -> Bool) throws(BenchError) {
        for _ in 0..<500 {
            if condition() { return }
            usleep(10_000)
        }
        throw BenchError("a capture does not begin")
    }

    private static func text(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 65_536)
        return String(decoding: octets[..<fread(&octets, 1, octets.count, file)], as: UTF8.self)
    }

    /// `100 packets captured ... 0 packets dropped by kernel`, or `100 packets in 1.0 s ...; dropped: 3 by the kernel`.
    private static func figures(in words: String, of tool: CaptureTool) -> Taken {
        let all = words.split { " \n:,".contains($0) }
        func numbers(before: String...) -> [Int] {
            all.indices.dropLast(before.count).filter { all[($0 + 1)...].starts(with: before.map { $0[...] }) }
                .compactMap { Int(all[$0]) }
        }
        return switch tool {
        case .tcpdump:
            Taken(
                packets: numbers(before: "packets", "captured").reduce(0, +),
                drops: numbers(before: "packets", "dropped").reduce(0, +))
        case .record, .live:
            Taken(packets: numbers(before: "packets", "in").reduce(0, +), drops: numbers(before: "by").reduce(0, +))
        }
    }

    /// `drops 0/0/0/0 ... 61,234 msgs` on a screen that was drawn anew.
    private static func figures(in screen: [UInt8]) throws(BenchError) -> Taken {
        var words = ""
        var rest = screen[...]
        while let octet = rest.popFirst() {
            guard octet == 0x1B else {
                words.unicodeScalars.append(Unicode.Scalar(octet))
                continue
            }
            // An escape sequence ends with a letter.
            words += " "
            while let next = rest.popFirst(), !(next | 0x20 >= 0x61 && next | 0x20 <= 0x7A) {}
        }
        let all = words.split(separator: " ")
        func number(_ text: Substring) -> Int? { Int(text.filter { $0 != "," }) }
        guard let place = all.lastIndex(of: "drops"), place + 1 < all.count,
            let messages = all.lastIndex(of: "msgs"), messages > 0, let packets = number(all[messages - 1])
        else { throw BenchError("the status line is not understood: \(words.suffix(200))") }
        return Taken(
            packets: packets, drops: all[place + 1].split(separator: "/").compactMap { number($0) }.reduce(0, +))
    }
}
