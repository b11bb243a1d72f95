import Foundation
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
/// - Parameter patience: seconds after which it is killed and the test fails; generous, for loaded machines.
@discardableResult
func shell(
    _ line: String, environment: [String: String] = [:], patience: Double = 120,
    location: SourceLocation = #_sourceLocation
) throws -> Outcome {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = URL(fileURLWithPath: Program.repository)
    var variables = ProcessInfo.processInfo.environment
    variables["PATH"] = Program.folder + ":" + (variables["PATH"] ?? "/usr/bin:/bin")
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables["LC_ALL"] = "C.UTF-8"
    variables.merge(environment) { $1 }
    process.environment = variables
    // Files, because nobody has to empty them while the command runs.
    let output = try folder.file("out", Data())
    let errors = try folder.file("err", Data())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    if ended.wait(timeout: .now() + patience) == .timedOut {
        kill(process.processIdentifier, SIGKILL)
        Issue.record("still running after \(patience) s: \(line)", sourceLocation: location)
        ended.wait()
    }
    let isSignal = process.terminationReason == .uncaughtSignal
    return Outcome(
        status: process.terminationStatus + (isSignal ? 128 : 0),
        output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
}
