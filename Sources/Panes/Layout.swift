import Screen

/// Where everything is on a screen of some size.
package struct Layout: Equatable, Sendable {
    /// Below this the program says what it has and what it needs.
    package static let smallest = Size(width: 60, height: 16)
    /// From here on Streams, Messages and Map are side by side.
    private static let wide = Size(width: 110, height: 30)
    /// Percent of the width that text gets beside the map: what a message says needs the room more than an empty floor.
    private static let textShare = 60

    package private(set) var status = Rect.zero
    package private(set) var streams = Rect.zero
    package private(set) var messages = Rect.zero
    package private(set) var tree = Rect.zero
    package private(set) var octets = Rect.zero
    package private(set) var map = Rect.zero
    /// What the pane beside or below the map has, and which pane that is.
    private var dock = Rect.zero
    private var docked = Application.Focus.state
    package private(set) var timeline = Rect.zero
    package private(set) var bottom = Rect.zero

    package init(size: Size, focus: Application.Focus, docked: Application.Focus, isZoomed: Bool) {
        self.docked = docked
        guard size.width >= Self.smallest.width, size.height >= Self.smallest.height else { return }
        let screen = Rect(size)
        var rest: Rect
        (status, rest) = screen.splitVertically(at: 1)
        (rest, bottom) = rest.splitVertically(at: -1)
        (rest, timeline) = rest.splitVertically(at: -TimelinePane.height(of: size))
        if isZoomed || size.width < Self.wide.width || size.height < Self.wide.height {
            arrangeOne(focus, rest)
        } else {
            let (left, right) = rest.splitHorizontally(at: rest.width * Self.textShare / 100)
            (map, dock) = right.splitVertically(at: right.height * 55 / 100)
            let (top, below) = left.splitVertically(at: max(8, left.height * 28 / 100))
            streams = top
            arrangeMessages(below)
        }
    }

    private mutating func arrangeOne(_ focus: Application.Focus, _ area: Rect) {
        switch focus {
        case .streams: streams = area
        case .map: map = area
        case .state, .quality, .peers, .findings, .extensions: dock = area
        case .messages, .tree, .octets: arrangeMessages(area)
        }
    }

    private mutating func arrangeMessages(_ area: Rect) {
        let (list, details) = area.splitVertically(at: max(6, area.height * 48 / 100))
        messages = list
        // As many octets a row as leave the tree enough for its values.
        let perRow =
            area.width >= OctetsPane.width(octets: 16) + Self.roomyTree
            ? 16
            : area.width >= OctetsPane.width(octets: 8) + Self.leastTree ? 8 : 4
        (tree, octets) = details.splitHorizontally(at: -OctetsPane.width(octets: perRow))
    }

    /// Messages get the room of their fields and octets, too.
    mutating func giveDetailsToMessages() {
        messages = Rect(
            x: messages.x, y: messages.y, width: messages.width, height: messages.height + tree.height)
        tree = .zero
        octets = .zero
    }

    /// Columns of a tree whose values can be read, and of one where nearly all of them fit.
    private static let leastTree = 30
    private static let roomyTree = 56

    /// The order in which Tab goes.
    var order: [Application.Focus] { Application.Focus.allCases }

    func area(of focus: Application.Focus) -> Rect {
        switch focus {
        case .streams: streams
        case .messages: messages
        case .tree: tree
        case .octets: octets
        case .map: map
        case .state, .quality, .peers, .findings, .extensions: focus == docked ? dock : .zero
        }
    }

    func focus(at point: Point) -> Application.Focus? {
        Application.Focus.allCases.first { area(of: $0).contains(point) }
    }
}
