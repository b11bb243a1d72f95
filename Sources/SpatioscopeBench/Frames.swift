import Glibc
import Inspection
import Panes
import Screen
import Simulation
import Terminal

/// What a frame of each pane costs, on the whole screen: processor time to draw it, and octets to show it.
///
/// ncurses writes to the terminal itself, so the octets are those that a program of its own sends: `SpatioscopeBench
/// present FILE PANE FRAMES STEP` shows so many frames, each so many messages after the one before. What the last of them
/// took is the difference to a run with one less.
enum Frames {
    private static let entities = 100_000
    /// Messages between two frames of the crowd: 2 % of its entities move.
    private static let crowdStep = 2_000
    /// Seconds of the plaza that the panes show, and messages between two of their frames: what comes in 33 ms.
    private static let plazaDuration = 120.0
    private static let plazaStep = 20

    static func measure(_ folder: TemporaryFolder) throws(BenchError) {
        let crowd = folder.path + "/crowd.pcap"
        let plaza = folder.path + "/plaza.pcap"
        do {
            _ = try simulate(.flood, options: SimulationOptions(messages: 2 * entities, entities: entities), to: crowd)
            _ = try simulate(.plaza, options: SimulationOptions(duration: plazaDuration), to: plaza)
        } catch {
            throw BenchError("\(error)")
        }
        try measure(crowd, .map, step: crowdStep, name: "200 x 60, 100,000 entities", bars: (16, 5, 15, 8))
        for pane in PaneKind.allCases {
            try measure(plaza, pane, step: plazaStep, name: "200 x 60, \(pane.title)", bars: nil)
        }
    }

    private static func measure(
        _ capture: String, _ pane: PaneKind, step: Int, name: String,
        bars: (time: Double, timeGoal: Double, size: Double, sizeGoal: Double)?
    ) throws(BenchError) {
        let engine = try Engine(capture)
        defer { engine.inspector.close() }
        var application = application(showing: pane)
        let times = (0..<4 * Bench.runs).map { frame in
            application.update(engine.at(frame: frame % Bench.runs, of: Bench.runs, step: step))
            return processorTime { _ = application.draw(size: Drawing.size, glyphs: .braille) }
        }
        Table.row(
            "CPU a frame, \(name)", "", value: median(times) * 1000, unit: " ms", bar: bars?.time, goal: bars?.timeGoal)
        let first = try octets(capture, pane, frames: 1, step: step)
        let last = try octets(capture, pane, frames: Bench.runs, step: step)
        let change = Double(last - first) / Double(Bench.runs - 1)
        Table.row(
            "octets a frame, \(name)", "first \(first)", value: change / 1000, unit: " kB", bar: bars?.size,
            goal: bars?.sizeGoal)
    }

    /// The program with one pane on the whole screen.
    private static func application(showing pane: PaneKind) -> Application {
        var application = Application(theme: .dark)
        _ = application.draw(size: Drawing.size, glyphs: .braille)
        let digit = Unicode.Scalar(UInt8(ascii: "0") + UInt8(pane.rawValue))
        for key in [Key.character(digit), "\\"] { _ = application.handle(.key(key), wall: 0) }
        return application
    }

    private static func octets(
        _ capture: String, _ pane: PaneKind, frames: Int, step: Int
    ) throws(BenchError) -> Int {
        let terminal = try PseudoTerminal(Drawing.size)
        let process = try terminal.start([
            CommandLine.arguments[0], "present", capture, "\(pane.rawValue)", "\(frames)", "\(step)",
        ])
        let octets = terminal.hangUp()
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process, status == 0 else {
            throw BenchError("\(frames) frames of \(pane.title) end with status \(status)")
        }
        return octets
    }

    /// The other side of `octets`: shows the frames on its own terminal.
    static func present(_ capture: String, pane: PaneKind, frames: Int, step: Int) throws(BenchError) {
        let engine = try Engine(capture)
        defer { engine.inspector.close() }
        let terminal: Terminal
        do {
            terminal = try Terminal()
        } catch {
            throw BenchError("\(error)")
        }
        defer { terminal.close() }
        var application = application(showing: pane)
        for frame in 0..<frames {
            application.update(engine.at(frame: frame, of: Bench.runs, step: step))
            terminal.present(application.draw(size: terminal.size, glyphs: .braille))
        }
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

extension Engine {
    /// The snapshot of one of the last frames of a capture, so many messages apart.
    fileprivate func at(frame: Int, of frames: Int, step: Int) -> Snapshot {
        let cursor = inspector.snapshot.index.count - (frames - 1 - frame) * step
        inspector.seek(.message(cursor))
        return wait { $0.cursor == cursor }
    }
}
