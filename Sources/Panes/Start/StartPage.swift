import Capture
import Inspection
import Screen

/// The screen of a program that was started without saying what to watch: what there is to watch here and now, and what
/// was opened before. A state machine like ``Application``: events and news in, a buffer and effects out.
package struct StartPage {
    /// What the outside has to do.
    package enum Effect: Equatable, Sendable {
        case open(path: String)
        /// Opens what was left of a run that was cut off.
        case openUnfinished(LeftSpool)
        case deleteUnfinished(LeftSpool)
        /// A path was typed, and is to be recalled the next time.
        case remember(TypedLine)
        /// Watches interfaces, all at once.
        case watch([String])
        /// Joins a server as an observer.
        case attach(String)
        case demo
        /// Wants paths that begin so, by ``offer(_:)``.
        case complete(String)
        case redraw
        case quit
    }

    /// What is known of the servers.
    package enum Listening: Equatable, Sendable {
        /// It has begun just now: who is there has had no time to say so.
        case starting
        case running
        case impossible(reason: String)
    }

    package var theme: Theme
    let captures: [RecentCapture]
    private(set) var unfinished: [LeftSpool] = []
    private(set) var interfaces: [StartInterface] = []
    private(set) var servers: [NearbyServer] = []
    package var listening = Listening.starting
    /// Where this user may not capture: what to do about it, in one sentence.
    package var captureAdvice: String?
    /// Unix seconds, for ages.
    package var now: Int64
    let table: KeyTable
    /// For paths, which begin with `~` there.
    let home: String?
    /// What has the keys.
    var section: StartSection
    var lists: [StartSection: ListState] = [:]
    /// Interfaces that are watched together.
    private(set) var marked: Set<String> = []
    private(set) var line = LineEditor()
    private(set) var isTyping = false
    private(set) var isAskingToQuit = false
    /// Whether this is to be deleted is asked.
    private(set) var deleting: LeftSpool?
    var overlay: TextOverlay?
    private(set) var notice: (text: String, role: Role)?
    /// Where the rows of the lists are on the screen.
    var rows: [StartSection: Rect] = [:]

    /// - Parameters:
    ///   - captures: the newest first
    ///   - typed: files that were typed, the oldest first
    ///   - now: Unix seconds
    package init(
        theme: Theme, captures: [RecentCapture], typed: [String] = [], keys: KeyTable = .complete, home: String? = nil,
        now: Int64
    ) {
        self.theme = theme
        self.captures = captures
        table = keys
        self.home = home
        self.now = now
        line = LineEditor(history: typed)
        section = captures.isEmpty ? .interfaces : .captures
    }

    // MARK: News

    /// Which interfaces there are. What is selected and marked stays so, wherever it stands now.
    package mutating func show(_ interfaces: [StartInterface]) {
        let selected = self.interfaces[safely: list(.interfaces).selected]?.name
        self.interfaces = interfaces
        marked.formIntersection(interfaces.map(\.name))
        select(interfaces.firstIndex { $0.name == selected }, in: .interfaces)
    }

    /// Which servers announce themselves. What is selected stays so, wherever it stands now.
    package mutating func show(_ servers: [NearbyServer]) {
        let selected = self.servers[safely: list(.servers).selected]?.id
        self.servers = servers
        select(servers.firstIndex { $0.id == selected }, in: .servers)
    }

    /// What was left of runs that were cut off, the newest first.
    package mutating func show(_ unfinished: [LeftSpool]) {
        if self.unfinished.isEmpty, !unfinished.isEmpty { section = .unfinished }
        self.unfinished = unfinished
        if unfinished.isEmpty, section == .unfinished { section = captures.isEmpty ? .interfaces : .captures }
    }

    private mutating func select(_ row: Int?, in section: StartSection) {
        if let row { lists[section, default: ListState()].selected = row }
        if count(section) == 0, section == self.section, section == .servers { self.section = .interfaces }
    }

    /// Says something at the bottom until the next key.
    package mutating func say(_ text: String, _ role: Role = .error) { notice = (text, role) }

    /// Paths for what is typed: it is completed as far as all of them agree, and they are listed.
    package mutating func offer(_ paths: [String]) {
        guard isTyping else { return }
        guard let first = paths.first else { return say("No file begins so.", .hint) }
        let common = paths.dropFirst().reduce(first) { known, path in
            String(zip(known, path).prefix { $0 == $1 }.map(\.0))
        }
        if common.count > line.text.count { line.set(common) }
        guard paths.count > 1 else { return }
        say(paths.map { Self.name(ofPath: $0) }.joined(separator: "  "), .hint)
    }

    // MARK: Sections

    func list(_ section: StartSection) -> ListState { lists[section] ?? ListState() }

    func count(_ section: StartSection) -> Int {
        switch section {
        case .interfaces: interfaces.count
        case .servers: servers.count
        case .unfinished: unfinished.count
        case .captures: captures.count
        case .demo: 1
        }
    }

    /// Those that have something to select.
    private var sections: [StartSection] { StartSection.allCases.filter { count($0) > 0 } }

    /// Goes to the next section or the one before.
    private mutating func step(by step: Int, wraps: Bool) -> Bool {
        let all = sections
        // Of a section that has become empty, to the first that has not.
        guard let place = all.firstIndex(of: section) else {
            section = all.first ?? .demo
            return true
        }
        let next = place + step
        guard wraps || all.indices.contains(next) else { return false }
        section = all[(next + all.count) % all.count]
        return true
    }

    /// Moves within the section, and beyond its ends into the next one.
    private mutating func move(_ action: Action) -> Bool {
        let count = count(section)
        let selected = list(section).selected
        if action == .up, selected == 0 || count == 0 {
            if step(by: -1, wraps: false) { lists[section, default: ListState()].selected = self.count(section) - 1 }
            return true
        }
        if action == .down, selected >= count - 1 {
            if step(by: 1, wraps: false) { lists[section, default: ListState()].selected = 0 }
            return true
        }
        return lists[section, default: ListState()].move(action, count: count, height: rows[section]?.height ?? 1)
    }

    // MARK: Events

    package mutating func handle(_ event: Event) -> [Effect] {
        switch event {
        case .key(let key): return handle(key)
        case .mouse(let mouse): return handle(mouse)
        case .hangup, .terminate: return [.quit]
        case .resize, .wake: return []
        }
    }

    private mutating func handle(_ key: Key) -> [Effect] {
        notice = nil
        if key == .control("c") { return [.quit] }
        if isAskingToQuit {
            isAskingToQuit = false
            return key == "q" || key == "y" || key == .enter ? [.quit] : []
        }
        if let left = deleting {
            deleting = nil
            return key == "y" ? [.deleteUnfinished(left)] : []
        }
        if isTyping { return type(key) }
        let action = table.action(for: key, in: .start)
        if overlay != nil {
            switch action {
            case .back, .help, .quit: overlay = nil
            case let action?: overlay?.handle(action)
            case nil: break
            }
            return []
        }
        guard let action, let effects = perform(action) else {
            say("\(key.name) does nothing here; ? lists the keys.", .hint)
            return []
        }
        return effects
    }

    /// Nil: the action means nothing here.
    private mutating func perform(_ action: Action) -> [Effect]? {
        switch action {
        case .open: return openSelected()
        case .openFile:
            line.set("")
            isTyping = true
        case .startDemo: return [.demo]
        case .deleteUnfinished:
            guard section == .unfinished, let left = unfinished[safely: list(.unfinished).selected] else { return nil }
            deleting = left
        case .mark:
            guard section == .interfaces, let interface = interfaces[safely: list(.interfaces).selected] else {
                return nil
            }
            mark(interface.name)
        case .nextPane: _ = step(by: 1, wraps: true)
        case .previousPane: _ = step(by: -1, wraps: true)
        case .help: overlay = TextOverlay(title: "Help: Start", parts: [helpLines])
        case .redraw: return [.redraw]
        case .quit: isAskingToQuit = true
        case .interrupt: return [.quit]
        case .back: break
        default: return move(action) ? [] : nil
        }
        return []
    }

    /// `any` stands for all: it goes with no other, or everything would be seen twice.
    private mutating func mark(_ name: String) {
        if marked.remove(name) != nil { return }
        if name == InterfaceTraffic.everywhere {
            marked = [name]
        } else {
            marked.remove(InterfaceTraffic.everywhere)
            marked.insert(name)
        }
    }

    private mutating func openSelected() -> [Effect] {
        let row = list(section).selected
        switch section {
        case .interfaces: return watch(row)
        case .servers: return servers[safely: row].map { [.attach($0.address)] } ?? []
        case .unfinished: return unfinished[safely: row].map { [.openUnfinished($0)] } ?? []
        case .captures: return open(row)
        case .demo: return [.demo]
        }
    }

    private mutating func watch(_ row: Int) -> [Effect] {
        let chosen =
            marked.isEmpty ? interfaces[safely: row].map { [$0] } ?? [] : interfaces.filter { marked.contains($0.name) }
        guard !chosen.isEmpty else {
            say("Nothing is known of this machine's interfaces yet.", .hint)
            return []
        }
        if let captureAdvice {
            say(captureAdvice)
            return []
        }
        if let down = chosen.first(where: { $0.state == .down }) {
            say("\(down.name) is switched off: sudo ip link set \(down.name) up")
            return []
        }
        return [.watch(chosen.map(\.name))]
    }

    private mutating func open(_ row: Int) -> [Effect] {
        guard let capture = captures[safely: row] else { return [] }
        guard capture.isThere else {
            say("\(shown(capture.path)) is not there any more.")
            return []
        }
        return [.open(path: capture.path)]
    }

    private mutating func type(_ key: Key) -> [Effect] {
        switch key {
        case .escape: isTyping = false
        case .tab: return line.text.isEmpty ? [] : [.complete(line.text)]
        case .enter:
            isTyping = false
            let text = line.commit()
            return text.isEmpty ? [] : [.remember(TypedLine(kind: .file, text: text)), .open(path: text)]
        default: line.edit(key)
        }
        return []
    }

    private mutating func handle(_ mouse: MouseEvent) -> [Effect] {
        guard overlay == nil, !isTyping, let (place, area) = rows.first(where: { $0.value.contains(mouse.point) })
        else { return [] }
        var list = list(place)
        switch mouse.kind {
        case .wheelUp: list.scroll(by: -3, count: count(place), height: area.height)
        case .wheelDown: list.scroll(by: 3, count: count(place), height: area.height)
        case .press:
            let row = list.top + mouse.point.y - area.y
            guard row < count(place) else { return [] }
            notice = nil
            if place == section, row == list.selected { return openSelected() }
            section = place
            list.selected = row
        case .release, .drag: break
        }
        lists[place] = list
        return []
    }
}

extension Array {
    /// Nil where there is no such place.
    fileprivate subscript(safely place: Int) -> Element? { indices.contains(place) ? self[place] : nil }
}
