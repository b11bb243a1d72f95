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
        case streams, messages, tree, octets, map

        var scope: KeyBinding.Scope {
            switch self {
            case .streams: .streams
            case .messages: .messages
            case .tree: .tree
            case .octets: .octets
            case .map: .map
            }
        }

        var pane: PaneKind {
            switch self {
            case .streams: .streams
            case .messages, .tree, .octets: .messages
            case .map: .map
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
    var selection = Selection()
    var help: HelpOverlay?
    var isAskingToQuit = false
    var entry: Entry?
    var filterLine = LineEditor()
    var searchLine = LineEditor()
    /// The filter that is in force, as it was typed.
    package internal(set) var filterText = ""
    /// Said once at the bottom, until the next key.
    package var notice: String?
    var layout = Layout(size: .zero, focus: .messages, isZoomed: false)
    /// Where the clock is on its way to: several steps may be asked for before the engine has made one.
    var pendingCursor: Int?
    var lastLoading: Snapshot.Loading?

    package init(theme: Theme) { self.theme = theme }

    /// A filter from the command line, already in force.
    package mutating func begin(filter: String) {
        filterText = filter
        filterLine.set(filter)
        _ = filterLine.commit()
    }

    /// Takes a newer snapshot.
    package mutating func update(_ snapshot: Snapshot) {
        let hadSchemas = self.snapshot.whole.schemas.manifests.count
        self.snapshot = snapshot
        if pendingCursor == snapshot.cursor { pendingCursor = nil }
        if snapshot.whole.schemas.manifests.count != hadSchemas { messages.forget() }
        if lastLoading != snapshot.loading, snapshot.loading == .done || snapshot.loading == .stopped {
            messages.forget()
            if let problem = snapshot.problems.first {
                let rest = snapshot.problems.count - 1
                notice = problem + (rest > 0 ? " (and \(rest) more)" : "")
            } else if snapshot.loading == .stopped {
                notice = "Stopped reading: what was read until here is shown."
            }
        }
        lastLoading = snapshot.loading
        if player.isPlaying, snapshot.loading == .done, snapshot.time >= snapshot.lastTime { player.pause() }
    }

    /// Moves a playing clock on. `wall` is monotonic, nanoseconds.
    package mutating func tick(wall: Int64) -> [Effect] {
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
        if key == .control("c") { return interrupt() }
        if isAskingToQuit {
            isAskingToQuit = false
            return key == "q" || key == "y" || key == .enter ? [.quit] : []
        }
        if entry != nil { return edit(key) }
        guard let action = keys.action(for: key, in: focus.scope) else { return [] }
        if help != nil {
            if action == .back || action == .help || action == .quit { help = nil } else { help?.handle(action) }
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
        case .help: help = HelpOverlay()
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
        if focus == .tree || focus == .octets {
            focus = .messages
        } else if isZoomed {
            isZoomed = false
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

    // MARK: The clock

    /// Nil when the action is not about time.
    private mutating func moveClock(_ action: Action, wall: Int64) -> [Effect]? {
        switch action {
        case .playPause:
            if player.isPlaying {
                player.pause()
            } else {
                player.play(from: snapshot.isAtEnd ? snapshot.firstTime : snapshot.time, wall: wall)
                messages.follow()
                return tick(wall: wall)
            }
        case .faster: player.change(by: 1, wall: wall)
        case .slower: player.change(by: -1, wall: wall)
        case .stepBack: return step(by: -1)
        case .stepForward: return step(by: 1)
        case .seekBack: return jump(to: snapshot.time - 1_000_000_000, wall: wall)
        case .seekForward: return jump(to: snapshot.time + 1_000_000_000, wall: wall)
        case .toStart: return jump(to: snapshot.firstTime, wall: wall)
        case .toEnd:
            player.pause()
            messages.follow()
            return [.seek(.end)]
        default: return nil
        }
        return []
    }

    /// The clock to a capture time; a playing clock goes on playing from there.
    mutating func jump(to time: Int64, wall: Int64) -> [Effect] {
        if time >= snapshot.lastTime {
            player.pause()
            return [.seek(.end)]
        }
        let time = max(time, snapshot.firstTime)
        if player.isPlaying { player.play(from: time, wall: wall) }
        messages.follow()
        return [.seek(.time(time))]
    }

    /// One message on or back, of those that the filter lets through; the list goes along.
    private mutating func step(by step: Int) -> [Effect] {
        player.pause()
        guard snapshot.listCount > 0 else { return [] }
        let cursor = pendingCursor ?? snapshot.cursor
        let row = snapshot.row(of: max(0, cursor - 1))
        let target = max(0, min(row + (cursor == 0 && step > 0 ? 0 : step), snapshot.listCount - 1))
        let message = snapshot.listed(target)
        messages.select(message, in: snapshot)
        pendingCursor = message + 1
        return [.seek(.message(message + 1))]
    }

    // MARK: Panes

    private mutating func performInPane(_ action: Action) -> [Effect] {
        let context = context(for: focus)
        switch focus {
        case .streams:
            if action == .onlyThis { return filterBySelectedStream() }
            _ = streams.handle(action)
        case .messages:
            if action == .open { return openSelectedMessage() }
            if action == .onlyThis { return filterBySelectedMessage() }
            _ = messages.handle(action, snapshot)
        case .tree:
            if action == .onlyThis {
                if let filter = tree.filter { return apply(filter: filter) }
                notice = "This field has no value that a filter could compare."
                return []
            }
            if tree.handle(action) { showField() }
        case .octets:
            guard let shown = tree.map else { return [] }
            if octets.handle(action, count: shown.octets(of: octets.shownSource).count) { selectFieldOfOctet() }
        case .map:
            if action == .onlyThis { return filterBySelectedEntity() }
            take(map.handle(action, context))
        }
        return []
    }

    mutating func take(_ response: MapResponse) {
        if case .select(let entity) = response { selection.entity = entity }
    }

    mutating func showField() {
        if let shown = tree.map, shown.fields.indices.contains(tree.field) { octets.show(shown.fields[tree.field]) }
    }

    mutating func selectFieldOfOctet() {
        guard let shown = tree.map, let field = shown.innermostField(at: octets.cursor, in: octets.shownSource) else {
            return
        }
        tree.select(field: field)
    }

    private mutating func openSelectedMessage() -> [Effect] {
        guard let message = messages.selected(in: snapshot) else { return [] }
        messages.detach()
        player.pause()
        focus = .tree
        pendingCursor = message + 1
        return [.seek(.message(message + 1))]
    }

    private mutating func filterBySelectedMessage() -> [Effect] {
        if !filterText.isEmpty { return apply(filter: "") }
        guard let message = messages.selected(in: snapshot),
            let stream = snapshot.whole.stream(of: snapshot.index[message])
        else { return [] }
        let ends = snapshot.whole.endpoints(of: stream)
        var filter = "source == \"\(ends.source)\" && destination == \"\(ends.destination)\""
        if let id = stream.streamID { filter += " && stream == \(id)" }
        return apply(filter: filter)
    }

    private mutating func filterBySelectedStream() -> [Effect] {
        let model = snapshot.model
        switch streams.selectedRow {
        case .stream(let index)?:
            let ends = model.endpoints(of: model.streams[index])
            return apply(
                filter: "source == \"\(ends.source)\" && destination == \"\(ends.destination)\""
                    + " && stream == \(model.streams[index].streamID ?? 0)")
        case .session(let index)?:
            if let id = model.sessions[index].id { return apply(filter: "session == \"\(id)\"") }
            return apply(
                filter: "endpoint == \"\(model.sessions[index].client)\" && endpoint == \"\(model.sessions[index].server)\"")
        case nil: return []
        }
    }

    private mutating func filterBySelectedEntity() -> [Effect] {
        if !filterText.isEmpty { return apply(filter: "") }
        guard let entity = selection.entity else {
            notice = "Select an entity first: n goes to the next, a click picks."
            return []
        }
        return apply(filter: "entity == \"\(entity.id)\"")
    }

    func context(for focus: Focus) -> PaneContext {
        PaneContext(
            snapshot: snapshot, theme: theme, selection: selection, isFocused: self.focus == focus,
            cellAspect: cellAspect)
    }
}
