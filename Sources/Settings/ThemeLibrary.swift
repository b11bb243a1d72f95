import Panes
import Screen

/// Every theme that can be named: the user's own, and those that are part of the program.
package struct ThemeLibrary: Sendable {
    /// Where the user's own are: `NAME.toml` each. Nil: there is no such place.
    package let folder: String?

    /// A theme is some hundred short lines.
    private static let sizeLimit = 1 << 20

    package init(folder: String?) { self.folder = folder }

    /// The user's: `themes` beside the configuration file.
    package init() { self.init(folder: UserFolders.configuration.map { "\($0)/themes" }) }

    /// A theme, and what is wrong in its file: the rest of the file is used.
    package struct Loaded: Sendable {
        package var theme: Theme
        /// How messages look in the list, before the colours of their types.
        package var rules: [ColorRule]
        package var problems: [String]

        package init(theme: Theme, rules: [ColorRule] = [], problems: [String] = []) {
            self.theme = theme
            self.rules = rules
            self.problems = problems
        }
    }

    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// No theme has the name; these there are.
        case unknown(String, known: [String])
        /// The file cannot be read, or not understood at all.
        case unreadable(SettingsError)

        package var description: String {
            switch self {
            case .unknown(let name, let known):
                "there is no theme \"\(name)\"; there are \(known.joined(separator: ", "))"
            case .unreadable(let error): error.description
            }
        }
    }

    /// The theme of a name, or of a file: what has a `/` in it or ends in `.toml`. The user's own go before those of the
    /// program.
    package func load(_ name: String) throws(Failure) -> Loaded {
        if name.contains("/") || name.hasSuffix(".toml") { return try read(name) }
        if let path = ownPath(name) { return try read(path) }
        guard let octets = Self.builtIn.first(where: { $0.name == name })?.octets else {
            throw .unknown(name, known: names)
        }
        return try Self.theme(octets, file: "\(name).toml")
    }

    /// In alphabetic order, the user's own among them.
    package var names: [String] {
        var names = Set(Self.builtIn.map(\.name))
        if let folder {
            names.formUnion(Files.list(folder).filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) })
        }
        return names.sorted()
    }

    /// The text of a theme's file, to begin one's own from.
    package func source(of name: String) throws(Failure) -> [UInt8] {
        if let path = ownPath(name) { return try Self.octets(of: path) }
        guard let octets = Self.builtIn.first(where: { $0.name == name })?.octets else {
            throw .unknown(name, known: names)
        }
        return octets
    }

    private func ownPath(_ name: String) -> String? {
        guard let folder, Files.list(folder).contains("\(name).toml") else { return nil }
        return "\(folder)/\(name).toml"
    }

    private func read(_ path: String) throws(Failure) -> Loaded {
        try Self.theme(try Self.octets(of: path), file: path)
    }

    private static func octets(of path: String) throws(Failure) -> [UInt8] {
        do throws(SettingsError) {
            return try Files.read(path, limit: sizeLimit)
        } catch {
            throw .unreadable(error)
        }
    }

    /// What a file leaves out comes from `dark`, or from `light` where it says `dark = false`.
    static func theme(_ octets: [UInt8], file: String) throws(Failure) -> Loaded {
        do throws(SettingsError) {
            let document = try SettingsDocument(octets, name: file)
            let base = document.entries["dark"] == .boolean(false) ? Theme.light : .dark
            let entries = document.entries.filter { $0.key != ColorRuleReader.key }.sorted { $0.key < $1.key }
            let (theme, problems) = base.applying(overrides: entries.map { (key: $0.key, value: $0.value) })
            let reader = document.entries[ColorRuleReader.key].map(ColorRuleReader.init)
            return Loaded(
                theme: theme, rules: reader?.rules ?? [],
                problems: document.describe(problems + (reader?.problems ?? [])))
        } catch {
            throw .unreadable(error)
        }
    }

    /// The files of `themes/`, which are compiled in: the program may be installed without any other file.
    static let builtIn: [(name: String, octets: [UInt8])] = [
        ("contrast", PackageResources.contrast_toml),
        ("dark", PackageResources.dark_toml),
        ("dusk", PackageResources.dusk_toml),
        ("light", PackageResources.light_toml),
        ("mono", PackageResources.mono_toml),
        ("paper", PackageResources.paper_toml),
        ("safe-dark", PackageResources.safe_dark_toml),
        ("safe-light", PackageResources.safe_light_toml),
    ]
}
