/// Columns that line up, for text that goes to a pipe or a plain terminal.
struct TextTable {
    private let header: [String]
    /// Columns from this one on are aligned to the right.
    private let rightFrom: Int
    private var rows: [[String]] = []

    init(_ header: [String], rightFrom: Int) {
        self.header = header
        self.rightFrom = rightFrom
    }

    var isEmpty: Bool { rows.isEmpty }

    mutating func add(_ row: [String]) { rows.append(row) }

    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        var out = ""
        for row in all {
            var line = " "
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += " " + (column >= rightFrom ? padding + cell : cell + padding)
            }
            while line.last == " " { line.removeLast() }
            out += line + "\n"
        }
        return out
    }
}

/// Numbers as people read them, without a locale.
package enum DecimalText {
    /// A number with so many decimal places; `-` for what is no number.
    package static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let whole = UInt64(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard places > 0 else { return sign + "\(whole)" }
        let digits = String(whole)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }
}

/// Times and durations in text. Times are nanoseconds since the Unix epoch, in UTC.
package enum TimeText {
    private static let second: Int64 = 1_000_000_000

    /// Seconds with microseconds: `1793000000.000000`.
    package static func seconds(_ time: Int64) -> String {
        let micros = time / 1000
        let fraction = String(abs(micros % 1_000_000))
        let sign = time < 0 && micros / 1_000_000 == 0 ? "-" : ""
        return sign + "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    /// `2026-10-26 05:33:20.123`.
    package static func calendar(_ time: Int64) -> String {
        let days = (time / second - (time % second < 0 ? 1 : 0)).floorDivided(by: 86_400)
        let date = civil(days)
        return "\(date.year)-\(two(date.month))-\(two(date.day)) \(clock(time))"
    }

    /// `05:33:20.123`.
    package static func clock(_ time: Int64) -> String {
        let millis = time.floorDivided(by: 1_000_000)
        let day = millis - millis.floorDivided(by: 86_400_000) * 86_400_000
        let rest = String(day % 1000)
        return "\(two(day / 3_600_000)):\(two(day / 60_000 % 60)):\(two(day / 1000 % 60))."
            + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// `00:12.480`, with hours where there are any.
    package static func duration(_ nanoseconds: Int64) -> String {
        let sign = nanoseconds < 0 ? "-" : ""
        let millis = nanoseconds.magnitude / 1_000_000
        let hours = millis / 3_600_000
        let rest = String(millis % 1000)
        let tail =
            "\(two(Int64(millis / 60_000 % 60))):\(two(Int64(millis / 1000 % 60)))."
            + String(repeating: "0", count: 3 - rest.count) + rest
        return sign + (hours > 0 ? "\(hours):" : "") + tail
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// Days since 1970-01-01 to a date of the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level
    /// date algorithms", civil_from_days).
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// Text from the network for a plain stream: what could steer a terminal is made visible.
package enum VisibleText {
    package static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 {
                // The control pictures U+2400...
                out.append(Unicode.Scalar(0x2400 + scalar.value) ?? "?")
            } else if scalar.value == 0x7F {
                out.append("\u{2421}")
            } else {
                out.append(isHidden(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        return String(out)
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        default: false
        }
    }
}
