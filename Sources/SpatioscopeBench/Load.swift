import Glibc

/// A screen that shows what an interface brings, at several rates: its processor time, and how soon it answers keys.
enum Load {
    /// Messages a second; what happens last is nothing, on a screen that has something to show.
    private static let rates = [1_000.0, 10_000, 100_000, 0]
    /// Until a rate is usual, and over which is measured: a period of everything that comes once a second, and more.
    private static let settling = 1.0
    private static let seconds = 4.0

    /// What one rate comes to.
    private struct Figures {
        /// Of a core, 0...1.
        var share = 0.0
        var keys = KeyTimes()
        var sent = 0
        var taken = CaptureRun.Taken()
    }

    static func measure(program: String) throws(BenchError) {
        let echo = try KeyTimes.ofEcho()
        let traffic = try Traffic()
        let references = try tcpdump(program, traffic)
        let live = try CaptureRun(.live, program: program, traffic)
        var before = Figures()
        for (rate, reference) in zip(rates, references) {
            let figures = try figures(of: live, at: rate, traffic)
            let drops = figures.taken.drops - before.taken.drops
            let missing = figures.sent - (figures.taken.packets - before.taken.packets)
            before = figures
            let load = rate == 0 ? "nothing happens" : "\(Table.grouped(Int(rate))) messages/s"
            Table.row(
                "CPU of live, \(load)", missing == 0 && drops == 0 ? "nothing lost" : "\(missing) lost, drops \(drops)",
                reference: "tcpdump -w: \(Table.text(reference * 100)) %", value: figures.share * 100, unit: " %",
                bar: rate == 0 ? 1 : nil, goal: rate == 0 ? 0.1 : nil)
            let keys = figures.keys
            Table.row(
                "key to screen, \(load), p99", "\(keys.text(0.5)), p95 \(keys.text(0.95)) ms",
                reference: "cat: \(echo.text(0.5)), p99 \(echo.text(0.99)) ms", value: keys.rank(0.99) * 1000,
                unit: " ms", bar: 50, goal: 16)
            Table.row(
                "  worst of \(keys.count)", "", reference: "cat: \(echo.text(1)) ms", value: keys.rank(1) * 1000,
                unit: " ms", bar: nil, goal: nil)
        }
        _ = try live.end(after: 0)
    }

    private static func figures(
        of live: CaptureRun, at rate: Double, _ traffic: Traffic
    ) throws(BenchError) -> Figures {
        var figures = Figures()
        let (sent, measured) = try traffic.send(rate) { () throws(BenchError) in
            let share = try share(of: live)
            return (share, try live.keys())
        }
        (figures.share, figures.keys) = measured
        figures.sent = sent.messages
        figures.taken = try live.shown(of: .max)
        return figures
    }

    /// The same processor time of tcpdump.
    private static func tcpdump(_ program: String, _ traffic: Traffic) throws(BenchError) -> [Double] {
        let run = try CaptureRun(.tcpdump, program: program, traffic)
        var shares: [Double] = []
        for rate in rates {
            shares.append(try traffic.send(rate) { () throws(BenchError) in try share(of: run) }.result)
        }
        _ = try run.end(after: 0)
        return shares
    }

    private static func share(of run: CaptureRun) throws(BenchError) -> Double {
        try run.goOn(for: settling)
        let before = run.processorTime
        let time = try SpatioscopeBench.seconds { () throws(BenchError) in try run.goOn(for: seconds) }
        return (run.processorTime - before) / time
    }
}

/// From keys to what they change on the screen, seconds.
struct KeyTimes {
    /// So many letters, each of which comes only once in a line.
    private static let letters = (0x410..<0x450).compactMap { Unicode.Scalar(UInt32($0)).map { String($0) } }
    private static let lines = 2
    /// Seconds between two keys: no multiple of a frame's, so that they come at any time of one.
    private static let pauses = [0.021, 0.034, 0.047, 0.028, 0.041]

    private var times: [Double] = []

    var count: Int { times.count }

    /// The nearest rank of a share of them, 0...1.
    func rank(_ share: Double) -> Double {
        let place = Int((share * Double(times.count)).rounded(.up)) - 1
        return times.isEmpty ? .nan : times.sorted()[max(0, place)]
    }

    /// The same in milliseconds, for people.
    func text(_ share: Double) -> String { Table.text(rank(share) * 1000) }

    init() {}

    /// Types into a terminal and waits for each letter.
    ///
    /// - Parameter begin: readies a line to type in.
    init(_ terminal: PseudoTerminal, begin: () throws(BenchError) -> Void) throws(BenchError) {
        for _ in 0..<Self.lines {
            try begin()
            for (place, letter) in Self.letters.enumerated() {
                try terminal.read(for: Self.pauses[place % Self.pauses.count])
                times.append(
                    try seconds { () throws(BenchError) in
                        try terminal.type(letter)
                        try terminal.read(until: letter)
                    })
            }
        }
    }

    /// The same where a program does nothing but say what it hears.
    static func ofEcho() throws(BenchError) -> KeyTimes {
        let terminal = try PseudoTerminal(Drawing.size)
        terminal.setRaw()
        let process = try terminal.start(["/bin/cat"])
        defer {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        return try KeyTimes(terminal) {}
    }
}
