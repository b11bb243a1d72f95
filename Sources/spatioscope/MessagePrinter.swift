import ArgumentParser
import Inspection
import SpatioWire

/// What is printed of messages, and how.
struct PrintingOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, csv
    }

    @Option(help: "text, json or csv.")
    var format = Format.text

    @Option(help: ArgumentHelp("Print only these fields, in this order.", valueName: "a,b,c"))
    var fields: String?

    @Option(help: ArgumentHelp("End after this many messages.", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("End after this much time of the traffic.", valueName: "seconds"))
    var duration: Double?

    @OptionGroup var privacy: PrivacyArguments

    mutating func validate() throws {
        try Self.validate(duration: duration)
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
    }

    func selection() throws -> FieldSelection? {
        guard let fields else { return nil }
        do throws(FilterError) {
            return try FieldSelection(parsing: fields)
        } catch {
            throw WrongUse("--fields: \(error.message)\n\(error.pointer(in: fields))")
        }
    }
}

/// Prints messages as they pass.
struct MessagePrinter {
    private let format: PrintingOptions.Format
    private let selection: FieldSelection?
    private var run: FilterRun?
    private let limit: Int
    /// Nil where nothing is hidden.
    private var rewriter: PrivacyRewriter?
    private var printed = 0
    private var output = StandardOutput()
    private var json = JSONText()

    init(_ options: PrintingOptions, selection: FieldSelection?, filter: Filter?) {
        format = options.format
        self.selection = selection
        run = filter.map { FilterRun($0) }
        limit = options.count ?? Int.max
        let privacy = options.privacy.options
        rewriter = privacy.isActive ? PrivacyRewriter(privacy) : nil
    }

    var isDone: Bool { printed >= limit }

    mutating func begin() {
        if format == .csv { output.write(((selection ?? .usual).header + FieldSelection.lineEndOfCSV).utf8) }
    }

    /// Sends everything out.
    mutating func flush() { output.flush() }

    mutating func print(_ event: borrowing MessageEvent, _ model: borrowing Model) {
        guard !isDone else { return }
        var text: MessageText?
        if var run {
            let isIn = run.matches(
                event.record, number: event.number, findings: event.outcome.findings,
                view: event.outcome.view, model: model
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
