import Glibc

/// This program as one that is run again.
enum OwnProgram {
    /// Nil where its file is not there any more.
    static var path: String? {
        guard let path = realpath(link, nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    private static let link = "/proc/self/exe"

    /// Becomes another command of this program, with the rights of its file and this environment; returns only when that
    /// cannot be.
    static func become(_ arguments: [String]) -> Failure {
        withArguments(arguments) { pointers in _ = execv(path ?? link, pointers) }
        return Failure("spatioscope cannot be run again: \(String(cString: strerror(errno)))")
    }

    /// Runs another command of this program beside this one, with nothing to read.
    ///
    /// - Parameter output: takes what it says, also what goes wrong.
    /// - Returns: its number.
    static func start(_ arguments: [String], output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        var number: pid_t = 0
        let code = withArguments(arguments) { posix_spawn(&number, path ?? link, &actions, nil, $0, environ) }
        guard code == 0 else { throw Failure("spatioscope \(arguments[0]): \(String(cString: strerror(code)))") }
        return number
    }

    private static func withArguments<Result>(
        _ arguments: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let words = [CommandLine.arguments.first ?? "spatioscope"] + arguments
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            guard let first = buffer.baseAddress else { preconditionFailure("a list that ends with nil is not empty") }
            return body(first)
        }
    }
}
