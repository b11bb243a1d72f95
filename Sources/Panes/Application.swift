import Inspection
import Screen

/// The screen as a state machine: events and snapshots in, a buffer and effects out. No terminal, no clock, no thread.
package struct Application {
    /// What the outside has to do.
    package enum Effect: Equatable, Sendable {
        case seek(Inspector.Seek)
        /// Nil shows everything.
        case filter(String?)
        case stopLoading
        case redraw
        case quit
    }

    /// The part of the screen that keys go to.
    package enum Focus: Int, CaseIterable, Sendable {
        case streams, messages, tree, octets, map, state, quality, peers, findings, extensions

        var scope: KeyBinding.Scope {
            switch self {
            case .streams: .streams
            case .messages: .messages
            case .tree: .tree
            case .octets: .octets
            case .map: .map
            case .state: .state
            case .quality: .quality
            case .peers: .peers
            case .findings: .findings
            case .extensions: .extensions
            }
        }

        var pane: PaneKind {
            switch self {
            case .streams: .streams
            case .messages, .tree, .octets: .messages
            case .map: .map
            case .state: .state
            case .quality: .quality
            case .peers: .peers
            case .findings: .findings
            case .extensions: .extensions
            }
        }
    }

    /// The line at the bottom when something is typed.
    enum Entry: Equatable {
        case filter, search
    }

    package var theme: Theme
    package var cellAspect = 2.0
    let keys = KeyTable.standard
    package internal(set) var snapshot = Snapshot()
    package internal(set) var focus = Focus.messages
    package internal(set) var player = Player()
    var isZoomed = false
    var streams = StreamsPane()
    var messages = MessageListPane()
    var tree = FieldTreePane()
    var octets = OctetsPane()
    var map = MapPane()
    var panes: [Focus: any InspectorPane] = [
        .state: StatePane(), .quality: QualityPane(), .peers: PeersPane(), .findings: FindingsPane(),
        .extensions: ExtensionsPane(),
    ]
    /// The pane that shares the right side with the map: the one of them that had the keys last.
    var docked = Focus.state
    var selection = Selection()
    /// Name or id of a space that the map is to show once it is known.
    var wantedSpace: String?
    var overlay: TextOverlay?
    var isAskingToQuit = false
    var entry: Entry?
    var filterLine = LineEditor()
    var searchLine = LineEditor()
    /// The filter that is in force, as it was typed.
    package internal(set) var filterText = ""
    var notice: Notice?
    /// The row that a search has come to; nil when none is going on.
    var searchedRow: Int?
    var isSearchingForward = true
    /// What the button that is held took hold of: the pointer may leave it and still drags it.
    var held: Held?
    /// The entity was chosen on the map, so that it stays selected while messages are looked at.
    var isEntityChosen = false
    var layout = Layout(size: .zero, focus: .messages, docked: .state, isZoomed: false)
    /// Where the clock is on its way to: several steps may be asked for before the engine has made one.
    var pendingCursor: Int?
    var lastLoading: Snapshot.Loading?

    /// Said once at the bottom, until the next key.
    struct Notice: Equatable {
        var text: String
        var role = Role.warning
    }

    enum Held: Equatable {
        case timeline, map
        case pane(Focus)
    }

    package init(theme: Theme) { self.theme = theme }

    /// A filter from the command line, already in force.
    package mutating func begin(filter: String) {
        filterText = filter
        filterLine.set(filter)
        _ = filterLine.commit()
        wantedSpace = Self.space(named: filter)
    }

    /// Takes a newer snapshot.
    package mutating func update(_ snapshot: Snapshot) {
        defer { showWantedSpace() }
        let hadSchemas = self.snapshot.whole.schemas.manifests.count
        self.snapshot = snapshot
        if pendingCursor == snapshot.cursor { pendingCursor = nil }
        if snapshot.whole.schemas.manifests.count != hadSchemas { messages.forget() }
        if lastLoading != snapshot.loading, snapshot.loading == .done || snapshot.loading == .stopped {
            messages.forget()
            tree.refresh()
            notice = closingWords
        }
        lastLoading = snapshot.loading
    }

    /// What is said when reading ends: what was wrong; else, in one line, what is there and what to do with it.
    private var closingWords: Notice? {
        if let problem = snapshot.problems.first {
            let rest = snapshot.problems.count - 1
            return Notice(text: problem + (rest > 0 ? " (and \(rest) more: ! shows them)" : ""), role: .error)
        }
        if snapshot.loading == .stopped {
            return Notice(text: "Stopped reading: what was read until here is shown.")
        }
        guard !snapshot.index.isEmpty else { return nil }
        return Notice(
            text: "\(Format.si(Double(snapshot.lastTime - snapshot.firstTime) / 1e9, unit: "s")), "
                + "\(StatusLine.plural(snapshot.whole.sessions.count, "session")): p plays them, Tab changes the pane, "
                + "/ filters, ? explains", role: .note)
    }

    /// Something goes on by itself, so that ticks are wanted at once.
    package var isSearching: Bool { searchedRow != nil }

    /// Moves a playing clock and a search on. `wall` is monotonic, nanoseconds.
    package mutating func tick(wall: Int64) -> [Effect] {
        goOnSearching()
        guard let time = player.time(wall: wall) else { return [] }
        if time >= snapshot.lastTime, snapshot.loading == .done {
            player.pause()
            return [.seek(.end)]
        }
        return [.seek(.time(time))]
    }

    // MARK: Events

    package mutating func handle(_ event: Event, wall: Int64) -> [Effect] {
        switch event {
        case .key(let key): return handle(key, wall: wall)
        case .mouse(let mouse): return handle(mouse, wall: wall)
        case .hangup, .terminate: return [.quit]
        case .resize, .wake: return []
        }
    }

    private mutating func handle(_ key: Key, wall: Int64) -> [Effect] {
        notice = nil
        searchedRow = nil
        if key == .control("c") { return interrupt() }
        if isAskingToQuit {
            isAskingToQuit = false
            return key == "q" || key == "y" || key == .enter ? [.quit] : []
        }
        if entry != nil { return edit(key) }
        guard let action = keys.action(for: key, in: focus.scope) else {
            notice = Notice(text: "\(key.name) does nothing here; ? lists the keys.", role: .hint)
            return []
        }
        if overlay != nil {
            switch action {
            case .back, .help, .problems, .quit: overlay = nil
            default: overlay?.handle(action)
            }
            return []
        }
        return perform(action, wall: wall)
    }

    private mutating func interrupt() -> [Effect] {
        if case .reading = snapshot.loading { return [.stopLoading] }
        return [.quit]
    }

    mutating func perform(_ action: Action, wall: Int64) -> [Effect] {
        switch action {
        case .help: overlay = .help(focus.scope, words: helpWords, keys: keys)
        case .problems: overlay = .problems(snapshot)
        case .quit: isAskingToQuit = true
        case .interrupt: return interrupt()
        case .redraw: return [.redraw]
        case .nextPane: moveFocus(by: 1)
        case .previousPane: moveFocus(by: -1)
        case .focus(let pane): focus = Focus.allCases.first { $0.pane == pane } ?? focus
        case .zoomPane: isZoomed.toggle()
        case .filter: begin(.filter)
        case .search: begin(.search)
        case .searchNext where focus == .messages: find(forward: true)
        case .searchPrevious where focus == .messages: find(forward: false)
        case .back: return back()
        default: return moveClock(action, wall: wall) ?? performInPane(action)
        }
        return []
    }

    /// Esc goes back one level and never quits.
    private mutating func back() -> [Effect] {
        if focus == .map {
            let response = map.handle(.back, context(for: .map))
            if response != .ignored { return take(response) }
        }
        if focus == .tree || focus == .octets {
            focus = .messages
        } else if isZoomed {
            isZoomed = false
        } else if focus == .map, isEntityChosen {
            isEntityChosen = false
            selection.entity = nil
        } else if !filterText.isEmpty {
            return apply(filter: "")
        }
        return []
    }

    private mutating func moveFocus(by step: Int) {
        let order = layout.order
        let place = order.firstIndex(of: focus) ?? 0
        focus = order[(place + step + order.count) % order.count]
    }

    func context(for focus: Focus) -> PaneContext {
        PaneContext(
            snapshot: snapshot, theme: theme, selection: selection, isFocused: self.focus == focus,
            cellAspect: cellAspect)
    }
}
