import Glibc
import Screen

/// What the user sees, and how soon.
enum Drawing {
    static let size = Size(width: 200, height: 60)

    static func measure(program: String, single: String, folder: TemporaryFolder) throws(BenchError) {
        try firstFrame(program, single)
        try Frames.measure(folder)
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
}
