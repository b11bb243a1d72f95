import CNcurses
import Glibc
import Screen

/// The terminal as a screen and a keyboard, through ncurses.
///
/// For the main thread alone, and one at a time: ncurses keeps its state in globals. From other threads only
/// ``Waker/wake()`` is allowed. The terminal is given back as it was on every way out: ``close()``, `exit`, a signal that
/// the program answers by closing, a crash.
package final class Terminal {
    /// The size of the screen in cells.
    package private(set) var size: Size
    /// How many colours to use: themes should be degraded to it. What is drawn in other colours gets the nearest.
    package let depth: ColorDepth
    /// What can be drawn: buffers should be made with it.
    package let glyphs: GlyphSet
    /// Height over width of a cell, where the terminal tells its size in pixels.
    package private(set) var cellAspect: Double?
    package let waker: Waker

    private let input: Int32
    private let output: Int32
    private let inputFile: UnsafeMutablePointer<FILE>
    private let outputFile: UnsafeMutablePointer<FILE>
    private let screen: OpaquePointer
    private let hasMouse: Bool
    private var painter: CellPainter
    private var mouse = MouseTranslation()
    private var spans: [ChangedSpan] = []
    /// What the terminal shows; nil if that is not known.
    private var shown: Buffer?
    private var isOpen = true

    /// How long ncurses waits after ESC for the rest of a key's sequence: longer than one packet of a slow line takes to
    /// arrive whole, shorter than a person notices.
    private static let escapeDelayMilliseconds: Int32 = 25

    /// Takes the terminal that the program was started from, also where standard input or output are something else.
    /// - Parameter glyphs: to draw with, instead of what the locale and the terminal's type suggest
    package init(
        colors preference: ColorPreference = .automatic, glyphs wanted: GlyphSet? = nil
    ) throws(TerminalError) {
        let type = Self.environment("TERM") ?? ""
        guard !type.isEmpty else { throw .noTerminalType }
        setlocale(LC_ALL, "")
        if wanted != nil, wanted != .ascii, !Self.isUTF8 {
            // Asked for by name: the locale is wrong about the terminal.
            setlocale(LC_CTYPE, "C.UTF-8")
        }
        (input, output) = try Self.openTerminal()
        waker = try Waker()
        guard SignalWatch.start(terminal: output, pipe: waker.writeEnd) else { throw .notATerminal }
        guard let inputFile = fdopen(input, "r"), let outputFile = fdopen(output, "w"),
            let screen = newterm(nil, outputFile, inputFile)
        else {
            SignalWatch.stop()
            throw .unknownTerminalType(type)
        }
        self.inputFile = inputFile
        self.outputFile = outputFile
        self.screen = screen
        set_term(screen)
        guard cn_capability("cup") != nil else {
            endwin()
            SignalWatch.stop()
            throw .cannotMoveCursor(type)
        }

        // Every key is a key, Ctrl-C and Ctrl-Z too.
        raw()
        noecho()
        nonl()
        keypad(cn_screen(), true)
        for (sequence, code) in KeyTranslation.commonSequences { define_key(sequence, code) }
        nodelay(cn_screen(), true)
        curs_set(0)
        set_escdelay(Self.escapeDelayMilliseconds)
        // Presses and releases as they come: clicks are made of them elsewhere.
        mouseinterval(0)
        hasMouse = mousemask(cn_mouse_all(), nil) != 0 && cn_capability("kmous") != nil

        let colorCount = has_colors() && start_color() == OK ? Int(cn_colors()) : 0
        let capabilities = Capabilities(
            colors: colorCount, preference: preference, noColor: Self.environment("NO_COLOR"), terminalType: type,
            wantedGlyphs: wanted, isUTF8: Self.isUTF8, knowsBraille: wcwidth(0x28FF) == 1)
        depth = capabilities.depth
        glyphs = capabilities.glyphs
        painter = CellPainter(
            colors: capabilities.depth == .none ? 0 : colorCount, hasDefaultColors: use_default_colors() == OK,
            isUTF8: Self.isUTF8)
        size = .zero
        measure()
        SignalWatch.setFarewell(Self.farewell(hasMouse: hasMouse))
        reportDrags()
    }

    deinit { close() }

    /// Gives the terminal back as it was. Nothing happens the second time.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        leave()
        SignalWatch.stop()
        delscreen(screen)
        fclose(inputFile)
        fclose(outputFile)
    }

    // MARK: Drawing

    /// Shows a buffer: sends what differs from the one before, and nothing if nothing does. What lies outside of the
    /// screen is left out.
    package func present(_ buffer: Buffer) {
        guard isOpen else { return }
        if let shown, shown.size == buffer.size {
            buffer.changes(since: shown, into: &spans)
        } else {
            werase(cn_screen())
            buffer.changes(since: Buffer(size: .zero), into: &spans)
        }
        shown = buffer
        guard !spans.isEmpty else { return }
        for span in spans where span.row < size.height {
            let columns = span.columns.clamped(to: 0..<size.width)
            guard !columns.isEmpty else { continue }
            painter.prepare(buffer, row: span.row, columns: columns)
            mvwadd_wchnstr(
                cn_screen(), Int32(span.row), Int32(columns.lowerBound), painter.row, Int32(painter.row.count))
        }
        update()
    }

    /// Sends everything again: for Ctrl-L, when something else has written to the terminal.
    package func redraw() {
        guard isOpen else { return }
        clearok(cn_screen(), true)
        update()
    }

    /// Puts a text on the clipboard of the terminal, where it takes one (OSC 52). Nobody is told whether it did.
    package func copy(_ text: String) {
        guard isOpen else { return }
        let isInsideTmux = Self.environment("TMUX").map { !$0.isEmpty } ?? false
        send(ClipboardSequence.octets(copying: text, isInsideTmux: isInsideTmux))
    }

    private func update() {
        wnoutrefresh(cn_screen())
        doupdate()
    }

    // MARK: Events

    /// Waits for events until one comes or the time is over; a negative time is for ever. Several that came together are
    /// returned together, oldest first. Ctrl-Z and SIGTSTP stop the program here, and it goes on here.
    /// - Parameter descriptor: what comes there is an event, too: ``Screen/Event/wake``
    package func poll(timeoutMilliseconds: Int32, orReadable descriptor: Int32? = nil) -> [Event] {
        guard isOpen else { return [.hangup] }
        var events: [Event] = []
        readInput(into: &events)
        var waiting = [
            pollfd(fd: input, events: Int16(POLLIN), revents: 0),
            pollfd(fd: waker.readEnd, events: Int16(POLLIN), revents: 0),
            // Nothing is waited for where it is negative.
            pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        guard Glibc.poll(&waiting, nfds_t(waiting.count), events.isEmpty ? timeoutMilliseconds : 0) > 0 else {
            return events
        }
        if waiting[0].revents & Int16(POLLIN) != 0 { readInput(into: &events) }
        if waiting[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { events.append(.hangup) }
        if waiting[1].revents != 0 { readWaker(into: &events) }
        if waiting[2].revents != 0, !events.contains(.wake) { events.append(.wake) }
        return events
    }

    private func readInput(into events: inout [Event]) {
        var code: wint_t = 0
        while true {
            let kind = wget_wch(cn_screen(), &code)
            guard kind != ERR else { return }
            if kind == OK, code == Self.controlZ {
                suspend(into: &events)
            } else if kind == OK {
                if let key = KeyTranslation.key(character: code) { events.append(.key(key)) }
            } else if code == wint_t(KEY_MOUSE) {
                readMouse(into: &events)
            } else if let key = KeyTranslation.key(code: Int32(bitPattern: code)) {
                events.append(.key(key))
            }
        }
    }

    private static let controlZ: wint_t = 26

    private func readMouse(into events: inout [Event]) {
        var report = MEVENT()
        while getmouse(&report) == OK {
            let point = Point(x: Int(report.x), y: Int(report.y))
            events += mouse.events(state: report.bstate, at: point).map(Event.mouse)
        }
    }

    private func readWaker(into events: inout [Event]) {
        for octet in waker.drain() {
            switch Int32(octet) {
            case 0: events.append(.wake)
            case SIGWINCH: resize(into: &events)
            case SIGHUP: events.append(.hangup)
            case SIGTSTP: suspend(into: &events)
            case SIGCONT:
                // Stopped without being asked (SIGSTOP): the shell had the terminal in between.
                leave()
                enter(into: &events)
            default: events.append(.terminate(signal: Int32(octet)))
            }
        }
    }

    // MARK: Coming and going

    private func suspend(into events: inout [Event]) {
        leave()
        SignalWatch.stopJob()
        enter(into: &events)
        // SIGCONT has just been answered.
        for octet in waker.drain() where Int32(octet) != SIGCONT {
            waker.put(octet)
        }
    }

    private func leave() {
        if hasMouse { send(Self.dragsOff) }
        endwin()
    }

    /// Back on the screen, which may have another size by now and shows something else.
    private func enter(into events: inout [Event]) {
        reset_prog_mode()
        redraw()
        reportDrags()
        resize(into: &events)
    }

    private func resize(into events: inout [Event]) {
        let before = size
        measure()
        guard size != before else { return }
        shown = nil
        clearok(cn_screen(), true)
        events.append(.resize(size))
    }

    /// Asks the terminal for its size; ncurses would believe LINES and COLUMNS of the environment.
    private func measure() {
        var window = winsize()
        if ioctl(output, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 {
            resize_term(Int32(window.ws_row), Int32(window.ws_col))
            if window.ws_xpixel > 0, window.ws_ypixel > 0 {
                let width = Double(window.ws_xpixel) / Double(window.ws_col)
                cellAspect = Double(window.ws_ypixel) / Double(window.ws_row) / width
            }
        }
        size = Size(width: Int(getmaxx(cn_screen())), height: Int(getmaxy(cn_screen())))
    }

    // MARK: Pieces

    /// ncurses asks for presses and releases only; this adds movements with a button held (xterm's mode 1002).
    private func reportDrags() {
        if hasMouse { send(Self.dragsOn) }
    }

    private static let dragsOn = "\u{1B}[?1002h"
    private static let dragsOff = "\u{1B}[?1002l"

    private func send(_ text: String) { send(Array(text.utf8)) }

    private func send(_ octets: [UInt8]) {
        var done = 0
        while done < octets.count {
            let count = octets.withUnsafeBytes { write(output, $0.baseAddress.map { $0 + done }, octets.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            done += count
        }
    }

    /// What leaves the screen without ncurses.
    private static func farewell(hasMouse: Bool) -> String {
        let names: [String] = ["sgr0", "rmkx", "cnorm", "rmcup"]
        let capabilities = names.compactMap { name in cn_capability(name).map { String(cString: $0) } }
        let mouseOff = hasMouse ? "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l" : ""
        return mouseOff + capabilities.map(withoutPadding).joined()
    }

    /// A capability without its delays (`$<5>`), which only terminals of the seventies need.
    static func withoutPadding(_ capability: String) -> String {
        var text = ""
        var rest = capability[...]
        while let start = rest.firstIndex(of: "$") {
            let after = rest.index(after: start)
            guard after < rest.endIndex, rest[after] == "<", let end = rest[after...].firstIndex(of: ">") else { break }
            text += rest[..<start]
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }

    /// The terminal to read from and to write to.
    private static func openTerminal() throws(TerminalError) -> (input: Int32, output: Int32) {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        if terminal >= 0 { return (terminal, fcntl(terminal, F_DUPFD_CLOEXEC, 0)) }
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .notATerminal }
        return (fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0), fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0))
    }

    private static var isUTF8: Bool {
        String(cString: cn_codeset()) == "UTF-8"
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
