import Capture
import Foundation
import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

/// Marks, ladder, comparison, columns, times, copying and writing, on the screen.
@Suite struct MessageToolTests {
    private static let sizes = [(80, 24), (120, 40), (200, 50)]

    private static func snapshot(_ kind: String) throws -> Snapshot {
        switch kind {
        case "crowded": try Meeting.crowded().snapshot()
        case "small": try Meeting.small().snapshot()
        case "one": try alone().snapshot()
        default: try Meeting().snapshot()
        }
    }

    private static func alone() -> Meeting {
        let meeting = Meeting()
        meeting.leave(0)
        return meeting
    }

    private static func sample(_ name: String) throws -> Snapshot {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("captures/\(name)").path
        let source = try CaptureSource(paths: [path], keepsPackets: true)
        var analysis = Analysis()
        while let packet = source.next() { analysis.take(packet) }
        analysis.finish()
        var snapshot = Snapshot(analysis, of: source)
        snapshot.loading = .done
        return snapshot
    }

    /// The list of messages alone on a screen.
    private static func bench(_ kind: String = "small", _ width: Int = 120, _ height: Int = 40) throws -> Bench {
        var bench = Bench.ready(try snapshot(kind), width, height)
        bench.press("2", "\\", "g")
        return bench
    }

    @Test func `a marked message stands on the time line`() throws {
        var bench = try Self.bench()
        func strip(_ bench: Bench) -> String { (3...5).map { bench.row(bench.size.height - $0) }.joined() }
        #expect(!strip(bench).contains("'"))
        bench.press(" ")
        #expect(strip(bench).contains("'"))
    }

    // MARK: Ladder

    @Test(arguments: ["empty", "one", "small", "crowded"], sizes)
    func `the ladder looks as recorded`(kind: String, size: (Int, Int)) throws {
        var bench = try Self.bench(kind, size.0, size.1)
        bench.press("L")
        assertGolden(bench.text, "ladder_\(kind)_\(size.0)x\(size.1)")
    }

    @Test func `the ladder looks as recorded where groups are spoken to`() throws {
        var bench = Bench.ready(try Self.sample("peers.pcapng"), 120, 30)
        bench.press("2", "\\", "g", "L")
        assertGolden(bench.text, "ladder_groups_120x30")
    }

    @Test func `mirrored messages stand between those who exchanged them`() throws {
        var bench = Bench.ready(try Self.sample("extension.pcapng"), 120, 30)
        bench.press("2", "\\", "/")
        bench.type("mirrored")
        bench.press(.enter, "g", "L")
        #expect(bench.find("(mirrored)") != nil)
        assertGolden(bench.text, "ladder_mirrored_120x30")
    }

    @Test func `a ladder in ASCII holds nothing else`() throws {
        var bench = try Self.bench("small", 80, 24)
        bench.glyphs = .ascii
        bench.press("L")
        #expect(bench.text.unicodeScalars.allSatisfy { $0.isASCII })
        assertGolden(bench.text, "ladder_ascii_80x24")
    }

    @Test func `the ladder has the selection, the filter and the marks of the list`() throws {
        var bench = try Self.bench()
        bench.press(.down, .down, " ", "L")
        #expect(bench.application.messages.selected(in: bench.snapshot) == 3)
        let row = try #require(bench.find("0.003000"))
        #expect(bench.row(row.y + 2).hasPrefix("│ ") || bench.row(row.y).contains("CONNECT_ACK"))
        #expect(bench.find("▪") != nil)
        bench.press(.down)
        #expect(bench.application.messages.selected(in: bench.snapshot) == 4)
        bench.press("/")
        bench.type("type == ping")
        bench.press(.enter)
        #expect(bench.find("SPATIAL_UPDATE") == nil)
        #expect(bench.find("PING ping 3") != nil)
        bench.press("L")
        #expect(bench.find("ladder") == nil)
    }

    @Test func `a click on an arrow selects its message, and the fields come back with Enter`() throws {
        var bench = try Self.bench("small", 80, 24)
        bench.press("L")
        let place = try #require(bench.find("SPATIAL_UPDATE"))
        bench.mouse(.press, place.x, place.y)
        let selected = try #require(bench.application.messages.selected(in: bench.snapshot))
        #expect(bench.snapshot.index[selected].type == .spatialUpdate)
        #expect(bench.find("Fields of") == nil)
        bench.press(.enter)
        #expect(bench.find("Fields of \(selected + 1)") != nil)
    }

