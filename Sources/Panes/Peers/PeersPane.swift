import Inspection
import Screen

/// Who is there: peers, groups with who is in them, and relays.
package struct PeersPane: InspectorPane {
    package enum View: Int, CaseIterable, Sendable {
        case peers, groups, relays

        var title: String {
            switch self {
            case .peers: "Peers"
            case .groups: "Groups"
            case .relays: "Relays"
            }
        }
    }

    package static let keys: [KeyBinding] = [
        KeyBinding([.enter], .open, .peers, "the messages of the selected row", hint: "its messages"),
        KeyBinding(["f"], .onlyThis, .peers, "the same, staying here; f again shows all"),
        KeyBinding([.left, "h"], .left, .peers, "the list before: peers, groups, relays", hint: "list"),
        KeyBinding([.right, "l"], .right, .peers, "the next list", hint: "list"),
        KeyBinding(
            [" "], .toggleDetails, .peers, "what is known of the row on the whole pane, and back", hint: "details"),
        KeyBinding(["s"], .sortNext, .peers, "sort the peers by the next column", hint: "sort"),
        KeyBinding(["S"], .sortReverse, .peers, "reverse the order"),
    ]

    package static let help = [
        "Who is there at the clock. Left and Right change the list; below it is what is known of the selected row.",
        "Peers: whoever announced itself, looked for others, connected, or is spoken of by a relay.",
        "presence: silent is who was not heard for 15 s, or for 3 of the intervals in which it announces itself.",
        "every: the time between its announcements. range, most, bandwidth: what it says it is capable of, in metres,",
        "connections and octets a second. talks: conversations that it is in. sent, got: over the last 4 seconds.",
        "Groups: each group, and under it its members: who announces it, sends to it, is on its access list, or was",
        "told of it by a server. LEAK: sends to a group whose list does not have it. silent: on the list, and no word.",
        "Relays: who lets what be relayed to whom, and between which two the requests went. answered: with anything;",
        "refused: with anything but SUCCESS; ms: the usual time to the answer.",
    ]

    package private(set) var view = View.peers
    private var sort = PeerListing.Sort.order
    private var isReversed = false
    private var lists: [ListingView] = View.allCases.map { _ in ListingView() }
    private var directory = PeerDirectory()
    private var peers = PeerListing()
    private var groups = GroupListing()
    private var relays = RelayListing()
    /// Where each title stands on the tab line of what was drawn last.
    private var tabs: [(view: View, area: Rect)] = []
    private var isStale = true

    package init() {}

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        let order =
            view == .peers && (sort != .order || isReversed) ? "by \(sort.title)\(isReversed ? " reversed" : "")" : ""
        buffer.drawBox(
            area, style: context.borderStyle, title: PaneKind.peers.heading, titleStyle: context.titleStyle,
            trailing: order, trailingStyle: context.style(.dim))
        let inside = area.inset()
        guard !inside.isEmpty else { return }
        update(context.snapshot)
        drawTabs(into: &buffer, inside, context)
        let below = Rect(x: inside.x, y: inside.y + 1, width: inside.width, height: inside.height - 1)
        let isEmpty = count(of: view) == 0
        switch view {
        case _ where isEmpty: EmptyPane.draw(into: &buffer, below, context, reasonForEmptiness(context.snapshot))
        case .peers: lists[view.rawValue].draw(peers, into: &buffer, below, context)
        case .groups: lists[view.rawValue].draw(groups, into: &buffer, below, context)
        case .relays: lists[view.rawValue].draw(relays, into: &buffer, below, context)
        }
    }

    private mutating func update(_ snapshot: Snapshot) {
        let isNew = directory.update(snapshot)
        guard isNew || isStale else { return }
        isStale = false
        peers = PeerListing(&directory, snapshot, sort: sort, isReversed: isReversed)
        groups = GroupListing(&directory, snapshot)
        relays = RelayListing(&directory, snapshot)
    }

    private mutating func settle() {
        switch view {
        case .peers: lists[view.rawValue].settle(peers)
        case .groups: lists[view.rawValue].settle(groups)
        case .relays: lists[view.rawValue].settle(relays)
        }
    }

    private func count(of view: View) -> Int {
        switch view {
        case .peers: peers.count
        case .groups: groups.groupCount
        case .relays: relays.count
        }
    }

    private mutating func drawTabs(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        tabs = []
        var x = area.x
        for other in View.allCases {
            let text = " \(other.title) \(Format.thousands(count(of: other))) "
            let isChosen = other == view
            let place = Point(x: x, y: area.y)
            let style = isChosen ? context.selected(context.style(.text)) : context.style(.dim)
            let width = buffer.write(text, at: place, style: style, maxWidth: max(0, area.maxX - x))
            tabs.append((other, Rect(x: x, y: area.y, width: width, height: 1)))
            x += width + 1
        }
        if groups.leaks > 0 {
            buffer.write(
                " \(StatusLine.plural(groups.leaks, "leak"))", at: Point(x: x, y: area.y), style: context.style(.error),
                maxWidth: max(0, area.maxX - x))
        }
    }

    private func reasonForEmptiness(_ snapshot: Snapshot) -> [String] {
        if snapshot.index.isEmpty { return EmptyPane.reasonForNoMessages(snapshot) }
        if let words = EmptyPane.wordsOfConnection(snapshot) { return words }
        if snapshot.cursor == 0 { return ["Nothing yet at this time.", "] steps on, > goes to the end."] }
        switch view {
        case .peers:
            return ["Nobody has said who he is.", "CONNECT, PEER_DISCOVER and PEER_ANNOUNCE tell."]
        case .groups:
            return [
                "No multicast group.",
                "CONNECT_ACK and PEER_ANNOUNCE tell of groups; messages with MULTICAST use them.",
            ]
        case .relays: return ["Nothing is relayed.", "RELAY_REQUEST and RELAY_RESPONSE would stand here."]
        }
    }

    // MARK: Keys and mouse

    package mutating func handle(_ action: Action, _ context: PaneContext) -> [PaneRequest]? {
        update(context.snapshot)
        settle()
        switch action {
        case .left: change(by: -1)
        case .right: change(by: 1)
        case .sortNext, .sortReverse:
            guard view == .peers else { return [.notice("Peers can be sorted; these stand as they came.")] }
            if action == .sortReverse {
                isReversed.toggle()
            } else {
                sort = PeerListing.Sort(rawValue: sort.rawValue + 1) ?? .order
            }
            isStale = true
        case .toggleDetails: lists[view.rawValue].toggleDetails()
        case .open: return filter(context).map { [.filter($0), .focus(.messages)] } ?? Self.nothing
        case .onlyThis:
            guard let filter = filter(context) else { return Self.nothing }
            return [.filter(context.snapshot.filter?.filter.text == filter ? "" : filter)]
        default: return lists[view.rawValue].move(action) ? [] : nil
        }
        return []
    }

    private static let nothing: [PaneRequest] = [.notice("There is no message of this row.")]

    private mutating func change(by step: Int) {
        view = View(rawValue: (view.rawValue + step + View.allCases.count) % View.allCases.count) ?? .peers
    }

    /// The filter for the messages of the selected row.
    private func filter(_ context: PaneContext) -> String? {
        guard let row = lists[view.rawValue].selectedRow else { return nil }
        switch view {
        case .peers: return row < peers.count ? peers.filter(row, context) : nil
        case .groups: return row < groups.count ? groups.filter(row, context) : nil
        case .relays: return row < relays.count ? relays.filter(row, context) : nil
        }
    }

    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> [PaneRequest] {
        if mouse.kind == .press, let tab = tabs.first(where: { $0.area.contains(mouse.point) }) {
            view = tab.view
        } else {
            lists[view.rawValue].handle(mouse)
        }
        return []
    }
}
