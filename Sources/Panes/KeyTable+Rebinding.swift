import Inspection
import Screen

/// What a user wants a key to do: a line of a configuration.
package struct Rebinding: Equatable, Sendable {
    /// `everywhere`, or a pane by its title in lower case; nil: wherever there is such an action.
    package var scope: String?
    package var action: String
    /// By their names; none takes the action its keys.
    package var keys: [String]

    package init(scope: String? = nil, action: String, keys: [String]) {
        self.scope = scope
        self.action = action
        self.keys = keys
    }
}

/// Why keys cannot be bound as somebody wants.
package enum RebindingError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownScope(String)
    case unknownAction(String, scope: String?)
    case unknownKey(String, action: String)
    /// Two actions of the same place want one key.
    case conflict(key: String, first: String, second: String, scope: String)
    /// An action that everybody must be able to reach would have no key.
    case unreachable(String)

    package var description: String {
        switch self {
        case .unknownScope(let name):
            "there is no pane \"\(VisibleText.visible(name))\""
                + Suggestion.ending(for: name, among: KeyBinding.Scope.allCases.map(\.name))
        case .unknownAction(let name, let scope):
            "there is no action \"\(VisibleText.visible(name))\"" + (scope.map { " in \($0)" } ?? "")
                + Suggestion.ending(for: name, among: Action.names)
        case .unknownKey(let name, let action):
            "\(action): there is no key \"\(VisibleText.visible(name))\"; a character, Ctrl-X, F1 to F12, Space, Enter, "
                + "Esc, Tab, Shift-Tab, Backspace, Del, Ins, Up, Down, Left, Right, PgUp, PgDn, Home, End"
        case .conflict(let key, let first, let second, let scope):
            "\(key) is bound to both \(first) and \(second) (\(scope))"
        case .unreachable(let action): "\(action) needs a key"
        }
    }
}

extension KeyTable {
    /// Without these nobody would find out of a pane or of the program.
    private static let indispensable: [Action] = [.back, .interrupt, .quit, .help]

    /// The table with other keys for some actions, applied in order.
    ///
    /// A key that another action of the same place has must be taken from it in the same list. A pane's own key goes
    /// before a general one, here as ever.
    package func rebound(with changes: [Rebinding]) throws(RebindingError) -> KeyTable {
        var table = self
        for change in changes { try table.apply(change) }
        for action in Self.indispensable
        where !table.bindings.contains(where: { $0.action == action && !$0.keys.isEmpty }) {
            throw .unreachable(action.name)
        }
        try table.checkForConflicts()
        return table
    }

    private mutating func apply(_ change: Rebinding) throws(RebindingError) {
        var scope: KeyBinding.Scope?
        if let name = change.scope {
            scope = KeyBinding.Scope.allCases.first { $0.name == name }
            if scope == nil { throw .unknownScope(name) }
        }
        var keys: [Key] = []
        for name in change.keys {
            guard let key = Key(named: name) else { throw .unknownKey(name, action: change.action) }
            if !keys.contains(key) { keys.append(key) }
        }
        let places = bindings.indices.filter {
            bindings[$0].action.name == change.action && (scope == nil || bindings[$0].scope == scope)
        }
        guard !places.isEmpty else { throw .unknownAction(change.action, scope: change.scope) }
        for place in places { bindings[place].keys = keys }
    }

    private func checkForConflicts() throws(RebindingError) {
        for scope in KeyBinding.Scope.allCases {
            var owners: [Key: Action] = [:]
            for binding in bindings where binding.scope == scope {
                for key in binding.keys {
                    if let owner = owners[key] {
                        throw .conflict(
                            key: key.name, first: owner.name, second: binding.action.name, scope: scope.name)
                    }
                    owners[key] = binding.action
                }
            }
        }
    }
}