    @Test func `with many peers the ladder goes to those of the selected message, and sideways`() throws {
        var bench = try Self.bench("crowded", 80, 24)
        bench.press("L")
        #expect(bench.find("alice") != nil && bench.find("guest 59") == nil)
        bench.press("G")
        #expect(bench.find("dmitri") == nil)
        let last = try #require(bench.application.messages.selected(in: bench.snapshot))
        let stream = try #require(bench.snapshot.whole.stream(of: bench.snapshot.index[last]))
        #expect(bench.find(bench.snapshot.whole.sessions[stream.session].name) != nil)
        // The one whom all speak to stays.
        for _ in 0..<100 { bench.press(.left) }
        #expect(bench.find("server") != nil && bench.find("alice") != nil)
        for _ in 0..<100 { bench.press(.right) }
        #expect(bench.find("server") != nil && bench.find("guest 59") != nil)
    }

    @Test func `a long silence is a line of its own, and the selected message stays on the screen`() throws {
        let meeting = Meeting()
        meeting.connect(0)
        for step in 0..<40 {
            meeting.wait(milliseconds: step % 8 == 7 ? 9000 : 20)
            meeting.move(0, Double(step), 0)
        }
        var bench = Bench.ready(try meeting.snapshot(), 80, 24)
        bench.press("2", "\\", "g", "L")
        #expect(bench.find("... 9 s ...") != nil)
        for _ in 0..<41 {
            bench.press(.down)
            let selected = try #require(bench.application.messages.selected(in: bench.snapshot))
            let time = TimeText.seconds(bench.snapshot.index[selected].time - bench.snapshot.firstTime)
            #expect(bench.find(time) != nil, "\(selected)")
        }
    }

    @Test(arguments: [60, 61, 79, 300]) func `the ladder fits every width`(width: Int) throws {
        var bench = try Self.bench("crowded", width, 16)
        bench.press("L", "G", .right, .left, "g")
        #expect(bench.text.components(separatedBy: "\n").allSatisfy { $0.count <= width })
    }

    // MARK: Marks

    @Test func `marks survive filters, and lead from one to the next`() throws {
        var bench = try Self.bench()
        bench.press(" ", .down, " ", .down, .down, " ")
        #expect(bench.application.selection.marks.messages == [0, 2, 5])
        bench.press("/")
        bench.type("type == spatial_update")
        bench.press(.enter)
        #expect(bench.application.selection.marks.messages == [0, 2, 5])
        bench.press("g", "'")
        #expect(bench.application.messages.selected(in: bench.snapshot) == 5)
        bench.press("'")
        #expect(bench.bottomLine.contains("No marked message after this one"))
        bench.press(.escape, .escape, "\"")
        #expect(bench.application.messages.selected(in: bench.snapshot) == 2)
        bench.press("g", " ")
        #expect(bench.application.selection.marks.messages == [2, 5])
        bench.press("U")
        #expect(bench.application.selection.marks.isEmpty)
    }

    @Test func `only the marked messages are shown, whatever the filter, and stepped through`() throws {
        var bench = try Self.bench()
        bench.press("M")
        #expect(bench.bottomLine.contains("Space marks one"))
        bench.press(" ", .down, .down, " ", "M")
        #expect(bench.application.snapshot.listCount == 2)
        #expect(bench.find("2 of 2, marked ones only") != nil || bench.find("1 of 2, marked ones only") != nil)
        // The clock stands at the end, behind both.
        bench.press("[")
        #expect(bench.application.snapshot.cursor == 4)
        bench.press("[")
        #expect(bench.application.snapshot.cursor == 1)
        bench.press("]")
        #expect(bench.application.snapshot.cursor == 4)
        bench.press(.escape)
        #expect(bench.application.snapshot.listCount == bench.snapshot.index.count)
        #expect(bench.application.selection.marks.count == 2)
        bench.press("M", "g", " ", " ")
        #expect(bench.application.selection.marks.isEmpty && bench.application.snapshot.picked == nil)
    }

    // MARK: Following

