import SpatioSession
import SpatioWire
import Testing

@Suite struct KeyLogTests {
    private static let session = "7ab99fad65904cb7821028437b0797f9"
    private static let secret = String(repeating: "a5", count: 32)

    private func parse(_ text: String) -> KeyLog { KeyLog(parsing: Array(text.utf8)) }

    @Test("An entry survives being written and read") func roundTrip() throws {
        let id = try #require(UUID(parsing: Self.session))
        let entry = KeyLog.Entry(
            sessionID: id, epoch: 65_535, suite: .aes256GCM, secret: [UInt8](repeating: 0xa5, count: 32))
        #expect(KeyLog.line(for: entry) == "SPATIO_SESSION_SECRET \(Self.session) 65535 2 \(Self.secret)")
        let log = parse(KeyLog.line(for: entry))
        #expect(log.entries == [entry])
        #expect(log.problems.isEmpty)
    }

    @Test("Comments, empty lines, other labels and any end of line are fine") func skipped() {
        let line = "SPATIO_SESSION_SECRET \(Self.session) 1 1 \(Self.secret)"
        let log = parse("# a comment\r\n\r\nCLIENT_RANDOM 00 11\n\(line)\r\n\n")
        #expect(log.entries.count == 1)
        #expect(log.problems.isEmpty)
    }

    @Test("Epochs come in rising order and a later line for the same epoch wins") func epochs() throws {
        let other = String(repeating: "5a", count: 32)
        let log = parse(
            """
            SPATIO_SESSION_SECRET \(Self.session) 2 1 \(Self.secret)
            SPATIO_SESSION_SECRET \(Self.session) 1 1 \(Self.secret)
            SPATIO_SESSION_SECRET \(Self.session) 2 2 \(other)
            """)
        let id = try #require(UUID(parsing: Self.session))
        #expect(log.epochs(of: id).map(\.epoch) == [1, 2])
        #expect(log.epochs(of: id).last?.suite == .aes256GCM)
        #expect(log.epochs(of: id).last?.secret.first == 0x5a)
        #expect(log.count == 2)
        #expect(log.epochs(of: .zero).isEmpty)
    }

    @Test(
        "A line that cannot be used is named with its number",
        arguments: [
            ("SPATIO_SESSION_SECRET", "0 fields"),
            ("SPATIO_SESSION_SECRET \(session) 1 1", "3 fields"),
            ("SPATIO_SESSION_SECRET \(session) 1 1 \(secret) more", "5 fields"),
            ("SPATIO_SESSION_SECRET 7ab9 1 1 \(secret)", "session id"),
            ("SPATIO_SESSION_SECRET \(session) 65536 1 \(secret)", "epoch"),
            ("SPATIO_SESSION_SECRET \(session) -1 1 \(secret)", "epoch"),
            ("SPATIO_SESSION_SECRET \(session) 1 3 \(secret)", "cipher suite"),
            ("SPATIO_SESSION_SECRET \(session) 1 1 \(secret)00", "secret"),
            ("SPATIO_SESSION_SECRET \(session) 1 1 xyz", "secret"),
        ])
    func problems(line: String, reason: String) {
        let log = parse("# first\n" + line)
        #expect(log.entries.isEmpty)
        #expect(log.problems.map(\.line) == [2])
        #expect(log.problems.first?.reason.contains(reason) == true)
    }

    @Test("Garbage of any octets is neither an entry nor a crash") func garbage() {
        var generator = SeededGenerator(state: 11)
        for _ in 0..<200 {
            let octets = (0..<Int.random(in: 0..<300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(KeyLog(parsing: octets).entries.isEmpty)
            let label = Array("SPATIO_SESSION_SECRET ".utf8)
            let log = KeyLog(parsing: label + octets.filter { $0 != 10 })
            #expect(log.entries.isEmpty)
            #expect(log.problems.count == 1)
        }
    }

    @Test("Entries and problems are bounded") func bounds() {
        var text = ""
        for number in 0..<KeyLog.entryLimit + 5 {
            let id = UUID(high: 1, low: UInt64(number)).hexadecimal
            text += "SPATIO_SESSION_SECRET \(id) 0 1 \(Self.secret)\n"
        }
        let log = parse(text)
        #expect(log.count == KeyLog.entryLimit)
        #expect(log.problems.count == 5)
        let wrong = parse(String(repeating: "SPATIO_SESSION_SECRET\n", count: 1000))
        #expect(wrong.problems.count == KeyLog.problemLimit)
    }
}
