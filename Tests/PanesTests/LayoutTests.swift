import Screen
import Testing

@testable import Panes

@Suite struct LayoutTests {
    static let sizes =
        [(60, 16), (61, 17), (80, 24), (100, 30), (109, 40), (110, 29), (110, 30), (120, 40), (169, 45), (170, 45)]
        + [(200, 50), (300, 100)]

    static func layout(
        _ size: (Int, Int), _ focus: Application.Focus, _ change: (inout Desk) -> Void = { _ in }
    ) -> Layout {
        var desk = Desk()
        change(&desk)
        desk.show(focus.pane)
        return Layout(size: Size(width: size.0, height: size.1), focus: focus, desk: desk)
    }

    /// Every part of a layout that has a place.
    static func parts(_ layout: Layout) -> [Rect] {
        let panes = Application.Focus.allCases.map { layout.area(of: $0) }
        return (panes + [layout.status, layout.tabs, layout.timeline, layout.bottom]).filter { !$0.isEmpty }
    }

    @Test(arguments: sizes, Arrangement.allCases)
    func `every cell of the screen belongs to one part, whatever has the keys`(
        size: (Int, Int), arrangement: Arrangement
    ) {
        for focus in Application.Focus.allCases {
            for isZoomed in [false, true] {
                let layout = Self.layout(size, focus) {
                    $0.arrangement = arrangement
                    $0.isZoomed = isZoomed
                }
                let parts = Self.parts(layout)
                #expect(parts.reduce(0) { $0 + $1.width * $1.height } == size.0 * size.1)
                for (place, part) in parts.enumerated() {
                    #expect(part.intersection(Rect(x: 0, y: 0, width: size.0, height: size.1)) == part)
                    #expect(parts[..<place].allSatisfy { $0.intersection(part).isEmpty }, "\(focus)")
                }
                #expect(!layout.area(of: focus).isEmpty, "\(focus) has the keys and is not seen")
            }
        }
    }

    @Test(arguments: sizes)
    func `no part is too small to show something`(size: (Int, Int)) {
        for focus in Application.Focus.allCases {
            let area = Self.layout(size, focus).area(of: focus)
            #expect(area.width >= 24 && area.height >= 5)
        }
    }

    @Test(arguments: [(60, 16), (80, 24), (109, 40), (110, 29)])
    func `a small screen shows one pane and the names of all`(size: (Int, Int)) {
        let layout = Self.layout(size, .state)
        #expect(layout.isSingle)
        #expect(layout.area(of: .state).width == size.0)
        #expect(layout.order == Application.Focus.allCases)
    }

    @Test func `there is room for two docks from 170 columns on`() {
        let wide = Self.layout((170, 45), .messages)
        #expect(!wide.area(of: .state).isEmpty && !wide.area(of: .quality).isEmpty)
        let medium = Self.layout((150, 45), .messages)
        #expect(!medium.area(of: .state).isEmpty && medium.area(of: .quality).isEmpty)
    }

    @Test func `a pane without a place comes into a dock with the keys, and stays there`() {
        var desk = Desk()
        let size = Size(width: 200, height: 50)
        desk.show(.findings)
        var layout = Layout(size: size, focus: .findings, desk: desk)
        #expect(!layout.area(of: .findings).isEmpty && !layout.area(of: .state).isEmpty)
        desk.show(.peers)
        desk.show(.messages)
        layout = Layout(size: size, focus: .messages, desk: desk)
        #expect(!layout.area(of: .findings).isEmpty && !layout.area(of: .peers).isEmpty)
        #expect(layout.area(of: .state).isEmpty && layout.area(of: .quality).isEmpty)
    }

    @Test func `where there is one dock it shows what had the keys last`() {
        var desk = Desk()
        let size = Size(width: 120, height: 40)
        for pane in [PaneKind.quality, .peers, .state, .quality] {
            desk.show(pane)
            let layout = Layout(size: size, focus: .messages, desk: desk)
            #expect(!layout.area(of: Application.Focus(pane)).isEmpty)
        }
    }

