import Inspection
import Panes
import Screen

/// Reads the entries of a configuration file. Every entry that is right is taken, every one that is wrong is named.
struct ConfigurationReader {
    private(set) var configuration = Configuration()
    private(set) var problems: [SettingProblem] = []
    private var filters: [String: String] = [:]
    /// Keys for actions, with the place that says so.
    private var changes: [(key: String, change: Rebinding)] = []

    static let filters = "filters"
    static let keys = "keys"

    init(_ entries: [String: SettingValue]) {
        // In order, so that the same file gives the same problems.
        for (name, value) in entries.sorted(by: { $0.key < $1.key }) { read(name, value) }
        configuration.savedFilters = SavedFilters(filters)
        bindKeys()
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
        filters[name] = text
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

    /// `[keys.map]` for a pane, `[keys.everywhere]` for all; right under `[keys]` an action without its place.
    private mutating func readKeys(_ name: String, _ value: SettingValue) {
        guard case .table(let entries) = value else {
            // What means something everywhere is meant there; anything else, in every pane that has it.
            let isGeneral = KeyTable.complete.bindings.contains { $0.scope == .everywhere && $0.action.name == name }
            let scope = isGeneral ? KeyBinding.Scope.everywhere.name : nil
            return readKey(name, in: scope, value, key: "\(Self.keys).\(name)")
        }
        for (action, value) in entries.sorted(by: { $0.key < $1.key }) {
            readKey(action, in: name, value, key: "\(Self.keys).\(name).\(action)")
        }
    }

    /// One key or an array of keys for an action; an empty array leaves the action without a key.
    private mutating func readKey(_ action: String, in scope: String?, _ value: SettingValue, key: String) {
        guard let names = value.text.map({ [$0] }) ?? value.array(\.text) else {
            return problems.append(SettingProblem(key: key, found: value, expected: "a key or an array of keys"))
        }
        let change = Rebinding(scope: scope, action: action, keys: names)
        do throws(RebindingError) {
            _ = try KeyTable.complete.rebound(with: [change])
        } catch {
            switch error {
            case .unknownScope, .unknownAction, .unknownKey:
                return problems.append(SettingProblem(key: key, reason: .other(error.description)))
            case .conflict, .unreachable: break  // another change may mend it
            }
        }
        changes.append((key, change))
    }

    /// Takes all changes of keys together: one may take a key that another gives away. One that cannot be is left out.
    private mutating func bindKeys() {
        while true {
            configuration.keys = changes.map(\.change)
            do throws(RebindingError) {
                _ = try KeyTable.complete.rebound(with: configuration.keys)
                return
            } catch {
                guard let wrong = changes.lastIndex(where: { Self.concerns(error, $0.change) }) else {
                    changes = []
                    continue
                }
                let text = "\(error): one of them needs another key, or [] for none"
                problems.append(SettingProblem(key: changes[wrong].key, reason: .other(text)))
                changes.remove(at: wrong)
            }
        }
    }

    private static func concerns(_ error: RebindingError, _ change: Rebinding) -> Bool {
        switch error {
        case .conflict(_, let first, let second, _): change.action == first || change.action == second
        case .unreachable(let action): change.action == action
        case .unknownScope, .unknownAction, .unknownKey: false
        }
    }
}
