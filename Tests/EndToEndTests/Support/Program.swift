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

    /// The variables that a command of a test sees: neither the settings of whoever runs the tests nor what the program
    /// remembers for them.
    static func environment(_ folder: TemporaryFolder, _ more: [String: String]) -> [String: String] {
        var variables = ProcessInfo.processInfo.environment
        variables["PATH"] = Self.folder + ":" + (variables["PATH"] ?? "/usr/bin:/bin")
        variables["SWIFT_BACKTRACE"] = "enable=no"
        variables["LC_ALL"] = "C.UTF-8"
        variables["XDG_CONFIG_HOME"] = "\(folder.path)/config"
        variables["XDG_STATE_HOME"] = "\(folder.path)/state"
        variables["XDG_CACHE_HOME"] = "\(folder.path)/cache"
        for name in ["SPATIO_TOKEN", "SPATIO_KEYLOG"] { variables[name] = nil }
        return variables.merging(more) { $1 }
    }
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
    let arguments = ["-s", "KILL", "\(patience)", "bash", "-c", "cd '\(Program.repository)'; \(line)"]
    let process = try ChildProcess(
        "/usr/bin/timeout", arguments, environment: Program.environment(folder, environment), output: output,
        errors: errors)
    let status = try process.wait()
    if status == 128 + SIGKILL {
        Issue.record("still running after \(patience) s: \(line)", sourceLocation: location)
    }
    return Outcome(
        status: status, output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
}
