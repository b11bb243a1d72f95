import ArgumentParser
import Inspection
import Panes
import Settings

struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Look at captures on the screen: streams, messages and a map, as of any time.")

    @OptionGroup var options: CaptureOptions
    @OptionGroup var look: LookOptions

    func run() throws {
        let opened = try options.open()
        var settings = try options.reading.settings.load()
        let filter = try options.combinedFilter(settings.configuration.savedFilters)
        let keys = try options.reading.keys(&settings)
        let schemas = try options.reading.schemas(&settings)
        let source = try options.reading.source(opened: opened, keepsPackets: true)
        if source.files.isEmpty { try conclude(source) }
        let look = try look.look(&settings)
        let terminal = try look.openTerminal()
        defer { terminal.close() }
        var watcher = Watcher(terminal: terminal, look: look, settings: settings)
        let problems = watcher.watch(
            source, ports: options.reading.ports(settings.configuration), keyLog: keys, schemas: schemas,
            filter: filter ?? settings.configuration.openingFilter)
        terminal.close()
        try say(problems, settings, look)
    }
}

extension Configuration {
    /// What is in force when a capture opens on the screen; nil shows everything.
    var openingFilter: Filter? { filter.flatMap { try? Filter(parsing: $0) } }
}

/// Says what could not be read or used, when the screen is gone, and ends the program accordingly. What is wrong with
/// settings is no failure of what was asked for.
func say(_ problems: [String], _ settings: ConfigurationFile, _ look: Look) throws {
    settings.sayProblems()
    for problem in look.problems + problems { StandardError.print("spatioscope: \(problem)") }
    if !problems.isEmpty { throw ExitStatus.failed }
}
