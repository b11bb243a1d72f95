import Inspection
import Panes
import Settings

/// The screen of traffic that comes while it is looked at.
struct LiveScreen {
    /// What is watched, on the status line.
    let name: String
    let request: AttachRequest
    let reading: ReadingOptions
    let look: LookOptions

    /// Shows what a runner brings until the user quits.
    func run(_ runner: some LiveRunner) throws {
        var settings = try reading.settings.load()
        let filter = try reading.combinedFilter(settings.configuration.savedFilters)
        let keys = try reading.keys(&settings)
        let schemas = try reading.schemas(&settings)
        let feed = LiveFeed(name: name)
        let source = try reading.source(feeds: [feed], keepsPackets: true)
        let look = try look.look(&settings)
        let terminal = try look.openTerminal()
        defer { terminal.close() }
        try runner.start(request, feed: feed)
        var watcher = Watcher(terminal: terminal, look: look, settings: settings)
        watcher.remembersCaptures = false
        let problems = watcher.watch(
            source, ports: reading.ports(settings.configuration).union(request.ports), keyLog: keys, schemas: schemas,
            filter: filter ?? settings.configuration.openingFilter)
        runner.stop()
        terminal.close()
        let failure = feed.failure
        if let failure { StandardError.print("spatioscope: \(failure)") }
        try say(problems, settings, look)
        if failure != nil { throw ExitStatus.failed }
    }
}
