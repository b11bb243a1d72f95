import Inspection
import Screen
import SpatioWire

/// Values of a state as people read them.
enum StateText {
    /// Characters of a text from the network that are shown.
    private static let textLimit = 80

    static func value(_ value: Value?, key: String, _ coordinates: CoordinateSystem.Kind?) -> String {
        guard let value else { return Format.noData }
        switch value {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .int(let value): return "\(value)"
        case .float(let value): return number(value)
        case .string(let text):
            let start = text.prefix(textLimit)
            return "\"\(VisibleText.visible(String(start)))\"" + (start.endIndex < text.endIndex ? "..." : "")
        case .bytes(let octets):
            return octets.isEmpty ? "0 octets" : "\(octets.count) octets \(hexadecimalText(octets.prefix(8)))"
        case .vector3(let vector):
            // Degrees need more digits than metres for the same step.
            let places = key == "position" && coordinates == .geodetic ? 6 : 2
            return Format.fixed(vector.x, decimals: places) + " " + Format.fixed(vector.y, decimals: places) + " "
                + Format.fixed(vector.z, decimals: 2)
        case .quaternion(let turn):
            return [turn.x, turn.y, turn.z, turn.w].map { Format.fixed(Double($0), decimals: 3) }
                .joined(separator: " ")
        case .uuid(let id): return id.description
        case .timestamp(let milliseconds):
            guard milliseconds < 9_000_000_000_000 else { return "\(milliseconds) ms" }
            return TimeText.calendar(Int64(milliseconds) * 1_000_000)
        }
    }

    /// At most four decimals, none that say nothing.
    private static func number(_ value: Double) -> String {
        var text = Format.fixed(value, decimals: 4)
        guard text.contains("."), value.magnitude < 1e12 else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    static func measure(_ measure: StateMeasure) -> String {
        switch measure {
        case .metres(let metres):
            metres < 1000 ? Format.fixed(metres, decimals: 2) + " m" : Format.si(metres, unit: "m")
        case .degrees(let degrees): Format.fixed(degrees, decimals: 1) + " deg"
        case .difference(let difference): (difference < 0 ? "" : "+") + number(difference)
        case .milliseconds(let time):
            (time < 0 ? "-" : "+") + duration(Int64(clamping: Int(abs(min(time, 9e12)))) * 1_000_000)
        }
    }

    /// `12 ms`, `3.4 s`, `2:05 min`: nanoseconds in three digits or so.
    static func duration(_ nanoseconds: Int64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        if seconds < 1 { return Format.fixed(seconds * 1000, decimals: 0) + " ms" }
        if seconds < 100 { return Format.fixed(seconds, decimals: 1) + " s" }
        return Format.duration(nanoseconds: nanoseconds)
    }

    static func plural(_ count: Int, _ noun: String) -> String { StatusLine.plural(count, noun) }

    static func role(_ change: StateDifference.Change) -> Role {
        switch change {
        case .added: .added
        case .removed: .removed
        case .changed: .changed
        }
    }

    static func sign(_ change: StateDifference.Change) -> String {
        switch change {
        case .added: "+"
        case .removed: "-"
        case .changed: "~"
        }
    }
}
