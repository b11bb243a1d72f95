import Glibc
import Screen

/// What the user sees, and how soon.
enum Drawing {
    static let size = Size(width: 200, height: 60)

    static func measure(program: String, single: String, folder: TemporaryFolder) throws(BenchError) {
        try firstFrame("a capture", [program, "open", single])
        try firstFrame("the start page", [program])
        try Frames.measure(folder)
    }

    /// From the start of the program to its first words in a terminal.
    private static func firstFrame(_ name: String, _ command: [String]) throws(BenchError) {
        var times: [Double] = []
        for _ in 0..<Bench.runs {
            let terminal = try PseudoTerminal(size)
            var process: pid_t = 0
            times.append(
                try seconds { () throws(BenchError) in
                    process = try terminal.start(command)
                    try terminal.read(until: "spatioscope")
                })
            kill(process, SIGTERM)
            terminal.hangUp()
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        Table.row("first frame after start, \(name)", "", value: median(times) * 1000, unit: " ms", bar: 100, goal: 30)
    }
}
