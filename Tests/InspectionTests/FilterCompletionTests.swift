import Inspection
import Testing

@Suite struct FilterCompletionTests {
    /// The `¦` is the cursor.
    private func words(_ text: String, model: Model? = Plaza.capture.model) -> [String] {
        let parts = text.split(separator: "¦", maxSplits: 1, omittingEmptySubsequences: false)
        let (range, words) = FilterCompletion.candidates(for: parts.joined(), cursor: parts[0].count, model: model)
        #expect(range.upperBound == parts[0].count)
        return words
    }

    static let cases: [(String, [String])] = [
        ("sp¦", ["space", "spatial_address"]), ("SE¦", ["seq", "session", "sealed", "segment"]), ("ne¦", ["near("]),
        ("payload.query¦", ["payload.query_id"]),
        (
            "payload.updates.¦",
            [
                "payload.updates.entity_id", "payload.updates.kind", "payload.updates.position",
                "payload.updates.orientation", "payload.updates.velocity",
            ]
        ),
        ("address.prec¦", ["address.precision"]),
        ("seq ¦", ["==", "!=", "<", "<=", ">", ">=", "in"]), ("type =¦", ["=="]),
        ("type == ping¦", ["ping"]), ("type == spatial_q¦", ["spatial_query"]), ("type in {ping, po¦", ["pong"]),
        ("flags == re¦", ["reliable", "retransmit"]), ("priority >= ¦", ["low", "medium", "high", "critical"]),
        ("stream == ¦", ["0", "1", "2", "3", "4", "9"]), ("transport == t¦", ["tcp"]), ("port == 77¦", ["7728"]),
        ("src == 10.7.0¦", ["10.7.0.1:7728"]), ("session == 5e¦", ["5eb9581e-f3b6-0111-8097-669d49268748"]),
        ("space == ¦", ["plaza"]), ("space == \"pl¦", ["plaza"]),
        ("entity == ¦", ["alice", "ent-3"] + ["b0b00000-0000-0002-0000-000000000002"]),
        ("entity == b0b0¦", ["b0b00000-0000-0002-0000-000000000002"]), ("near(al¦", ["alice"]),
        ("type == ping ¦", ["&&", "||"]), ("lost && !dup¦", ["duplicate"]), ("(lost || dup¦", ["duplicate"]),
        ("lost¦", ["lost"]), ("lost ¦", ["&&", "||"]), ("within(¦", []), ("seq == ¦", []),
        ("lost && mal¦ && error", ["malformed"]),
    ]

    @Test("What can stand at the cursor is offered", arguments: cases)
    func offers(text: String, expected: [String]) {
        #expect(words(text) == expected, "\(text)")
    }

    @Test("A word is replaced from its beginning to the cursor")
    func replaces() {
        #expect(FilterCompletion.candidates(for: "lost && spac", cursor: 12, model: nil).range == 8..<12)
        #expect(FilterCompletion.candidates(for: "space == \"pl", cursor: 12, model: nil).range == 9..<12)
        #expect(FilterCompletion.candidates(for: "", cursor: 0, model: nil).range == 0..<0)
        #expect(FilterCompletion.candidates(for: "lo", cursor: 99, model: nil).range == 0..<2)
    }

    @Test("Without a model there are no names, and fields all the same")
    func withoutModel() {
        #expect(words("space == ¦", model: nil) == [])
        #expect(words("enti¦", model: nil) == ["entity"])
    }

    @Test("Every field, flag and call has a line of help, and is a filter as far as it can stand alone")
    func isListed() throws {
        for field in FilterField.all { #expect(!field.help.isEmpty && !field.help.contains("\n")) }
        for flag in FilterFlag.all {
            #expect(!flag.help.isEmpty)
            for name in [flag.name] + flag.aliases { #expect(throws: Never.self) { try Filter(parsing: "!" + name) } }
        }
        for call in FilterCall.allCases { #expect(call.usage.hasPrefix(call.rawValue + "(") && !call.help.isEmpty) }
        for path in FilterPaths.all { #expect(throws: Never.self) { try Filter(parsing: path) } }
    }
}
