import ArgumentParser
import Inspection

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Print the figures of a whole capture, without a screen.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @OptionGroup var options: CaptureOptions

    @Option(help: "text or json.")
    var format = Format.text

    /// Packets between two looks at whether Ctrl-C was pressed: some milliseconds.
    private static let batch = 8192

    func run() throws {
        if options.reading.filter != nil {
            throw WrongUse(
                "stats takes --space and --stream to report less, --bpf to read less, but no --filter: see dump")
        }
        let opened = try options.open()
        var settings = try options.reading.settings.load()
        let keys = try options.reading.keys(&settings)
        let schemas = try options.reading.schemas(&settings)
        settings.sayProblems()
        let source = try options.reading.source(opened: opened, keepsPackets: false)
        var analysis = Analysis(
            ports: options.reading.ports(settings.configuration), keyLog: keys, schemas: schemas, keepsIndex: false)
        Interruption.watch()
        while !Interruption.isRequested, source.read(Self.batch, { analysis.take($0) }) {}
        analysis.finish()
        let report = StatisticsReport(
            analysis, files: source.files, space: options.space, stream: options.reading.stream)
        StandardOutput.print(format == .json ? report.json() : report.text())
        try conclude(source)
    }
}

/// Says what could not be read, and ends the program accordingly.
func conclude(_ source: CaptureSource) throws {
    for problem in source.problems { StandardError.print("spatioscope: \(problem)") }
    if Interruption.isRequested { throw ExitStatus.interrupted }
    if !source.problems.isEmpty { throw ExitStatus.failed }
}
