import Inspection

/// Where somebody wants the clock to be.
enum SeekTarget: Equatable {
    /// A capture time, nanoseconds since the Unix epoch.
    case time(Int64)
    /// A message by its index, from 0.
    case message(Int)

    static let examples = "12.5, +5, -500ms, 00:12.5, 07:33:21.5, 40%, #1200, start or end"

    /// Reads what somebody typed:
    ///
    /// - `12.5`, `500ms`, `01:30.5` since the start, as the status line counts
    /// - `+5`, `-500ms`, `+1min` from where the clock stands; the ends of the capture hold it
    /// - `07:33:21.5` of the day (UTC), with a date before it if need be: `2026-10-26 07:33:21.5`
    /// - `40%` of the time, `#1200` a message, `start`, `end`
    ///
    /// - Parameter offset: characters that stand before the text on its line
    static func parse(_ text: String, at offset: Int = 0, _ snapshot: Snapshot) throws(CommandError) -> SeekTarget {
        let leading = text.prefix { $0 == " " }.count
        let trimmed = String(text.dropFirst(leading)).trimmedAtEnd
        let place = offset + leading
        guard !snapshot.index.isEmpty else { throw CommandError("there is no message yet to go to", at: place) }
        guard let first = trimmed.first else { throw CommandError("a time is missing: \(examples)", at: place) }
        if let target = named(trimmed.lowercased(), snapshot) { return target }
        switch first {
        case "#": return try message(trimmed.dropFirst(), at: place + 1, snapshot)
        case "+", "-":
            let distance = try duration(trimmed.dropFirst(), at: place + 1)
            let back = snapshot.time - snapshot.firstTime
            let rest = snapshot.lastTime - snapshot.time
            return .time(snapshot.time + (first == "-" ? -min(distance, back) : min(distance, rest)))
        default: break
        }
        if trimmed.last == "%" { return try share(trimmed.dropLast(), at: place, snapshot) }
        if trimmed.contains(":") { return try ClockText(trimmed, at: place).target(in: snapshot) }
        return try sinceStart(duration(Substring(trimmed), at: place), at: place, snapshot)
    }

    private static func named(_ word: String, _ snapshot: Snapshot) -> SeekTarget? {
        switch word {
        case "start": .time(snapshot.firstKeptTime)
        case "end": .time(snapshot.lastTime)
        default: nil
        }
    }

    private static func message(
        _ digits: Substring, at offset: Int, _ snapshot: Snapshot
    ) throws(CommandError) -> SeekTarget {
        let kept = snapshot.index.kept
        guard let number = Int(digits.filter { $0 != "," }), number >= 1, kept.contains(number - 1) else {
            throw CommandError("messages have the numbers \(kept.lowerBound + 1) to \(kept.upperBound)", at: offset)
        }
        return .message(number - 1)
    }

    private static func share(
        _ number: Substring, at offset: Int, _ snapshot: Snapshot
    ) throws(CommandError) -> SeekTarget {
        guard let percent = Double(number), (0...100).contains(percent) else {
            throw CommandError("a share of the time lies between 0% and 100%", at: offset)
        }
        let span = Double(snapshot.lastTime - snapshot.firstTime)
        return .time(snapshot.firstTime + Int64(span * percent / 100))
    }

    /// A time since the start must lie in the capture.
    static func sinceStart(
        _ elapsed: Int64, at offset: Int, _ snapshot: Snapshot
    ) throws(CommandError) -> SeekTarget {
        let span = snapshot.lastTime - snapshot.firstTime
        guard elapsed <= span else {
            throw CommandError("the capture lasts \(TimeText.duration(span))", at: offset)
        }
        return .time(snapshot.firstTime + elapsed)
    }

