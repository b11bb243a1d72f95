import Inspection
import SpatioWire
import Testing

/// What each expression picks from the capture of `Plaza`.
@Suite struct FilterTests {
    private static let everything = Array(1...22)

    static let cases: [(String, [Int])] = [
        ("", everything), ("  ", everything),
        // Numbers of the record
        ("number == 3", [3]), ("number <= 2", [1, 2]), ("number in {1, 5..6, 22}", [1, 5, 6, 22]),
        ("number != 3 && number < 6", [1, 2, 4, 5]), ("number > 20.5", [21, 22]), ("number >= 0x15", [21, 22]),
        ("number < 1", []), ("number > 9999999999999999999999", []),
        ("seq in 100..102", [4, 7, 19]), ("sequence == 103", [5, 6]), ("seq in {100, 103}", [4, 5, 6, 19]),
        ("seq != 0 && stream == 0", [8, 9, 17, 18, 21]),
        ("size > 0.2kB && type == state_sync", [3]), ("size >= 1KiB", []), ("size < 1MiB", everything),
        ("size in 0..40B", [8, 15, 18]),
        // Time
        ("time < 0.5", [1, 2]), ("time <= 0.5", [1, 2, 3]), ("time == 1.5", [5]), ("time in 1500ms..1.6s", [5, 6]),
        ("time > 1793000006.75", [22]), ("time >= 0.1min", Array(14...22)), ("time < -1", []),
        ("time != 0.00 && time < 1", [2, 3]),
        // Types
        ("type == spatial_update", [4, 5, 6, 7, 14, 19]), ("type == SPATIAL_UPDATE && !malformed", [4, 5, 6, 7, 19]),
        ("type in {ping, pong}", [8, 9, 16]), ("type == 0x7a", [15]), ("type ~ connect", [1, 2]),
        ("type in 0x20..0x24", [3, 10, 12, 13]),
        ("type != spatial_update && number > 13", [15, 16, 17, 18, 20, 21, 22]),
        // Streams
        ("stream == 2", [3, 10, 12, 13]), ("stream_id >= 3", [11, 15, 22]), ("stream in {3, 9}", [11, 15]),
        ("stream != 0 && number > 20", [22]), ("!(stream == 0) && number in 14..16", [14, 15]),
        ("port == 40002", [16, 21]), ("port > 40001", [16, 21]), ("transport == tcp", []),
        ("transport != tcp", everything), ("transport == UDP && number < 3", [1, 2]),
        ("source == 10.7.1.2:40002", [16, 21]), ("src == 10.7.0.1", [2, 3, 9, 10, 12, 13]),
        ("dst ~ 239", [21]), ("destination != 10.7.0.1 && number > 13", [21]), ("endpoint == 10.7.1.2", [16, 21]),
        ("addr in {10.7.1.2, 239.77.28.1:7728}", [16, 21]),
        ("session == 5eb9581e-f3b6-0111-8097-669d49268748 && number > 15", [17, 18, 19, 20, 22]),
        ("session == 5eb9 && number > 18", [19, 20, 22]), ("session == 5EB9581EF3 && number == 20", [20]),
        ("session == 10.7.1.2", [16, 21]), ("session ~ \"10.7.1.1\" && number < 3", [1, 2]),
        ("session ~ b9581e && seq == 103", [5, 6]),
        ("session && number > 13", [14, 15, 17, 18, 19, 20, 22]), ("session != 10.7.1.1", [16, 21]),
        ("rtt > 50ms && number < 5", [1, 4]), ("rtt == 60", [1, 4, 5, 6, 7, 8, 11, 14, 15, 17, 18, 19, 22]),
        ("rtt in 0.05s..0.07s && stream == 3", [11]), ("rtt < 50", []), ("jitter && stream == 3", []),
        ("jitter >= 0 && stream == 2", [3, 10, 12, 13]),
        // Spaces and entities
        ("space == plaza", [3, 4, 5, 6, 7, 10, 13, 19, 20]), ("space == 114d8097 && stream == 2", [3, 10, 13]),
        ("space ~ LAZ && stream == 2", [3, 10, 13]), ("space != plaza", []), ("!space && number < 5", [1, 2]),
        ("entity == ent-3", [3, 10, 13]), ("entity == alice", [3, 4, 5, 13, 19]), ("entity == b0b0", [5, 6, 7]),
        ("entity == c3c30000-0000-0003-0000-000000000003", [3, 10, 13]), ("entity ~ ALI && number < 5", [3, 4]),
        ("entity in {ent-3, b0b0}", [3, 5, 6, 7, 10, 13]), ("entity != alice", [6, 7, 10]),
        ("entity && number > 10", [13, 19]),
        ("version > 40", [10, 13]), ("version == 40", [3]), ("version in 40..41", [3, 10]), ("version", [3, 10, 13]),
        ("version != 40", [10, 13]),
        // Flags and marks
        ("flags == reliable", [1, 2, 3, 10]), ("flags ~ order", [3, 10]), ("flags == 0x0400 && number < 10", [8, 9]),
        ("flags in {retransmit, signed}", [19, 22]), ("flags != reliable && number < 5", [4]),
        ("priority == high", [11]), ("priority >= HIGH", [11, 22]), ("priority != medium", [11, 22]),
        ("priority in low..medium && number > 20", [21]), ("priority == 3", [22]),
        ("malformed", [14]), ("lost", [5]), ("duplicate", [6]), ("reordered", [7]), ("retransmit", [19]),
        ("unknown", [15]), ("undecrypted", [16]), ("decrypted", []), ("sealed", [16]), ("encrypted", [16]),
        ("signed", [22]), ("reassembled", [13]), ("segment", [12, 13]), ("data", [12, 13]), ("multicast", [21]),
        ("reliable", [1, 2, 3, 10]), ("ordered", [3, 10]), ("mirrored", [20]), ("finding", [5, 14, 15]),
        ("warning", [5]), ("error", [14]), ("extensions", [20]), ("address && number > 5", [6, 7, 19, 20]),
        // Findings
        ("finding == loss", [5]), ("finding != loss && finding != unanswered_query", [14, 15]),
        ("finding ~ type", [15]),
        ("finding in {loss, malformed}", [5, 14]), ("finding == teleport", []), ("!(finding == loss) && lost", []),
        // Decoded fields
        ("payload.query_id == 5", [11]), ("payload.query_id", [11]), ("payload.query_id != 6", [11]),
        ("payload.updates.kind == 7", [5, 6, 7]), ("payload.updates.kind != 7", [4, 19]),
        ("payload.updates.kind in {2, 9..11}", [4, 5, 19]), ("payload.updates.position.x >= 50", [5, 6, 7]),
        ("payload.updates.position.y == 4", [4, 19]), ("payload.updates.velocity", [4, 19]),
        ("payload.updates.velocity.x > 2.5", [4, 19]), ("payload.updates > 1", [5]),
        ("payload.updates.orientation", []),
        ("payload.name == \"demo/1.0\"", [1]), ("payload.name ~ DEMO", [1]), ("payload.name == demo/1.0", [1]),
        ("payload.role == participant", [1]), ("payload.role == 0", [1]), ("payload.code == success", [2]),
        ("payload.session_id == 5eb9581e", [2]), ("payload.spaces == 2", [1]), ("payload.spaces == a11ce000", [1]),
        ("payload.spaces.name == plaza", [2]), ("payload.extensions.version == 1.2.0", [2]),
        ("payload.extensions.version > 1.1.9", [2]), ("payload.extensions.version.minor == 2", [2]),
        ("payload.entries.fields.key == score", [3, 13]), ("payload.sync.entries.fields.value.value == 10", [10]),
        ("payload.entries.fields.value.value.x == 10", [3, 13]), ("payload.sync.delta == true", [10]),
        ("payload.timeout < 251 && payload.timeout >= 250", [11]), ("payload.parameters.center.y == 1", [11]),
        ("payload.auth", []), ("payload.config.capabilities == 0x7fff", [1, 2]),
        ("payload.flow.congestion_threshold == 0.1", [2, 9]), ("payload.decoded.celsius > 36", [18]),
        ("payload.decoded.sensor == roof", [18]), ("payload.data ~ 0203", [22]), ("payload.data == 010203", [22]),
        ("payload.peer_id == b0b0", [21]), ("payload.capabilities.roles == relay", [21]),
        ("spatial_address.precision == 0.1 && number < 6", [4, 5]),
        ("address.confidence == 1 && number > 18", [19, 20]),
        ("spatial_address.coordinate_system.type == cartesian && number > 18", [19, 20]),
        ("extensions.decoded.direction == to_server", [20]), ("multicast.routing.type == flood", [21]),
        ("data.last_segment == true", [13]), ("data.total_size > 150", [12, 13]), ("reassembled.segments == 2", [13]),
        ("reassembled.payload.version == 42", [13]), ("payload.version == 42", [13]),
        ("timestamp > 1793000006700000", [22]), ("checksum_ok", []),
        // Places
        ("within(3, 4, 0)", [4, 19]), ("within(100, 100, 10)", [5, 6]),
        ("within(0, 0, 15)", [3, 4, 5, 11, 13, 19, 20]),
        ("near(b0b0, 1)", [5, 6, 7]), ("near(ent-3, 1.5)", [3, 5, 11, 13]),
        ("near(\"alice\", 5)", [3, 4, 5, 11, 13, 19, 20]),
        ("near(nobody, 1000)", []),
        // Structure
        ("lost || duplicate", [5, 6]), ("lost or duplicate and malformed", [5]),
        ("(lost or duplicate) and seq == 103", [5, 6]),
        ("not (number > 2)", [1, 2]), ("!!lost", [5]), ("! lost && number in 5..6", [6]),
        ("payload.updates.kind == 7 || lost", [5, 6, 7]),
        ("!(payload.updates.kind == 7) && type == spatial_update", [4, 14, 19]),
    ]

