import Panes

/// A configuration file with every key, what it means, and its default.
package enum ConfigurationText {
    package static var documented: String {
        var text = """
            # The configuration of spatioscope: every key with its default. A file needs only what it changes. Options on the
            # command line go before it. What is wrong in it is named, and the rest of it is used.

            """
        var table = ""
        for setting in Setting.all {
            if setting.table != table {
                table = setting.table
                text += "\n[\(table)]\n"
            }
            text += "\n" + commented(setting.words + (setting.isChoice ? " Allowed: \(setting.expected)." : ""))
            text += "\(setting.isExample ? "# " : "")\(setting.name) = \(setting.sample)\n"
        }
        return text + filters + keys
    }

    private static let filters = """

        # Filters by name: @losses stands for this one on the filter line and in --filter.
        [\(ConfigurationReader.filters)]
        # losses = "lost || duplicate"

        """

    private static var keys: String {
        var text = """

            # Keys by what they do: one, an array of several, or [] for none. What a pane has for itself goes before what is
            # for everywhere. A key is a character, "Space", "C-f", "F5", "Enter", "Esc", "Tab", "PgUp" ...

            """
        let bindings = KeyTable.complete.bindings
        let scopes = bindings.map(\.scope).reduce(into: [KeyBinding.Scope]()) { if !$0.contains($1) { $0.append($1) } }
        for scope in scopes { text += "\n[keys.\(scope.name)]\n" + lines(of: bindings.filter { $0.scope == scope }) }
        return text
    }

    private static func lines(of bindings: [KeyBinding]) -> String {
        var text = ""
        for binding in bindings {
            let keys = binding.keys.map { "\"" + ($0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : $0.name) + "\"" }
            text += "# \(binding.action.name) = [\(keys.joined(separator: ", "))]  # \(binding.help)\n"
        }
        return text
    }

    /// Words as lines of comment, broken at the width of the file.
    private static func commented(_ words: String) -> String {
        var lines = ["#"]
        for word in words.split(separator: " ") {
            if lines[lines.count - 1].count + 1 + word.count > width { lines.append("#") }
            lines[lines.count - 1] += " " + word
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let width = 120
}
