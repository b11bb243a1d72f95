import Foundation
import Glibc
import Testing

/// A program that runs beside its test until it ends, or until the test is over.
final class RunningProgram {
    private let folder: TemporaryFolder
    private let process: ChildProcess
    private let line: String
    private var status: Int32?

    /// Generous, for loaded machines.
    private static let patience = 40.0
    /// Microseconds between two looks.
    private static let pause: UInt32 = 10_000

    /// Starts spatioscope, or another program by its path.
    init(_ arguments: [String], path: String = Program.path, environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        line = arguments.joined(separator: " ")
        process = try ChildProcess(
            path, arguments, environment: Program.environment(folder, environment),
            output: "\(folder.path)/out", errors: "\(folder.path)/err")
    }

    deinit {
        guard status == nil else { return }
        kill(process.number, SIGKILL)
        _ = try? process.wait()
    }

    /// What it has said until now.
    var output: String { text("out") }
    var errors: String { text("err") }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data(), as: UTF8.self)
    }

    /// Its lines of JSON on standard output; the last may not be whole yet.
    var objects: [[String: Any]] { jsonLines(output) }

    func signal(_ number: Int32) { if status == nil { kill(process.number, number) } }

    /// Waits until what it has said satisfies a condition.
    func wait(
        _ what: String, location: SourceLocation = #_sourceLocation, until condition: (RunningProgram) -> Bool
    ) throws {
        let deadline = Date() + Self.patience
        while !condition(self) {
            if status == nil { status = try process.ended() }
            if (status != nil && !condition(self)) || Date() > deadline {
                let state = status.map { "ended with \($0)" } ?? "still running"
                Issue.record("\(what): \(line), \(state): \(errors)", sourceLocation: location)
                throw Missing(what: what)
            }
            usleep(Self.pause)
        }
    }

    /// What a test waited for in vain: it cannot go on.
    struct Missing: Error { var what: String }

    /// Waits for words on standard error.
    func wait(for words: String, location: SourceLocation = #_sourceLocation) throws {
        try wait("\"\(words)\" was not said", location: location) { $0.errors.contains(words) }
    }

    /// Its exit status, or 128 and the number of the signal that ended it; killed after a while.
    func end(by number: Int32? = nil, location: SourceLocation = #_sourceLocation) throws -> Int32 {
        if let number { signal(number) }
        let deadline = Date() + Self.patience
        while status == nil {
            status = try process.ended()
            guard status == nil else { break }
            if Date() > deadline {
                Issue.record("still running: \(line): \(errors)", sourceLocation: location)
                signal(SIGKILL)
                status = try process.wait()
            }
            usleep(Self.pause)
        }
        return status ?? -1
    }
}

/// The objects of a text with one on each line.
func jsonLines(_ text: String) -> [[String: Any]] {
    text.split(separator: "\n").compactMap {
        (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
    }
}

/// `spatioscope serve` on a free port of the loopback interface, ready for clients.
final class ServingProgram {
    let program: RunningProgram
    let port: Int

    /// - Parameters:
    ///   - arguments: behind `serve --bind 127.0.0.1 --port PORT`.
    ///   - port: 0: any.
    init(_ arguments: [String] = [], port: Int = 0, environment: [String: String] = [:]) throws {
        program = try RunningProgram(
            ["serve", "--bind", "127.0.0.1", "--port", "\(port)"] + arguments, environment: environment)
        try program.wait(for: "listening")
        let address = try #require(program.errors.firstMatch(of: /127\.0\.0\.1:(\d+)/))
        self.port = try #require(Int(address.1))
    }

    /// Serves what a file of TOML says.
    convenience init(toml: String, in folder: TemporaryFolder, environment: [String: String] = [:]) throws {
        try self.init([folder.file("server.toml", Data(toml.utf8))], environment: environment)
    }

    var address: String { "127.0.0.1:\(port)" }
}
