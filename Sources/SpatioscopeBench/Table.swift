import Glibc

/// What is printed: a line a figure.
enum Table {
    static func header() {
        line("figure", "measured", "reference", "value", "bar", "goal")
    }

    /// - Parameters:
    ///   - value: what the bars speak of: a ratio, or the figure itself in their unit.
    ///   - bar: what has to be reached at least.
    static func row(
        _ figure: String, _ measured: String, reference: String = "-", value: Double, unit: String, bar: Double?,
        goal: Double?
    ) {
        let limit = { (limit: Double?) in limit.map { plain($0) + unit } ?? "-" }
        line(figure, measured, reference, text(value) + unit, limit(bar), limit(goal))
    }

    private static func line(_ columns: String...) {
        let widths = [44, 16, 30, 12, 8, 8]
        var text = ""
        for (column, width) in zip(columns, widths) {
            text += column + String(repeating: " ", count: max(1, width - column.count))
        }
        print(text)
        fflush(nil)
    }

    /// Three digits that count.
    static func text(_ value: Double) -> String {
        let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2
        let scale = places == 2 ? 100.0 : places == 1 ? 10.0 : 1
        let rounded = (value * scale).rounded() / scale
        return places == 0 ? String(Int(rounded)) : String(rounded)
    }

    /// With commas between thousands.
    static func grouped(_ value: Int) -> String {
        value < 1000 ? String(value) : grouped(value / 1000) + "," + String(String(1000 + value % 1000).dropFirst())
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(value)
    }
}

/// The middle one, which a few disturbed runs do not move.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

/// Seconds that `body` took, on the clock of the wall.
func seconds<E: Error>(_ body: () throws(E) -> Void) throws(E) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try body()
    let (whole, atto) = (clock.now - start).components
    return Double(whole) + Double(atto) * 1e-18
}

/// Standard error by its descriptor: the C library's variable is no constant.
func standardError() -> UnsafeMutablePointer<FILE>? { fdopen(STDERR_FILENO, "w") }
