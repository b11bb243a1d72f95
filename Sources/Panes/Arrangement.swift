/// Which panes stand where on a screen with room for several: what layouts are called.
package enum Arrangement: String, CaseIterable, Sendable {
    case standard, map, messages, quality, columns

    /// What it is good for, for help and notices.
    package var explanation: String {
        switch self {
        case .standard: "Streams over Messages, the Map over two docks"
        case .map: "a large Map, Messages over a dock"
        case .messages: "large Messages, two docks beside them"
        case .quality: "a large Quality over a dock, Streams over Messages"
        case .columns: "two columns: Messages and a dock"
        }
    }

    /// A line between two parts of the screen.
    package enum Split: String, CaseIterable, Sendable {
        /// The left half and the right half.
        case columns
        /// What stands one above the other in them.
        case left, right
        /// Two docks.
        case docks
        /// The list of messages over fields and octets.
        case details
        /// Fields and octets.
        case octets

        /// The parts are side by side, else one above the other.
        var isSideBySide: Bool { self == .columns || self == .docks || self == .octets }
    }

    /// A part of the screen.
    indirect enum Frame {
        case pane(PaneKind)
        /// The place for a pane that has none of its own: the one of them that had the keys last.
        case dock(Int)
        /// Both docks side by side, or one of them where there is no room for both.
        case docks
        case split(Split, Frame, Frame)
    }

    var frame: Frame {
        let text = Frame.split(.left, .pane(.streams), .pane(.messages))
        return switch self {
        case .standard: .split(.columns, text, .split(.right, .pane(.map), .docks))
        case .map: .split(.columns, .pane(.map), .split(.right, .pane(.messages), .dock(0)))
        case .messages: .split(.columns, .pane(.messages), .split(.right, .dock(0), .dock(1)))
        case .quality: .split(.columns, text, .split(.right, .pane(.quality), .dock(0)))
        case .columns: .split(.columns, .pane(.messages), .dock(0))
        }
    }

    /// The panes that have a place of their own.
    var fixed: [PaneKind] { Self.panes(in: frame) }

    private static func panes(in frame: Frame) -> [PaneKind] {
        switch frame {
        case .pane(let pane): [pane]
        case .dock, .docks: []
        case .split(_, let first, let second): panes(in: first) + panes(in: second)
        }
    }

    /// What is in the docks at first.
    var docked: [PaneKind] {
        switch self {
        case .standard: [.state, .quality]
        case .map: [.state]
        case .messages: [.map, .state]
        case .quality: [.state]
        case .columns: [.map]
        }
    }

    /// Percent of the room that the first of two parts has, as long as nobody moved the line. Octets are cut by whole
    /// columns of theirs instead.
    func share(of split: Split, isRoomy: Bool) -> Int {
        switch (self, split) {
        case (.map, .columns): 62
        // What a message says needs the room more than an empty floor; two docks beside each other need it, too.
        case (.standard, .columns): isRoomy ? 54 : 60
        case (.messages, .columns): 64
        case (.quality, .columns): 44
        case (.columns, .columns): 55
        case (_, .left): 30
        case (.map, .right): 60
        case (_, .right): 55
        case (_, .details): 48
        case (_, .docks), (_, .octets): 50
        }
    }
}

/// How the user has set up the screen: the layout, and in each of them the sizes and what is in the docks.
package struct Desk: Equatable, Sendable {
    package var arrangement = Arrangement.standard
    /// One pane has the whole screen.
    package var isZoomed = false
    /// What the first of two parts has of the room, of `whole`, where a line was moved.
    private var shares: [Arrangement: [Arrangement.Split: Int]] = [:]
    private var docks: [Arrangement: [PaneKind]] = [:]
    /// The dock that is shown where there is no room for both.
    private(set) var front = 0

    package init() {}

    /// What is in the docks.
    var docked: [PaneKind] { docks[arrangement] ?? arrangement.docked }

    /// The pane that is seen where there is room for one dock.
    var dockedInFront: PaneKind { docked[min(front, docked.count - 1)] }

    /// Makes sure that a pane is on the screen: one without a place of its own comes into a dock.
    mutating func show(_ pane: PaneKind) {
        guard !arrangement.fixed.contains(pane) else { return }
        var docked = docked
        if let place = docked.firstIndex(of: pane) {
            front = place
            return
        }
        front = Self.home(of: pane) % docked.count
        docked[front] = pane
        docks[arrangement] = docked
    }

    /// The dock that a pane comes into, so that those that are looked at together are in different ones.
    private static func home(of pane: PaneKind) -> Int {
        switch pane {
        case .state, .peers, .extensions, .map, .messages: 0
        case .quality, .findings, .streams: 1
        }
    }

    package mutating func nextArrangement() {
        let all = Arrangement.allCases
        let place = all.firstIndex(of: arrangement) ?? 0
        arrangement = all[(place + 1) % all.count]
        front = 0
    }

    /// So fine that a line stays in its cell on any screen.
    private static let whole = 10_000

    /// Cells of the first part of so many; nil as long as nobody moved the line.
    func position(of split: Arrangement.Split, in length: Int) -> Int? {
        shares[arrangement]?[split].map { ($0 * length + Self.whole / 2) / Self.whole }
    }

    /// The line moves to `position` of `length` cells.
    mutating func move(_ split: Arrangement.Split, to position: Int, of length: Int) {
        guard length > 0 else { return }
        shares[arrangement, default: [:]][split] = max(0, min(position * Self.whole / length, Self.whole))
    }

    /// Every line of this layout goes back to where it was at first.
    mutating func resetSizes() { shares[arrangement] = nil }
}
