import Inspection
import Panes
import Screen

/// One key of the configuration file: how it is written, what it means, and what it does.
struct Setting: Sendable {
    /// Puts a value into a configuration; false where the value is not allowed.
    typealias Taking = @Sendable (SettingValue, inout Configuration) -> Bool

    /// `screen.speed` is `speed` under `[screen]`.
    let key: String
    /// For the documented file: a sentence or two.
    let words: String
    /// As it stands in a file: the default, or an example where by default there is none.
    let sample: String
    let isExample: Bool
    /// What is allowed, for an error.
    let expected: String
    /// It is one of some words.
    var isChoice = false
    let take: Taking

    /// The table that it is in, without its brackets; empty: at the top of the file.
    var table: String { key.contains(".") ? String(key.prefix { $0 != "." }) : "" }

    /// Its name in that table.
    var name: String { table.isEmpty ? key : String(key.dropFirst(table.count + 1)) }

    init(
        _ key: String, _ words: String, _ sample: String, isExample: Bool = false, _ expected: String,
        _ take: @escaping Taking
    ) {
        self.key = key
        self.words = words
        self.sample = sample
        self.isExample = isExample
        self.expected = expected
        self.take = take
    }

    /// A key that is one of some words; the first is the default.
    static func choice<Value: Sendable>(
        _ key: String, _ words: String, _ choices: [(name: String, value: Value)],
        _ take: @escaping @Sendable (Value, inout Configuration) -> Void
    ) -> Setting {
        let names = choices.map { "\"\($0.name)\"" }
        let expected = names.joined(separator: " or ")
        var setting = Setting(key, words, names.first ?? "", expected) { value, configuration in
            guard case .string(let name) = value, let choice = choices.first(where: { $0.name == name }) else {
                return false
            }
            take(choice.value, &configuration)
            return true
        }
        setting.isChoice = true
        return setting
    }

    /// A key that is on or off.
    static func flag(
        _ key: String, _ words: String, standard: Bool,
        _ take: @escaping @Sendable (Bool, inout Configuration) -> Void
    ) -> Setting {
        Setting(key, words, "\(standard)", "true or false") { value, configuration in
            guard case .boolean(let isOn) = value else { return false }
            take(isOn, &configuration)
            return true
        }
    }
}

extension SettingValue {
    /// Every element by `element`; nil when this is no array or one element is not allowed.
    func array<Element>(_ element: (SettingValue) -> Element?) -> [Element]? {
        guard case .array(let values) = self else { return nil }
        let elements = values.compactMap(element)
        return elements.count == values.count ? elements : nil
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }

    /// A number, whole or not.
    var real: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
