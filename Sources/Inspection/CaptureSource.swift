import Capture

/// Packets of some capture files in the order of their times, and behind them what live feeds bring; filtered by a BPF
/// expression. What cannot be read is remembered as a problem, and the rest goes on.
package final class CaptureSource {
    /// What went wrong with files and filters, in order.
    private var readingProblems: [CaptureError] = []
    /// In the order of the numbers that packets carry: the files, then the feeds.
    package let files: [CaptureFile]
    package let feeds: [LiveFeed]

    /// Names of hosts, as far as the files have told them; of several names for one address the first.
    private var hosts: [IPAddress: String] = [:]
    /// Names of each file that are in it.
    private var namedHosts: [Int] = []
    private var merged: MergedCapture
    private var live: LiveMerge
    /// How many of `files` are no feeds.
    private let fileCount: Int
    /// The files have been read to their end.
    private var areFilesRead = false
    private let expression: String?
    /// By link type; nil where the expression does not fit it.
    private var filters: [LinkType: PacketFilter?] = [:]
    /// Keeps what the feeds bring.
    private let spool: Spool?
    /// Whose files these are, where they were left behind.
    private let recovered: RecoveredSpool?
    /// Of `recovered`.
    private let recoveredFlows: OwnFlows?

    /// Opens files, and reads nothing of them.
    ///
    /// - Parameter paths: files, or `-` for standard input.
    package static func open(_ paths: [String]) -> [Result<OpenedFile, CaptureError>] {
        paths.enumerated().map { place, path in
            Result { () throws(CaptureError) in
                guard place < fileLimit else { throw tooMany(path) }
                return try OpenedFile(path)
            }
        }
    }

    private static func tooMany(_ path: String) -> CaptureError {
        CaptureError(file: path, reason: "not read: at most \(fileLimit) files at a time")
    }

    package convenience init(
        paths: [String], feeds: [LiveFeed] = [], expression: String? = nil, keepsPackets: Bool, spool: Spool = Spool()
    ) throws(CaptureError) {
        try self.init(
            opened: Self.open(paths), feeds: feeds, expression: expression, keepsPackets: keepsPackets, spool: spool)
    }

    /// - Parameters:
    ///   - opened: files, or why one could not be opened.
    ///   - feeds: what comes while this is read. Nothing else reads them.
    ///   - expression: BPF, as tcpdump takes it.
    ///   - keepsPackets: whether packets can be read again through the files' stores.
    ///   - spool: keeps what the feeds bring, where packets are kept at all.
    /// - Throws: when the expression is wrong. A file that cannot be opened is a problem, not an error.
    package init(
        opened: [Result<OpenedFile, CaptureError>], feeds: [LiveFeed] = [], expression: String? = nil,
        keepsPackets: Bool, spool: Spool = Spool()
    ) throws(CaptureError) {
        self.expression = expression
        self.feeds = feeds
        self.spool = keepsPackets && !feeds.isEmpty ? spool : nil
        recovered = nil
        recoveredFlows = nil
        if let expression {
            filters[.ethernet] = try PacketFilter(expression: expression, linkType: .ethernet)
        }
        var files: [CaptureFile] = []
        let room = Self.fileLimit - feeds.count
        for (place, file) in opened.enumerated() {
            do throws(CaptureError) {
                let file = try file.get()
                guard place < room else { throw Self.tooMany(file.name) }
                files.append(try CaptureFile(file, index: UInt8(files.count), keepsPackets: keepsPackets))
            } catch {
                readingProblems.append(error)
            }
        }
        fileCount = files.count
        merged = MergedCapture(files: files)
        for feed in feeds {
            files.append(try CaptureFile(live: feed.capture, index: UInt8(files.count), spool: self.spool))
        }
        live = LiveMerge(Array(files.dropFirst(fileCount)), areInterfaces: feeds.map { $0.interface != nil })
        self.files = files
        namedHosts = files.map { _ in 0 }
    }

    /// What this program's own sockets bring, where interfaces are watched that may bring it, too; else nil.
    package var ownTraffic: OwnTraffic? {
        if let recovered, let recoveredFlows {
            let own = recovered.sources.indices.filter { !recovered.sources[$0].isInterface }
            return OwnTraffic(files: Set(own.map { UInt8(clamping: $0) }), flows: [recoveredFlows])
        }
        guard feeds.contains(where: { $0.interface != nil }) else { return nil }
        let own = feeds.indices.filter { feeds[$0].interface == nil }
        guard !own.isEmpty else { return nil }
        return OwnTraffic(
            files: Set(own.map { UInt8(clamping: fileCount + $0) }), flows: own.map { feeds[$0].ownFlows })
    }

    /// What a run has left that was cut off.
    package init(_ recovered: RecoveredSpool) {
        self.recovered = recovered
        recoveredFlows = recovered.ownFlows()
        spool = nil
        expression = nil
        feeds = []
        var files: [CaptureFile] = []
        for source in recovered.sources.prefix(Self.fileLimit) {
            do throws(CaptureError) {
                // A header that was read once can be read again, so that numbers are places among the sources.
                files.append(
                    try CaptureFile(
                        again: source.store, name: source.name, index: UInt8(files.count), size: source.size))
            } catch {
                readingProblems.append(error)
            }
        }
        fileCount = files.count
        merged = MergedCapture(files: files)
        live = LiveMerge([], areInterfaces: [])
        self.files = files
        namedHosts = files.map { _ in 0 }
    }

    /// Numbers of the files that are interfaces of this machine.
    package var interfaceFiles: Range<UInt8> {
        if let recovered { return 0..<UInt8(clamping: recovered.sources.count(where: \.isInterface)) }
        let places = feeds.indices.filter { feeds[$0].interface != nil }
        guard let first = places.first, let last = places.last else { return 0..<0 }
        return UInt8(clamping: fileCount + first)..<UInt8(clamping: fileCount + last + 1)
    }

    /// All files are read: what comes now happens now.
    package var isLive: Bool { areFilesRead && !feeds.isEmpty }

    /// What went wrong; each names its file and place, or its interface.
    package var problems: [CaptureError] {
        readingProblems
            + feeds.compactMap { $0.interface?.failure }.map {
                CaptureError(file: $0.interface, reason: $0.reason)
            }
            + [spool?.figures.failure].compactMap { $0 }
    }

    /// Packets that were handed over and found no room before they could be read.
    package var dropped: UInt64 {
        feeds.reduce(0) { $0 &+ ($1.interface == nil ? $1.capture.dropped : 0) }
    }

    /// When the interfaces dropped packets, in the order of time.
    package var dropEvents: [DropEvent] {
        let logs = feeds.compactMap { $0.interface?.dropLog.events }
        return logs.count == 1 ? logs[0] : logs.flatMap { $0 }.sorted { $0.start < $1.start }
    }

    /// Packets of all the interfaces that were not taken in, and those that the files say were not when they were made;
    /// nil where nobody counted.
    package var drops: InterfaceCapture.Drops? {
        .sum(feeds.compactMap { $0.interface?.drops } + files.prefix(fileCount).compactMap(\.drops))
    }

    /// How much of what came is kept; nil where nothing is.
    package var kept: Spool.Figures? { spool?.figures }

    /// What addresses are called in the files (pcapng's Name Resolution Blocks), as far as these are read.
    package var hostNames: [IPAddress: String] {
        for (place, file) in files.enumerated() {
            let names = file.nameResolution
            for entry in names.dropFirst(namedHosts[place]) {
                guard let address = IPAddress(parsing: entry.address), !entry.name.isEmpty else { continue }
                hosts[address] = hosts[address] ?? entry.name
            }
            namedHosts[place] = names.count
        }
        return hosts
    }

    /// What a record's file number can tell apart.
    static let fileLimit = 255

    /// The share of the files that has been read, 0...1; nil where a pipe does not tell.
    package var progress: Double? {
        var read: UInt64 = 0
        var total: UInt64 = 0
        for file in files.prefix(fileCount) {
            guard let size = file.octetsTotal else { return nil }
            read += file.octetsRead
            total += size
        }
        return total == 0 ? 1 : min(1, Double(read) / Double(total))
    }

    /// Whether the octets of a message are kept still.
    func isKept(_ record: MessageRecord) -> Bool {
        record.marks.contains(.assembled) || Int(record.file) >= files.count
            || record.position >= files[Int(record.file)].store.firstPosition
    }

    /// The next packet of the files that the filter lets through; nil at their end. It is valid until the next call.
    package func next() -> CapturedPacket? {
        while readingProblems.count <= Self.problemLimit {
            do throws(CaptureError) {
                guard let packet = try merged.next() else { return nil }
                if passes(packet) { return packet }
            } catch {
                readingProblems.append(error)
            }
        }
        return nil
    }

    /// Hands on the next packets of the files that the filter lets through, at most `limit`: each is valid while `body` runs. Quicker
    /// than `next` where there are many, because none is copied.
    ///
    /// - Returns: false at the end.
    package func read(_ limit: Int, _ body: (CapturedPacket) -> Void) -> Bool {
        do throws(CaptureError) {
            if expression == nil { return try merged.read(limit, body) > 0 }
            return try merged.read(limit) { packet in if passes(packet) { body(packet) } } > 0
        } catch {
            readingProblems.append(error)
            return readingProblems.count <= Self.problemLimit
        }
    }

    /// The same without waiting for a pipe that has nothing to say yet; behind the files comes what the feeds have.
    package func readWhatIsThere(_ limit: Int, _ body: (CapturedPacket) -> Void) -> Progress {
        if areFilesRead { return readFeeds(limit, body) }
        let progress = readFiles(limit, body)
        guard progress == .ended else { return progress }
        areFilesRead = true
        return readFeeds(limit, body)
    }

    /// Something is there that is not handed on yet, because what an interface brings may come before it.
    package var isHolding: Bool { live.isHolding }

    private func readFeeds(_ limit: Int, _ body: (CapturedPacket) -> Void) -> Progress {
        do throws(CaptureError) {
            return try live.read(limit, now: SystemClock.wall) { packet in if passes(packet) { body(packet) } }
        } catch {
            readingProblems.append(error)
            return .read
        }
    }

    private func readFiles(_ limit: Int, _ body: (CapturedPacket) -> Void) -> Progress {
        if merged.drain(limit, { packet in if passes(packet) { body(packet) } }) > 0 { return .read }
        guard merged.isReadable else { return .waiting }
        return read(limit, body) ? .read : .ended
    }

    package enum Progress: Sendable {
        case read, waiting, ended
    }

    /// Each file can fail once, and so can the expression for each link type.
    private static let problemLimit = 2 * fileLimit

    private func passes(_ packet: CapturedPacket) -> Bool {
        guard let expression else { return true }
        if let filter = filters[packet.linkType] { return filter?.matches(packet) ?? false }
        do throws(CaptureError) {
            filters[packet.linkType] = try PacketFilter(expression: expression, linkType: packet.linkType)
            return passes(packet)
        } catch {
            filters.updateValue(nil, forKey: packet.linkType)
            readingProblems.append(error)
            return false
        }
    }
}