    @Test func `the title says what is followed: a stream, an entity`() throws {
        var bench = try Self.bench()
        bench.press("f")
        #expect(bench.find("2 Messages of stream 0, alice > server") != nil)
        bench.press("f")
        #expect(bench.find("2 Messages of") == nil)
        bench.press("/")
        bench.type("type == spatial_update")
        bench.press(.enter, "g", "i")
        #expect(bench.application.filterText == "entity == \"\(Meeting.entity(0))\"")
        #expect(bench.find("2 Messages of entity ") != nil)
        bench.press("i")
        #expect(bench.application.filterText.isEmpty)
        bench.press("g", "i")
        #expect(bench.bottomLine.contains("tells of no entity"))
    }

    // MARK: Comparing

    private static func compared(_ width: Int, _ height: Int) throws -> Bench {
        var bench = try bench("small", width, height)
        bench.press("/")
        bench.type("type == spatial_update && source ~ \"10.7.1.1\"")
        bench.press(.enter, "g", .down, .down, .down, "d")
        return bench
    }

    @Test(arguments: sizes) func `two messages are compared as recorded`(width: Int, height: Int) throws {
        var bench = try Self.compared(width, height)
        assertGolden(bench.text, "compare_\(width)x\(height)")
        bench.press("a")
        assertGolden(bench.text, "compare_all_\(width)x\(height)")
        bench.press(.escape)
        #expect(bench.find("fields differ") == nil)
    }

    @Test func `positions are compared in metres, times in seconds, sequences by their difference`() throws {
        let bench = try Self.compared(160, 40)
        #expect(bench.find("0.500 m (+0.500 +0.000 +0.000)") != nil)
        #expect(bench.find("+0.140000 s") != nil)
        #expect(bench.find("sequence") != nil && bench.find("+1 ") != nil)
    }

    @Test func `marked messages are compared: two of them, or one with the selected one`() throws {
        var bench = try Self.bench()
        bench.press(" ", .down, .down, "d")
        #expect(bench.find("1 and 4: ") != nil)
        bench.press("d", " ", .down, .down, "d")
        #expect(bench.find("1 and 4: ") != nil)
        bench.press(.escape, "U", "g", "d")
        #expect(bench.bottomLine.contains("mark two with Space"))
    }

    @Test func `elements of lists are compared by the entity that they are about`() throws {
        let meeting = Meeting()
        meeting.connect(0)
        meeting.move(0, 1, 1, with: [1, 2])
        meeting.move(0, 2, 1, with: [2])
        let snapshot = try meeting.snapshot()
        let left = try #require(snapshot.fieldMap(of: 2))
        let right = try #require(snapshot.fieldMap(of: 3))
        let comparison = MessageComparison(left, right, showsSecrets: false)
        let gone = comparison.rows.filter { $0.left != nil && $0.right == nil }
        #expect(!gone.isEmpty && gone.allSatisfy { $0.path.contains("[00000200]") })
        #expect(comparison.rows.contains { $0.path == "payload.updates.[00000300].position" && $0.isDifferent })
    }

    @Test func `a message is like itself`() throws {
        let snapshot = try Self.snapshot("small")
        let map = try #require(snapshot.fieldMap(of: 3))
        let comparison = MessageComparison(map, map, showsSecrets: false)
        #expect(comparison.differences == 0 && comparison.rows.count > 5)
        #expect(comparison.octetRows(onlyDifferent: true).isEmpty)
    }

    // MARK: Columns

    @Test func `the columns are chosen as recorded`() throws {
        var bench = try Self.bench("small", 80, 24)
        bench.press("C", .down, .down)
        assertGolden(bench.text, "columns_80x24")
        bench.press(" ", .down, .right, .escape)
        #expect(bench.application.columnNames.first == "number")
        #expect(!bench.application.columnNames.contains("ends"))
        #expect(bench.find("from > to") == nil)
    }

    @Test func `a field of messages becomes a column`() throws {
        var bench = try Self.bench("small", 160, 40)
        bench.press("C", "a")
        bench.type("payload.updates.posi")
        bench.press(.tab)
        bench.type(".x")
        bench.press(.enter, .escape)
        #expect(bench.application.columnNames.contains("payload.updates.position.x"))
        #expect(bench.find("-5.0") != nil)
        bench.press("C", "a")
        bench.type("payload.nonsense")
        bench.press(.enter)
        #expect(bench.find("no message has a field \"payload.nonsense\"") != nil)
        bench.press(.escape, "0", .escape)
        #expect(bench.application.columnNames == ColumnList.usual.names)
    }

