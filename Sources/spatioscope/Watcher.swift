import Capture
import Glibc
import Inspection
import Panes
import Screen
import Settings
import SpatioSession
import SpatioWire
import Terminal

/// Joins the terminal, the screen's state machine and the engine: the loop of every command that shows traffic.
struct Watcher {
    private let terminal: Terminal
    private var look: Look
    private var settings: ConfigurationFile
    private var memory = Memory()
    /// False: what is opened is nothing that could be opened again.
    var remembersCaptures = true
    /// Said when the screen opens, until the next key.
    var notice: SpoolOptions.Notice?
    /// Messages of what is live that are kept.
    var indexLimit = MessageBook.usualLimit
    /// It ended because the terminal went away or the program was asked to end, and not because the user quit.
    private(set) var isCutOff = false

    init(terminal: Terminal, look: Look, settings: ConfigurationFile) {
        self.terminal = terminal
        self.look = look
        self.settings = settings
    }

    /// Runs until the user quits. Returns what could not be read, a sentence each.
    mutating func watch(
        _ source: sending CaptureSource, ports: Set<UInt16>, keyLog: KeyLog, schemas: ExtensionSchemas,
        filter: Filter?
    ) -> [String] {
        var application = makeApplication()
        let inspector = Inspector()
        let exporter = Exporter()
        if let filter {
            application.begin(filter: filter.text)
            inspector.setFilter(filter)
        }
        if let notice { application.say(notice.text, notice.role) }
        let waker = terminal.waker
        present(&application)
        nonisolated(unsafe) let opened = source
        inspector.start(
            ports: ports, keyLog: keyLog, schemas: schemas, indexLimit: indexLimit, open: { opened },
            changed: { waker.wake() })
        loop(inspector, exporter, &application)
        exporter.close()
        inspector.close()
        return inspector.snapshot.problems
    }

    private func makeApplication() -> Application {
        let configuration = settings.configuration
        var application = Application(theme: look.theme)
        apply(to: &application)
        application.setZone(Self.zone)
        application.adopt(configuration.preferences)
        application.recall(memory.lines)
        return application
    }

    /// What can change while something is watched.
    private func apply(to application: inout Application) {
        application.theme = look.theme.degraded(to: terminal.depth)
        application.show(look.rules)
        application.silenced = settings.configuration.silenced
        application.themes = ThemeLibrary().names
        application.showsSecrets = look.options.showSecrets
        application.cellAspect = look.cellAspect ?? terminal.cellAspect ?? application.cellAspect
        application.keys = settings.configuration.keyTable.withoutStart
        application.savedFilters = settings.configuration.savedFilters
        application.settingProblems = settings.problems + look.problems
    }

    /// Reads the configuration again. While it is wrong, the last one that was right stays.
    private mutating func reload(_ application: inout Application) {
        var file = settings.reread()
        do {
            let look = try look.options.look(&file)
            if let problem = (file.problems + look.problems).first {
                application.settingProblems = file.problems + look.problems
                return application.say("Not taken: \(problem)")
            }
            self.look = look
            settings = file
            apply(to: &application)
            application.say("The configuration is read again.", .note)
        } catch {
            application.say("Not taken: \(error)")
        }
    }

    private func setTheme(_ name: String, of application: inout Application) {
        do throws(ThemeLibrary.Failure) {
            let loaded = try ThemeLibrary().load(PathCompletion.expanded(name))
            if let problem = loaded.problems.first { application.say(problem) }
            application.theme = loaded.theme.degraded(to: terminal.depth)
            application.show(loaded.rules)
        } catch {
            application.say(error.description)
        }
    }

