/// What a number in a filter counts.
enum FilterUnit: String, CaseIterable {
    case microseconds = "us"
    case milliseconds = "ms"
    case minutes = "min"
    case seconds = "s"
    case kilobytes = "kB"
    case megabytes = "MB"
    case kibibytes = "KiB"
    case mebibytes = "MiB"
    case bytes = "B"

    enum Dimension { case time, size }

    var dimension: Dimension {
        switch self {
        case .microseconds, .milliseconds, .seconds, .minutes: .time
        case .kilobytes, .megabytes, .kibibytes, .mebibytes, .bytes: .size
        }
    }

    /// Nanoseconds or octets in one.
    var factor: Int64 {
        switch self {
        case .microseconds: 1_000
        case .milliseconds: 1_000_000
        case .seconds: 1_000_000_000
        case .minutes: 60_000_000_000
        case .bytes: 1
        case .kilobytes: 1_000
        case .megabytes: 1_000_000
        case .kibibytes: 1_024
        case .mebibytes: 1_048_576
        }
    }
}

/// A number as it was written: exact, so that a 64-bit identifier and a time of nanoseconds lose nothing.
struct FilterNumber: Equatable, Sendable {
    /// The digits without the point.
    var mantissa: Int128
    /// How many of the digits stand behind the point.
    var decimals: Int
    var unit: FilterUnit?

    /// More digits than any field has; fewer than an Int128 could overflow with when it is multiplied by a unit.
    private static let digitLimit = 24

    /// Nil for what does not begin like a number. A sign, decimal digits with a point and an exponent, or `0x` and
    /// hexadecimal digits, then a unit.
    init?(parsing text: String) {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative { rest = rest.dropFirst() }
        if rest.hasPrefix("0x") || rest.hasPrefix("0X") {
            let digits = rest.dropFirst(2)
            guard !digits.isEmpty, digits.utf8.count <= 16, let value = UInt64(digits, radix: 16),
                digits.first != "+"
            else { return nil }
            self.init(mantissa: isNegative ? -Int128(value) : Int128(value), decimals: 0, unit: nil)
            return
        }
        let whole = rest.prefix(while: Self.isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = Substring()
        if rest.first == ".", let next = rest.dropFirst().first, Self.isDigit(next) {
            fraction = rest.dropFirst().prefix(while: Self.isDigit)
            rest = rest.dropFirst(1 + fraction.count)
        }
        let digits = whole + fraction
        guard !whole.isEmpty, digits.count <= Self.digitLimit, let value = Int128(digits) else { return nil }
        self.init(mantissa: isNegative ? -value : value, decimals: fraction.count, unit: nil)
        guard let behind = takeExponent(rest) else { return nil }
        rest = behind
        if rest.isEmpty { return }
        guard let unit = FilterUnit(rawValue: String(rest)) else { return nil }
        self.unit = unit
    }

    private init(mantissa: Int128, decimals: Int, unit: FilterUnit?) {
        self.mantissa = mantissa
        self.decimals = decimals
        self.unit = unit
    }

    private static func isDigit(_ character: Character) -> Bool { character >= "0" && character <= "9" }

    /// Takes `e9` or `e-3` from the front; nil when it is too large.
    private mutating func takeExponent(_ text: Substring) -> Substring? {
        guard text.first == "e" || text.first == "E" else { return text }
        var rest = text.dropFirst()
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        let digits = rest.prefix(while: Self.isDigit)
        guard let exponent = Int(digits), exponent <= 18 else { return nil }
        decimals += isNegative ? exponent : -exponent
        if decimals < 0 {
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: Self.power(-decimals))
            guard !overflow, product.magnitude < Self.power(Self.digitLimit).magnitude else { return nil }
            mantissa = product
            decimals = 0
        }
        return rest.dropFirst(digits.count)
    }

    /// 10 to the power of 0...42.
    private static func power(_ exponent: Int) -> Int128 {
        var result: Int128 = 1
        for _ in 0..<min(exponent, 36) { result *= 10 }
        return result
    }

    /// The text behind the digits when it is no unit, of a word that begins like a number.
    static func wrongUnit(in text: String) -> String? {
        let digits = text.prefix { isDigit($0) || $0 == "." || $0 == "-" }
        let rest = text.dropFirst(digits.count)
        guard digits.contains(where: isDigit), !rest.isEmpty, rest.allSatisfy(\.isLetter),
            FilterUnit(rawValue: String(rest)) == nil
        else { return nil }
        return String(rest)
    }

    var double: Double { Double(mantissa) / Double(Self.power(decimals)) }

    /// The value times `factor`, rounded down, and whether nothing was lost.
    func scaled(by factor: Int64) -> (floor: Int128, isExact: Bool) {
        let (quotient, remainder) = (mantissa * Int128(factor)).quotientAndRemainder(dividingBy: Self.power(decimals))
        return (remainder < 0 ? quotient - 1 : quotient, remainder == 0)
    }

    /// The value of the last digit written times `factor`, at least 1.
    func precision(scaledBy factor: Int64) -> Int64 {
        Int64(clamping: max(1, Int128(factor) / Self.power(decimals)))
    }

    /// The whole number that it is; nil for a fraction.
    var integer: Int128? {
        let (floor, isExact) = scaled(by: 1)
        return isExact ? floor : nil
    }
}
