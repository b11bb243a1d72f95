import Inspection
import Panes
import Screen

/// Reads the entries of a configuration file. Every entry that is right is taken, every one that is wrong is named.
struct ConfigurationReader {
    private(set) var configuration = Configuration()
    private(set) var problems: [SettingProblem] = []

    static let filters = "filters"
    static let keys = "keys"

    /// Panes with keys of their own, as tables under `[keys]`.
    static let scopes: [(name: String, scope: KeyBinding.Scope)] = KeyBinding.Scope.allCases.compactMap {
        $0 == .everywhere ? nil : ($0.title.lowercased(), $0)
    }

    init(_ entries: [String: SettingValue]) {
        // In order, so that the same file gives the same problems.
        for (name, value) in entries.sorted(by: { $0.key < $1.key }) { read(name, value) }
    }

    private mutating func read(_ name: String, _ value: SettingValue) {
        if let setting = Setting.all.first(where: { $0.table.isEmpty && $0.name == name }) {
            return take(value, setting, key: name)
        }
        let tables = Set(Setting.all.map(\.table)).subtracting([""]).union([Self.filters, Self.keys])
        guard tables.contains(name) else {
            let known = Setting.all.filter { $0.table.isEmpty }.map(\.name) + tables.sorted()
            return problems.append(SettingProblem(unknown: [name], among: known))
        }
        guard case .table(let entries) = value else {
            return problems.append(SettingProblem(key: name, found: value, expected: "a table"))
        }
        for (entry, value) in entries.sorted(by: { $0.key < $1.key }) {
            switch name {
            case Self.filters: readFilter(entry, value)
            case Self.keys: readKeys(entry, value)
            default: readEntry(entry, of: name, value)
            }
        }
    }

    private mutating func readEntry(_ name: String, of table: String, _ value: SettingValue) {
        let settings = Setting.all.filter { $0.table == table }
        guard let setting = settings.first(where: { $0.name == name }) else {
            return problems.append(SettingProblem(unknown: [table, name], among: settings.map(\.name)))
        }
        take(value, setting, key: "\(table).\(name)")
    }

    private mutating func take(_ value: SettingValue, _ setting: Setting, key: String) {
        var changed = configuration
        guard setting.take(value, &changed) else {
            return problems.append(SettingProblem(key: key, found: value, expected: setting.expected))
        }
        if let filter = changed.filter, changed.filter != configuration.filter,
            let error = Self.error(inFilter: filter)
        {
            return problems.append(SettingProblem(key: key, reason: .other(error)))
        }
        configuration = changed
    }

    // MARK: Filters

    private mutating func readFilter(_ name: String, _ value: SettingValue) {
        let key = "\(Self.filters).\(name)"
        guard let text = value.text else {
            return problems.append(SettingProblem(key: key, found: value, expected: "a filter"))
        }
        if let error = Self.error(inFilter: text) {
            return problems.append(SettingProblem(key: key, reason: .other(error)))
        }
        configuration.savedFilters[name] = text
    }

    /// What is wrong with a filter, with the place in it.
    private static func error(inFilter text: String) -> String? {
        do throws(FilterError) {
            _ = try Filter(parsing: text)
            return nil
        } catch {
            return "\(error.message), at character \(error.offset + 1) of \"\(text)\""
        }
    }

    // MARK: Keys

    private mutating func readKeys(_ name: String, _ value: SettingValue) {
        guard case .table(let entries) = value else { return readKey(name, in: .everywhere, value, key: "keys.\(name)") }
        guard let scope = Self.scopes.first(where: { $0.name == name })?.scope else {
            return problems.append(SettingProblem(unknown: [Self.keys, name], among: Self.scopes.map(\.name)))
        }
        for (action, value) in entries.sorted(by: { $0.key < $1.key }) {
            readKey(action, in: scope, value, key: "keys.\(name).\(action)")
        }
    }

    /// One key or an array of keys for an action; an empty array leaves the action without a key.
    private mutating func readKey(_ action: String, in scope: KeyBinding.Scope, _ value: SettingValue, key: String) {
        let names: [SettingValue]
        switch value {
        case .string: names = [value]
        case .array(let values): names = values
        default:
            let expected = "a key or an array of keys"
            return problems.append(SettingProblem(key: key, found: value, expected: expected))
        }
        let before = problems.count
        let keys = names.enumerated().compactMap { place, name -> Key? in
            if let key = name.text.flatMap(Key.init(name:)) { return key }
            let place = names.count > 1 ? "\(key)[\(place)]" : key
            problems.append(SettingProblem(key: place, found: name, expected: Self.keyExpected))
            return nil
        }
        if problems.count == before { configuration.keys[scope, default: [:]][action] = keys }
    }

    private static let keyExpected = "a key: \"x\", \"Space\", \"C-f\", \"F5\", \"Enter\", \"PgUp\" ..."
}
