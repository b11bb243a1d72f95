import Capture
import SpatioWire
import Testing

@testable import Inspection

/// Both views of a message in filters, JSON and the report.
struct ViewOutputTests {
    private static let client = "10.7.1.1:40001"
    private static let server = "10.7.0.1:7728"
    private static let observer = "10.7.4.1:43001"

    /// CONNECT and CONNECT_ACK, and the CONNECT of an observer; then updates that are mirrored: 4 as 5, 6 as 7 and 8 as
    /// 10, after 5, 25 and 45 ms. The entity goes a metre each time, and 9 is not mirrored yet.
    private static func conversation() -> Conversation {
        var conversation = Conversation()
        func send(_ payload: Payload, _ stream: UInt32, _ sequence: UInt32, at time: Double, isMirrored: Bool = false) {
            let start = UInt64(Conversation.start / 1_000_000)
            let origin = Origin(sessionID: Sample.session, direction: .toServer, seen: 0)
            let isUpdate = stream == 1
            let message = Message(
                header: MessageHeader(
                    type: payload.type ?? .custom, flags: isMirrored ? .extensions : [], streamID: stream,
                    sequence: sequence, timestamp: (start + UInt64(sequence) * 100) * 1000),
                address: isUpdate
                    ? SpatialAddress(
                        spaceID: Sample.space, precision: 0.1, confidence: 1, timestamp: start + UInt64(sequence) * 100)
                    : nil,
                extensions: isMirrored
                    ? [ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded())] : [],
                body: .payload(payload))
            let isFromServer = isMirrored || payload.type == .connectAck
            let other = isMirrored || time == 0.02 ? observer : client
            conversation.send(
                message.encoded(), from: isFromServer ? server : other, to: isFromServer ? other : server, at: time)
        }
        func update(_ number: UInt32, at time: Double, isMirrored: Bool = false) {
            send(Sample.update(1, at: Vector3(Double(number), 0, 0)), 1, number, at: time, isMirrored: isMirrored)
        }
        send(Sample.connect(), 0, 0, at: 0)
        send(Sample.accept(), 0, 0, at: 0.01)
        send(Sample.connect(client: 9, role: .observer), 0, 0, at: 0.02)
        update(1, at: 0.1)
        update(1, at: 0.105, isMirrored: true)
        update(2, at: 0.2)
        update(2, at: 0.225, isMirrored: true)
        update(3, at: 0.3)
        update(4, at: 0.34)
        update(3, at: 0.345, isMirrored: true)
        return conversation
    }

    @Test(
        "Filters tell the views apart and compare their delay",
        arguments: [
            ("view == observer", [5, 7, 10]), ("view == wire", [1, 2, 3, 4, 6, 8, 9]), ("view != wire", [5, 7, 10]),
            ("view in {observer, wire}", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), ("view_delay", [5, 7, 10]),
            ("view_delay > 20ms", [7, 10]), ("view_delay <= 25ms", [5, 7]), ("view_delay == 45", [10]),
            ("view_delay != 45", [5, 7]), ("!(view_delay > 20ms) && view == observer", [5]),
            ("view_delay in {4..6, 44ms..0.1s}", [5, 10]),
        ])
    func filters(text: String, expected: [Int]) throws {
        let conversation = Self.conversation()
        let filter = try Filter(parsing: text)
        var run = FilterRun(filter)
        let index = try #require(conversation.analysis.book.index)
        let found = run.matches(
            in: index, 0..<index.count, views: conversation.analysis.book.chronicle.views, model: conversation.model
        ) { conversation.heard[$0].map }
        #expect(found.map { $0 + 1 } == expected)
    }

    @Test func `A view is observer or wire, and a delay is a time`() {
        #expect(throws: FilterError.self) { try Filter(parsing: "view == server") }
        #expect(throws: FilterError.self) { try Filter(parsing: "view_delay > 3 kB") }
        #expect(throws: FilterError.self) { try Filter(parsing: "view > wire") }
    }

    @Test func `JSON of a mirrored message names its twin, and by how much it is behind`() {
        let lines = Self.conversation().json
        #expect(lines[9].contains(#""on_wire":{"number":8,"delay_ms":45.000,"behind_m":1.000},"findings""#))
        #expect(lines[4].contains(#""on_wire":{"number":4,"delay_ms":5.000,"behind_m":0.000}"#))
        #expect(lines.count { $0.contains("on_wire") } == 3)
    }

    @Test func `The report has a section of what an observer saw beside the wire`() {
        let report = StatisticsReport(Self.conversation().analysis)
        #expect(
            report.json().contains(
                #""views":[{"session_id":"\#(Sample.session)","observer":"10.7.4.1:43001","matched":3,"#
                    + #""observer_only":0,"wire_only":0,"delay_ms":{"last":45"#))
        #expect(report.text().contains("views: the observer beside the wire\n"))
        #expect(StatisticsReport(Analysis()).json().contains(#""views":[]"#))
        #expect(!StatisticsReport(Analysis()).text().contains("views"))
    }
}
