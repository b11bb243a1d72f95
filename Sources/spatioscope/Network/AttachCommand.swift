import ArgumentParser
import Dispatch
import Glibc
import Inspection
import Panes
import Settings

/// Takes part in a session and hands what passes to a feed, on threads of its own.
protocol LiveRunner: Sendable {
    init()
    /// Begins, and returns at once. What goes wrong later is reported to the feed, which is finished when nothing comes
    /// any more.
    func start(_ request: AttachRequest, feed: LiveFeed) throws
    /// Says good bye where there is somebody to say it to, and returns when that has gone out.
    func stop()
}

struct AttachCommand<Runner: LiveRunner>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "attach", abstract: "Join a server as an observer, and watch its sessions on the screen.",
            discussion: """
                It needs no privileges: the server mirrors to its observers what others send and get. One that went away \
                is joined again when it is back.

                  spatioscope attach localhost
                  spatioscope attach 192.0.2.7 --token-file alice.token --tcp
                  spatioscope attach --group 239.77.28.1

                A token is read from a file or the environment, never from the command line, which others can see. \
                SPATIO_KEYLOG=FILE in the environment takes the keys of the session. dump attach prints instead.
                """)
    }

    @OptionGroup var attach: AttachOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var look: LookOptions

    func run() throws {
        let request = try attach.request()
        try LiveScreen(name: request.title, request: request, reading: reading, look: look).run(Runner())
    }
}

struct DumpAttachCommand<Runner: LiveRunner>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "dump-attach",
            abstract: "Join a server as an observer, and print its messages as they come; Ctrl-C ends.",
            usage: "spatioscope dump attach [<host[:port]>] [<options>]", shouldDisplay: false)
    }

    @OptionGroup var attach: AttachOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var printing: PrintingOptions

    func run() throws {
        let selection = try printing.selection()
        let request = try attach.request()
        var settings = try reading.settings.load()
        let filter = try reading.combinedFilter(settings.configuration.savedFilters)
        let keys = try reading.keys(&settings)
        let schemas = try reading.schemas(&settings)
        settings.sayProblems()
        let feed = LiveFeed(name: request.title)
        let source = try reading.source(feeds: [feed], keepsPackets: false)
        var reader = FeedReader(
            source: source, feed: feed,
            analysis: Analysis(
                ports: reading.ports(settings.configuration).union(request.ports), keyLog: keys, schemas: schemas,
                keepsIndex: false),
            printer: MessagePrinter(printing, selection: selection, filter: filter))
        Interruption.watch()
        let runner = Runner()
        try runner.start(request, feed: feed)
        reader.run(for: printing.duration)
        runner.stop()
        try conclude(source)
        if feed.failure != nil { throw ExitStatus.failed }
    }
}

/// Prints what a feed brings, and says on standard error how it stands with the connection.
private struct FeedReader {
    /// Between two looks at Ctrl-C and the time.
    private static let patience = DispatchTimeInterval.milliseconds(100)
    private static let batch = 512

    let source: CaptureSource
    let feed: LiveFeed
    var analysis: Analysis
    var printer: MessagePrinter
    private let news = DispatchSemaphore(value: 0)
    private var told = 0

    init(source: CaptureSource, feed: LiveFeed, analysis: Analysis, printer: MessagePrinter) {
        self.source = source
        self.feed = feed
        self.analysis = analysis
        self.printer = printer
    }

    /// - Parameter duration: seconds; nil: until the feed ends.
    mutating func run(for duration: Double?) {
        let news = news
        feed.onNews { news.signal() }
        let start = DispatchTime.now()
        printer.begin()
        reading: while !Interruption.isRequested, !printer.isDone {
            if let duration, DispatchTime.now() >= start + duration { break }
            switch read() {
            case .read: break
            case .ended: break reading
            case .waiting:
                printer.flush()
                tell()
                _ = news.wait(timeout: .now() + Self.patience)
            }
        }
        if !printer.isDone { analysis.finish { event, model in printer.print(event, model) } }
        printer.flush()
        tell()
    }

    private mutating func read() -> CaptureSource.Progress {
        source.readWhatIsThere(Self.batch) { packet in
            for key in feed.takeKeys() { analysis.add(key) }
            analysis.take(packet) { event, model in printer.print(event, model) }
        }
    }

    private mutating func tell() {
        let entries = feed.connection.log.entries
        for entry in entries.dropFirst(told) {
            let words = entry.state.words(feed.name, since: entry.time, now: entry.time)
            StandardError.print("spatioscope: \(words.joined(separator: " "))")
        }
        told = entries.count
    }
}

extension LiveFeed {
    /// Why there is no connection at the end, in one line; nil where all is well. What was tried again since, and has
    /// not succeeded, does not make it better.
    var failure: String? {
        guard let entry = connection.log.entries.last(where: { $0.state.isFailure || $0.state.isJoined }),
            entry.state.isFailure
        else { return nil }
        return entry.state.words(name, since: entry.time, now: entry.time).joined(separator: " ")
    }
}
