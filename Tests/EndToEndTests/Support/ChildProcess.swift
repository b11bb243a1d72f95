import Foundation
import Glibc

/// A command that could not be started.
struct SpawnError: Error {
    var code: Int32
}

/// A program that was started, with files as its standard streams.
///
/// Not Foundation's Process, which takes a command for running as long as anything that it started runs.
struct ChildProcess {
    let number: pid_t

    /// - Parameters:
    ///   - path: of the program.
    ///   - arguments: without the program's own name.
    init(_ path: String, _ arguments: [String], environment: [String: String], output: String, errors: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in ["/dev/null", output, errors].enumerated() {
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
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw SpawnError(code: code) }
        number = process
    }

    /// Waits for its end; returns its exit status, or 128 and the signal's number. To be asked once.
    func wait() throws -> Int32 {
        var status: Int32 = 0
        while waitpid(number, &status, 0) < 0 {
            guard errno == EINTR else { throw SpawnError(code: errno) }
        }
        return Self.status(status)
    }

    /// The same where it has ended already, else nil. Not to be asked again after that.
    func ended() throws -> Int32? {
        var status: Int32 = 0
        let result = waitpid(number, &status, WNOHANG)
        guard result >= 0 else { throw SpawnError(code: errno) }
        return result == 0 ? nil : Self.status(status)
    }

    private static func status(_ status: Int32) -> Int32 {
        status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }
}