    private mutating func loop(_ inspector: Inspector, _ exporter: Exporter, _ application: inout Application) {
        var pace = FramePace()
        var lastExport: ExportState?
        while true {
            let events = terminal.poll(
                timeoutMilliseconds: application.isSearching ? 0 : timeout(pace, application))
            if application.isLive {
                application.goOn(to: SystemClock.wall)
                pace.goOn(to: SystemClock.monotonic)
            }
            for event in events {
                switch event {
                case .hangup, .terminate: isCutOff = true
                default: break
                }
                if event == .wake {
                    update(&application, inspector.snapshot)
                    let export = exporter.state
                    if export != lastExport, let export { application.update(export) }
                    lastExport = export
                    pace.change()
                } else {
                    pace.ask()
                }
                for effect in application.handle(event, wall: SystemClock.monotonic) {
                    if !perform(effect, inspector, exporter, &application) { return }
                }
            }
            if application.isSearching { pace.change() }
            if application.player.isPlaying || application.isSearching {
                for effect in application.tick(wall: SystemClock.monotonic) {
                    _ = perform(effect, inspector, exporter, &application)
                }
            }
            guard pace.isDue(at: SystemClock.monotonic) else { continue }
            present(&application)
            pace.show(at: SystemClock.monotonic)
        }
    }

    private func present(_ application: inout Application) {
        terminal.present(
            application.draw(size: terminal.size, glyphs: terminal.glyphs).onPaper(of: application.theme))
    }

    private mutating func update(_ application: inout Application, _ snapshot: Snapshot) {
        let wasReading = application.snapshot.isReading
        application.update(snapshot)
        guard wasReading, !snapshot.isReading, remembersCaptures else { return }
        for capture in RecentCapture.captures(of: snapshot, now: Int64(time(nil))) {
            say(memory.add(capture), on: &application)
        }
    }

    /// Milliseconds until something is due without an event; -1: nothing is.
    private func timeout(_ pace: FramePace, _ application: borrowing Application) -> Int32 {
        guard let due = pace.next(isMoving: application.player.isPlaying, isLive: application.isLive) else { return -1 }
        return Int32(clamping: max(0, (due - SystemClock.monotonic + 999_999) / 1_000_000))
    }

    /// False when the program is to end.
    private mutating func perform(
        _ effect: Application.Effect, _ inspector: Inspector, _ exporter: Exporter, _ application: inout Application
    ) -> Bool {
        switch effect {
        case .seek(let target): inspector.seek(target)
        case .filter(let text): inspector.setFilter(text.flatMap { try? Filter(parsing: $0) })
        case .stopLoading: inspector.stopLoading()
        case .remember(let line): say(memory.add(line), on: &application)
        case .write(var order):
            order.path = PathCompletion.expanded(order.path)
            let waker = terminal.waker
            exporter.start(order, inspector.snapshot) { waker.wake() }
        case .stopWriting: exporter.cancel()
        case .copy(let text): terminal.copy(text)
        case .theme(let name): setTheme(name, of: &application)
        case .complete(let path): application.offer(paths: PathCompletion.candidates(for: path))
        case .reload: reload(&application)
        case .redraw: terminal.redraw()
        case .quit: return false
        }
        return true
    }

    private func say(_ problem: String?, on application: inout Application) {
        if let problem { application.say(problem) }
    }

    /// Seconds that local time is ahead of UTC at a time of Unix seconds.
    @Sendable private static func zone(_ time: Int64) -> Int64 {
        var seconds = time_t(time)
        var local = tm()
        return localtime_r(&seconds, &local) == nil ? 0 : Int64(local.tm_gmtoff)
    }

}

extension Snapshot {
    fileprivate var isReading: Bool { if case .reading = loading { true } else { false } }
}

extension Buffer {
    /// With the paper that a theme brings along.
    func onPaper(of theme: Theme) -> Buffer {
        var buffer = self
        buffer.replaceStandardColors(with: theme[.text])
        return buffer
    }
}

extension RecentCapture {
    /// The files that a snapshot is of; what is in them is known where it is one, and read to its end.
    fileprivate static func captures(of snapshot: Snapshot, now: Int64) -> [RecentCapture] {
        let isKnown = snapshot.sources.count == 1 && snapshot.loading == .done
        return snapshot.sources.compactMap { name in
            guard let path = realpath(name, nil) else { return nil }
            defer { free(path) }
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            return RecentCapture(
                path: String(cString: path), opened: now, octets: UInt64(clamping: status.st_size),
                messages: isKnown ? snapshot.index.count : nil, sessions: isKnown ? snapshot.whole.sessions.count : nil,
                spaces: isKnown ? snapshot.whole.spaces.count : nil)
        }
    }
}
