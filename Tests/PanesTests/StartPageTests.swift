import Foundation
import Screen
import Testing

@testable import Panes

/// The start page on a screen, with everything that it asked for.
private struct StartBench {
    private(set) var page: StartPage
    private(set) var effects: [StartPage.Effect] = []
    var size = Size(width: 80, height: 24)
    var glyphs = GlyphSet.braille

    private static let now: Int64 = 1_793_000_000

    init(_ captures: [RecentCapture] = [], typed: [String] = [], width: Int = 80, height: Int = 24) {
        page = StartPage(theme: .dark, captures: captures, typed: typed, home: "/home/ann", now: Self.now)
        size = Size(width: width, height: height)
    }

    var text: String {
        var page = page
        return page.draw(size: size, glyphs: glyphs).plainText
    }

    var bottomLine: String { text.components(separatedBy: "\n").last ?? "" }

    mutating func press(_ keys: Key...) { for key in keys { send(.key(key)) } }
    mutating func type(_ text: String) { for scalar in text.unicodeScalars { send(.key(.character(scalar))) } }
    mutating func offer(_ paths: [String]) { page.offer(paths) }

    mutating func click(_ x: Int, _ y: Int, _ kind: MouseEvent.Kind = .press) {
        send(.mouse(MouseEvent(kind, at: Point(x: x, y: y))))
    }

    mutating func send(_ event: Event) {
        _ = page.draw(size: size, glyphs: glyphs)
        effects += page.handle(event)
    }

    /// Captures of every kind: with all counts and none, old and new, there and gone, with a short path and a long one.
    static let few: [RecentCapture] = [
        RecentCapture(
            path: "/home/ann/plaza.pcapng.zst", opened: now - 20, octets: 198_614, messages: 6013, sessions: 12,
            spaces: 1),
        RecentCapture(
            path: "/home/ann/work/customers/museum of the sea/2026-10-26 second floor/before the opening.pcapng",
            opened: now - 3 * 3600, octets: 1_204_551_002, messages: 12_345_678, sessions: 4321, spaces: 17),
        RecentCapture(path: "/mnt/share/lossy.pcapng", opened: now - 86_400, octets: 227_832),
        RecentCapture(
            path: "/media/stick/drones.pcapng", opened: now - 40 * 86_400, octets: 149_976, messages: 0, sessions: 0,
            spaces: 0, isThere: false),
    ]

    static let many = (1...50).map { number in
        RecentCapture(
            path: "/var/captures/day-\(number).pcapng", opened: now - Int64(number) * 100_000,
            octets: UInt64(number) * 1_000_000, messages: number * 1000, sessions: number, spaces: number % 4)
    }
}

@Suite struct StartPageTests {
    @Test(arguments: [(80, 24), (60, 16), (200, 50)]) func `without captures it looks as recorded`(
        width: Int, height: Int
    ) {
        let bench = StartBench(width: width, height: height)
        assertGolden(bench.text, "start_none_\(width)x\(height)")
    }

    @Test(arguments: [(80, 24), (60, 16), (200, 50)]) func `with captures it looks as recorded`(width: Int, height: Int)
    {
        let bench = StartBench(StartBench.few, width: width, height: height)
        assertGolden(bench.text, "start_few_\(width)x\(height)")
    }

    @Test func `with more captures than fit it scrolls`() {
        var bench = StartBench(StartBench.many)
        bench.press("G")
        assertGolden(bench.text, "start_many_80x24")
        bench.press("g", .pageDown)
        #expect(bench.text.contains(" of 50"))
    }

    @Test func `in ASCII it holds nothing else`() {
        var bench = StartBench(StartBench.few)
        bench.glyphs = .ascii
        #expect(bench.text.unicodeScalars.allSatisfy { $0.isASCII })
    }

    @Test func `help lists the keys of the page and the general ones that mean something here`() {
        var bench = StartBench(StartBench.few, width: 100, height: 40)
        bench.press("?")
        assertGolden(bench.text, "start_help_100x40")
        bench.press(.escape)
        #expect(!bench.text.contains("Help: Start"))
    }

    @Test func `Enter opens what is selected`() {
        var bench = StartBench(StartBench.few)
        bench.press(.down, .down, .enter)
        #expect(bench.effects == [.open(path: "/mnt/share/lossy.pcapng")])
    }

    @Test func `what is gone is said, not opened`() {
        var bench = StartBench(StartBench.few)
        bench.press("G", .enter)
        #expect(bench.effects.isEmpty)
        #expect(bench.bottomLine == " /media/stick/drones.pcapng is not there any more.")
    }

    @Test func `without captures Enter says what to do`() {
        var bench = StartBench()
        bench.press(.enter)
        #expect(bench.effects.isEmpty)
        #expect(bench.bottomLine.contains("o asks for a file"))
    }

    @Test func `a click selects, the next one opens, the wheel scrolls`() {
        var bench = StartBench(StartBench.few)
        bench.click(10, 5)
        #expect(bench.effects.isEmpty)
        bench.click(10, 5)
        #expect(bench.effects == [.open(path: StartBench.few[1].path)])
        bench.click(10, 20)
        bench.click(10, 3)
        #expect(bench.effects.count == 1)
        bench = StartBench(StartBench.many)
        bench.click(10, 6, .wheelDown)
        #expect(bench.text.contains("4-"))
    }

