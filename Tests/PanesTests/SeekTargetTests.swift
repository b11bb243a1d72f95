import Inspection
import Testing

@testable import Panes

/// A capture of 90 s that begins at 2026-10-26 07:33:20 UTC.
@Suite struct SeekTargetTests {
    static let start: Int64 = 1_793_000_000_000_000_000
    static let second: Int64 = 1_000_000_000

    static let snapshot: Snapshot = {
        let meeting = Meeting()
        for step in 0..<10 {
            meeting.move(0, Double(step), 0)
            if step < 9 { meeting.wait(milliseconds: 10_000) }
        }
        var snapshot = (try? meeting.snapshot()) ?? Snapshot()
        snapshot.isAtEnd = false
        snapshot.time = start + 30 * second
        return snapshot
    }()

    static func target(_ text: String) throws(CommandError) -> SeekTarget { try SeekTarget.parse(text, snapshot) }

    @Test(arguments: [
        ("12.5", 12.5), ("12.5s", 12.5), ("500ms", 0.5), ("1min", 60), ("250us", 0.00025), ("00:12.5", 12.5),
        ("01:05", 65), ("0:01:05", 65), ("+5", 35), ("-5", 25), ("-500ms", 29.5), ("+1min", 90), ("+5min", 90),
        ("-1h", 0), ("07:33:21.5", 1.5), ("07:34:50", 90), ("2026-10-26 07:33:30", 10), ("2026-10-26T07:33:30", 10),
        ("40%", 36), ("0%", 0), ("100%", 90), ("start", 0), ("end", 90), (" 12 ", 12), ("END", 90),
    ])
    func `a time is read as`(text: String, seconds: Double) throws {
        #expect(try Self.target(text) == .time(Self.start + Int64((seconds * 1e9).rounded())))
    }

    @Test func `a number sign leads to a message as it is counted in the list`() throws {
        #expect(try Self.target("#1") == .message(0))
        #expect(try Self.target("#10") == .message(9))
    }

    @Test(arguments: [
        ("", 0, "a time is missing"), ("soon", 0, "\"soon\" is no time"), ("12x", 2, "\"x\" is no unit"),
        ("91", 0, "the capture lasts 01:30.000"), ("02:00", 0, "the capture lasts 01:30.000"), ("#11", 1, "1 to 10"),
        ("#0", 1, "1 to 10"), ("#x", 1, "1 to 10"), ("140%", 0, "between 0% and 100%"), ("x%", 0, "between 0%"),
        ("08:00:00", 0, "2026-10-26 07:33:20.000 to 2026-10-26 07:34:50.000 UTC"),
        ("2026-10-27 07:33:30", 0, "2026-10-26 07:33:20.000"), ("2026-13-01 07:33:30", 0, "is no date"),
        ("1:2:3:4", 0, "is no time"), ("00:61", 0, "is no time"), ("1e400", 1, "is no unit"), ("+", 1, "is no time"),
        ("99999999999999999999h", 0, "so long lasts no capture"), ("2026-10-26 12:00", 0, "is no time"),
    ])
    func `what is no time here is said with its place`(text: String, offset: Int, words: String) {
        let error = #expect(throws: CommandError.self) { try Self.target(text) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.offset == offset)
    }

    @Test func `midnight in a capture is the next day`() throws {
        var snapshot = Self.snapshot
        snapshot.firstTime = Self.start + 16 * 3600 * Self.second
        snapshot.lastTime = snapshot.firstTime + 3600 * Self.second
        // 23:33:20 to 00:33:20.
        let target = try SeekTarget.parse("00:10:00", snapshot)
        #expect(target == .time(snapshot.firstTime + (36 * 60 + 40) * Self.second))
    }

    @Test(arguments: [Int64.min, -1, 0, .max]) func `mad times of a capture are no trap`(time: Int64) {
        var snapshot = Self.snapshot
        snapshot.firstTime = time
        snapshot.lastTime = time
        snapshot.time = time
        for text in ["+5", "-5", "00:00:00", "23:59:59", "50%", "0", "2100-01-01 00:00:00", "end"] {
            _ = try? SeekTarget.parse(text, snapshot)
        }
    }

    @Test func `without a message there is nowhere to go`() {
        #expect(throws: CommandError.self) { try SeekTarget.parse("5", Snapshot()) }
    }
}