    /// Nanoseconds of a number with a unit, seconds where there is none.
    private static func duration(_ text: Substring, at offset: Int) throws(CommandError) -> Int64 {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits) else {
            throw CommandError("\"\(VisibleText.visible(String(text)))\" is no time: \(examples)", at: offset)
        }
        let unit = String(text.dropFirst(digits.count))
        guard let factor = units[unit] else {
            throw CommandError(
                "\"\(VisibleText.visible(unit))\" is no unit: us, ms, s, min or h", at: offset + digits.count)
        }
        guard number * factor < longest else {
            throw CommandError("so long lasts no capture", at: offset)
        }
        return Int64(number * factor)
    }

    private static let units: [String: Double] = [
        "": 1e9, "us": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3600e9,
    ]
    /// Nanoseconds of a century: far from what would overflow.
    private static let longest = 3.2e18
}

/// `12:30:05.25`, `01:30`, `2026-10-26 07:33:21`.
private struct ClockText {
    private let offset: Int
    /// Days since the epoch, if a date was given.
    private var day: Int64?
    private var hasHours = false
    /// Nanoseconds of hours, minutes and seconds.
    private var nanoseconds: Int64 = 0

    private static let dayLength: Int64 = 86_400_000_000_000

    init(_ text: String, at offset: Int) throws(CommandError) {
        self.offset = offset
        let separator: Character = text.contains("T") ? "T" : " "
        let parts = text.split(separator: separator, omittingEmptySubsequences: true)
        let wrong = CommandError(
            "\"\(VisibleText.visible(text))\" is no time: 00:12.5 since the start, 07:33:21.5 of the day", at: offset)
        guard let clock = parts.last, parts.count <= 2 else { throw wrong }
        if parts.count == 2 {
            guard let day = Self.days(parts[0]) else {
                throw CommandError("\"\(VisibleText.visible(String(parts[0])))\" is no date: 2026-10-26", at: offset)
            }
            self.day = day
        }
        let numbers = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard numbers.count == 2 || numbers.count == 3, let seconds = Double(numbers[numbers.count - 1]),
            seconds >= 0, seconds < 60, let minutes = Int64(numbers[numbers.count - 2]), minutes >= 0
        else { throw wrong }
        hasHours = numbers.count == 3
        var hours: Int64 = 0
        if hasHours {
            guard let number = Int64(numbers[0]), (0..<1000).contains(number), minutes < 60 else { throw wrong }
            hours = number
        }
        guard minutes < 100_000, hasHours || day == nil else { throw wrong }
        nanoseconds = (hours * 60 + minutes) * 60_000_000_000 + Int64((seconds * 1e9).rounded())
    }

    /// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level
    /// date algorithms", days_from_civil).
    private static func days(_ text: Substring) -> Int64? {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard numbers.count == 3, let year = numbers[0], let month = numbers[1], let day = numbers[2],
            (1970...2261).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    func target(in snapshot: Snapshot) throws(CommandError) -> SeekTarget {
        guard hasHours else { return try SeekTarget.sinceStart(nanoseconds, at: offset, snapshot) }
        if nanoseconds < Self.dayLength, let time = timeOfDay(snapshot) { return .time(time) }
        // Not in the capture as a time of day: the status line counts hours, too.
        if day == nil, nanoseconds <= snapshot.lastTime - snapshot.firstTime {
            return .time(snapshot.firstTime + nanoseconds)
        }
        throw CommandError(
            "the capture goes from \(TimeText.calendar(snapshot.firstTime)) to "
                + "\(TimeText.calendar(snapshot.lastTime)) UTC", at: offset)
    }

    /// The first such time in the capture. The second in which the capture begins counts as a whole.
    private func timeOfDay(_ snapshot: Snapshot) -> Int64? {
        let first = snapshot.firstTime - snapshot.firstTime % 1_000_000_000
        let firstDay = day ?? first / Self.dayLength
        for day in firstDay...(day ?? firstDay + 1) {
            // Of a capture with mad times this goes round, and lies outside of it.
            let time = day &* Self.dayLength &+ nanoseconds
            if time >= first, time <= snapshot.lastTime { return max(time, snapshot.firstTime) }
        }
        return nil
    }
}

extension String {
    /// Without spaces at its end.
    var trimmedAtEnd: String {
        var text = Substring(self)
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
