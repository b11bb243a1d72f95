import SpatioSession
import SpatioWire

/// Writes messages of a snapshot to a file, on the thread that calls it.
package struct MessageExport {
    /// Messages between two looks at whether to go on: some milliseconds.
    static let stride = 512

    let order: ExportOrder
    let snapshot: Snapshot
    /// Places in the index, ascending.
    let messages: [Int]
    var report = ExportReport()
    var rewriter: PrivacyRewriter
    /// Told how many messages are done; false ends the export.
    private let goesOn: (Int) -> Bool
    private var nextLook = 0

    /// How many messages an order is about.
    package static func count(_ choice: ExportOrder.Choice, _ snapshot: Snapshot) -> Int {
        switch choice {
        case .all: snapshot.index.keptCount
        case .filtered: snapshot.filter?.numbers.keptCount ?? snapshot.index.keptCount
        case .marked(let messages): messages.count { snapshot.index.kept.contains($0) }
        }
    }

    /// Writes what is ordered; after an error there is no new file.
    ///
    /// - Parameters:
    ///   - key: of the pseudonyms; a fresh one unless a run is to be repeated.
    ///   - progress: told from time to time how many messages are done; false ends the export.
    package static func run(
        _ order: ExportOrder, _ snapshot: Snapshot, key: PseudonymKey = PseudonymKey(),
        progress: (Int) -> Bool = { _ in true }
    ) throws(ExportError) -> ExportReport {
        let result = withoutActuallyEscaping(progress) { progress in
            Result { () throws(ExportError) in
                var export = try MessageExport(order, snapshot, key, progress)
                return try export.write()
            }
        }
        return try result.get()
    }

    private init(
        _ order: ExportOrder, _ snapshot: Snapshot, _ key: PseudonymKey, _ goesOn: @escaping (Int) -> Bool
    ) throws(ExportError) {
        if case .filtered = order.choice, let filter = snapshot.filter, filter.examined < snapshot.index.count {
            throw .failed("the filter has not looked at every message yet")
        }
        self.order = order
        var snapshot = snapshot
        snapshot.reader = snapshot.reader.pinned
        self.snapshot = snapshot
        self.goesOn = goesOn
        rewriter = PrivacyRewriter(order.privacy, key: key)
        messages =
            switch order.choice {
            case .all: Array(snapshot.index.kept)
            case .filtered:
                snapshot.filter.map { filter in filter.numbers.kept.map { filter.numbers[$0] } }
                    ?? Array(snapshot.index.kept)
            case .marked(let marked): marked.filter(snapshot.index.kept.contains)
            }
    }

    private mutating func write() throws(ExportError) -> ExportReport {
        let file = try OutputFile(path: order.path, replaces: order.replaces, sources: snapshot.sources)
        switch order.format {
        case .pcapng: try writePackets(descriptor: file.descriptor)
        case .json, .csv: try writeText(descriptor: file.descriptor)
        }
        report.removed += removedBefore
        report.path = order.path
        report.sealed = rewriter.sealed
        try file.keep()
        return report
    }

    /// Lets others have a look after so many messages.
    mutating func checkpoint(_ done: Int) throws(ExportError) {
        guard done >= nextLook else { return }
        nextLook = done + Self.stride
        if !goesOn(done) { throw .cancelled }
    }

    /// Messages of what is live that would have been written, and have left the index.
    private var removedBefore: Int {
        switch order.choice {
        case .all: snapshot.index.start
        case .filtered: snapshot.filter?.numbers.start ?? snapshot.index.start
        case .marked(let marked): marked.count - messages.count
        }
    }

    /// A message that cannot be written, because its octets are not there.
    mutating func count(unreadable record: MessageRecord) {
        if snapshot.reader.hasRemoved(record) { report.removed += 1 } else { report.unreadable += 1 }
    }

    // MARK: Text

    private mutating func writeText(descriptor: Int32) throws(ExportError) {
        var output = TextOutput(descriptor: descriptor, path: order.path)
        let columns = FieldSelection.usual
        if order.format == .csv { try output.write((columns.header + FieldSelection.lineEndOfCSV).utf8) }
        let findings = Self.findings(in: snapshot)
        var json = JSONText()
        for (done, message) in messages.enumerated() {
            try checkpoint(done)
            guard var text = MessageText(message, snapshot, findings: findings[message + 1] ?? []) else {
                count(unreadable: snapshot.index[message])
                continue
            }
            if order.privacy.isActive { text = text.hidden(by: &rewriter, model: snapshot.whole) }
            if order.format == .csv {
                try output.write(
                    (columns.csv(of: text, model: snapshot.whole) + FieldSelection.lineEndOfCSV).utf8)
            } else {
                json.removeAll()
                text.writeJSON(to: &json)
                try output.write(json.octets)
                try output.write(CollectionOfOne(UInt8(ascii: "\n")))
            }
            report.messages += 1
        }
        try output.flush()
    }

    /// One message as an object of JSON.
    static func json(_ message: Int, _ snapshot: Snapshot, showsSecrets: Bool) -> String? {
        let log = snapshot.chronicle.findings.findings
        var findings: [Finding] = []
        var place = log.partitionPoint { $0.detected <= message }
        while place < log.count, log[place].detected == message + 1 {
            findings.append(log[place])
            place += 1
        }
        guard var text = MessageText(message, snapshot, findings: findings) else { return nil }
        if !showsSecrets { text.hideSecrets() }
        var json = JSONText()
        text.writeJSON(to: &json)
        return json.text
    }

    /// What each message brought to light, by its number; the log keeps a bounded number of findings.
    private static func findings(in snapshot: Snapshot) -> [Int: [Finding]] {
        var byMessage: [Int: [Finding]] = [:]
        let log = snapshot.chronicle.findings.findings
        for place in log.kept {
            let finding = log[place]
            byMessage[finding.detected, default: []].append(finding)
        }
        return byMessage
    }
}

extension Snapshot {
    /// A message as `dump --format json` prints it; nil when its octets are gone.
    ///
    /// - Parameter showsSecrets: else credentials and tokens are zeros.
    package func json(of message: Int, showsSecrets: Bool) -> String? {
        index.kept.contains(message) ? MessageExport.json(message, self, showsSecrets: showsSecrets) : nil
    }
}
