/// Numbers as text: the same everywhere, without a locale.
package enum Format {
    /// What stands where there is no data. Never 0.
    package static let noData = "-"

    /// `61,234`
    package static func thousands(_ value: some BinaryInteger) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// With so many decimals (0...9), rounded to the nearest; `-` for nil and NaN.
    package static func fixed(_ value: Double?, decimals: Int) -> String {
        guard let value, !value.isNaN else { return noData }
        guard value.isFinite else { return value < 0 ? "-\u{221E}" : "\u{221E}" }
        let decimals = min(max(decimals, 0), 9)
        var factor: UInt64 = 1
        for _ in 0..<decimals { factor *= 10 }
        let scaled = (value.magnitude * Double(factor)).rounded()
        // Beyond that there are no decimals in a Double anyway.
        guard scaled < 1e18 else { return "\(value)" }
        let number = UInt64(scaled)
        let sign = value < 0 && number > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(number) }
        return sign + String(number / factor) + "." + digits(number % factor, decimals)
    }

    /// Three significant digits with an SI prefix: `999`, `1.23 k`, `45.6 M`; `-` for nil and NaN.
    /// - Parameter unit: follows the prefix: `1.23 kB`
    package static func si(_ value: Double?, unit: String = "") -> String {
        guard let value, !value.isNaN else { return noData }
        let suffix = unit.isEmpty ? "" : " " + unit
        guard value.isFinite else { return fixed(value, decimals: 0) + suffix }
        var scaled = value.magnitude
        var prefix = 0
        // 999.5 would round to 1000.
        while scaled >= 999.5, prefix < prefixes.count - 1 {
            scaled /= 1000
            prefix += 1
        }
        let isWhole = prefix == 0 && scaled == scaled.rounded()
        let decimals = isWhole || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2
        let number = (value < 0 ? "-" : "") + fixed(scaled, decimals: decimals)
        return prefix == 0 ? number + suffix : number + " " + prefixes[prefix] + unit
    }

    private static let prefixes = ["", "k", "M", "G", "T", "P"]

    /// Octets with decimal prefixes, as rates are counted: `512 B`, `1.20 kB`.
    package static func bytes(_ count: some BinaryInteger) -> String {
        si(Double(count), unit: "B")
    }

    /// A time since the start in minutes and seconds, with hours from the first one on: `00:12.480`, `1:02:03.500`.
    package static func duration(nanoseconds: Int64) -> String {
        // Cut, not rounded: a cursor must not be shown past the message that it is on.
        let milliseconds = nanoseconds.magnitude / 1_000_000
        let seconds = milliseconds / 1000
        let sign = nanoseconds < 0 && milliseconds > 0 ? "-" : ""
        let hours = seconds / 3600 > 0 ? "\(seconds / 3600):" : ""
        return sign + hours + digits(seconds / 60 % 60, 2) + ":" + digits(seconds % 60, 2) + "."
            + digits(milliseconds % 1000, 3)
    }

    /// A number in so many columns, aligned right; digits that do not fit give `#`, never a wrong number.
    package static func column(_ text: String, width: Int) -> String {
        let count = text.unicodeScalars.count
        if count > width { return String(repeating: "#", count: max(0, width)) }
        return String(repeating: " ", count: width - count) + text
    }

    /// Two hexadecimal digits.
    package static func hex(_ octet: UInt8) -> String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        return String(String.UnicodeScalarView([digits[Int(octet >> 4)], digits[Int(octet & 15)]]))
    }

    /// With zeros in front.
    private static func digits(_ value: UInt64, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
