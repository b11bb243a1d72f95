import ArgumentParser
import Capture
import Glibc
import Inspection
import Panes
import Settings
import SpatioSession
import SpatioWire

/// Which captures, and what of them.
struct CaptureOptions: ParsableArguments {
    @Argument(help: "Captures (pcap or pcapng; plain, gzip, lz4 or zstd), merged by time; - is standard input.")
    var files: [String] = []

    @Option(help: ArgumentHelp("Only messages of this space.", valueName: "name|uuid"))
    var space: String?

    @OptionGroup var reading: ReadingOptions

    mutating func validate() throws {
        if files.isEmpty { throw ValidationError("a capture is needed: a file, or - for standard input") }
    }

    /// Opens the captures, and gives up every right that the program has before an octet of them is read: who has written
    /// them is not known. To be called first of all; what else is read is read as the user whom we are from then on.
    func open() throws -> [Result<OpenedFile, CaptureError>] {
        let opened = CaptureSource.open(files)
        try Privileges.giveUpAny()
        return opened
    }

    /// The one filter that `--space`, `--stream` and `--filter` amount to; nil where none is given.
    func combinedFilter(_ saved: SavedFilters) throws -> Filter? { try reading.combinedFilter(saved, space: space) }
}

/// What every command that reads a source takes.
struct ReadingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only messages of this stream.", valueName: "id"))
    var stream: UInt32?

    @Option(help: ArgumentHelp("Only messages that this expression matches.", valueName: "expression"))
    var filter: String?

    @Option(help: ArgumentHelp("Secrets of sealed sessions, as SPATIO_KEYLOG writes them.", valueName: "file"))
    var keylog: String?

    @Option(
        help: ArgumentHelp("Extensions with their fields, as a TOML file; see the README.", valueName: "file"))
    var extensions: String?

    @Option(help: ArgumentHelp("Another port that carries Spatio, besides 7728; may be repeated.", valueName: "n"))
    var port: [UInt16] = []

    @Option(
        help: ArgumentHelp("Only packets that this BPF expression matches, as for tcpdump.", valueName: "expression"))
    var bpf: String?

    @OptionGroup var settings: ConfigurationOptions

    mutating func validate() throws {
        if port.contains(0) { throw ValidationError("--port is 1 to 65535") }
    }

    func ports(_ configuration: Configuration) -> Set<UInt16> { configuration.allPorts.union(port) }

    /// The key log; what is wrong in it is said on standard error. One that only the configuration names, and that cannot
    /// be read, is a problem of that.
    func keys(_ file: inout ConfigurationFile) throws -> KeyLog {
        if let keylog { return try KeyLog(reading: keylog) }
        return KeyLog(of: &file)
    }

    /// The extensions that the user knows of. Files that only the configuration names, and that are wrong, are problems of
    /// that.
    func schemas(_ file: inout ConfigurationFile) throws -> ExtensionSchemas {
        if let extensions { return try ExtensionFile.load([extensions]) }
        return ExtensionSchemas(of: &file)
    }

    func source(
        opened: [Result<OpenedFile, CaptureError>] = [], feeds: [LiveFeed] = [], keepsPackets: Bool,
        spool: Spool = Spool()
    ) throws -> CaptureSource {
        // What interfaces bring, the kernel has filtered; a server that is joined beside them is not what was meant.
        let isFiltered = opened.isEmpty && feeds.contains { $0.interface != nil }
        do throws(CaptureError) {
            return try CaptureSource(
                opened: opened, feeds: feeds, expression: isFiltered ? nil : bpf, keepsPackets: keepsPackets,
                spool: spool)
        } catch {
            throw WrongUse(error.description)
        }
    }

    /// The one filter that `--stream`, `--filter` and a space amount to; nil where none is given.
    func combinedFilter(_ saved: SavedFilters, space: String? = nil) throws -> Filter? {
        var parts: [String] = []
        if let space { parts.append("space == \"\(space.filter { $0 != "\"" && $0 != "\\" })\"") }
        if let stream { parts.append("stream == \(stream)") }
        if let filter {
            let text: String
            do throws(CommandError) {
                text = try saved.resolve(filter)
            } catch {
                throw WrongUse("--filter: \(error.message)")
            }
            do throws(FilterError) {
                _ = try Filter(parsing: text)
            } catch {
                throw WrongUse("--filter: \(error.message)\n\(error.pointer(in: text))")
            }
            parts.append("(\(text))")
        }
        guard !parts.isEmpty else { return nil }
        return try Filter(parsing: parts.joined(separator: " && "))
    }
}

extension KeyLog {
    /// Reads a file; what is wrong in it is said on standard error.
    init(reading path: String) throws {
        self.init(parsing: try readFile(path, limit: Self.sizeLimit))
        for problem in problems { StandardError.print("spatioscope: \(path): \(problem)") }
    }

    /// The one that a configuration names; empty where it names none. One that cannot be read is a problem of the
    /// configuration.
    init(of file: inout ConfigurationFile) {
        do {
            self = try file.configuration.keyLog.map { try KeyLog(reading: $0) } ?? KeyLog()
        } catch {
            file.add(problem: "\(error)", with: "keylog")
            self.init()
        }
    }

    /// 100,000 lines of some 130 octets.
    private static let sizeLimit = 16 << 20
}

extension Configuration {
    /// Those that carry Spatio.
    var allPorts: Set<UInt16> { Set([7728] + ports) }
}

extension ConfigurationFile {
    /// Says what is wrong with it where there is no screen to say it on.
    func sayProblems() {
        for problem in problems { StandardError.print("spatioscope: \(problem)") }
    }
}

/// A whole file in memory.
func readFile(_ path: String, limit: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var octets: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw Failure("\(path): \(String(cString: strerror(errno)))") }
        if count == 0 { return octets }
        octets.append(contentsOf: chunk[..<count])
        guard octets.count <= limit else { throw Failure("\(path): over \(limit) octets") }
    }
}

/// An argument that cannot be meant: one sentence, exit status 2.
struct WrongUse: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// Something that could not be read or done: one sentence, exit status 1.
struct Failure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
