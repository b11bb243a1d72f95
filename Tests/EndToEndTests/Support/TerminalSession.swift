import Foundation
import Testing

/// A shell in a real terminal, which tmux is: keys go in, the screen is read.
final class TerminalSession: Sendable {
    private let folder: TemporaryFolder
    /// Generous, for loaded machines.
    private static let patience = 40.0
    /// Microseconds between two looks at the screen.
    private static let pause: UInt32 = 40_000
    static let prompt = "ready>"

    /// Starts a shell that knows the program, in the repository's folder, and waits for its prompt.
    init(_ width: Int = 80, _ height: Int = 24, environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        // Neither the settings of whoever runs the tests nor what the program remembers for them.
        let homes = [
            "XDG_CONFIG_HOME": "\(folder.path)/config", "XDG_STATE_HOME": "\(folder.path)/state",
            "XDG_CACHE_HOME": "\(folder.path)/cache",
        ]
        var variables = homes.merging(environment) { $1 }.map { "\($0.key)='\($0.value)'" }
        variables += ["PATH='\(Program.folder)':$PATH", "PS1='\(Self.prompt)'", "SWIFT_BACKTRACE=enable=no"]
        // A test runner without a terminal asks its children for no colours.
        if environment["LC_ALL"] == nil { variables.append("LC_ALL=C.UTF-8") }
        let command =
            "cd '\(Program.repository)'; exec env -u NO_COLOR \(variables.joined(separator: " ")) bash --norc --noprofile"
        try tmux("new-session", "-d", "-x", "\(width)", "-y", "\(height)", command)
        wait(Self.prompt)
    }

    deinit { _ = try? tmux("kill-server") }

    @discardableResult
    private func tmux(_ arguments: String...) throws -> String {
        let quoted = arguments.map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }
        return try shell("tmux -u -S '\(folder.path)/socket' -f /dev/null \(quoted.joined(separator: " "))").output
    }

    /// What stands on the screen, a line each.
    var screen: String { (try? tmux("capture-pane", "-p")) ?? "" }

    /// The same with the escape sequences of its colours.
    var coloured: String { (try? tmux("capture-pane", "-p", "-e")) ?? "" }

    /// Presses keys, by tmux's names: `Enter`, `C-c`, `Tab`, or characters.
    func press(_ keys: String...) throws { for key in keys { try tmux("send-keys", key) } }

    /// Types characters as they are.
    func type(_ text: String) throws { try tmux("send-keys", "-l", text) }

    /// Types a line and ends it.
    func run(_ line: String) throws {
        try type(line)
        try press("Enter")
    }

    func resize(_ width: Int, _ height: Int) throws { try tmux("resize-window", "-x", "\(width)", "-y", "\(height)") }

    /// Waits until the screen satisfies a condition; returns it as it then is.
    @discardableResult
    func wait(
        _ what: Comment, location: SourceLocation = #_sourceLocation, until condition: (String) -> Bool
    ) -> String {
        let deadline = Date() + Self.patience
        while true {
            let screen = screen
            if condition(screen) { return screen }
            if Date() > deadline {
                Issue.record("\(what); the screen:\n\(screen)", sourceLocation: location)
                return screen
            }
            usleep(Self.pause)
        }
    }

    /// Waits for a text on the screen.
    @discardableResult
    func wait(_ text: String, location: SourceLocation = #_sourceLocation) -> String {
        wait("\"\(text)\" did not come", location: location) { $0.contains(text) }
    }

    /// Waits until the shell has its terminal back: its prompt is the last thing on the screen.
    @discardableResult
    func waitForPrompt(location: SourceLocation = #_sourceLocation) -> String {
        wait("the shell did not come back", location: location) {
            $0.split(separator: "\n").last?.hasPrefix(Self.prompt) == true
        }
    }

    /// The exit status of the last command.
    func status(location: SourceLocation = #_sourceLocation) throws -> Int? {
        try run("s=$?; clear; echo status=$s=")
        let screen = wait("no status", location: location) { $0.contains("status=") && !$0.contains("status=$") }
        return screen.split(separator: "=").dropFirst().first.flatMap { Int($0) }
    }

    /// The settings of the terminal.
    func settings() throws -> String {
        let path = try folder.file("settings")
        try run("clear; stty -a > '\(path)'; echo don''e")
        wait("done")
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}
