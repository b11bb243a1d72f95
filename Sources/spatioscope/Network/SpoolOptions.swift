import ArgumentParser
import Capture
import Glibc
import Inspection
import Panes
import Screen
import Settings

/// How much is kept of what is watched live.
struct SpoolOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Space in ~/.cache/spatioscope for the packets, to be shown again and written; the oldest make room.",
            valueName: "MiB"))
    var spool = Spool.usualLimit >> 20

    @Option(
        help: ArgumentHelp(
            "Messages in the index, 40 octets of memory each; the oldest make room.", valueName: "n"))
    var keepMessages = MessageBook.usualLimit

    private static let limits = Spool.leastLimit >> 20...1 << 20

    mutating func validate() throws {
        if !Self.limits.contains(spool) {
            throw ValidationError("--spool is \(Self.limits.lowerBound) to \(Self.limits.upperBound) MiB")
        }
        let messages = MessageBook.leastLimit...MessageBook.greatestLimit
        if !messages.contains(keepMessages) {
            throw ValidationError("--keep-messages is \(messages.lowerBound) to \(messages.upperBound)")
        }
    }

    /// A spool that outlives the program when that is cut off. To be made when every right has been given up.
    ///
    /// - Returns: also what there is to say: why it does not outlive it, or that others have.
    func make() -> (spool: Spool, notice: Notice?) {
        let limit = spool << 20
        do {
            guard let shelf = SpoolShelf.usual else { throw Failure("without a home there is no place for it") }
            try Files.makeFolder(shelf.path)
            let left = shelf.left()
            let folder = try SpoolFolder(in: shelf, at: Int64(time(nil)))
            return (Spool(in: folder, limit: limit), left.first.map { Notice(left: $0, count: left.count) })
        } catch {
            return (
                Spool(limit: limit), Notice(text: "Nothing would be left after a crash: \(error)", role: .warning)
            )
        }
    }

    /// Something to be said on the screen when it opens.
    struct Notice {
        var text: String
        var role: Role
    }
}

extension SpoolOptions.Notice {
    fileprivate init(left: LeftSpool, count: Int) {
        let age = StartPage.age(of: left.ended, now: Int64(time(nil)))
        let captures = count > 1 ? "\(count) captures were cut off, the last \(age)" : "A capture was cut off \(age)"
        self.init(text: "\(captures): spatioscope without a command opens \(count > 1 ? "them" : "it").", role: .note)
    }

    /// What was recovered.
    init(of spool: RecoveredSpool) {
        let torn = spool.torn > 0 ? "; of what was being written \(spool.torn) octets are no whole packet" : ""
        self.init(
            text: "Recovered: \(Format.bytes(spool.octets)) of packets\(torn). w writes them to a file of yours.",
            role: .note)
    }
}

extension SpoolShelf {
    /// The user's; nil without a home.
    static var usual: SpoolShelf? { UserFolders.cache.map { SpoolShelf(path: "\($0)/spool") } }
}
