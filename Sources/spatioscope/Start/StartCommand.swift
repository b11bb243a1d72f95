import ArgumentParser
import Capture
import Glibc
import Inspection
import Panes
import Screen
import Settings
import Simulation
import SpatioSession
import SpatioWire
import Terminal

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Choose a capture on the screen; the same as no command at all.",
        shouldDisplay: false)

    @OptionGroup var settings: ConfigurationOptions
    @OptionGroup var look: LookOptions

    func run() throws {
        // Without a screen there is nothing to choose from: what else the program does is said instead.
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw WrongUse("a command is needed\n" + Spatioscope.helpMessage())
        }
        var file = try settings.load()
        let keys = KeyLog(of: &file)
        let schemas = ExtensionSchemas(of: &file)
        let look = try look.look(&file)
        let terminal = try look.openTerminal()
        defer { terminal.close() }
        var start = Start(terminal: terminal, look: look, settings: file, keys: keys, schemas: schemas)
        let problems = start.run()
        terminal.close()
        try say(problems, file, look)
    }
}

/// The start page, and what is opened from it.
private struct Start {
    let terminal: Terminal
    let look: Look
    let settings: ConfigurationFile
    let keys: KeyLog
    let schemas: ExtensionSchemas
    private var memory = Memory()

    init(terminal: Terminal, look: Look, settings: ConfigurationFile, keys: KeyLog, schemas: ExtensionSchemas) {
        self.terminal = terminal
        self.look = look
        self.settings = settings
        self.keys = keys
        self.schemas = schemas
    }

    /// Runs until the user quits, here or in what was opened. Returns what could not be read, a sentence each.
    mutating func run() -> [String] {
        var page = StartPage(
            theme: look.theme.degraded(to: terminal.depth), captures: memory.captures,
            typed: memory.lines.filter { $0.kind == .file }.map(\.text), keys: settings.configuration.keyTable,
            home: UserFolders.home, now: Int64(time(nil)))
        let problems = settings.problems + look.problems
        if let problem = problems.first {
            page.say(problem + (problems.count > 1 ? " (and \(problems.count - 1) more)" : ""))
        }
        while true {
            terminal.present(page.draw(size: terminal.size, glyphs: terminal.glyphs).onPaper(of: page.theme))
            for event in terminal.poll(timeoutMilliseconds: -1) {
                for effect in page.handle(event) {
                    switch effect {
                    case .open(let path):
                        if let problems = open(PathCompletion.expanded(path), &page) { return problems }
                    case .simulate: if let problems = simulate(&page) { return problems }
                    case .complete(let text): page.offer(PathCompletion.candidates(for: text))
                    case .remember(let line): if let problem = memory.add(line) { page.say(problem) }
                    case .redraw: terminal.redraw()
                    case .quit: return []
                    }
                }
            }
        }
    }

    /// Watches a capture until the user quits; nil when it cannot be opened, which the page then says.
    private func open(_ path: String, _ page: inout StartPage, isPassing: Bool = false) -> [String]? {
        do throws(CaptureError) {
            let source = try CaptureSource(paths: [path], keepsPackets: true)
            guard !source.files.isEmpty else {
                page.say(source.problems.first?.description ?? "\(path): not a capture")
                return nil
            }
            var watcher = Watcher(terminal: terminal, look: look, settings: settings)
            watcher.remembersCaptures = !isPassing
            return watcher.watch(
                source, ports: settings.configuration.allPorts, keyLog: keys, schemas: schemas,
                filter: settings.configuration.openingFilter)
        } catch {
            page.say(error.description)
            return nil
        }
    }

    /// Simulates a space into a file that goes when the user has seen it.
    private func simulate(_ page: inout StartPage) -> [String]? {
        let folder = UserFolders.environment("TMPDIR") ?? "/tmp"
        var template = Array("\(folder)/spatioscope-XXXXXX.pcapng".utf8CString)
        let descriptor = mkstemps(&template, 7)
        guard descriptor >= 0 else {
            page.say("\(folder): \(String(cString: strerror(errno)))")
            return nil
        }
        close(descriptor)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { unlink(path) }
        do throws(SimulationError) {
            _ = try Simulation.simulate(.plaza, to: path)
        } catch {
            page.say(error.description)
            return nil
        }
        return open(path, &page, isPassing: true)
    }
}
