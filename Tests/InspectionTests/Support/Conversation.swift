import Capture
import Inspection
import SpatioWire

/// A capture made message by message, and what became of each.
struct Conversation {
    struct Heard {
        var record: MessageRecord
        var map: FieldMap
        var findings: [Finding]
        /// As `dump` prints it, by what was known then.
        var line: String
    }

    private(set) var analysis = Analysis()
    private(set) var heard: [Heard] = []
    /// Each message as `dump --format json` prints it.
    private(set) var json: [String] = []
    /// What each selection gave for each message, by the model of that moment.
    private(set) var selected: [[String]] = []
    private let selections: [FieldSelection]

    /// Nanoseconds since the Unix epoch.
    static let start: Int64 = 1_793_000_000_000_000_000

    init(selections: [FieldSelection] = []) { self.selections = selections }

    var model: Model { analysis.book.model }

    /// Sends octets in a UDP datagram.
    ///
    /// - Parameter seconds: after the start.
    mutating func send(_ octets: [UInt8], from source: String, to destination: String, at seconds: Double) {
        guard let source = Endpoint(parsing: source), let destination = Endpoint(parsing: destination) else { return }
        let time = Self.start + Int64((seconds * 1e9).rounded())
        var heard: [Heard] = []
        var selected: [[String]] = []
        var lines: [String] = []
        let chosen = selections
        Self.frame(octets, from: source, to: destination).withUnsafeBytes { octets in
            let packet = CapturedPacket(
                time: time, octets: octets, originalLength: octets.count, linkType: .ethernet)
            analysis.take(packet) { event, model in
                let text = MessageText(event, schemas: model.schemas, sizeLimit: WireLimits.defaultMessageSize)
                heard.append(
                    Heard(
                        record: event.record, map: text.map, findings: event.outcome.findings,
                        line: text.line(model: model, since: Self.start)))
                var json = JSONText()
                text.writeJSON(to: &json)
                lines.append(json.text)
                selected.append(
                    chosen.flatMap { selection -> [String] in
                        var json = JSONText()
                        selection.writeJSON(of: text, model: model, to: &json)
                        return [
                            selection.text(of: text, model: model), selection.csv(of: text, model: model), json.text,
                        ]
                    })
            }
        }
        self.heard += heard
        json += lines
        self.selected += selected
    }

    private static func frame(_ payload: [UInt8], from source: Endpoint, to destination: Endpoint) -> [UInt8] {
        func big16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
        func address(_ endpoint: Endpoint) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: endpoint.address.low >> UInt64(24 - 8 * $0)) }
        }
        let udp = big16(Int(source.port)) + big16(Int(destination.port)) + big16(8 + payload.count) + [0, 0] + payload
        let ethernet: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]
        return ethernet + [0x45, 0] + big16(20 + udp.count) + [0, 1, 0, 0, 64, 17, 0, 0] + address(source)
            + address(destination) + udp
    }

    /// The numbers of the messages that match, asked one by one and, as a whole, in the index; nil where the two differ.
    func matches(_ text: String) throws(FilterError) -> [Int]? {
        let filter = try Filter(parsing: text)
        var single = FilterRun(filter)
        var numbers: [Int] = []
        for (place, heard) in heard.enumerated() {
            let isIn = single.matches(
                heard.record, number: place + 1, findings: heard.findings, model: model, fields: { heard.map })
            if isIn { numbers.append(place + 1) }
        }
        guard let index = analysis.book.index else { return nil }
        var whole = FilterRun(filter)
        let half = index.count / 2
        let findings = analysis.book.chronicle.findings
        let places =
            whole.matches(in: index, 0..<half, findings: findings, model: model) { heard[$0].map }
            + whole.matches(in: index, half..<index.count, findings: findings, model: model) { heard[$0].map }
        return places.map { Int($0) + 1 } == numbers ? numbers : nil
    }
}