    @Test func `a file can be typed, and is remembered`() {
        var bench = StartBench()
        bench.press("o")
        #expect(bench.bottomLine.hasPrefix(" open: "))
        bench.type("~/a b.pcap")
        bench.press(.enter)
        #expect(
            bench.effects == [.remember(TypedLine(kind: .file, text: "~/a b.pcap")), .open(path: "~/a b.pcap")])
    }

    @Test func `what was typed before comes back with Up, and Esc gives up`() {
        var bench = StartBench(typed: ["/old", "/new"])
        bench.press("o", .up, .up)
        #expect(bench.bottomLine == " open: /old")
        bench.press(.escape, .enter)
        #expect(bench.effects.isEmpty)
    }

    @Test func `Tab completes as far as all candidates agree, and lists them`() {
        var bench = StartBench()
        bench.press("o")
        bench.type("/cap")
        bench.press(.tab)
        #expect(bench.effects == [.complete("/cap")])
        bench.offer(["/captures/plaza.pcap", "/captures/plain/"])
        #expect(bench.bottomLine == " open: /captures/pla")
        #expect(bench.text.contains("plaza.pcap  plain/"))
        bench.offer(["/captures/plaza.pcap"])
        #expect(bench.bottomLine == " open: /captures/plaza.pcap")
        bench.offer([])
        #expect(bench.text.contains("No file begins so."))
    }

    @Test func `a path longer than the line keeps its end and the cursor on the screen`() {
        var bench = StartBench(width: 60, height: 16)
        bench.press("o")
        bench.type(String(repeating: "x", count: 100) + "/the-end")
        #expect(bench.bottomLine.hasSuffix("/the-end"))
    }

    @Test func `d simulates, Ctrl-L draws anew, Ctrl-C quits, q asks first`() {
        var bench = StartBench()
        bench.press("d", .control("l"))
        #expect(bench.effects == [.simulate, .redraw])
        bench.press("q", "x")
        #expect(bench.effects.count == 2)
        bench.press("q", "q")
        #expect(bench.effects.last == .quit)
        bench.press(.control("c"))
        #expect(bench.effects.count == 4)
    }

    @Test func `keys of the panes do nothing here, and say so`() {
        var bench = StartBench(StartBench.few)
        bench.press("/", "p")
        #expect(bench.effects.isEmpty)
        #expect(bench.bottomLine == " p does nothing here; ? lists the keys.")
    }

    @Test func `the terminal that goes ends it`() {
        var bench = StartBench()
        bench.send(.hangup)
        bench.send(.terminate(signal: 15))
        #expect(bench.effects == [.quit, .quit])
    }

    @Test func `keys are as the user has bound them`() throws {
        let table = try KeyTable.complete.rebound(with: [
            Rebinding(scope: "start", action: "open-file", keys: ["F3"])
        ])
        var page = StartPage(theme: .dark, captures: [], keys: table, now: 0)
        _ = page.handle(.key(.function(3)))
        let text = page.draw(size: Size(width: 80, height: 24), glyphs: .braille).plainText
        #expect(text.contains(" open: "))
    }

    @Test func `control characters in a path are shown, not sent`() {
        let bench = StartBench([RecentCapture(path: "/a/\u{1B}[31mred.pcap", opened: 0)])
        #expect(bench.text.contains("\u{241B}[31mred.pcap"))
    }

    @Test(arguments: [
        (0, "just now"), (59, "just now"), (60, "1 min ago"), (3599, "59 min ago"), (3600, "1 h ago"),
        (86_399, "23 h ago"), (86_400, "1 day ago"), (172_800, "2 days ago"), (2_591_999, "29 days ago"),
        (2_592_000, "1 month ago"), (31_535_999, "12 months ago"), (31_536_000, "1 year ago"), (-50, "just now"),
        (Int64.max, "292471208677 years ago"),
    ]) func `ages are told in the largest unit that says something`(seconds: Int64, text: String) {
        #expect(StartPage.age(of: 0, now: seconds) == text)
    }

    @Test func `a clock far off breaks nothing`() {
        #expect(StartPage.age(of: .min, now: .max).isEmpty == false)
    }

    @Test(arguments: [0, 1, 15]) func `a screen that is too small says what it needs`(height: Int) {
        var bench = StartBench(StartBench.few, width: 59, height: height)
        let text = bench.text
        if height > 1 { #expect(text.contains("need 60 x 16")) }
        bench.press(.down, .enter, "?", "o")
    }

    @Test(arguments: [
        ("/a/b/c.pcap", 20, "/a/b/c.pcap"), ("/first/second/third/c.pcap", 20, "/first…/third/c.pcap"),
        ("/first/a-name-longer-than-all.pcap", 12, "a-name…l.pcap"),
    ]) func `a long path keeps the name of the file`(path: String, width: Int, shown: String) {
        let text = StartColumns.shortened(path, to: width, .braille)
        #expect(text.count <= width)
        if width > 12 { #expect(text == shown) } else { #expect(text.hasSuffix(".pcap")) }
    }
}
