import Inspection
import Testing

/// What is wrong with an expression, and where: the carets stand below the wrong part.
@Suite struct FilterErrorTests {
    struct Case: CustomTestStringConvertible {
        var text: String
        var carets: String
        var message: String
        var testDescription: String { text }

        init(_ text: String, _ carets: String, _ message: String) {
            self.text = text
            self.carets = carets
            self.message = message
        }
    }

    static let cases = [
        Case("strem == 1", "^^^^^", "unknown field \"strem\"; did you mean \"stream\"?"),
        Case("lost && xyzzy", "        ^^^^^", "unknown field \"xyzzy\""),
        Case(
            "type == pong || type == pinng", "                        ^^^^^",
            "unknown message type \"pinng\"; did you mean \"ping\"?"),
        Case("finding == telport", "           ^^^^^^^", "unknown rule \"telport\"; did you mean \"teleport\"?"),
        Case("finding > loss", "        ^", "finding is not compared with >, but with == != ~ in"),
        Case("type ~ q_q", "       ^^^", "no type has \"q_q\" in its name"),
        Case("type == 300", "        ^^^", "a type is a number from 0 to 0xff"),
        Case("type < ping", "     ^", "type is not compared with <, but with == != ~ in"),
        Case("seq == plaza", "       ^^^^^", "seq is compared with a number, not with \"plaza\""),
        Case("seq == \"1\"", "       ^^^", "seq is compared with a number, not with \"1\""),
        Case("seq == 5ms", "       ^^^", "\"ms\" does not fit; seq has no unit"),
        Case("seq == 1.5", "       ^^^", "seq is a whole number"),
        Case("rtt > 5parsec", "      ^^^^^^^", "unknown unit \"parsec\"; the units of rtt are us ms min s"),
        Case("size > 5ms", "       ^^^", "\"ms\" does not fit; the units of size are kB MB KiB MiB B"),
        Case("seq in 9..3", "       ^^^^", "the range is empty: its first value is the larger one"),
        Case("seq in 9", "       ^", "in takes a range a..b or a set {a, b}"),
        Case("seq in {1, 2", "       ^", "this set is not closed"),
        Case("seq in {1 2}", "          ^", ", or } is expected here"),
        Case("seq in {}", "        ^", "a value is missing after in"),
        Case("seq ==", "      ^", "a value is missing after =="),
        Case("seq == && lost", "       ^^", "a value is missing after =="),
        Case("seq in 1..", "          ^", "a value is missing after .."),
        Case("seq", "^^^", "seq says nothing alone; compare it with == != < <= > >= in"),
        Case("== 5", "^^", "a field, a flag or a call is expected here"),
        Case("lost &&", "       ^", "a field or a flag is missing here"),
        Case("(lost || duplicate", "^", "this parenthesis is not closed"),
        Case("lost) && duplicate", "    ^", "this parenthesis closes none"),
        Case("lost duplicate", "     ^^^^^^^^^", "&& or || is expected here"),
        Case("(lost duplicate)", "      ^^^^^^^^^", "&&, || or ) is expected here"),
        Case("lost == true", "^^^^", "lost is a flag and is compared with nothing; its opposite is !lost"),
        Case("seq = 5", "    ^", "a single = compares nothing; write =="),
        Case("lost & error", "     ^", "a single & joins nothing; write &&"),
        Case("lost | error", "     ^", "a single | joins nothing; write ||"),
        Case("space == 'plaza'", "         ^", "texts stand in double quotes"),
        Case("space == \"plaza", "         ^^^^^^", "the text has no closing quote"),
        Case("space == \"a\\q\"", "           ^^", "the escapes are \\\" \\\\ \\n \\r \\t and \\x with two digits"),
        Case("space == \"\\xff\"", "          ^^^^", "\\x takes two hexadecimal digits up to 7f"),
        Case("lost ; error", "     ^", "\";\" has no meaning here"),
        Case("flags == relible", "         ^^^^^^^", "unknown flag \"relible\"; did you mean \"reliable\"?"),
        Case(
            "priority == urgent", "            ^^^^^^",
            "unknown priority \"urgent\"; the priorities are low medium high critical"),
        Case("transport == sctp", "             ^^^^", "a transport is udp or tcp, not \"sctp\""),
        Case(
            "src == plaza", "       ^^^^^",
            "\"plaza\" is no address, as 10.7.1.1, 10.7.1.1:40001 or [fe80::1]:7728; ~ takes a part"),
        Case("space in a..b", "            ^", "names have no order"),
        Case("entity == \"\"", "          ^^", "an empty name is nobody's"),
        Case(
            "payload.querry_id == 5", "^^^^^^^^^^^^^^^^^",
            "unknown field \"payload.querry_id\"; did you mean \"payload.query_id\"?"),
        Case("payload == 5", "^^^^^^^", "payload has parts and is compared by one of them, as payload.client_id"),
        Case(
            "payload.updates.position > 5", "^^^^^^^^^^^^^^^^^^^^^^^^",
            "payload.updates.position has parts and is compared by one of them, as payload.updates.position.x"),
        Case("payload.name > x", "               ^", "payload.name is compared with a number, not with \"x\""),
        Case("within(1, 2)", "^^^^^^^^^^^^", "within takes 3 arguments: within(x, y, r)"),
        Case("within(1, 2, -3)", "             ^^", "a radius is not negative"),
        Case("within(1, two, 3)", "          ^^^", "a plain number is needed here"),
        Case("near(alice, 5", "             ^", "this call is not closed: near(entity, r)"),
        Case("near && lost", "^^^^", "near needs arguments: near(entity, r)"),
        Case("nera(alice, 5)", "^^^^", "unknown call \"nera\"; did you mean \"near\"?"),
        Case("seq(5)", "   ^", "an operator is missing between seq and ("),
    ]

