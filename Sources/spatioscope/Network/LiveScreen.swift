import Capture
import Inspection
import Panes
import Settings

/// The screen of traffic that comes while it is looked at.
struct LiveScreen {
    let feeds: [LiveFeed]
    /// Ports that carry Spatio besides those that are settled.
    var ports: Set<UInt16> = []
    let reading: ReadingOptions
    let look: LookOptions
    /// Nil: nothing is left, however the program ends.
    var spool: SpoolOptions?

    /// Shows what the feeds bring until the user quits.
    ///
    /// - Parameters:
    ///   - start: sets the feeds going; called when there is a screen.
    ///   - stop: what was started ends.
    func run(start: () throws -> Void, stop: () -> Void) throws {
        var settings = try reading.settings.load()
        let filter = try reading.combinedFilter(settings.configuration.savedFilters)
        let keys = try reading.keys(&settings)
        let schemas = try reading.schemas(&settings)
        let (spool, notice) = spool.map { $0.make() } ?? (Spool(), nil)
        // Whoever has not quit has not seen all of it.
        var isLeft = false
        defer { if !isLeft { spool.remove() } }
        let source = try reading.source(feeds: feeds, keepsPackets: true, spool: spool)
        let look = try look.look(&settings)
        let terminal = try look.openTerminal()
        defer { terminal.close() }
        try start()
        var watcher = Watcher(terminal: terminal, look: look, settings: settings)
        watcher.remembersCaptures = false
        watcher.notice = notice
        let problems = watcher.watch(
            source, ports: reading.ports(settings.configuration).union(ports), keyLog: keys, schemas: schemas,
            filter: filter ?? settings.configuration.openingFilter)
        stop()
        isLeft = watcher.isCutOff && spool.figures.octets > 0
        terminal.close()
        let failures = feeds.compactMap(\.failure)
        for failure in failures { StandardError.print("spatioscope: \(failure)") }
        try say(problems, settings, look)
        if !failures.isEmpty { throw ExitStatus.failed }
    }
}

extension LiveScreen {
    /// Shows what a runner brings to the one feed.
    func run(_ runner: some LiveRunner, _ request: AttachRequest) throws {
        var screen = self
        screen.ports = request.ports
        try screen.run {
            for feed in feeds { try runner.start(request, feed: feed) }
        } stop: {
            runner.stop()
        }
    }
}
