import ArgumentParser
import Inspection
import SpatioWire

struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Print one line or one JSON object a message, without a screen.",
        discussion: """
            Fields are \(FieldSelection.simpleNames.joined(separator: ", ")), and any field of a message by its path: \
            payload.updates.position.x, spatial_address.precision, data.total_size ...
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, csv
    }

    @OptionGroup var options: CaptureOptions

    @Option(help: "text, json or csv.")
    var format = Format.text

    @Option(help: ArgumentHelp("Print only these fields, in this order.", valueName: "a,b,c"))
    var fields: String?

    @Option(help: ArgumentHelp("End after this many messages.", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("End after this much capture time.", valueName: "seconds"))
    var duration: Double?

    @OptionGroup var privacy: PrivacyArguments

    mutating func validate() throws {
        if let duration, !(duration > 0 && duration < 1e9) { throw ValidationError("--duration is over 0 seconds") }
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
    }

    func run() throws {
        let selection = try fields.map(Self.selection)
        var settings = try options.settings.load()
        let filter = try options.combinedFilter(settings.configuration.savedFilters)
        let keys = try options.keys(&settings)
        let schemas = try options.schemas(&settings)
        settings.sayProblems()
        let source = try options.source(keepsPackets: false)
        var analysis = Analysis(
            ports: options.ports(settings.configuration), keyLog: keys, schemas: schemas, keepsIndex: false)
        var printer = MessagePrinter(
            format: format, selection: selection, filter: filter, limit: count, privacy: privacy.options)
        Interruption.watch()
        printer.begin()
        var end = Int64.max
        while !Interruption.isRequested, !printer.isDone, let packet = source.next() {
            if end == Int64.max, let duration {
                end = packet.time.addingReportingOverflow(Int64(duration * 1e9)).partialValue
            }
            if packet.time > end { break }
            analysis.take(packet) { event, model in printer.print(event, model) }
        }
        if !printer.isDone { analysis.finish { event, model in printer.print(event, model) } }
        printer.end()
        try conclude(source)
    }

    private static func selection(_ list: String) throws -> FieldSelection {
        do throws(FilterError) {
            return try FieldSelection(parsing: list)
        } catch {
            throw WrongUse("--fields: \(error.message)\n\(error.pointer(in: list))")
        }
    }
}

/// Prints messages as they pass.
private struct MessagePrinter {
    private let format: DumpCommand.Format
    private let selection: FieldSelection?
    private var run: FilterRun?
    private let limit: Int
    /// Nil where nothing is hidden.
    private var rewriter: PrivacyRewriter?
    private var printed = 0
    private var output = StandardOutput()
    private var json = JSONText()

    init(
        format: DumpCommand.Format, selection: FieldSelection?, filter: Filter?, limit: Int?, privacy: PrivacyOptions
    ) {
        self.format = format
        self.selection = selection
        run = filter.map { FilterRun($0) }
        self.limit = limit ?? Int.max
        rewriter = privacy.isActive ? PrivacyRewriter(privacy) : nil
    }

    var isDone: Bool { printed >= limit }

    mutating func begin() {
        if format == .csv { output.write(((selection ?? .usual).header + FieldSelection.lineEndOfCSV).utf8) }
    }

    mutating func end() { output.flush() }

    mutating func print(_ event: borrowing MessageEvent, _ model: borrowing Model) {
        guard !isDone else { return }
        var text: MessageText?
        if var run {
            let isIn = run.matches(
                event.record, number: event.number, findings: event.outcome.findings, model: model
            ) {
                let read = Self.read(event, model)
                text = read
                return read.map
            }
            self.run = run
            guard isIn else { return }
        }
        let shown = text ?? Self.read(event, model)
        write(rewriter?.hide(shown, model) ?? shown, copy model)
        printed += 1
    }

    private static func read(_ event: borrowing MessageEvent, _ model: borrowing Model) -> MessageText {
        let session = event.outcome.stream.map { model.streams[$0].session }
        return MessageText(
            event, schemas: model.schemas,
            sizeLimit: session.map { model.sessions[$0].sizeLimit } ?? WireLimits.defaultMessageSize)
    }

    private mutating func write(_ text: MessageText, _ model: Model) {
        switch format {
        case .text:
            output.line(selection?.text(of: text, model: model) ?? text.line(model: model, since: model.firstTime))
        case .csv:
            output.write(((selection ?? .usual).csv(of: text, model: model) + FieldSelection.lineEndOfCSV).utf8)
        case .json:
            json.removeAll()
            if let selection {
                selection.writeJSON(of: text, model: model, to: &json)
            } else {
                text.writeJSON(to: &json)
            }
            output.write(json.octets)
            output.write(CollectionOfOne(UInt8(ascii: "\n")))
        }
    }
}

extension PrivacyRewriter {
    fileprivate mutating func hide(_ text: MessageText, _ model: borrowing Model) -> MessageText {
        text.hidden(by: &self, model: model)
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
