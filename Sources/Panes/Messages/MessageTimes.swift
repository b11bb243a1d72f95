import Inspection

/// How the time of a message is told.
package enum TimeFormat: String, CaseIterable, Sendable {
    /// Since the first message, seconds.
    case start
    /// Of day, in UTC.
    case utc
    /// Of day, where the program runs.
    case local
    /// Date and time in UTC.
    case date
    /// Since the message in the row above.
    case delta
    /// Since the message that was made the reference, else since the first marked one.
    case reference
    /// Seconds since the Unix epoch.
    case epoch

    var title: String {
        switch self {
        case .start: "time"
        case .utc: "time UTC"
        case .local: "local time"
        case .date: "date and time UTC"
        case .delta: "since last"
        case .reference: "since ref"
        case .epoch: "epoch"
        }
    }

    /// As a notice says it.
    var words: String {
        switch self {
        case .start: "since the first message"
        case .utc: "of day, in UTC"
        case .local: "of day, local"
        case .date: "date and time, in UTC"
        case .delta: "since the message above"
        case .reference: "since the reference"
        case .epoch: "seconds since 1970"
        }
    }
}

/// The times in the list and in the ladder.
struct MessageTimes {
    var format = TimeFormat.start
    /// Milliseconds else.
    var hasMicroseconds = true
    /// The message from which times count in the format `reference`.
    var reference: Int?
    /// Seconds that local time is ahead of UTC at a time of Unix seconds. The screen knows no clock and no zone: whoever
    /// runs it says.
    var zone: @Sendable (Int64) -> Int64 = { _ in 0 }

    /// The next format; one that needs a reference is left out without one.
    mutating func goOn(hasReference: Bool) {
        let all = TimeFormat.allCases
        let place = all.firstIndex(of: format) ?? 0
        format = all[(place + 1) % all.count]
        if format == .reference, !hasReference { goOn(hasReference: false) }
    }

    /// - Parameters:
    ///   - before: the time of the row above.
    ///   - reference: the time of the reference.
    func text(_ time: Int64, before: Int64?, reference: Int64?, _ snapshot: Snapshot) -> String {
        switch format {
        case .start: seconds(time - snapshot.firstTime)
        case .utc: clock(time)
        case .local: clock(time + zone(time / 1_000_000_000) * 1_000_000_000)
        case .date: String(TimeText.calendar(time).prefix(11)) + clock(time)
        case .delta: delta(time, since: before)
        case .reference: delta(time, since: reference)
        case .epoch: seconds(time)
        }
    }

    /// `+0.012345`, or nothing to count from.
    func delta(_ time: Int64, since other: Int64?) -> String {
        guard let other else { return "-" }
        return (time < other ? "" : "+") + seconds(time - other)
    }

    func seconds(_ time: Int64) -> String {
        let text = TimeText.seconds(time)
        return hasMicroseconds ? text : String(text.dropLast(3))
    }

    private func clock(_ time: Int64) -> String {
        let text = TimeText.clock(time)
        guard hasMicroseconds else { return text }
        let micros = time / 1000 % 1000
        let rest = String(micros < 0 ? micros + 1000 : micros)
        return text + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// Columns that every time of a capture fits into, with one before it.
    func width(_ snapshot: Snapshot) -> Int {
        let short = hasMicroseconds ? 0 : 3
        let span = seconds(snapshot.lastTime - snapshot.firstTime).count
        return switch format {
        case .start: max(10 - short, span + 1)
        case .utc, .local: 16 - short
        case .date: 27 - short
        case .delta: max(11 - short, format.title.count + 1)
        case .reference: max(11 - short, span + 2)
        case .epoch: 18 - short
        }
    }
}
