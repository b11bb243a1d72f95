import Capture
import Glibc
import Panes
import Simulation

/// Measures what the design promises, each figure beside its reference and in the same run, because machines differ
/// and are seldom quiet: ratios mean something where seconds do not.
///
/// It calls itself for what has to be a process of its own: `SpatioscopeBench count FILE` is libpcap's counting loop,
/// and `present` shows frames. `SpatioscopeBench sessions` measures clients and servers only.
@main
enum Bench {
    /// Messages of the capture that everything is measured with.
    static let messages = 2_000_000
    /// Runs of each side of a pair; the median of their ratios is printed.
    static let runs = 5

    static func main() {
        let arguments = CommandLine.arguments
        if arguments.count == 3, arguments[1] == "count" { exit(Reference.countPackets(arguments[2])) }
        do {
            if arguments.count == 2, arguments[1] == "sessions" {
                Table.header()
                return try Sessions.measure()
            }
            if arguments.count == 6, arguments[1] == "present", let pane = Int(arguments[3]).flatMap(PaneKind.init),
                let frames = Int(arguments[4]), let step = Int(arguments[5])
            {
                return try Frames.present(arguments[2], pane: pane, frames: frames, step: step)
            }
            try measure(program: try program())
        } catch {
            fputs("SpatioscopeBench: \(error)\n", standardError())
            exit(1)
        }
    }

    private static func measure(program: String) throws(BenchError) {
        Table.header()
        try Sessions.measure()
        let folder = try TemporaryFolder()
        let capture = folder.path + "/flood.pcap"
        let single = folder.path + "/single.pcap"
        try write(capture, messages: messages)
        try write(single, messages: 1)
        try Reading(program: program, capture: capture, single: single).measure()
        try Wire.measure()
        let analysis = try Memory.measure(capture)
        try Searching.measure(analysis)
        try Seeking.measure(capture)
        try Drawing.measure(program: program, single: single, folder: folder)
    }

    private static func write(_ path: String, messages: Int) throws(BenchError) {
        do {
            _ = try simulate(.flood, options: SimulationOptions(messages: messages), to: path)
        } catch {
            throw BenchError("\(error)")
        }
    }

    /// The program that was built beside this one.
    private static func program() throws(BenchError) -> String {
        let own = CommandLine.arguments[0]
        let folder = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
        let path = folder + "/spatioscope"
        guard access(path, X_OK) == 0 else { throw BenchError("\(path) is not there: build the whole package first") }
        return path
    }
}

/// What could not be measured: one sentence.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A folder that goes with its owner.
final class TemporaryFolder {
    let path: String

    init() throws(BenchError) {
        let parent = getenv("TMPDIR").flatMap { String(validatingCString: $0) } ?? "/tmp"
        var template = Array((parent + "/spatioscope-bench.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("no temporary folder in \(parent)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in ["flood.pcap", "single.pcap", "crowd.pcap", "plaza.pcap"] { unlink(path + "/" + name) }
        rmdir(path)
    }
}
