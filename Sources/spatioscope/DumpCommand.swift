import ArgumentParser
import Inspection
import SpatioWire

struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Print one line or one JSON object a message, without a screen.",
        discussion: """
            Fields are \(FieldSelection.simpleNames.joined(separator: ", ")), and any field of a message by its path: \
            payload.updates.position.x, spatial_address.precision, data.total_size ...

            spatioscope dump attach HOST[:PORT] joins a server and prints what comes, and spatioscope dump live -i IFACE \
            what an interface brings; they have a help of their own.
            """)

    @OptionGroup var options: CaptureOptions

    @OptionGroup var printing: PrintingOptions

    func run() throws {
        let selection = try printing.selection()
        let opened = try options.open()
        var settings = try options.reading.settings.load()
        let filter = try options.combinedFilter(settings.configuration.savedFilters)
        let keys = try options.reading.keys(&settings)
        let schemas = try options.reading.schemas(&settings)
        settings.sayProblems()
        let source = try options.reading.source(opened: opened, keepsPackets: false)
        var analysis = Analysis(
            ports: options.reading.ports(settings.configuration), keyLog: keys, schemas: schemas, keepsIndex: false)
        var printer = MessagePrinter(printing, selection: selection, filter: filter)
        Interruption.watch()
        printer.begin()
        var end = Int64.max
        while !Interruption.isRequested, !printer.isDone, let packet = source.next() {
            if end == Int64.max, let duration = printing.duration {
                end = packet.time.addingReportingOverflow(Int64(duration * 1e9)).partialValue
            }
            if packet.time > end { break }
            analysis.take(packet) { event, model in printer.print(event, model) }
        }
        if !printer.isDone { analysis.finish { event, model in printer.print(event, model) } }
        printer.flush()
        try conclude(source)
    }
}

/// What is hidden in what is written.
struct PrivacyArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Move every position to a grid of so many metres, velocities to the same grid a second; secrets are removed.",
            valueName: "metres"))
    var blur: Double?

    @Flag(
        help: """
            Replace ids, names, addresses and texts, each by the same wherever it comes, under a key that nobody keeps; \
            secrets are removed.
            """)
    var pseudonyms = false

    mutating func validate() throws {
        if let blur, !PrivacyOptions.grids.contains(blur) {
            throw ValidationError("--blur is 0.001 to 4000000 metres")
        }
    }

    var options: PrivacyOptions { PrivacyOptions(grid: blur, usesPseudonyms: pseudonyms) }
}
