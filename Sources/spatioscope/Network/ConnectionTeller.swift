import Inspection
import Panes

/// Says on standard error how it stands with connections and interfaces, when that changes.
struct ConnectionTeller {
    private let feeds: [LiveFeed]
    /// Entries of each that have been said.
    private var told: [Int]

    init(_ feeds: [LiveFeed]) {
        self.feeds = feeds
        told = feeds.map { _ in 0 }
    }

    mutating func tell() {
        for (place, feed) in feeds.enumerated() {
            let entries = feed.connection.log.entries
            for entry in entries.dropFirst(told[place]) {
                let news = entry.state.news(feed.name, at: entry.time)
                if !news.isEmpty { StandardError.print("spatioscope: \(news)") }
            }
            told[place] = entries.count
        }
    }
}

extension LiveFeed {
    /// Why there is no connection at the end, in one line; nil where all is well. What was tried again since, and has
    /// not succeeded, does not make it better.
    var failure: String? {
        guard let entry = connection.log.entries.last(where: { $0.state.isFailure || $0.state.isJoined }),
            entry.state.isFailure
        else { return nil }
        return entry.state.words(name, since: entry.time, now: entry.time).joined(separator: " ")
    }

    /// It was tried to join a server, and that has let nobody in.
    var isOutside: Bool {
        let entries = connection.log.entries
        return !entries.isEmpty && !entries.contains { $0.state.isJoined }
    }
}
