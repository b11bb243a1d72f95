import Capture
import SpatioWire

/// One message for `dump` and what else writes messages: as JSON, as text or as values of chosen fields.
package struct MessageText {
    /// From 1.
    package let number: Int
    let time: Int64
    private(set) var source, destination: Endpoint
    let transport: Transport
    let header: MessageHeader?
    let size: Int
    let marks: MessageMarks
    let lostBefore: Int
    private(set) var error: DecodeError?
    private(set) var findings: [Finding]
    private let isLeftOver: Bool
    /// The same message as somebody else saw it, where this is the second of the two.
    private let view: ViewMatch?
    /// Indices in the model.
    let stream: Int?
    let space: Int?
    /// Every field of the message.
    package private(set) var map: FieldMap
    /// What stands for names that the model knows, where these are hidden.
    private(set) var disguise: Disguise?

    struct Disguise {
        var session: UUID?
        var space: String?
    }

    /// - Parameter schemas: those seen until this message.
    package init(_ event: borrowing MessageEvent, schemas: ExtensionSchemas, sizeLimit: Int) {
        number = event.number
        time = event.message.time
        source = event.message.source
        destination = event.message.destination
        transport = event.message.transport
        header = event.outcome.header
        size = event.outcome.size
        marks = event.outcome.marks
        lostBefore = event.outcome.lostBefore
        error = event.outcome.error
        findings = event.outcome.findings
        isLeftOver = event.message.isLeftOver
        view = event.outcome.view
        stream = event.outcome.stream
        space = event.outcome.space
        var context = MessageDissector.Context()
        context.schemas = schemas
        context.opened = event.outcome.opened
        context.reassembled = event.outcome.reassembled
        context.sizeLimit = sizeLimit
        map = MessageDissector.dissect(Array(event.octets), context: context)
    }

    /// An indexed message, read and decoded again; nil when its octets are gone.
    ///
    /// - Parameter findings: of this message.
    init?(_ message: Int, _ snapshot: Snapshot, findings: [Finding]) {
        guard let record = snapshot.index.at(message), let octets = snapshot.reader.octets(of: record) else {
            return nil
        }
        let stream = snapshot.whole.stream(of: record)
        let flow = stream.map { snapshot.whole.flows[$0.flow] }
        let isForward = stream?.isForward ?? true
        number = message + 1
        time = record.time
        source = flow.map { isForward ? $0.first : $0.second } ?? .unknown
        destination = flow.map { isForward ? $0.second : $0.first } ?? .unknown
        transport = flow?.transport ?? .udp
        header = record.marks.contains(.hasHeader) ? octets.withUnsafeBytes { MessageHeader.peek($0) } : nil
        size = Int(record.size)
        marks = record.marks
        // The log says how many were missing; the record only that some were.
        lostBefore = record.marks.contains(.lostBefore) ? findings.first { $0.rule == .loss }?.count ?? 1 : 0
        isLeftOver = record.marks.isLeftOver
        view = snapshot.chronicle.views.twins(of: message + 1).last { $0.known == message + 1 }
        self.stream = stream == nil ? nil : Int(record.stream)
        space = record.marks.contains(.hasSpace) ? Int(record.space) : nil
        self.findings = findings
        map = snapshot.fieldMap(octets, record, number: message + 1)
        error = isLeftOver ? Message.leftOver(octets.count, messageCount: 1) : marks.isCut ? nil : map.error
    }

    /// The same message with what the rewriter's options hide hidden, and without the names that the model knows.
    package func hidden(by rewriter: inout PrivacyRewriter, model: borrowing Model) -> MessageText {
        var hidden = self
        hidden.source = rewriter.endpoint(source)
        hidden.destination = rewriter.endpoint(destination)
        // What was found is told by its rule; the words name entities and places.
        hidden.findings = findings.map { finding in
            var finding = finding
            finding.text = ""
            return finding
        }
        hidden.disguise = Disguise(
            session: stream.flatMap { model.sessions[model.streams[$0].session].id }.map { rewriter.id($0) },
            space: space.map { space in
                let space = model.spaces[space]
                if let name = space.name { return rewriter.name(name) }
                return String(rewriter.id(space.id).description.prefix(8))
            })
        let limit = stream.map { model.sessions[model.streams[$0].session].sizeLimit } ?? WireLimits.defaultMessageSize
        let segments = wholeContent
        let rewritten =
            error == nil
            ? rewriter.rewrite(
                map.message, opened: map.opened.isEmpty ? nil : map.opened, content: segments?.content,
                sizeLimit: limit, model: model) : nil
        guard let rewritten else {
            // Nobody can say what octets tell that are no message.
            hidden.map = FieldMap(message: [])
            hidden.error = error.map { DecodeError($0.reason, at: $0.offset) }
            return hidden
        }
        var context = MessageDissector.Context()
        context.schemas = model.schemas
        context.sizeLimit = limit
        if let segments, let content = rewritten.content {
            context.reassembled = (segments.count, .success(content))
        }
        hidden.map = MessageDissector.dissect(rewritten.message.encoded(), context: context)
        return hidden
    }

    /// Makes zeros of credentials and tokens.
    mutating func hideSecrets() { map = map.withoutSecrets }

    /// The whole that this message completes, and of how many segments.
    private var wholeContent: (count: Int, content: [UInt8])? {
        guard let place = map.reassembled, !map.content.isEmpty else { return nil }
        let count = map.children(of: place).first { map.fields[$0].name == "segments" }
        guard let count, case .unsigned(let segments) = map.fields[count].value else { return nil }
        return (Int(clamping: segments), map.content)
    }

    /// Nothing of it could be read as a message, or may be shown.
    private var isUnreadable: Bool { isLeftOver || map.fields.count < 2 }

    /// Appends one line of JSON; the keys are a contract with other programs.
    package func writeJSON(to json: inout JSONText) {
        json.open("{")
        json.key("number")
        json.integer(number)
        json.key("time")
        writeTime(to: &json)
        json.key("source")
        json.string(source.description)
        json.key("destination")
        json.string(destination.description)
        json.key("transport")
        json.string(transport.name)
        json.key("message")
        if isUnreadable { json.null() } else { map.write(to: &json) }
        if let reassembled = map.reassembled { _ = map.write(reassembled, named: true, to: &json) }
        if let error {
            json.key("malformed")
            json.open("{")
            json.key("offset")
            json.integer(error.offset)
            json.key("reason")
            json.string(error.reason.rawValue)
            if let detail = error.detail {
                json.key("detail")
                json.string(detail)
            }
            json.close("}")
            if disguise == nil {
                json.key("octets")
                json.hexadecimal(map.message)
            }
        }
        if marks.isCut {
            json.key("cut")
            json.boolean(true)
        }
        if let view { write(view, to: &json) }
        json.key("findings")
        json.open("[")
        for finding in findings {
            json.open("{")
            json.key("rule")
            json.string(finding.rule.rawValue)
            json.key("severity")
            json.string(finding.severity.name)
            json.key("text")
            json.string(finding.text)
            json.close("}")
        }
        json.close("]")
        json.close("}")
    }

    /// The other view of the message: by whom, which message it is, and how much later the observer got it.
    private func write(_ view: ViewMatch, to json: inout JSONText) {
        json.key(view.mirrored == number ? "on_wire" : "at_observer")
        json.open("{")
        json.key("number")
        json.integer(view.twin(of: number))
        json.key("delay_ms")
        json.numeral(DecimalText.fixed(Double(view.milliseconds), places: 3))
        json.key("behind_m")
        if let metres = view.metres { json.numeral(DecimalText.fixed(metres, places: 3)) } else { json.null() }
        json.close("}")
    }

    /// Seconds since the Unix epoch; more than a Double's digits, so it is written as text.
    private func writeTime(to json: inout JSONText) { json.numeral(TimeText.seconds(time)) }
}

extension Endpoint {
    /// Where a limit was reached, nobody knows any more who sent.
    fileprivate static let unknown = Endpoint(address: IPAddress(high: 0, low: 0), port: 0)
}
