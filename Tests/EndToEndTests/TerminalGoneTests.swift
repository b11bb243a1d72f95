import Foundation
import Testing

/// A terminal that goes away under a screen: a window that is closed, a connection that is cut, or one that hangs.
@Suite(.serialized)
struct TerminalGoneTests {
    /// Runs a command on a terminal of its own until it has drawn something, lets happen what is asked for, and prints after
    /// how many seconds the command has ended, or `never`.
    private static let script = """
        import os, pty, select, signal, sys, time
        how, command = sys.argv[1], sys.argv[2:]
        child, terminal = pty.fork()
        if child == 0: os.execvp(command[0], command)
        def read(seconds):
            if select.select([terminal], [], [], seconds)[0]:
                try: return os.read(terminal, 65536)
                except OSError: pass
            return b''
        seen = b''
        while b'spatioscope' not in seen: seen += read(40) or sys.exit('nothing was drawn')
        if how == 'hang':
            # Until nothing is written any more: the terminal is full.
            os.set_blocking(terminal, False)
            while open(f'/proc/{child}/wchan').read() not in ('wait_woken', 'n_tty_write'): time.sleep(0.01)
        start = time.monotonic()
        if how == 'close': os.close(terminal)
        else: os.kill(child, signal.SIGHUP if how == 'SIGHUP' else signal.SIGTERM)
        while not os.waitpid(child, os.WNOHANG)[0]:
            if time.monotonic() - start > 30:
                os.kill(child, signal.SIGKILL)
                sys.exit('never')
            if how in ('SIGHUP', 'SIGTERM'): read(0.01)
            else: time.sleep(0.01)
        print(time.monotonic() - start)
        """

    private func seconds(_ how: String, _ command: String) throws -> Double {
        let folder = try TemporaryFolder()
        let script = try folder.file("gone.py", Data(Self.script.utf8))
        let outcome = try shell(
            "python3 '\(script)' \(how) spatioscope \(command)", environment: ["TERM": "xterm-256color"])
        #expect(outcome.errors.isEmpty)
        return try #require(Double(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// A second, and what a loaded machine adds to it.
    private static let patience = 4.0

    @Test(arguments: ["close", "SIGHUP", "SIGTERM"])
    func `A screen ends at once with its terminal, whatever it shows`(how: String) throws {
        let server = try ServingProgram(["--demo"])
        for command in ["demo", "attach \(server.address)", "open captures/lossy.pcapng"] {
            #expect(try seconds(how, command) < Self.patience, "\(command)")
        }
        if mayCapture { #expect(try seconds(how, "live -i lo") < Self.patience) }
    }
    @Test func `A terminal that takes nothing any more keeps nobody from ending the program`() throws {
        #expect(try seconds("hang", "demo") < Self.patience)
    }
}
