import Screen

/// Where everything is on a screen of some size.
package struct Layout: Equatable, Sendable {
    /// Below this the program says what it has and what it needs.
    package static let smallest = Size(width: 60, height: 16)

    /// What is said on a screen below that.
    static func tooSmall(_ size: Size) -> [String] {
        ["too small: have \(size.width) x \(size.height)", "need \(smallest.width) x \(smallest.height)"]
    }

    /// From here on several panes are seen at once.
    private static let several = Size(width: 110, height: 30)
    /// From here on there are two docks side by side.
    private static let roomy = 170
    /// No part gets smaller than this, wherever its line is moved.
    private static let leastPart = Size(width: 24, height: 5)
    /// Two docks side by side are at least so wide together.
    private static let twoDocks = 72

    /// A line between two parts.
    struct Splitter: Equatable {
        let split: Arrangement.Split
        /// Both parts.
        let area: Rect
        /// Cells of the first part.
        let position: Int

        /// Cells of both, in the direction in which the line can move.
        var length: Int { split.isSideBySide ? area.width : area.height }

        /// The borders of both parts along the line.
        func contains(_ point: Point) -> Bool {
            guard area.contains(point) else { return false }
            let place = split.isSideBySide ? point.x - area.x : point.y - area.y
            return place == position || place == position - 1
        }
    }

    /// Of the whole screen.
    private(set) var size = Size.zero
    package private(set) var status = Rect.zero
    /// The names of all panes, where only one is seen.
    package private(set) var tabs = Rect.zero
    package private(set) var timeline = Rect.zero
    package private(set) var bottom = Rect.zero
    private(set) var splitters: [Splitter] = []
    private var areas: [Application.Focus: Rect] = [:]

    package init() {}

    package init(size: Size, focus: Application.Focus, desk: Desk) {
        self.size = size
        guard size.width >= Self.smallest.width, size.height >= Self.smallest.height else { return }
        var rest: Rect
        (status, rest) = Rect(size).splitVertically(at: 1)
        (rest, bottom) = rest.splitVertically(at: -1)
        (rest, timeline) = rest.splitVertically(at: -TimelinePane.height(of: size))
        if desk.isZoomed || size.width < Self.several.width || size.height < Self.several.height {
            (tabs, rest) = rest.splitVertically(at: 1)
            put(focus.pane, in: rest, focus, desk)
        } else {
            arrange(desk.arrangement.frame, in: rest, focus, desk)
        }
    }

    private mutating func arrange(
        _ frame: Arrangement.Frame, in area: Rect, _ focus: Application.Focus, _ desk: Desk
    ) {
        switch frame {
        case .pane(let pane): put(pane, in: area, focus, desk)
        case .dock(let number): put(desk.docked[number], in: area, focus, desk)
        case .docks:
            if area.width < Self.twoDocks {
                put(desk.dockedInFront, in: area, focus, desk)
            } else {
                arrange(.split(.docks, .dock(0), .dock(1)), in: area, focus, desk)
            }
        case .split(let split, let first, let second):
            let length = split.isSideBySide ? area.width : area.height
            let share = desk.arrangement.share(of: split, isRoomy: area.width >= Self.roomy)
            let (before, behind) = cut(area, split, at: length * share / 100, desk)
            arrange(first, in: before, focus, desk)
            arrange(second, in: behind, focus, desk)
        }
    }

    /// Two parts, with the line where the user moved it to, else at `position`.
    private mutating func cut(_ area: Rect, _ split: Arrangement.Split, at position: Int, _ desk: Desk) -> (Rect, Rect)
    {
        let length = split.isSideBySide ? area.width : area.height
        let least = min(split.isSideBySide ? Self.leastPart.width : Self.leastPart.height, length / 2)
        let wanted = desk.position(of: split, in: length) ?? position
        let position = max(least, min(wanted, length - least))
        splitters.append(Splitter(split: split, area: area, position: position))
        let (left, right) = area.splitHorizontally(at: position)
        let (top, bottom) = area.splitVertically(at: position)
        return split.isSideBySide ? (left, right) : (top, bottom)
    }

    private mutating func put(_ pane: PaneKind, in area: Rect, _ focus: Application.Focus, _ desk: Desk) {
        guard pane == .messages else {
            areas[Application.Focus(pane)] = area
            return
        }
        let share = desk.arrangement.share(of: .details, isRoomy: false)
        let (list, details) = cut(area, .details, at: max(6, area.height * share / 100), desk)
        areas[.messages] = list
        let least = OctetsPane.width(octets: 4) + Self.leastTree
        guard area.width >= least else {
            // No room for both: the one that was looked at last.
            areas[focus == .octets ? .octets : .tree] = details
            return
        }
        // As many octets a row as leave the tree enough for its values.
        let perRow =
            area.width >= OctetsPane.width(octets: 16) + Self.roomyTree
            ? 16
            : area.width >= OctetsPane.width(octets: 8) + Self.leastTree ? 8 : 4
        let (tree, octets) = cut(details, .octets, at: details.width - OctetsPane.width(octets: perRow), desk)
        areas[.tree] = tree
        areas[.octets] = octets
    }

    /// Messages get the room of their fields and octets, too.
    mutating func giveDetailsToMessages() {
        areas[.messages] = Rect(
            x: messages.x, y: messages.y, width: messages.width,
            height: messages.height + max(tree.height, octets.height))
        areas[.tree] = nil
        areas[.octets] = nil
    }

    /// Columns of a tree whose values can be read, and of one where nearly all of them fit.
    private static let leastTree = 30
    private static let roomyTree = 56

    // MARK: What is where

    package var streams: Rect { area(of: .streams) }
    package var messages: Rect { area(of: .messages) }
    package var tree: Rect { area(of: .tree) }
    package var octets: Rect { area(of: .octets) }
    package var map: Rect { area(of: .map) }

    /// Empty for what is not on the screen.
    package func area(of focus: Application.Focus) -> Rect { areas[focus] ?? .zero }

    func focus(at point: Point) -> Application.Focus? {
        Application.Focus.allCases.first { area(of: $0).contains(point) }
    }

    /// The line under a point; where several meet the innermost.
    func splitter(at point: Point) -> Splitter? { splitters.last { $0.contains(point) } }

    func splitter(_ split: Arrangement.Split) -> Splitter? { splitters.first { $0.split == split } }

    /// The line nearest to what has the keys that moves to the side, or up and down.
    func splitter(beside focus: Application.Focus, isSideBySide: Bool) -> Splitter? {
        splitters.last { $0.split.isSideBySide == isSideBySide && $0.area.contains(area(of: focus).origin) }
    }

    /// One pane alone is seen, so that the others have to be told of.
    var isSingle: Bool { !tabs.isEmpty }

    /// The order in which Tab goes: through what is seen, or through everything where that is one pane.
    var order: [Application.Focus] {
        let all = Application.Focus.allCases
        if isSingle || areas.isEmpty { return all }
        let seen = Set(areas.keys.map(\.pane))
        return all.filter { seen.contains($0.pane) }
    }
}
