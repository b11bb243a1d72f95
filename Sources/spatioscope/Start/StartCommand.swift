import ArgumentParser
import Capture
import Glibc
import Inspection
import Panes
import Screen
import Settings
import SpatioSession
import SpatioWire
import Terminal

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Choose what to watch on the screen; the same as no command at all.",
        shouldDisplay: false)

    @OptionGroup var settings: ConfigurationOptions
    @OptionGroup var look: LookOptions

    func run() throws {
        // Without a screen there is nothing to choose from: what else the program does is said instead.
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw WrongUse("a command is needed\n" + Spatioscope.helpMessage())
        }
        let mayCapture = NetworkInterface.mayCapture
        // What captures is another run of this program, with the rights of its own.
        try Privileges.rest()
        var file = try settings.load()
        let keys = KeyLog(of: &file)
        let schemas = ExtensionSchemas(of: &file)
        let look = try look.look(&file)
        let terminal = try look.openTerminal()
        defer { terminal.close() }
        var start = Start(terminal: terminal, look: look, settings: file, keys: keys, schemas: schemas)
        let end = start.run(mayCapture: mayCapture)
        terminal.close()
        switch end {
        case .quit(let problems): try say(problems, file, look)
        case .goOn(let arguments): throw OwnProgram.become(arguments + Self.given)
        }
    }

    /// The options of this run: what comes of it is to look the same.
    private static var given: [String] {
        let words = CommandLine.arguments.dropFirst()
        return Array(words.first == configuration.commandName ? words.dropFirst() : words)
    }
}

/// The start page, and what is opened from it.
private struct Start {
    enum End {
        /// With what could not be read, a sentence each.
        case quit([String])
        /// The program is to become another command of itself.
        case goOn([String])
    }

    let terminal: Terminal
    let look: Look
    let settings: ConfigurationFile
    let keys: KeyLog
    let schemas: ExtensionSchemas
    private var memory = Memory()
    private var surroundings = Surroundings()

    init(terminal: Terminal, look: Look, settings: ConfigurationFile, keys: KeyLog, schemas: ExtensionSchemas) {
        self.terminal = terminal
        self.look = look
        self.settings = settings
        self.keys = keys
        self.schemas = schemas
    }

    /// Runs until the user quits, here or in what was opened, or goes on to something else.
    mutating func run(mayCapture: Bool) -> End {
        defer { surroundings.stop() }
        var page = StartPage(
            theme: look.theme.degraded(to: terminal.depth), captures: memory.captures,
            typed: memory.lines.filter { $0.kind == .file }.map(\.text), keys: settings.configuration.keyTable,
            home: UserFolders.home, now: Int64(time(nil)))
        page.show(SpoolShelf.usual?.left() ?? [])
        if !mayCapture { page.captureAdvice = "No permission to capture: \(InterfaceOptions.grant) grants it." }
        let problems = settings.problems + look.problems
        if let problem = problems.first {
            page.say(problem + (problems.count > 1 ? " (and \(problems.count - 1) more)" : ""))
        }
        while true {
            terminal.present(page.draw(size: terminal.size, glyphs: terminal.glyphs).onPaper(of: page.theme))
            let events = terminal.poll(
                timeoutMilliseconds: surroundings.patience, orReadable: surroundings.descriptor)
            for event in events {
                for effect in page.handle(event) {
                    if let end = carryOut(effect, &page) { return end }
                }
            }
            surroundings.look(&page)
        }
    }

    private mutating func carryOut(_ effect: StartPage.Effect, _ page: inout StartPage) -> End? {
        switch effect {
        case .open(let path): return open(PathCompletion.expanded(path), &page)
        case .openUnfinished(let left): return open(left, &page)
        case .deleteUnfinished(let left): delete(left, &page)
        case .watch(let names): return .goOn(["live"] + names.map { "--interface=\($0)" })
        case .attach(let address): return .goOn(["attach", address])
        case .demo: return .goOn(["demo"])
        case .complete(let text): page.offer(PathCompletion.candidates(for: text))
        case .remember(let line): if let problem = memory.add(line) { page.say(problem) }
        case .redraw: terminal.redraw()
        case .quit: return .quit([])
        }
        return nil
    }

    /// Watches a capture until the user quits; nil when it cannot be opened, which the page then says.
    private mutating func open(_ path: String, _ page: inout StartPage) -> End? {
        do {
            let file = try OpenedFile(path)
            try file.recognize()
            // Root gives its rights up before more of the file is read. Without them the page cannot go on.
            let isLast = geteuid() == 0
            if isLast { try giveUp() }
            let source = try CaptureSource(opened: [.success(file)], keepsPackets: true)
            guard !source.files.isEmpty else {
                let problem = source.problems.first?.description ?? "\(path): not a capture"
                if isLast { return .quit([problem]) }
                page.say(problem)
                return nil
            }
            return .quit(try watch(source, Watcher(terminal: terminal, look: look, settings: settings)))
        } catch {
            page.say("\(error)")
            return nil
        }
    }

    /// The same of what was left of a run that was cut off.
    private mutating func open(_ left: LeftSpool, _ page: inout StartPage) -> End? {
        do {
            let spool = try SpoolShelf.usual?.open(left)
            guard let spool, !spool.sources.isEmpty else {
                page.say("There is no whole packet in it: x deletes it.")
                return nil
            }
            var watcher = Watcher(terminal: terminal, look: look, settings: settings)
            watcher.remembersCaptures = false
            watcher.notice = SpoolOptions.Notice(of: spool)
            return .quit(try watch(CaptureSource(spool), watcher))
        } catch {
            page.say("\(error)")
            return nil
        }
    }

    private func delete(_ left: LeftSpool, _ page: inout StartPage) {
        do throws(CaptureError) { try SpoolShelf.usual?.delete(left) } catch { page.say(error.description) }
        page.show(SpoolShelf.usual?.left() ?? [])
    }

    /// The files are open: neither what runs beside us nor what root may do is needed any more.
    private mutating func giveUp() throws {
        surroundings.stop()
        try Privileges.giveUpAny()
    }

    /// Returns what could not be read, a sentence each.
    private mutating func watch(_ source: sending CaptureSource, _ watcher: Watcher) throws -> [String] {
        var watcher = watcher
        try giveUp()
        return watcher.watch(
            source, ports: settings.configuration.allPorts, keyLog: keys, schemas: schemas,
            filter: settings.configuration.openingFilter)
    }
}
