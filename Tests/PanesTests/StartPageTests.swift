import Capture
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
    mutating func change(_ body: (inout StartPage) -> Void) { body(&page) }

    /// Interfaces and servers of every kind.
    static func lively(_ captures: [RecentCapture] = few, width: Int = 80, height: Int = 24) -> StartBench {
        var bench = StartBench(captures, width: width, height: height)
        bench.change {
            $0.show(interfaces)
            $0.show(servers)
            $0.listening = .running
        }
        return bench
    }

    mutating func click(_ x: Int, _ y: Int, _ kind: MouseEvent.Kind = .press) {
        send(.mouse(MouseEvent(kind, at: Point(x: x, y: y))))
    }

    mutating func send(_ event: Event) {
        _ = page.draw(size: size, glyphs: glyphs)
        effects += page.handle(event)
    }

    static let advice =
        "No permission to capture: sudo setcap cap_net_raw+ep /usr/local/bin/spatioscope grants it."

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

    /// Rates of a minute, in a wave, with a gap.
    private static let wave: [InterfaceTraffic.Rate?] = (0..<60).map { second in
        guard second != 20 else { return nil }
        let octets = 400_000 + 300_000 * sin(Double(second) / 5)
        return InterfaceTraffic.Rate(packets: octets / 300, octets: octets)
    }

    private static let still = [InterfaceTraffic.Rate?](
        repeating: InterfaceTraffic.Rate(packets: 0, octets: 0), count: 10)

    static let interfaces = [
        StartInterface(name: "any", state: .running, rates: wave),
        StartInterface(
            name: "wlp0s20f3", state: .running,
            addresses: ["192.168.178.37", "2001:db8:77:1:9c2:41ff:fe0a:11", "fe80::9c2:41ff:fe0a:11"],
            rates: Array(wave.suffix(10))),
        StartInterface(name: "lo", state: .running, addresses: ["127.0.0.1", "::1"], rates: still),
        StartInterface(name: "docker0", state: .up, addresses: ["172.17.0.1"]),
        StartInterface(name: "eth0", state: .down),
    ]

    static let servers = [
        NearbyServer(
            id: "1", name: "Museum of the Sea, second floor", address: "192.168.178.20:7728", security: "encrypt",
            demandsToken: true, silence: 1),
        NearbyServer(
            id: "2", name: "lab", address: "[2001:db8:77:1::aaaa:bbbb]:17728", security: "none", demandsToken: false,
            spaces: "plaza, hall", silence: 4),
        NearbyServer(id: "3", address: "10.7.1.1:7728", silence: 31),
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

    @Test(arguments: [(80, 24), (60, 16), (120, 40), (200, 50)]) func `with everything it looks as recorded`(
        width: Int, height: Int
    ) {
        let bench = StartBench.lively(width: width, height: height)
        assertGolden(bench.text, "start_lively_\(width)x\(height)")
    }

    @Test(arguments: [(80, 24), (200, 50)]) func `with more of everything than fits it looks as recorded`(
        width: Int, height: Int
    ) {
        var bench = StartBench(StartBench.many, width: width, height: height)
        bench.change {
            $0.show(
                StartBench.interfaces
                    + (0..<40).map { StartInterface(name: "veth\($0)", state: .up, addresses: ["fe80::\($0)"]) })
            $0.show(
                (0..<256).map {
                    NearbyServer(id: "\($0)", name: "server \($0)", address: "10.0.0.\($0):7728", security: "sign")
                })
            $0.listening = .running
        }
        assertGolden(bench.text, "start_crowded_\(width)x\(height)")
    }

    @Test(arguments: [(60, 16), (80, 24)]) func `who may not capture is told what to do before anything is chosen`(
        width: Int, height: Int
    ) {
        var bench = StartBench.lively(width: width, height: height)
        bench.change { $0.captureAdvice = StartBench.advice }
        assertGolden(bench.text, "start_forbidden_\(width)x\(height)")
        bench.press(.tab, .tab, .enter)
        #expect(bench.effects.isEmpty)
        #expect(bench.bottomLine.hasPrefix(" No permission to capture: sudo setcap"))
    }

    @Test func `why there are no servers is said`() {
        var bench = StartBench()
        #expect(bench.text.contains("Listening for servers"))
        bench.change { $0.listening = .running }
        #expect(bench.text.contains("No server announces itself"))
        bench.change { $0.listening = .impossible(reason: "there is no network to listen to") }
        #expect(bench.text.contains("Servers cannot be listened for: there is no network to listen to"))
    }

    @Test func `Enter watches an interface, attaches to a server, starts the demo`() {
        var bench = StartBench.lively([])
        bench.press(.down, .enter)
        bench.press(.tab, .down, .enter)
        bench.press(.tab, .enter)
        #expect(
            bench.effects == [.watch(["wlp0s20f3"]), .attach("[2001:db8:77:1::aaaa:bbbb]:17728"), .demo])
    }

    @Test func `interfaces that are marked are watched together, and any with no other`() {
        var bench = StartBench.lively([])
        bench.press(" ", .down, " ", .down, " ")
        #expect(bench.text.contains("2 marked"))
        bench.press(.enter)
        bench.press("g", " ", .enter)
        bench.press(" ", .enter)
        #expect(bench.effects == [.watch(["wlp0s20f3", "lo"]), .watch(["any"]), .watch(["any"])])
        #expect(!bench.text.contains("marked"))
    }

    @Test func `an interface that is switched off is not watched, and why is said`() {
        var bench = StartBench.lively([])
        bench.press("G", .enter)
        #expect(bench.effects.isEmpty)
        #expect(bench.bottomLine == " eth0 is switched off: sudo ip link set eth0 up")
    }

    @Test func `Up and Down go on into the next part, Tab goes around`() {
        var bench = StartBench.lively([])
        bench.press("G", .down, .down, .down, .down, .enter)
        #expect(bench.effects == [.demo])
        bench.press(.down, .up, .enter)
        #expect(bench.effects.last == .attach("10.7.1.1:7728"))
        bench.press(.tab, .tab, .backTab, .enter)
        #expect(bench.effects.last == .demo)
    }

    @Test func `what is selected and marked stays so when others come and go`() {
        var bench = StartBench.lively([])
        bench.press(.down, .down, " ")
        bench.change { $0.show(Array(StartBench.interfaces.dropFirst())) }
        bench.press(.up, " ", .enter)
        #expect(bench.effects == [.watch(["wlp0s20f3", "lo"])])
        bench.press(.tab, .down)
        bench.change { $0.show(Array(StartBench.servers.dropFirst())) }
        bench.press(.enter)
        #expect(bench.effects.last == .attach("[2001:db8:77:1::aaaa:bbbb]:17728"))
        bench.change { $0.show([NearbyServer]()) }
        bench.press(.enter)
        #expect(bench.effects.last == .watch(["wlp0s20f3", "lo"]))
        bench.change { $0.show([StartInterface]()) }
        bench.press(.enter)
        #expect(bench.bottomLine.contains("Nothing is known of this machine's interfaces yet."))
    }

    @Test func `a click in any part selects there, and the wheel scrolls there`() {
        var bench = StartBench.lively()
        bench.click(10, 4)
        bench.click(10, 4)
        #expect(bench.effects == [.watch(["wlp0s20f3"])])
        let row = bench.text.components(separatedBy: "\n").firstIndex { $0.contains("10.7.1.1") } ?? 0
        bench.click(10, row)
        bench.click(10, row)
        #expect(bench.effects.last == .attach("10.7.1.1:7728"))
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

    @Test func `a click selects, the next one opens, the wheel scrolls`() {
        var bench = StartBench(StartBench.few)
        let row = bench.text.components(separatedBy: "\n").firstIndex { $0.contains("lossy") } ?? 0
        bench.click(10, row)
        #expect(bench.effects.isEmpty)
        bench.click(10, row)
        #expect(bench.effects == [.open(path: StartBench.few[2].path)])
        bench = StartBench(StartBench.many)
        bench.click(10, row, .wheelDown)
        #expect(bench.text.contains(" 4-"))
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

    @Test func `d starts the demo, Ctrl-L draws anew, Ctrl-C quits, q asks first`() {
        var bench = StartBench()
        bench.press("d", .control("l"))
        #expect(bench.effects == [.demo, .redraw])
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