    @Test(arguments: [60, 80, 120, 200]) func `every column at once fits every width`(width: Int) throws {
        var bench = try Self.bench("small", width, 24)
        try bench.application.show(columns: MessageColumn.named.map(\.name) + ["payload.updates.position"])
        bench.draw()
        #expect(bench.text.components(separatedBy: "\n").allSatisfy { $0.count <= width })
        #expect(bench.find("no ") != nil)
    }

    @Test func `columns can be told by name, and a wrong name is refused`() throws {
        var bench = try Self.bench()
        let names = ["time", "source", "destination", "type", "flags", "space", "entity", "notes", "summary"]
        try bench.application.show(columns: names)
        #expect(bench.application.columnNames == names)
        bench.draw()
        #expect(bench.find("ADDRESS") != nil && bench.find("plaza") != nil && bench.find("malformed") != nil)
        let error = #expect(throws: FilterError.self) { try bench.application.show(columns: ["time", "payload.idd"]) }
        #expect(error?.message.hasPrefix("no message has a field \"payload.idd\"") == true)
        #expect(bench.application.columnNames == names)
        try bench.application.show(columns: [])
        #expect(bench.application.columnNames == ColumnList.usual.names)
    }

    // MARK: Times

    @Test func `times are told in every format, in microseconds or milliseconds`() throws {
        var bench = try Self.bench("small", 160, 40)
        bench.application.setZone { _ in 3600 }
        bench.press(.down)
        let expected = [
            "07:33:20.003000", "08:33:20.003000", "2026-10-26 07:33:20.003000", "+0.003000", "1793000000.003000",
            "0.003000",
        ]
        for wanted in expected {
            bench.press("t")
            #expect(bench.find(wanted) != nil, "\(wanted)")
        }
        bench.press("T", "t")
        #expect(bench.find("07:33:20.003 ") != nil)
    }

    @Test func `times count from the reference, or from the first marked message`() throws {
        var bench = try Self.bench("small", 160, 40)
        bench.press(.down, "R")
        #expect(bench.find("-0.003000") != nil && bench.find("+0.000000") != nil)
        bench.press("R")
        #expect(bench.application.timeFormat == .start)
        bench.press("g", " ")
        bench.application.timeFormat = .reference
        bench.draw()
        #expect(bench.find("+0.003000") != nil)
    }

    // MARK: Colours

