import Glibc

/// Why there is no screen.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
    case notATerminal
    case noTerminalType
    case unknownTerminalType(String)
    /// The description of the terminal lacks cursor addressing: `dumb`, a printer.
    case cannotMoveCursor(String)
    case system(call: String, errno: Int32)

    package var description: String {
        switch self {
        case .notATerminal:
            "there is no terminal to draw on; dump, stats and record need none"
        case .noTerminalType:
            "TERM is not set, so it is not known how to draw on this terminal"
        case .unknownTerminalType(let name):
            "this machine has no description of the terminal \"\(name)\" (TERM); try TERM=xterm-256color"
        case .cannotMoveCursor(let name):
            "the terminal \"\(name)\" (TERM) cannot move its cursor; dump, stats and record need no such terminal"
        case .system(let call, let code):
            "\(call): \(String(cString: strerror(code)))"
        }
    }
}
