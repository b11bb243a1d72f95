import Foundation
import Glibc
import Testing

/// The program as it was built beside these tests, and the folder of its sources.
enum Program {
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    /// The folder where the build put the program: that of the test bundle.
    static let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().path

    static let path = "\(folder)/spatioscope"

    static func capture(_ name: String) -> String { "\(repository)/captures/\(name)" }
}

/// What a command left behind.
struct Outcome {
    /// The exit status; 128 and the signal's number where a signal ended it.
    var status: Int32
    var output: String
    var errors: String
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("spatioscope-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ content: Data? = nil) throws -> String {
        let path = "\(path)/\(name)"
        if let content { try content.write(to: URL(fileURLWithPath: path)) }
        return path
    }
}

/// Runs a line of shell in which `spatioscope` is the program, in the repository's folder, and waits for its end.
///
/// Not by Foundation's Process, which takes a command for running as long as anything that it started runs.
///
/// - Parameter patience: seconds after which everything that it started is killed and the test fails; generous, for
///   loaded machines.
@discardableResult
func shell(
    _ line: String, environment: [String: String] = [:], patience: Int = 120,
    location: SourceLocation = #_sourceLocation
) throws -> Outcome {
    let folder = try TemporaryFolder()
    // Files, because nobody has to empty them while the command runs.
    let output = try folder.file("out")
    let errors = try folder.file("err")
    var variables = ProcessInfo.processInfo.environment
    variables["PATH"] = Program.folder + ":" + (variables["PATH"] ?? "/usr/bin:/bin")
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables["LC_ALL"] = "C.UTF-8"
    // Neither the settings of whoever runs the tests nor what the program remembers for them.
    variables["XDG_CONFIG_HOME"] = "\(folder.path)/config"
    variables["XDG_STATE_HOME"] = "\(folder.path)/state"
    variables.merge(environment) { $1 }
    let arguments = ["timeout", "-s", "KILL", "\(patience)", "bash", "-c", "cd '\(Program.repository)'; \(line)"]
    let status = try spawn(
        "/usr/bin/timeout", arguments, variables.map { "\($0.key)=\($0.value)" },
        files: ["/dev/null", output, errors])
    if status == 128 + SIGKILL {
        Issue.record("still running after \(patience) s: \(line)", sourceLocation: location)
    }
    return Outcome(
        status: status, output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
}

/// A command that could not be started.
private struct SpawnError: Error {
    var code: Int32
}

/// Runs a program with three files as its standard streams; returns its exit status, or 128 and the signal's number.
private func spawn(_ path: String, _ arguments: [String], _ environment: [String], files: [String]) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, file) in files.enumerated() {
        let flags = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, Int32(number), file, flags, 0o600)
    }
    // This thread's signal mask would be the program's: with everything blocked it could not be interrupted.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words = arguments.map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for word in words + variables { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw SpawnError(code: code) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { throw SpawnError(code: errno) }
    }
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
}
