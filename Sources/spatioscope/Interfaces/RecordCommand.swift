import ArgumentParser
import Capture
import Dispatch
import Glibc
import Inspection
import Synchronization

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Write what interfaces bring to a pcapng file, without a screen.",
        discussion: """
            Ctrl-C, SIGTERM and SIGHUP end it: what has come by then is written, and a summary goes to standard error. \
            With --rotate-... there are several files, each with its number: plaza-00001.pcapng, plaza-00002.pcapng ...

              spatioscope record -i eth0 -o plaza.pcapng
              spatioscope record -i lo -i eth0 -o plaza.pcapng --rotate-size 100 --keep 10
              spatioscope record -o - --bpf 'port 7728' --duration 60 | spatioscope dump -

            An interface that goes away is said, and taken up again when it is back. It needs the right to capture, as \
            live does.
            """)

    @OptionGroup var interfaces: InterfaceOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to; - is standard output.", valueName: "file"))
    var output: String

    @Option(
        help: ArgumentHelp("Only packets that this BPF expression matches, as for tcpdump.", valueName: "expression"))
    var bpf: String?

    @Option(help: ArgumentHelp("A new file after so much.", valueName: "MiB"))
    var rotateSize: Int?

    @Option(help: ArgumentHelp("A new file after so long.", valueName: "seconds"))
    var rotateTime: Int?

    @Option(help: ArgumentHelp("A new file after so many packets.", valueName: "n"))
    var rotatePackets: Int?

    @Option(help: ArgumentHelp("Keep so many files: with each one more the oldest is removed.", valueName: "n"))
    var keep: Int?

    @Option(help: ArgumentHelp("End after this many packets.", valueName: "n"))
    var count: UInt64?

    @Option(help: ArgumentHelp("End after this long.", valueName: "seconds"))
    var duration: Double?

    mutating func validate() throws {
        for (name, value) in [("size", rotateSize), ("time", rotateTime), ("packets", rotatePackets)] {
            if let value, !(1...1_000_000_000).contains(value) {
                throw ValidationError("--rotate-\(name) is 1 to 1000000000")
            }
        }
        let rotates = rotateSize != nil || rotateTime != nil || rotatePackets != nil
        if let keep, keep < 1 || !rotates { throw ValidationError("--keep is at least 1, and goes with --rotate-...") }
        if rotates, output == "-" { throw ValidationError("standard output is one file: no --rotate-... with it") }
        if count == 0 { throw ValidationError("--count is at least 1") }
        try Self.validate(duration: duration)
    }

    func run() throws {
        let captures = try interfaces.open(filter: bpf)
        let stop = StopSignals()
        var recorder = try recorder(captures)
        let signal = recorder.run(until: stop, count: count ?? .max, duration: duration)
        if recorder.failed { throw ExitStatus.failed }
        if signal == SIGINT { throw ExitStatus.interrupted }
    }

    private func recorder(_ captures: [InterfaceCapture]) throws -> Recorder {
        do throws(CaptureError) {
            let source = try CaptureSource(paths: [], feeds: captures.map { LiveFeed($0) }, keepsPackets: false)
            let writer = try RotatingWriter(
                path: output, limits: limits, interfaces: captures.map { ($0.name, $0.linkType) })
            return Recorder(captures, source, writer)
        } catch {
            throw Failure("\(error)")
        }
    }

    private var limits: RotatingWriter.Limits {
        RotatingWriter.Limits(
            octets: rotateSize.map { UInt64($0) << 20 }, time: rotateTime.map { Int64($0) * 1_000_000_000 },
            packets: rotatePackets.map { UInt64($0) }, files: keep)
    }
}

/// Takes packets from interfaces to files until it is told to stop.
private struct Recorder: ~Copyable {
    private static let batch = 4096
    /// What came is in the file after so many nanoseconds.
    private static let flushInterval: UInt64 = 1_000_000_000

    private let captures: [InterfaceCapture]
    private let source: CaptureSource
    private var writer: RotatingWriter
    private var problem: CaptureError?
    private let news = DispatchSemaphore(value: 0)

    init(_ captures: [InterfaceCapture], _ source: CaptureSource, _ writer: consuming RotatingWriter) {
        self.captures = captures
        self.source = source
        self.writer = writer
    }

    /// Something could not be read or written.
    var failed: Bool { problem != nil || !source.problems.isEmpty }

    /// - Parameters:
    ///   - count: packets after which it ends.
    ///   - duration: seconds after which it ends.
    /// - Returns: the signal that ended it.
    mutating func run(until stop: StopSignals, count: UInt64, duration: Double?) -> Int32? {
        let news = news
        let signal = Heard()
        DispatchQueue(label: "signals").async {
            signal.store(stop.wait())
            news.signal()
        }
        for feed in source.feeds { feed.onNews { news.signal() } }
        var teller = ConnectionTeller(source.feeds)
        let start = DispatchTime.now()
        let end = duration.map { start + $0 } ?? .distantFuture
        for capture in captures { capture.start() }
        var nextFlush = start.uptimeNanoseconds + Self.flushInterval
        while signal.number == nil, problem == nil, writer.packets < count, DispatchTime.now() < end {
            teller.tell()
            let progress = read(count)
            if progress == .ended { break }
            if DispatchTime.now().uptimeNanoseconds >= nextFlush {
                attempt { writer throws(CaptureError) in try writer.flush() }
                nextFlush = DispatchTime.now().uptimeNanoseconds + Self.flushInterval
            }
            if progress == .waiting { _ = news.wait(timeout: min(end, DispatchTime(uptimeNanoseconds: nextFlush))) }
        }
        for capture in captures { capture.stop() }
        // What the rings still have.
        while problem == nil, writer.packets < count, read(count) == .read {}
        writer.drops = captures.map(\.drops)
        attempt { writer throws(CaptureError) in try writer.close() }
        summarize(seconds: Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9)
        return signal.number
    }

    private mutating func read(_ count: UInt64) -> CaptureSource.Progress {
        let source = source
        writer.drops = captures.map(\.drops)
        return source.readWhatIsThere(Self.batch) { packet in
            guard writer.packets < count else { return }
            attempt { writer throws(CaptureError) in
                try writer.write(
                    time: packet.time, octets: packet.octets, originalLength: packet.originalLength,
                    interface: Int(packet.file))
            }
        }
    }

    /// Writes, unless that has gone wrong before.
    private mutating func attempt(_ body: (inout RotatingWriter) throws(CaptureError) -> Void) {
        guard problem == nil else { return }
        do throws(CaptureError) { try body(&writer) } catch { problem = error }
    }

    private func summarize(seconds: Double) {
        for problem in (problem.map { [$0] } ?? []) + source.problems { StandardError.print("spatioscope: \(problem)") }
        let tenths = Int(seconds * 10)
        var words = "\(writer.packets) packets in \(tenths / 10).\(tenths % 10) s, \(writer.octets) octets"
        if writer.files.count + writer.removedFiles > 1 {
            words += ", \(writer.files.count) files"
            if writer.removedFiles > 0 { words += " (\(writer.removedFiles) older ones are removed)" }
        }
        StandardError.print("spatioscope: \(words); \(source.drops?.words ?? "nothing dropped")")
    }
}

/// The signal that has come, if any.
private final class Heard: Sendable {
    private let value = Atomic<Int32>(0)

    var number: Int32? {
        let number = value.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    func store(_ number: Int32) { value.store(number, ordering: .releasing) }
}