    @Test("An error says what is wrong, where, and what is possible", arguments: cases)
    func says(expected: Case) {
        let error = #expect(throws: FilterError.self) { try Filter(parsing: expected.text) }
        #expect(error?.message == expected.message)
        #expect(error?.pointer(in: expected.text) == expected.text + "\n" + expected.carets)
    }

    @Test("What could steer a terminal is shown as a picture, at the same place")
    func hidesControls() {
        let text = "lost \u{1B}[2J"
        let error = #expect(throws: FilterError.self) { try Filter(parsing: text) }
        #expect(error?.pointer(in: text) == "lost ␛[2J\n     ^")
    }

    @Test("Depth, length and questions of an expression are bounded")
    func bounds() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "lost" + String(repeating: ")", count: depth)
        }
        #expect(throws: Never.self) { try Filter(parsing: nested(Filter.depthLimit)) }
        #expect(throws: FilterError.self) { try Filter(parsing: nested(Filter.depthLimit + 1)) }
        #expect(throws: FilterError.self) { try Filter(parsing: String(repeating: "!", count: 1000) + "lost") }
        #expect(throws: FilterError.self) { try Filter(parsing: String(repeating: " ", count: Filter.lengthLimit + 1)) }
        let chain = Array(repeating: "lost", count: 500).joined(separator: "||")
        #expect(try Plaza.capture.matches(chain) == [5])
        let streams = (0..<64).map { "stream == \($0)" }
        #expect(throws: FilterError.self) { try Filter(parsing: streams.joined(separator: " || ")) }
        #expect(
            try Plaza.capture.matches(streams.prefix(63).joined(separator: " || ")) == Array(1...13) + Array(15...22))
    }

    @Test("Any soup of tokens is either a filter or an error with a place in the text", arguments: 0..<10)
    func soup(seed: UInt64) {
        var random = SplitMix(state: seed)
        let parts =
            FilterField.all.map(\.name) + FilterFlag.all.map(\.name) + [
                "==", "!=", "<", "<=", ">", ">=", "~", "in", "&&", "||", "!", "(", ")", "{", "}", ",", "..", "\"", "\\",
                " ",
                "and", "or", "not", "within", "near", "5", "-1", "0x", "1e99", "1e-99", "99999999999999999999999999",
                "ms",
                "ping", "plaza", "payload.updates.position.x", "10.7.1.1:40001", "[::1]:1", "\u{0}", "é", "👩‍👩‍👧", "..5",
                "5..",
                "1e18min", "-0x8000000000000000", "1.", ".", "\\x4", "1e-18",
            ]
        for _ in 0..<100 {
            let count = Int.random(in: 0..<14, using: &random)
            let text = (0..<count).map { _ in
                (parts.randomElement(using: &random) ?? "") + (Bool.random(using: &random) ? " " : "")
            }.joined()
            do throws(FilterError) {
                let found = try Plaza.capture.matches(text)
                #expect(found != nil, "\(text)")
            } catch {
                #expect(error.offset >= 0 && error.offset <= text.count && error.length >= 1, "\(text)")
                #expect(!error.message.isEmpty)
            }
            let cursor = Int.random(in: 0...text.count, using: &random)
            let (range, _) = FilterCompletion.candidates(for: text, cursor: cursor, model: Plaza.capture.model)
            #expect(range.lowerBound >= 0 && range.upperBound <= cursor)
        }
    }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
