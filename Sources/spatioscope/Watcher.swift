import Dispatch
import Glibc
import Inspection
import Panes
import Screen
import SpatioSession
import Terminal

/// Joins the terminal, the screen's state machine and the engine: the loop of every command with a screen.
struct Watcher {
    /// At most 30 frames a second: more is not seen and costs an ssh line.
    private static let frameInterval: Int64 = 33_000_000

    let theme: Theme
    /// Credentials and tokens are shown as they are.
    let showsSecrets: Bool

    /// Runs until the user quits. Returns what could not be read, a sentence each.
    func watch(
        _ source: sending CaptureSource, ports: Set<UInt16>, keyLog: KeyLog, filter: Filter?, colors: ColorPreference,
        glyphs: GlyphSet?
    ) throws -> [String] {
        let terminal: Terminal
        do {
            terminal = try Terminal(colors: colors, glyphs: glyphs)
        } catch {
            throw Failure("\(error); dump and stats work without a screen")
        }
        defer { terminal.close() }
        var application = Application(theme: theme.degraded(to: terminal.depth))
        application.cellAspect = terminal.cellAspect ?? application.cellAspect
        application.showsSecrets = showsSecrets
        let inspector = Inspector()
        if let filter {
            application.begin(filter: filter.text)
            inspector.setFilter(filter)
        }
        let waker = terminal.waker
        terminal.present(application.draw(size: terminal.size, glyphs: terminal.glyphs))
        nonisolated(unsafe) let opened = source
        inspector.start(ports: ports, keyLog: keyLog, open: { opened }, changed: { waker.wake() })
        loop(terminal, inspector, &application)
        inspector.close()
        return inspector.snapshot.problems
    }

    private func loop(_ terminal: Terminal, _ inspector: Inspector, _ application: inout Application) {
        var lastFrame: Int64 = 0
        var isDirty = true
        while true {
            let wait =
                application.isSearching
                ? 0 : timeout(isDirty: isDirty, isPlaying: application.player.isPlaying, since: lastFrame)
            for event in terminal.poll(timeoutMilliseconds: wait) {
                if event == .wake { application.update(inspector.snapshot) }
                for effect in application.handle(event, wall: Self.now()) {
                    if !perform(effect, terminal, inspector, &application) { return }
                }
                isDirty = true
            }
            if application.isSearching { isDirty = true }
            if application.player.isPlaying || application.isSearching {
                for effect in application.tick(wall: Self.now()) {
                    _ = perform(effect, terminal, inspector, &application)
                }
            }
            guard isDirty, Self.now() - lastFrame >= Self.frameInterval else { continue }
            terminal.present(application.draw(size: terminal.size, glyphs: terminal.glyphs))
            lastFrame = Self.now()
            isDirty = false
        }
    }

    /// Milliseconds until something is due without an event; -1: nothing is.
    private func timeout(isDirty: Bool, isPlaying: Bool, since lastFrame: Int64) -> Int32 {
        guard isDirty || isPlaying else { return -1 }
        let due = lastFrame + Self.frameInterval - Self.now()
        return Int32(clamping: max(0, (due + 999_999) / 1_000_000))
    }

    /// False when the program is to end.
    private func perform(
        _ effect: Application.Effect, _ terminal: Terminal, _ inspector: Inspector, _ application: inout Application
    ) -> Bool {
        switch effect {
        case .seek(let target): inspector.seek(target)
        case .filter(let text): inspector.setFilter(text.flatMap { try? Filter(parsing: $0) })
        case .stopLoading: inspector.stopLoading()
        case .redraw: terminal.redraw()
        case .quit: return false
        }
        return true
    }

    /// Monotonic, nanoseconds.
    private static func now() -> Int64 { Int64(clamping: DispatchTime.now().uptimeNanoseconds) }
}
