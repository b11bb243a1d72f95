import Testing

@testable import Panes

@Suite struct ListStateTests {
    private static func list(selected: Int, top: Int) -> ListState {
        var list = ListState()
        list.scroll(by: top, count: 1000, height: 10)
        list.selected = selected
        list.settle(count: 1000, height: 10)
        return list
    }

    @Test func `a step over the edge scrolls by one row`() {
        #expect(Self.list(selected: 110, top: 100).top == 101)
        #expect(Self.list(selected: 99, top: 100).top == 99)
    }

    @Test func `a jump of more than a screen brings the row into the middle`() {
        #expect(Self.list(selected: 500, top: 100).top == 495)
        #expect(Self.list(selected: 50, top: 100).top == 45)
    }

    @Test func `a jump to either end shows no empty rows`() {
        #expect(Self.list(selected: 999, top: 100).top == 990)
        #expect(Self.list(selected: 2, top: 100).top == 0)
    }
}
