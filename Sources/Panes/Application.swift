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
        /// Something was typed and entered, and is to be recalled the next time.
        case remember(TypedLine)
        /// Writes messages to a file; how far it is comes back through `update`.
        case write(ExportOrder)
        case stopWriting
        /// Puts a text on the clipboard of the terminal.
        case copy(String)
        /// Other colours: a name, or the path of a file.
        case theme(String)
        /// Wants the paths that begin so, by ``offer(paths:)``.
        case complete(path: String)
        /// The configuration, read again.
        case reload
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

        /// What of a pane gets the keys first.
        init(_ pane: PaneKind) { self = Self.allCases.first { $0.pane == pane } ?? .messages }

        /// What has the keys of a scope; nil for what is everywhere.
        init?(_ scope: KeyBinding.Scope) {
            guard let focus = Self.allCases.first(where: { $0.scope == scope }) else { return nil }
            self = focus
        }
    }

    /// The line at the bottom when something is typed.
    enum Entry: Hashable, CaseIterable {
        case filter, search, command, seek
    }

    package var theme: Theme
    /// Names of the themes that there are.
    package var themes: [String] = []
    package var cellAspect = 2.0
    package var keys = KeyTable.standard
    package var desk = Desk()
    package internal(set) var snapshot = Snapshot()
    package internal(set) var focus = Focus.messages
    package internal(set) var player = Player()
    var timeline = TimelinePane()
    var streams = StreamsPane()
    var messages = MessageListPane()
    var tree = FieldTreePane()
    var octets = OctetsPane()
    var map = MapPane()
    var panes: [Focus: any InspectorPane] = [
        .state: StatePane(), .quality: QualityPane(), .peers: PeersPane(), .findings: FindingsPane(),
        .extensions: ExtensionsPane(),
    ]
    var selection = Selection()
    /// Name or id of a space that the map is to show once it is known.
    var wantedSpace: String?
    /// Rules whose findings count nowhere but in Findings.
    package var silenced: Set<FindingRule> = []
    /// Credentials and tokens are shown as they are.
    package var showsSecrets = false
    var overlay: TextOverlay?
    /// What lies over the panes, and the one that asked for what is being written.
    var sheet: Sheet?
    var exportSheet: ExportSheet?
    var isExporting = false
    /// The list has only the marked messages.
    var showsOnlyMarked = false
    var isAskingToQuit = false
    /// Arrows move the lines between panes.
    var isResizing = false
    var entry: Entry?
    package var filterLine = LineEditor()
    package var searchLine = LineEditor()
    package var commandLine = LineEditor()
    package var seekLine = LineEditor()
    /// The filter that is in force, as it was typed.
    package internal(set) var filterText = ""
    package var savedFilters = SavedFilters()
    var notice: Notice?
    /// What is wrong with the configuration or the theme, a sentence each.
    package var settingProblems: [String] = []
    /// The row that a search has come to; nil when none is going on.
    var searchedRow: Int?
    var isSearchingForward = true
    /// What the button that is held took hold of: the pointer may leave it and still drags it.
    var held: Held?
    /// The entity was chosen on the map, so that it stays selected while messages are looked at.
    var isEntityChosen = false
    /// The chosen entity whose stream Quality shows.
    var entityInQuality: SelectedEntity?
    /// Where and when a button was pressed last, for a double click.
    var lastPress: (point: Point, wall: Int64)?
    var layout = Layout()
    /// Where the clock is on its way to: several steps may be asked for before the engine has made one.
    var pendingCursor: Int?
    var lastLoading: Snapshot.Loading?
    /// The wall clock, nanoseconds since the Unix epoch; 0 before it was told.
    private(set) var now: Int64 = 0
    /// When the connections failed that the user has been told of.
    private var explainedFailures: [Int64] = []

    /// Said once at the bottom, until the next key.
    struct Notice: Equatable {
        var text: String
        var role = Role.warning
    }

    enum Held: Equatable {
        case timeline, map
        case pane(Focus)
        case line(Arrangement.Split)
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
        self.snapshot = picking(snapshot)
        self.snapshot.goOn(to: max(now, snapshot.now))
        explainConnection()
        if let cursor = pendingCursor, cursor == snapshot.cursor || cursor <= snapshot.index.start {
            pendingCursor = nil
        }
        if snapshot.whole.schemas.manifests.count != hadSchemas { messages.forget() }
        if lastLoading != snapshot.loading, snapshot.loading == .done || snapshot.loading == .stopped {
            messages.forget()
            tree.refresh()
            // What was said when the screen opened is new to whoever looks now.
            let words = closingWords
            if notice == nil || words?.role == .error { notice = words }
        }
        lastLoading = snapshot.loading
    }

    /// The wall clock goes on, nanoseconds since the Unix epoch: of what is live the end goes with it.
    package mutating func goOn(to now: Int64) {
        self.now = now
        snapshot.goOn(to: now)
    }

    /// Something is shown that happens now, so that time goes on also when nothing comes.
    package var isLive: Bool { snapshot.loading == .live }

    /// A connection that has failed for good is explained once, over everything else.
    private mutating func explainConnection() {
        let failures = snapshot.connections.compactMap { connection in
            connection.log.entries.last.flatMap { $0.state.isFailure ? (connection.name, $0) : nil }
        }
        let times = failures.map(\.1.time)
        defer { explainedFailures = times }
        guard times != explainedFailures, let (name, entry) = failures.last, overlay == nil, sheet == nil,
            self.entry == nil
        else { return }
        let words = entry.state.words(name, since: entry.time, now: snapshot.connectionTime)
        overlay = TextOverlay(
            title: "No connection",
            parts: [
                words.enumerated().map { place, text in
                    TextOverlay.Line(text: text, role: place == 0 ? .error : .text)
                }
            ])
    }

    /// What is said when reading ends: what was wrong; else, in one line, what is there and what to do with it.
    private var closingWords: Notice? {
        let problems = snapshot.problems + settingProblems
        if let problem = problems.first {
            let rest = problems.count - 1
            return Notice(text: problem + (rest > 0 ? " (and \(rest) more: ! shows them)" : ""), role: .error)
        }
        if snapshot.loading == .stopped {
            return Notice(text: "Stopped reading: what was read until here is shown.")
        }
        guard !snapshot.index.isEmpty else { return nil }
        let span = Format.si(Double(snapshot.lastTime - snapshot.firstTime) / 1e9, unit: "s")
        let isFine = snapshot.chronicle.findings.findings.isEmpty
        return Notice(
            text: "\(StatusLine.plural(snapshot.whole.sessions.count, "session")), \(span): ? explains, p plays, "
                + "Tab next pane, \(isFine ? "/ filters" : "e shows what is wrong")", role: .note)
    }

    /// Says something at the bottom until the next key.
    package mutating func say(_ text: String, _ role: Role = .warning) { notice = Notice(text: text, role: role) }

    /// Something goes on by itself, so that ticks are wanted at once.
    package var isSearching: Bool { searchedRow != nil }

    /// Moves a playing clock and a search on. `wall` is monotonic, nanoseconds.
    package mutating func tick(wall: Int64) -> [Effect] {
        goOnSearching()
        return play(wall: wall)
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
        if entry != nil { return edit(key, wall: wall) }
        if sheet != nil { return handleInSheet(key) }
        if isResizing, resize(key) { return [] }
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
        if isExporting { return [.stopWriting] }
        if case .reading = snapshot.loading { return [.stopLoading] }
        return [.quit]
    }

    mutating func perform(_ action: Action, wall: Int64) -> [Effect] {
        switch action {
        case .help: overlay = .help(focus.scope, words: helpWords(for: focus), keys: keys)
        case .problems: overlay = .problems(snapshot, settingProblems)
        case .quit: isAskingToQuit = true
        case .interrupt: return interrupt()
        case .redraw: return [.redraw]
        case .reload: return [.reload]
        case .filter: begin(.filter)
        case .search: begin(.search)
        case .command: begin(.command)
        case .seek: begin(.seek)
        case .onlySpace: return filterBySpace()
        case .searchNext where focus == .messages: find(forward: true)
        case .searchPrevious where focus == .messages: find(forward: false)
        case .back: return back()
        default:
            if arrange(action) { return [] }
            return moveClock(action, wall: wall) ?? performWithMessages(action) ?? performInPane(action)
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
        } else if showsOnlyMarked {
            return performWithMessages(.onlyMarked) ?? []
        } else if desk.isZoomed {
            desk.isZoomed = false
        } else if focus == .map, isEntityChosen {
            isEntityChosen = false
            selection.entity = nil
        } else if !filterText.isEmpty {
            return apply(filter: "")
        }
        return []
    }

    func context(for focus: Focus) -> PaneContext {
        var context = PaneContext(
            snapshot: snapshot, theme: theme, selection: selection, isFocused: self.focus == focus,
            cellAspect: cellAspect)
        context.silenced = silenced
        context.showsSecrets = showsSecrets
        return context
    }
}
