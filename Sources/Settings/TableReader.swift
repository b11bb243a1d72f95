import Screen
import SpatioWire

/// Takes values out of a table of a settings file. A value that is not allowed is noted and counts as absent; what
/// nobody has asked for by the end is an unknown key.
struct TableReader {
    private let entries: [String: SettingValue]
    private let key: String
    private var asked: [String] = []
    private var problems: [SettingProblem] = []

    /// Whoever has so many has the wrong file.
    private static let problemLimit = 50

    /// - Parameter key: of the table, from the top of the file
    init(_ entries: [String: SettingValue], key: String) {
        self.entries = entries
        self.key = key
    }

    /// All that is wrong, unknown keys too.
    mutating func finished() -> [SettingProblem] {
        for name in entries.keys.sorted() where !asked.contains(name) {
            problems.append(SettingProblem(unknown: path(name).split(separator: ".").map(String.init), among: asked))
        }
        return Array(problems.prefix(Self.problemLimit))
    }

    mutating func note(_ name: String, _ text: String) {
        problems.append(SettingProblem(key: path(name), reason: .other(text)))
    }

    private func path(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

    private mutating func value<Value>(
        _ name: String, _ expected: String, _ read: (SettingValue) -> Value?
    ) -> Value? {
        if !asked.contains(name) { asked.append(name) }
        guard let entry = entries[name] else { return nil }
        guard let value = read(entry) else {
            problems.append(SettingProblem(key: path(name), found: entry, expected: expected))
            return nil
        }
        return value
    }

    /// Whether there is anything under a name, right or wrong.
    func has(_ name: String) -> Bool { entries[name] != nil }

    /// A value that there has to be.
    mutating func needed<Value>(_ read: (inout TableReader) -> Value?, _ name: String) -> Value? {
        let value = read(&self)
        if value == nil, !has(name) { note(name, "is missing") }
        return value
    }

    // MARK: Values

    mutating func text(_ name: String) -> String? {
        value(name, "a text in quotes") { $0.text.flatMap { $0.isEmpty ? nil : $0 } }
    }

    mutating func texts(_ name: String) -> [String]? { value(name, "an array of texts in quotes") { $0.array(\.text) } }

    mutating func flag(_ name: String) -> Bool? {
        value(name, "true or false") { if case .boolean(let flag) = $0 { flag } else { nil } }
    }

    mutating func integer<Number: FixedWidthInteger>(_ name: String, _ range: ClosedRange<Int>) -> Number? {
        value(name, "a whole number from \(range.lowerBound) to \(range.upperBound)") {
            if case .integer(let number) = $0, range.contains(number) { Number(exactly: number) } else { nil }
        }
    }

    mutating func number(_ name: String, _ range: ClosedRange<Double>) -> Double? {
        value(name, "a number from \(range.lowerBound) to \(range.upperBound)") {
            $0.real.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func uuid(_ name: String) -> UUID? {
        value(name, "a UUID in quotes") { $0.text.flatMap { UUID(parsing: $0) } }
    }

    /// One of some names of the protocol, in lower case.
    mutating func choice<Choice: WireEnumeration>(_ name: String, _ choices: [Choice]) -> Choice? {
        value(name, choices.map { "\"\($0.name.lowercased())\"" }.joined(separator: " or ")) { value in
            choices.first { $0.name.lowercased() == value.text }
        }
    }

    mutating func numbers(_ name: String, _ count: Int) -> [Double]? {
        value(name, "\(count) numbers in brackets") { $0.finiteNumbers(count) }
    }

    mutating func vector(_ name: String) -> Vector3? {
        value(name, Self.vectorExpected) { $0.vector }
    }

    private static let vectorExpected = "3 numbers in brackets"

    /// `{ min = [x, y, z], max = [x, y, z] }` or `{ center = [x, y, z], radius = r }`.
    mutating func volume(_ name: String) -> BoundingVolume? {
        value(name, "{ min = [x, y, z], max = [x, y, z] } or { center = [x, y, z], radius = r }") { value in
            guard case .table(let parts) = value, parts.count == 2 else { return nil }
            if let low = parts["min"]?.vector, let high = parts["max"]?.vector {
                return .box(min: low, max: high)
            }
            guard let center = parts["center"]?.vector, let radius = parts["radius"]?.real, radius.isFinite, radius >= 0
            else { return nil }
            return .sphere(center: center, radius: radius)
        }
    }

    /// Fields of an entity, by their keys: three numbers are a VECTOR3, four a QUATERNION.
    mutating func fields(_ name: String) -> [StateField] {
        let fields = value(name, "a table of texts, numbers, flags and arrays of three or four numbers") {
            value -> [StateField]? in
            guard case .table(let entries) = value else { return nil }
            let fields = entries.sorted { $0.key < $1.key }.compactMap { key, value in
                value.field.map { StateField(key, $0) }
            }
            return fields.count == entries.count ? fields : nil
        }
        return fields ?? []
    }

    // MARK: Tables

    mutating func table(_ name: String, _ read: (inout TableReader) -> Void) {
        guard let entries = value(name, "a table", \.entries) else { return }
        self.read(entries, path(name), read)
    }

    /// `[[name]]`
    mutating func tables(_ name: String, _ read: (inout TableReader) -> Void) {
        guard let tables = value(name, "tables: [[\(name)]]", { $0.array(\.entries) }) else { return }
        for (place, entries) in tables.enumerated() { self.read(entries, "\(path(name))[\(place)]", read) }
    }

    private mutating func read(_ entries: [String: SettingValue], _ key: String, _ read: (inout TableReader) -> Void) {
        var reader = TableReader(entries, key: key)
        read(&reader)
        problems += reader.finished()
    }
}

extension SettingValue {
    fileprivate var entries: [String: SettingValue]? { if case .table(let entries) = self { entries } else { nil } }

    fileprivate func finiteNumbers(_ count: Int) -> [Double]? {
        guard let numbers = array(\.real), numbers.count == count, numbers.allSatisfy(\.isFinite) else { return nil }
        return numbers
    }

    fileprivate var vector: Vector3? { finiteNumbers(3).map { Vector3($0[0], $0[1], $0[2]) } }

    /// As a value of an entity's field.
    fileprivate var field: Value? {
        switch self {
        case .integer(let value): .int(Int64(value))
        case .number(let value): value.isFinite ? .float(value) : nil
        case .boolean(let value): .bool(value)
        case .string(let value): .string(value)
        case .array:
            vector.map { .vector3($0) }
                ?? finiteNumbers(4).map {
                    .quaternion(Quaternion(Float($0[0]), Float($0[1]), Float($0[2]), Float($0[3])))
                }
        case .table, .other: nil
        }
    }
}
