import Capture
import Glibc
import Panes
import Simulation

/// Measures what the design promises, each figure beside its reference and in the same run, because machines differ
/// and are seldom quiet: ratios mean something where seconds do not.
///
/// `SpatioscopeBench PART...` measures some parts only. It calls itself for what has to be a process of its own:
/// `SpatioscopeBench count FILE` is libpcap's counting loop, and `present` shows frames.
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
            if arguments.count == 6, arguments[1] == "present", let pane = Int(arguments[3]).flatMap(PaneKind.init),
                let frames = Int(arguments[4]), let step = Int(arguments[5])
            {
                return try Frames.present(arguments[2], pane: pane, frames: frames, step: step)
            }
            let names = arguments.dropFirst()
            let parts = names.compactMap(Part.init)
            guard parts.count == names.count else {
                throw BenchError("the parts are \(Part.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            try measure(parts.isEmpty ? Part.allCases : parts, program: try program())
        } catch {
            fputs("SpatioscopeBench: \(error)\n", standardError())
            exit(1)
        }
    }

    /// What can be measured alone.
    private enum Part: String, CaseIterable {
        case sessions, reading, wire, index, seeking, drawing, live
    }

    private static func measure(_ parts: [Part], program: String) throws(BenchError) {
        Table.header()
        let folder = try TemporaryFolder()
        let capture = folder.path + "/flood.pcap"
        let single = folder.path + "/single.pcap"
        if !Set(parts).isDisjoint(with: [.reading, .index, .seeking]) { try write(capture, messages: messages) }
        try write(single, messages: 1)
        for part in parts {
            switch part {
            case .sessions: try Sessions.measure()
            case .reading: try Reading(program: program, capture: capture, single: single).measure()
            case .wire: try Wire.measure()
            case .index: try Searching.measure(try Memory.measure(capture))
            case .seeking: try Seeking.measure(capture)
            case .drawing: try Drawing.measure(program: program, single: single, folder: folder)
            case .live: try Watching.measure(program: program)
            }
        }
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
        // Whatever the programs have put there.
        do { _ = try Run(["/bin/rm", "-rf", path]) } catch { fputs("\(error)\n", standardError()) }
    }
}
