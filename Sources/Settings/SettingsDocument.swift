import Screen
import TOMLKit

/// A TOML file that was read, with the place of every key: TOMLKit knows the place of an error in the syntax only.
package struct SettingsDocument: Sendable {
    /// A line and a column, both from 1.
    package struct Place: Equatable, Sendable {
        package var line: Int
        package var column: Int
    }

    /// The file as errors name it.
    package let name: String
    package let entries: [String: SettingValue]
    private let places: [String: Place]

    /// - Parameters:
    ///   - octets: the file
    ///   - name: of the file, for errors
    /// - Throws: what is wrong with the syntax, with its place
    package init(_ octets: [UInt8], name: String) throws(SettingsError) {
        self.name = name
        // TOMLKit takes C strings, which end at a zero.
        if let zero = octets.firstIndex(of: 0) {
            throw SettingsError("\(name):\(Self.line(of: zero, in: octets)): a zero octet: this is not a text")
        }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw SettingsError("\(name): not UTF-8: this is not a text")
        }
        do {
            entries = Self.entries(of: try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            throw SettingsError("\(name):\(error.source.begin.line):\(error.source.begin.column): \(error.description)")
        } catch {
            throw SettingsError("\(name): \(error)")
        }
        places = KeyPlaces.find(in: text)
    }

    private static func line(of offset: Int, in octets: [UInt8]) -> Int {
        1 + octets[..<offset].count { $0 == UInt8(ascii: "\n") }
    }

    private static func entries(of table: TOMLTable) -> [String: SettingValue] {
        var entries: [String: SettingValue] = [:]
        for key in table.keys { entries[key] = table[key].map(value) }
        return entries
    }

    private static func value(_ value: any TOMLValueConvertible) -> SettingValue {
        if let integer = value.int { return .integer(integer) }
        if let number = value.double { return .number(number) }
        if let boolean = value.bool { return .boolean(boolean) }
        if let string = value.string { return .string(string) }
        if let array = value.array { return .array(array.map { Self.value($0) }) }
        if let table = value.table { return .table(entries(of: table)) }
        return .other(value.debugDescription)
    }

    /// Where a key stands: `styles.text.bold`, `ramps.density[2]`. A key without a place of its own has that of what it
    /// is part of.
    package func place(of key: String) -> Place? {
        var key = key[...]
        while true {
            if let place = places[String(key)] { return place }
            guard let end = key.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            key = key[..<end]
        }
    }

    /// A problem with its file, line and column.
    package func describe(_ problem: SettingProblem) -> String {
        guard let place = place(of: problem.key) else { return "\(name): \(problem)" }
        return "\(name):\(place.line):\(place.column): \(problem)"
    }

    /// Problems in the order of the file.
    package func describe(_ problems: [SettingProblem]) -> [String] {
        let placed = problems.map { (place(of: $0.key) ?? Place(line: 0, column: 0), describe($0)) }
        return placed.sorted { ($0.0.line, $0.0.column, $0.1) < ($1.0.line, $1.0.column, $1.1) }.map(\.1)
    }
}

/// A file that cannot be used at all: one sentence with its place.
package struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
    /// There is no such file: often no error.
    let isAbsence: Bool

    init(_ description: String, isAbsence: Bool = false) {
        self.description = description
        self.isAbsence = isAbsence
    }
}
