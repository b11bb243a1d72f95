extension Theme {
    /// This theme with some of it replaced. Every entry that is right is taken, every one that is wrong is named.
    ///
    /// Keys: `name` (string), `dark` (boolean), `styles` (a table from roles to tables with `foreground`, `background`
    /// - 0...255 or `"default"` - and `bold`, `dim`, `underlined`, `reversed`, `italic`; what such a table leaves out
    /// stays as it is), `ramps` (`altitude`, `density`) and `palette` (`entities`) with arrays of colours.
    /// - Parameter overrides: the entries at the top of the file; keys with dots reach into tables
    package func applying(overrides: [(key: String, value: SettingValue)]) -> (theme: Theme, problems: [SettingProblem])
    {
        var reader = ThemeReader(theme: self)
        for (key, value) in overrides {
            reader.read(value, at: key.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
        }
        return (reader.theme, reader.problems)
    }
}

private struct ThemeReader {
    var theme: Theme
    var problems: [SettingProblem] = []

    private static let attributes: [String: Style.Attributes] = [
        "bold": .bold, "dim": .dim, "underlined": .underlined, "reversed": .reversed, "italic": .italic,
    ]

    private static let roles = Role.allCases.map(\.rawValue)

    /// As many as there are colours; more is a mistake or an attack.
    private static let maximumColors = 256

    /// Reads the value at a path; a table leads further down.
    mutating func read(_ value: SettingValue, at path: [String]) {
        let key = path.joined(separator: ".")
        switch (path.first ?? "", path.count) {
        case ("name", 1):
            guard case .string(let name) = value else { return wrong(key, value, "a string") }
            theme.name = name
        case ("dark", 1):
            guard case .boolean(let isDark) = value else { return wrong(key, value, "true or false") }
            theme.isDark = isDark
        case ("styles", 1), ("ramps", 1), ("palette", 1), ("styles", 2):
            if path.count == 2, Role(rawValue: path[1]) == nil { return unknown(path, among: Self.roles) }
            guard case .table(let entries) = value else { return wrong(key, value, "a table") }
            // In order, so that the same file gives the same problems.
            for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
                read(entry, at: path + [name])
            }
        case ("styles", 3):
            readStyle(value, at: path, key: key)
        case ("ramps", 2):
            readColors(value, at: path, key: key, ["altitude": \.altitude, "density": \.density])
        case ("palette", 2):
            readColors(value, at: path, key: key, ["entities": \.entities])
        default:
            unknown(path, among: path.count == 1 ? ["name", "dark", "styles", "ramps", "palette"] : [])
        }
    }

    private mutating func readStyle(_ value: SettingValue, at path: [String], key: String) {
        guard let role = Role(rawValue: path[1]) else {
            return unknown(Array(path[..<2]), among: Self.roles)
        }
        var style = theme[role]
        let part = path[2]
        if let attribute = Self.attributes[part] {
            guard case .boolean(let isOn) = value else { return wrong(key, value, "true or false") }
            if isOn { style.attributes.insert(attribute) } else { style.attributes.remove(attribute) }
        } else if part == "foreground" || part == "background" {
            guard let color = color(value, key: key) else { return }
            if part == "foreground" { style.foreground = color } else { style.background = color }
        } else {
            return unknown(path, among: ["foreground", "background"] + Self.attributes.keys)
        }
        theme.styles[role] = style
    }

    private mutating func readColors(
        _ value: SettingValue, at path: [String], key: String, _ known: [String: WritableKeyPath<Theme, [Color]>]
    ) {
        guard let property = known[path[1]] else { return unknown(path, among: Array(known.keys)) }
        guard case .array(let entries) = value, !entries.isEmpty, entries.count <= Self.maximumColors else {
            return wrong(key, value, "an array of 1 to \(Self.maximumColors) colours")
        }
        let before = problems.count
        let colors = entries.enumerated().compactMap { color($1, key: "\(key)[\($0)]") }
        if problems.count == before { theme[keyPath: property] = colors }
    }

    private mutating func color(_ value: SettingValue, key: String) -> Color? {
        if let color = Color(value) { return color }
        wrong(key, value, "a colour, 0...255 or \"default\"")
        return nil
    }

    private mutating func wrong(_ key: String, _ value: SettingValue, _ expected: String) {
        problems.append(SettingProblem(key: key, found: value, expected: expected))
    }

    private mutating func unknown(_ path: [String], among known: [String]) {
        problems.append(SettingProblem(unknown: path, among: known))
    }
}

extension Color {
    /// As settings write it: 0...255, or `"default"` for the terminal's own. Nil for anything else.
    package init?(_ value: SettingValue) {
        switch value {
        case .integer(let number):
            guard let index = UInt8(exactly: number) else { return nil }
            self = .indexed(index)
        case .string("default"): self = .standard
        default: return nil
        }
    }
}
