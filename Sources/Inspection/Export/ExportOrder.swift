/// What is to be written, where and how.
package struct ExportOrder: Equatable, Sendable {
    package enum Choice: Equatable, Sendable {
        /// Every message that has been read.
        case all
        /// What the filter lets through.
        case filtered
        /// Messages by their places in the index, ascending.
        case marked([Int])
    }

    package var choice: Choice
    package var path: String
    package var format: ExportFormat
    package var privacy = PrivacyOptions()
    /// A file of this name may be replaced.
    package var replaces = false

    package init(_ choice: Choice, path: String, format: ExportFormat) {
        self.choice = choice
        self.path = path
        self.format = format
    }
}

/// How messages are written. The end of a file's name tells which.
package enum ExportFormat: String, CaseIterable, Sendable {
    case pcapng
    /// One object a line, of the shape of `dump --format json`.
    case json
    /// With the columns of `dump --format csv`.
    case csv

    /// Nil where the name ends in nothing that is known.
    package init?(path: String) {
        switch path.split(separator: "/").last?.split(separator: ".", omittingEmptySubsequences: false).last {
        case "pcapng", "ntar": self = .pcapng
        case "json", "jsonl", "ndjson": self = .json
        case "csv": self = .csv
        default: return nil
        }
    }

    /// The ends that can be typed.
    package static let endings = ".pcapng, .json or .csv"
}

/// What has been written.
package struct ExportReport: Equatable, Sendable {
    package var path = ""
    package var messages = 0
    /// Of a capture; 0 elsewhere.
    package var packets = 0
    /// Messages that nobody asked for, in the same datagrams.
    package var alongside = 0
    /// Messages of a live capture whose octets had made room for later ones.
    package var removed = 0
    /// Messages whose octets could not be read any more.
    package var unreadable = 0
    /// With privacy: no well-formed message, or a segment of a whole that is not there.
    package var withheld = 0
    /// With privacy: sealed payloads that no key opened, written as zeros.
    package var sealed = 0

    package init() {}

    /// One line for people.
    package var text: String {
        var parts = [
            SummaryFields.counted(messages, "message", "messages") + " written to \(VisibleText.visible(path))"
        ]
        if alongside > 0 { parts.append("\(SummaryFields.grouped(alongside)) more in the same datagrams") }
        if removed > 0 { parts.append("\(SummaryFields.grouped(removed)) older ones were not kept") }
        if unreadable > 0 { parts.append("\(SummaryFields.grouped(unreadable)) could not be read again") }
        if withheld > 0 { parts.append("\(SummaryFields.grouped(withheld)) left out: nobody can say what they tell") }
        if sealed > 0 { parts.append("\(SummaryFields.grouped(sealed)) sealed ones emptied") }
        return parts.joined(separator: "; ")
    }
}

/// Why nothing was written.
package enum ExportError: Error, Equatable, Sendable {
    /// There is a file of this name, and nobody said that it may go.
    case exists
    case cancelled
    /// One sentence without a full stop.
    case failed(String)
}
