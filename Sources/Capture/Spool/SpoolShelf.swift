import Glibc

/// What a run has left that did not end by itself.
package struct LeftSpool: Equatable, Sendable {
    /// Its folder.
    package var path: String
    /// When something was kept last, Unix seconds.
    package var ended: Int64
    package var octets: UInt64
    /// What was captured: interfaces, servers.
    package var sources: [String]
    package var files: Int

    package init(path: String, ended: Int64, octets: UInt64, sources: [String], files: Int) {
        self.path = path
        self.ended = ended
        self.octets = octets
        self.sources = sources
        self.files = files
    }
}

/// Where the spools of all runs are, those that go on and those that were left behind.
package struct SpoolShelf: Sendable {
    /// What is kept of runs that were cut off. The newest always is.
    package struct Bounds: Sendable {
        package var count: Int
        package var octets: UInt64

        /// Four of the usual size.
        package static let usual = Bounds(count: 10, octets: 4 * Spool.usualLimit)

        package init(count: Int, octets: UInt64) {
            self.count = count
            self.octets = octets
        }
    }

    package let path: String

    package init(path: String) { self.path = path }

    /// Those that nobody writes or looks at, the newest first. What is beyond the bounds is removed.
    package func left(_ bounds: Bounds = .usual) -> [LeftSpool] {
        inTurn {
            var left: [LeftSpool] = []
            for name in SpoolFolder.names(in: path) {
                let folder = "\(path)/\(name)"
                // Whoever has the lock is at work there.
                guard let lock = SpoolFolder.lock(folder) else { continue }
                withExtendedLifetime(lock) {
                    if let spool = LeftSpool(in: folder) { left.append(spool) } else { rmdir(folder) }
                }
            }
            left.sort { ($0.ended, $0.path) > ($1.ended, $1.path) }
            var octets: UInt64 = 0
            for (place, spool) in left.enumerated() {
                octets &+= spool.octets
                guard place > 0, place >= bounds.count || octets > bounds.octets else { continue }
                for rest in left[place...] { try? delete(rest) }
                return Array(left[..<place])
            }
            return left
        }
    }

    /// Opens what was left, and has it until that goes.
    package func open(_ left: LeftSpool) throws(CaptureError) -> RecoveredSpool {
        try RecoveredSpool(left, lock: lock(left))
    }

    /// Removes what was left.
    package func delete(_ left: LeftSpool) throws(CaptureError) {
        let lock = try lock(left)
        let code = withExtendedLifetime(lock) { SpoolFolder.remove(left.path) }
        if code != 0 { throw .system(file: left.path, "cannot be removed", code: code) }
    }

    private func lock(_ left: LeftSpool) throws(CaptureError) -> Descriptor {
        if let lock = SpoolFolder.lock(left.path) { return lock }
        if errno == EWOULDBLOCK { throw CaptureError(file: left.path, reason: "is open elsewhere") }
        throw .system(file: left.path, "cannot be opened", code: errno)
    }

    /// A fifth of a second, in pauses of so many microseconds: then it goes on although somebody else is at it, which at
    /// worst offers a run that has just begun.
    private static let patience = 100
    private static let pause: UInt32 = 2_000

    /// Does something while no other run makes or looks through folders.
    func inTurn<Value, Failure>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Closing gives the lock back.
        let lock = number < 0 ? nil : Descriptor(number)
        if lock != nil {
            for _ in 0..<Self.patience where flock(number, LOCK_EX | LOCK_NB) != 0 { usleep(Self.pause) }
        }
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }
}

extension LeftSpool {
    /// What is in a folder; nil where that is nothing.
    fileprivate init?(in folder: String) {
        self.init(path: folder, ended: 0, octets: 0, sources: [], files: 0)
        var latest: Substring?
        for name in SpoolFolder.names(in: folder) {
            var status = stat()
            guard let (source, _) = SpoolFolder.parts(of: name), lstat("\(folder)/\(name)", &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            files += 1
            octets &+= UInt64(clamping: status.st_size)
            ended = max(ended, Int64(status.st_mtim.tv_sec))
            // Names are in alphabetic order, so those of one source lie together.
            if source != latest { sources.append(RecoveredSpool.sourceName("\(folder)/\(name)") ?? String(source)) }
            latest = source
        }
        if files == 0 { return nil }
    }
}
