import Capture
import Screen
import Testing

@testable import Panes

/// What was left of runs that were cut off, on the start page.
@Suite struct UnfinishedTests {
    private static let now: Int64 = 1_793_000_000

    private static let left = [
        LeftSpool(path: "/c/2", ended: now - 300, octets: 12_345_678, sources: ["eth0", "lo"], files: 3),
        LeftSpool(path: "/c/1", ended: now - 90_000, octets: 900, sources: ["plaza.example:7728"], files: 1),
    ]

    private struct Page {
        var page = StartPage(
            theme: .dark, captures: [RecentCapture(path: "/tmp/a.pcapng", opened: UnfinishedTests.now - 60)],
            now: UnfinishedTests.now)
        var size = Size(width: 80, height: 24)

        var text: String {
            var page = page
            return page.draw(size: size, glyphs: .braille).plainText
        }

        var bottomLine: String { text.components(separatedBy: "\n").last ?? "" }

        mutating func press(_ key: Key) -> [StartPage.Effect] { page.handle(.key(key)) }
    }

    private func page(_ left: [LeftSpool] = left) -> Page {
        var page = Page()
        page.page.show(left)
        return page
    }

    @Test func `it is listed above the recent captures, with when it ended and how large it is`() throws {
        var page = page()
        for (width, height) in [(80, 24), (200, 50)] {
            page.size = Size(width: width, height: height)
            let lines = page.text.components(separatedBy: "\n")
            let title = try #require(lines.firstIndex { $0.contains("Unfinished: ") })
            #expect(lines[title + 2].contains("eth0, lo") && lines[title + 2].contains("5 min ago"))
            #expect(lines[title + 2].contains("12.3 MB"))
            #expect(lines[title + 3].contains("plaza.example:7728") && lines[title + 3].contains("1 day ago"))
            let recent = try #require(lines.firstIndex { $0.contains("Recent captures") })
            #expect(recent > title)
        }
    }

    @Test func `the newest is selected first, and Enter opens what is selected`() {
        var page = page()
        #expect(page.press(.enter) == [.openUnfinished(Self.left[0])])
        #expect(page.press(.down) == [])
        #expect(page.press(.enter) == [.openUnfinished(Self.left[1])])
        #expect(page.press(.down) == [])
        #expect(page.press(.enter) == [.open(path: "/tmp/a.pcapng")])
    }

    @Test func `x deletes after a question, and only where y answers it`() {
        var page = page()
        #expect(page.press("x") == [])
        #expect(page.bottomLine.contains("Delete 12.3 MB of eth0, lo? y deletes, any other key keeps."))
        #expect(page.press("x") == [])
        #expect(page.press("x") == [])
        #expect(page.press("y") == [.deleteUnfinished(Self.left[0])])
        #expect(page.press("y") == [])
        #expect(page.bottomLine.contains("y does nothing here"))
    }

    @Test func `where nothing is left there is no such part, and x means nothing`() {
        var page = page()
        page.page.show([LeftSpool]())
        #expect(!page.text.contains("Unfinished"))
        #expect(page.press("x") == [])
        #expect(page.bottomLine.contains("x does nothing here"))
        #expect(page.press(.enter) == [.open(path: "/tmp/a.pcapng")])
    }

    @Test func `names that the system gives go to the screen without control characters`() {
        let left = LeftSpool(path: "/c/3", ended: Self.now, octets: 1, sources: ["a\u{1b}[2Jb"], files: 1)
        #expect(!page([left]).text.contains("\u{1b}"))
    }
}
