import Glibc

/// A program run to its end, and what it cost.
struct Run {
    /// Seconds of processor time, its own and the system's for it.
    let processorTime: Double
    /// The most memory that it had at a time, octets.
    let peakMemory: Double

    /// Runs a program with its output thrown away.
    init(_ arguments: [String]) throws(BenchError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        let process = try spawn(arguments, actions: &actions, attributes: nil)
        var status: Int32 = 0
        var usage = rusage()
        guard wait4(process, &status, 0, &usage) == process, status == 0 else {
            throw BenchError("\(arguments.joined(separator: " ")) ended with status \(status)")
        }
        let time = { (value: timeval) in Double(value.tv_sec) + Double(value.tv_usec) * 1e-6 }
        processorTime = time(usage.ru_utime) + time(usage.ru_stime)
        peakMemory = Double(usage.ru_maxrss) * 1024
    }
}

/// Starts a program.
///
/// - Parameter home: where it keeps its files; nil: nowhere.
func spawn(
    _ arguments: [String], home: String? = nil, actions: inout posix_spawn_file_actions_t,
    attributes: UnsafePointer<posix_spawnattr_t>?
) throws(BenchError) -> pid_t {
    var strings = copies(arguments)
    // The same terminal wherever this runs.
    let environment =
        ["TERM=xterm-256color", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"] + (home.map { ["HOME=\($0)"] } ?? [])
    var variables = copies(environment)
    defer { for string in strings + variables { free(string) } }
    var process: pid_t = 0
    let result = posix_spawn(&process, arguments[0], &actions, attributes, &strings, &variables)
    guard result == 0 else { throw BenchError("\(arguments[0]): \(String(cString: strerror(result)))") }
    return process
}

/// Strings as C takes a list of them, to be freed.
private func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var result: [UnsafeMutablePointer<CChar>?] = []
    for text in texts { result.append(strdup(text)) }
    return result + [nil]
}