    @Test func `the first rule that fits gives a row its colour; what is wrong keeps its own`() throws {
        var bench = try Self.bench("small", 120, 60)
        bench.application.show([
            try ColorRule(filter: "type == ping", look: .init(foreground: .indexed(201), attributes: .bold)),
            try ColorRule(filter: "type in {ping, pong}", look: .init(role: .good, background: .indexed(17))),
        ])
        bench.press("G")
        let ping = try #require(bench.find("PING"))
        let pong = try #require(bench.find("PONG"))
        #expect(bench.buffer[ping.x, ping.y].style.foreground == .indexed(201))
        #expect(bench.buffer[ping.x, ping.y].style.isBold)
        #expect(bench.buffer[pong.x, pong.y].style.foreground == bench.application.theme[.good].foreground)
        #expect(bench.buffer[pong.x + 40, pong.y].style.background == .indexed(17))
        let wrong = try #require(bench.find("MALFORMED"))
        #expect(bench.buffer[wrong.x, wrong.y].style == bench.application.theme[.malformed])
        let update = try #require(bench.find("SPATIAL_UPDATE"))
        #expect(
            bench.buffer[update.x, update.y].style.foreground == bench.application.theme[.typeSpatial].foreground)
    }

    @Test func `a rule that had to see every message is refused`() {
        let error = #expect(throws: FilterError.self) {
            try ColorRule(filter: "near(alice, 5)", look: .init(role: .good))
        }
        #expect(error?.message.contains("near(...)") == true)
    }

    // MARK: Copying

    @Test func `what is selected is copied: the row, the value, the octets, the whole message`() throws {
        var bench = try Self.bench()
        bench.press("y")
        #expect(
            bench.copied.last == "1  0.000000  alice > server  stream 0 #0  CONNECT  \"alice\" PARTICIPANT every space")
        #expect(bench.bottomLine.contains("Copied the row of message 1"))
        bench.press("Y")
        #expect(bench.copied.last?.hasPrefix("{\"number\":1,\"time\":1793000000.000000,") == true)
        bench.press(.enter)
        let name = try #require(bench.application.tree.map?.fields.firstIndex { $0.name == "name" })
        bench.application.tree.select(field: name)
        bench.press("y")
        #expect(bench.copied.last == "alice")
        bench.press(.tab, "y")
        #expect(bench.copied.last == "05616c696365" || bench.copied.last == "616c696365")
        bench.press("Y")
        #expect(bench.copied.last?.hasPrefix("0100") == true)
        #expect(bench.copied.count == 5)
    }

    @Test func `the position of the entity that is selected on the map is copied`() throws {
        var bench = try Self.bench("small", 200, 50)
        bench.press("3", "y")
        #expect(bench.bottomLine.contains("Nothing is selected here"))
        bench.press("n", "y")
        #expect(bench.copied.last?.split(separator: " ").count == 3)
        #expect(bench.bottomLine.contains("Copied the position of"))
    }

    @Test func `what is copied has a bound, and ends between characters`() {
        let long = String(repeating: "ä", count: Clipboard.limit)
        let (text, isCut) = Clipboard.bounded(long)
        #expect(isCut && text.utf8.count == Clipboard.limit && long.hasPrefix(text))
        #expect(Clipboard.bounded("short").isCut == false)
    }

    // MARK: Writing

    @Test func `what to write is asked as recorded`() throws {
        var bench = try Self.bench("small", 80, 24)
        bench.press("/")
        bench.type("type == ping")
        bench.press(.enter, " ", "w")
        assertGolden(bench.text, "write_80x24")
    }

    @Test func `messages are written as asked, and a file that is there only after a question`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("write-\(Foundation.UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var bench = try Self.bench()
        bench.press("/")
        bench.type("type == ping")
        bench.press(.enter, "w", .control("u"))
        bench.type("\(folder)/pings.json")
        bench.press(.down)
        bench.type("x")
        bench.press(.enter)
        #expect(bench.find("A grid is a number of metres") != nil && bench.written.isEmpty)
        bench.press(.backspace)
        bench.type("10")
        bench.press(.down, " ", .enter)
        let order = try #require(bench.written.last)
        #expect(order.choice == .filtered && order.format == .json)
        #expect(order.privacy == PrivacyOptions(grid: 10, usesPseudonyms: true))
        #expect(bench.bottomLine.contains("messages written to"))
        bench.press("w", .control("u"))
        bench.type("\(folder)/pings.json")
        bench.press(.enter)
        #expect(bench.find("exists. y replaces it") != nil)
        bench.press("n")
        #expect(bench.written.count == 2 && bench.find("exists. y") == nil)
        bench.press(.enter, "y")
        #expect(bench.written.last?.replaces == true)
        #expect(bench.bottomLine.contains("messages written to"))
    }

    @Test func `a name that does not say how to write is refused where it is typed`() throws {
        var bench = try Self.bench()
        bench.press("w", .control("u"))
        bench.type("/tmp/x.txt")
        bench.press(.enter)
        #expect(bench.find("The name ends in .pcapng, .json or .csv") != nil)
        bench.press(.escape)
        #expect(bench.written.isEmpty && bench.find("Write messages") == nil)
    }

    @Test func `while messages are written the screen tells how far, and Ctrl-C stops that and not the program`() throws
    {
        var bench = try Self.bench()
        bench.press("w")
        var order = ExportOrder(.all, path: "/nowhere/x.json", format: .json)
        order.privacy.grid = 1
        bench.press(.escape)
        bench.application.isExporting = true
        bench.application.update(.writing(done: 10, total: 40))
        bench.draw()
        #expect(bench.bottomLine.contains("Writing: 10 of 40 messages, 25 %; Ctrl-C stops."))
        bench.press("w")
        #expect(bench.bottomLine.contains("Still writing"))
        bench.press(.control("c"))
        #expect(!bench.hasQuit)
        bench.application.update(.cancelled)
        bench.draw()
        #expect(bench.bottomLine.contains("nothing is left of the file"))
        bench.press(.control("c"))
        #expect(bench.hasQuit)
    }

    @Test func `nothing can be written of an empty capture`() throws {
        var bench = try Self.bench("empty")
        bench.press("w", " ", "d", "'", "M", "C", .escape, "i", "y", "R", "T", "t", "L")
        #expect(bench.written.isEmpty && bench.copied.isEmpty)
    }
}
