import Foundation
import Glibc
import Panes
import Testing

@testable import Settings

@Suite struct HistoryTests {
    private let folder: TemporaryFolder
    private let state: StateFolder
    private let history: History

    init() throws {
        folder = try TemporaryFolder()
        state = StateFolder(path: "\(folder.path)/state/spatioscope")
        history = History(in: state)
    }

    private func filter(_ text: String) -> TypedLine { TypedLine(kind: .filter, text: text) }

    private func mode(of path: String) throws -> UInt32 {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    @Test func `what was typed is there the next time, by kind, in its order`() throws {
        try history.add(filter("lost"))
        try history.add(TypedLine(kind: .command, text: "seek 40%"))
        try history.add(filter("a\\b\tc\nd"))
        #expect(
            History(in: state).entries() == [
                filter("lost"), TypedLine(kind: .command, text: "seek 40%"), filter("a\\b\tc\nd"),
            ])
    }

    @Test func `the same again moves to the end, and nothing is nothing`() throws {
        for text in ["a", "b", "a", ""] { try history.add(filter(text)) }
        #expect(history.entries().map(\.text) == ["b", "a"])
    }

    @Test func `only its owner may read it, and nothing else is left behind`() throws {
        try history.add(filter("lost"))
        #expect(try mode(of: "\(state.path)/history") == 0o600)
        #expect(try mode(of: state.path) == 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: state.path) == ["history"])
    }

    @Test func `it keeps no more than its limit, the newest of them`() throws {
        let lines = (0..<History.limit + 5).map { "filter\tnumber == \($0)\n" }.joined()
        try FileManager.default.createDirectory(atPath: state.path, withIntermediateDirectories: true)
        try Data(lines.utf8).write(to: URL(fileURLWithPath: "\(state.path)/history"))
        #expect(history.entries().count == History.limit)
        try history.add(filter("new"))
        let entries = history.entries()
        #expect(entries.count == History.limit)
        #expect(entries.first?.text == "number == 6")
        #expect(entries.last?.text == "new")
    }

    @Test func `runs at the same time keep what each of them adds`() async throws {
        // Each gets its turn, however slow the machine is.
        let state = StateFolder(path: state.path, patience: 100_000)
        await withTaskGroup(of: Void.self) { group in
            for run in 0..<8 {
                group.addTask {
                    for line in 0..<10 {
                        try? History(in: state).add(TypedLine(kind: .search, text: "\(run) \(line)"))
                    }
                }
            }
        }
        #expect(Set(history.entries().map(\.text)).count == 80)
    }

    @Test func `lines that are none are passed over, and a file that is none is empty`() throws {
        try FileManager.default.createDirectory(atPath: state.path, withIntermediateDirectories: true)
        let path = "\(state.path)/history"
        try (Data("filter\tlost\nwhat\tis this\nnothing\n\n".utf8) + Data([0xFF, 0, 0x0A])).write(
            to: URL(fileURLWithPath: path))
        #expect(history.entries() == [filter("lost")])
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(history.entries().isEmpty)
    }

    @Test func `where nothing can be written, that is said once`() throws {
        _ = try folder.write("", to: "file")
        var memory = Memory(in: StateFolder(path: "\(folder.path)/file/spatioscope"))
        let problem = memory.add(filter("lost"))
        #expect(problem?.hasPrefix("Nothing is remembered for the next time: \(folder.path)/file") == true)
        #expect(memory.add(filter("lost")) == nil)
        #expect(memory.lines.isEmpty && memory.captures.isEmpty)
    }
}

@Suite struct RecentCapturesTests {
    private let folder: TemporaryFolder
    private let recent: RecentCaptures

    init() throws {
        folder = try TemporaryFolder()
        recent = RecentCaptures(in: StateFolder(path: folder.path))
    }

    @Test func `the newest comes first, and once`() throws {
        for (place, name) in ["a", "b", "a"].enumerated() {
            try recent.add(RecentCapture(path: "/nowhere/\(name)", opened: Int64(place)))
        }
        #expect(recent.list().map(\.path) == ["/nowhere/a", "/nowhere/b"])
        #expect(recent.list().map(\.opened) == [2, 1])
    }

    @Test func `what is known of a capture comes back, what is not stays unknown`() throws {
        let path = try folder.write("x", to: "tab\tand line\n.pcap")
        let known = RecentCapture(path: path, opened: 5, octets: .max / 4, messages: 0, sessions: 2, spaces: 1)
        try recent.add(known)
        #expect(recent.list() == [known])
        let unknown = RecentCapture(path: "/nowhere/b", opened: 6, isThere: false)
        try recent.add(unknown)
        #expect(recent.list() == [unknown, known])
    }

    @Test func `no more than the limit is kept`() throws {
        for number in 0..<RecentCaptures.limit + 3 {
            try recent.add(RecentCapture(path: "/nowhere/\(number)", opened: 0))
        }
        #expect(recent.list().count == RecentCaptures.limit)
        #expect(recent.list().first?.path == "/nowhere/\(RecentCaptures.limit + 2)")
    }

    @Test func `lines that are none are passed over`() throws {
        _ = try folder.write("x\n1\t2\t3\n9\t-\t-\t-\t-\trelative\n9\t-\t-\t-\t-\t/right\n", to: "recent")
        #expect(recent.list().map(\.path) == ["/right"])
    }
}

@Suite struct PathCompletionTests {
    @Test func `paths are completed from what is there`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("", to: "plaza.pcap")
        _ = try folder.write("", to: "plaza.pcapng")
        _ = try folder.write("", to: ".hidden")
        try FileManager.default.createDirectory(atPath: "\(folder.path)/plain", withIntermediateDirectories: true)
        let base = folder.path
        #expect(
            PathCompletion.candidates(for: "\(base)/pla")
                == ["\(base)/plain/", "\(base)/plaza.pcap", "\(base)/plaza.pcapng"])
        #expect(PathCompletion.candidates(for: "~/plaza.pcapn", home: base) == ["~/plaza.pcapng"])
        #expect(PathCompletion.candidates(for: "\(base)/").count == 3)
        #expect(PathCompletion.candidates(for: "\(base)/.") == ["\(base)/.hidden"])
        #expect(PathCompletion.candidates(for: "/nowhere/x").isEmpty)
    }

    @Test func `the home folder is what a shell takes it for`() {
        #expect(PathCompletion.expanded("~/a", home: "/home/x") == "/home/x/a")
        #expect(PathCompletion.expanded("~", home: "/home/x") == "/home/x")
        #expect(PathCompletion.expanded("~y/a", home: "/home/x") == "~y/a")
        #expect(PathCompletion.expanded("a~", home: "/home/x") == "a~")
    }
}