    @Test(arguments: Arrangement.allCases)
    func `Tab goes through what is seen, each once`(arrangement: Arrangement) {
        let layout = Self.layout((200, 50), .messages) { $0.arrangement = arrangement }
        #expect(Set(layout.order).count == layout.order.count)
        for focus in layout.order where focus != .octets { #expect(!layout.area(of: focus).isEmpty) }
        for focus in Application.Focus.allCases where !layout.area(of: focus).isEmpty {
            #expect(layout.order.contains(focus))
        }
    }

    @Test func `one of fields and octets gives way where there is no room for both`() {
        let narrow: (inout Desk) -> Void = {
            $0.arrangement = .map
            $0.move(.columns, to: 80, of: 120)
        }
        let fields = Self.layout((120, 40), .messages, narrow)
        #expect(!fields.tree.isEmpty && fields.octets.isEmpty)
        let octets = Self.layout((120, 40), .octets, narrow)
        #expect(octets.tree.isEmpty && !octets.octets.isEmpty)
    }

    // MARK: Lines

    @Test(arguments: Arrangement.allCases)
    func `a line goes where it is moved, cell by cell, and leaves both sides something`(arrangement: Arrangement) throws
    {
        var desk = Desk()
        desk.arrangement = arrangement
        let size = Size(width: 200, height: 50)
        for split in Arrangement.Split.allCases {
            guard let line = Layout(size: size, focus: .messages, desk: desk).splitter(split) else { continue }
            for position in stride(from: 24, through: line.length - 24, by: 1) where split.isSideBySide {
                desk.move(split, to: position, of: line.length)
                #expect(Layout(size: size, focus: .messages, desk: desk).splitter(split)?.position == position)
            }
            for position in [-5, 0, 1000] {
                desk.move(split, to: position, of: line.length)
                let layout = Layout(size: size, focus: .messages, desk: desk)
                #expect(Self.parts(layout).allSatisfy { $0.width > 1 })
            }
            desk.resetSizes()
        }
    }

    @Test func `each layout keeps its own sizes`() {
        var desk = Desk()
        desk.move(.columns, to: 50, of: 200)
        let moved = desk
        desk.nextArrangement()
        #expect(desk.position(of: .columns, in: 200) == nil)
        for _ in 1..<Arrangement.allCases.count { desk.nextArrangement() }
        #expect(desk == moved)
        #expect(desk.position(of: .columns, in: 200) == 50)
        desk.resetSizes()
        #expect(desk.position(of: .columns, in: 200) == nil)
    }

    // MARK: On the screen

    static func bench(_ width: Int = 160, _ height: Int = 45) throws -> Bench {
        Bench.ready(try Meeting.small().snapshot(), width, height)
    }

    @Test func `keys go through the layouts and say which one it is`() throws {
        var bench = try Self.bench()
        for arrangement in Arrangement.allCases.dropFirst() + [.standard] {
            bench.press("|")
            #expect(bench.bottomLine.hasPrefix(" Layout \(arrangement.rawValue): "))
            #expect(!bench.application.layout.area(of: .messages).isEmpty)
        }
    }

    @Test func `arrows move the line beside a pane until Esc`() throws {
        var bench = try Self.bench()
        bench.press("1")
        let before = bench.application.layout.streams
        bench.press(.control("w"), .right, .right, .down)
        #expect(bench.application.layout.streams.width == before.width + 4)
        #expect(bench.application.layout.streams.height == before.height + 1)
        bench.press(.left, "k", .escape, .right)
        #expect(bench.application.layout.streams.width == before.width + 2)
        #expect(bench.application.layout.streams.height == before.height)
        bench.press(.control("w"), "0")
        #expect(bench.application.layout.streams == before)
    }

    @Test func `another key ends the moving and means what it always means`() throws {
        var bench = try Self.bench()
        bench.press(.control("w"), "3")
        #expect(!bench.application.isResizing)
        #expect(bench.application.focus == .map)
    }

    @Test func `a line is dragged with the mouse, and no pane is`() throws {
        var bench = try Self.bench()
        let layout = bench.application.layout
        bench.mouse(.press, layout.map.x, layout.map.y + 5)
        bench.mouse(.drag, layout.map.x - 20, layout.map.y + 5)
        #expect(bench.application.layout.map.x == layout.map.x - 20)
        bench.mouse(.release, layout.map.x - 20, layout.map.y + 5)
        bench.mouse(.drag, layout.map.x + 20, layout.map.y + 5)
        #expect(bench.application.layout.map.x == layout.map.x - 20)
        let messages = bench.application.layout.messages
        bench.mouse(.press, messages.x + 5, messages.y)
        bench.mouse(.drag, messages.x + 5, messages.y + 4)
        #expect(bench.application.layout.messages.y == messages.y + 4)
    }

    @Test(arguments: [60, 80, 109])
    func `the names of the panes fit a small screen, and a click goes to one`(width: Int) throws {
        var bench = try Self.bench(width, 24)
        let tabs = TabLine.tabs(in: bench.application.layout.tabs, .messages)
        #expect(tabs.count == PaneKind.allCases.count)
        #expect(tabs.allSatisfy { $0.area.maxX < width })
        #expect(bench.row(1).contains("2 Messages"))
        let findings = try #require(tabs.first { $0.pane == .findings })
        bench.mouse(.press, findings.area.x + 1, findings.area.y)
        #expect(bench.application.focus == .findings)
        #expect(bench.row(1).contains("7 Findings"))
    }

    @Test func `a large screen with one pane on it names the others, too`() throws {
        var bench = try Self.bench(200, 50)
        #expect(!bench.row(1).contains("7 Findings"))
        bench.press("\\")
        #expect(bench.row(1).contains("7 Findings"))
    }
}
