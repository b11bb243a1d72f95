import Capture
import Dispatch
import Inspection
import Panes

/// Prints what feeds bring, and says on standard error how it stands with their connections.
struct FeedReader {
    /// Between two looks at Ctrl-C and the time.
    private static let patience = DispatchTimeInterval.milliseconds(100)
    private static let batch = 512

    let source: CaptureSource
    let feeds: [LiveFeed]
    var analysis: Analysis
    var printer: MessagePrinter
    /// All that was asked for is printed.
    var isDone: Bool { printer.isDone }

    private let news = DispatchSemaphore(value: 0)
    private var teller: ConnectionTeller

    init(source: CaptureSource, feeds: [LiveFeed], analysis: Analysis, printer: MessagePrinter) {
        self.source = source
        self.feeds = feeds
        self.analysis = analysis
        self.printer = printer
        teller = ConnectionTeller(feeds)
    }

    /// - Parameter duration: seconds; nil: until the feeds end.
    mutating func run(for duration: Double?) {
        let news = news
        for feed in feeds { feed.onNews { news.signal() } }
        let start = DispatchTime.now()
        printer.begin()
        reading: while !Interruption.isRequested, !printer.isDone {
            if let duration, DispatchTime.now() >= start + duration { break }
            switch read() {
            case .read: break
            case .ended: break reading
            case .waiting:
                printer.flush()
                teller.tell()
                _ = news.wait(timeout: .now() + Self.patience)
            }
        }
        if !printer.isDone { analysis.finish { event, model in printer.print(event, model) } }
        printer.flush()
        teller.tell()
    }

    private mutating func read() -> CaptureSource.Progress {
        analysis.forgetOldest()
        return source.readWhatIsThere(Self.batch) { packet in
            for feed in feeds { for key in feed.takeKeys() { analysis.add(key) } }
            analysis.take(packet) { event, model in printer.print(event, model) }
        }
    }

}

/// Says on standard error how it stands with connections and interfaces, when that changes.
struct ConnectionTeller {
    private let feeds: [LiveFeed]
    /// Entries of each that have been said.
    private var told: [Int]

    init(_ feeds: [LiveFeed]) {
        self.feeds = feeds
        told = feeds.map { _ in 0 }
    }

    mutating func tell() {
        for (place, feed) in feeds.enumerated() {
            let entries = feed.connection.log.entries
            for entry in entries.dropFirst(told[place]) {
                let news = entry.state.news(feed.name, at: entry.time)
                if !news.isEmpty { StandardError.print("spatioscope: \(news)") }
            }
            told[place] = entries.count
        }
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

    /// It was tried to join a server, and that has let nobody in.
    var isOutside: Bool {
        let entries = connection.log.entries
        return !entries.isEmpty && !entries.contains { $0.state.isJoined }
    }
}