    @Test("An expression picks its messages, one by one as in the index", arguments: cases)
    func picks(expression: String, expected: [Int]) throws {
        let found = try Plaza.capture.matches(expression)
        #expect(found == expected, "\(expression)")
    }

    @Test("Only what asks for decoded fields needs messages to be decoded")
    func needsFields() throws {
        for text in ["type == ping && rtt > 5ms && space == plaza && lost", "", "address && extensions && reassembled"]
        {
            #expect(try Filter(parsing: text).needsFields == false, "\(text)")
        }
        for text in [
            "entity == alice", "version > 1", "payload.name", "within(0,0,1)", "near(a,1)", "lost || timestamp",
        ] {
            #expect(try Filter(parsing: text).needsFields, "\(text)")
        }
    }

    @Test("What the record decides needs no message to be decoded")
    func decodesLate() throws {
        var run = FilterRun(try Filter(parsing: "payload.updates.kind == 7 && lost"))
        let capture = Plaza.capture
        var decoded: [Int] = []
        for (place, heard) in capture.heard.enumerated() {
            _ = run.matches(heard.record, number: place + 1, model: capture.model) {
                decoded.append(place + 1)
                return heard.map
            }
        }
        #expect(decoded == [5])
    }

    @Test("What is learned later of a session counts from then on")
    func followsIdentities() throws {
        var run = FilterRun(try Filter(parsing: "session == 5eb9581e && space == plaza"))
        let conversation = Plaza.capture
        let answers = [Model(), conversation.model, Model(), conversation.model].map { model in
            run.matches(conversation.heard[3].record, number: 4, model: model, fields: { nil })
        }
        #expect(answers == [false, true, false, true])
    }

    @Test("A message that cannot be decoded satisfies nothing that is asked of its fields")
    func withoutFields() throws {
        let heard = Plaza.capture.heard[10].record
        for text in ["payload.query_id == 5", "payload.query_id != 5", "within(0,0,1e9)", "entity != alice"] {
            var run = FilterRun(try Filter(parsing: text))
            let answer = run.matches(heard, number: 11, model: Plaza.capture.model, fields: { nil })
            #expect(!answer, "\(text)")
        }
    }
}
