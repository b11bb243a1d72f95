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
