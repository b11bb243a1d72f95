import Capture
import SpatioWire

/// One message for `dump`: as JSON, as text or as values of chosen fields.
package struct MessageText {
    let event: MessageEvent
    /// Every field of the message.
    package let map: FieldMap

    /// - Parameter schemas: those seen until this message.
    package init(_ event: borrowing MessageEvent, schemas: ExtensionSchemas, sizeLimit: Int) {
        self.event = copy event
        var context = MessageDissector.Context()
        context.schemas = schemas
        context.opened = event.outcome.opened
        context.reassembled = event.outcome.reassembled
        context.sizeLimit = sizeLimit
        map = MessageDissector.dissect(Array(event.octets), context: context)
    }

    var error: DecodeError? { event.outcome.error }

    /// Nothing of it could be read as a message.
    private var isUnreadable: Bool { event.message.isLeftOver || map.fields.count < 2 }

    /// Appends one line of JSON; the keys are a contract with other programs.
    package func writeJSON(to json: inout JSONText) {
        json.open("{")
        json.key("number")
        json.integer(event.number)
        json.key("time")
        writeTime(to: &json)
        json.key("source")
        json.string(event.message.source.description)
        json.key("destination")
        json.string(event.message.destination.description)
        json.key("transport")
        json.string(event.message.transport.name)
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
            json.key("octets")
            json.hexadecimal(event.octets)
        }
        json.key("findings")
        json.open("[")
        for finding in event.outcome.findings {
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

    /// Seconds since the Unix epoch; more than a Double's digits, so it is written as text.
    private func writeTime(to json: inout JSONText) { json.numeral(TimeText.seconds(event.message.time)) }
}
