import Panes
import Screen

/// The configuration file as it was read. What is wrong in it is named, and the rest of it is used.
package struct ConfigurationFile: Sendable {
    /// Nil: the user has no home for one.
    package let path: String?
    package private(set) var isThere = false
    package private(set) var configuration = Configuration()
    /// A sentence each, with file, line, column and key.
    package private(set) var problems: [String] = []
    private var document: SettingsDocument?

    /// Longer than every key with many filters.
    private static let sizeLimit = 1 << 20

    /// The file at its usual place, where there need not be one.
    package static var usualPath: String? { UserFolders.configuration.map { "\($0)/config.toml" } }

    /// Reads the file at its usual place; one that is not there leaves all defaults.
    package init() {
        path = Self.usualPath
        guard let path else { return }
        do throws(SettingsError) {
            read(try Files.read(path, limit: Self.sizeLimit), path)
        } catch {
            if !error.isAbsence { problems.append(error.description) }
        }
    }

    /// Reads a file that was named.
    /// - Throws: when it cannot be read
    package init(path: String) throws(SettingsError) {
        self.path = path
        read(try Files.read(path, limit: Self.sizeLimit), path)
    }

    /// The same file as it is now. One that cannot be read is a problem.
    package func reread() -> ConfigurationFile {
        guard let path, isThere || path != Self.usualPath else { return ConfigurationFile() }
        do throws(SettingsError) {
            return try ConfigurationFile(path: path)
        } catch {
            var file = self
            file.problems = [error.description]
            return file
        }
    }

    /// For a text that is not in a file.
    init(_ octets: [UInt8], name: String) {
        path = name
        read(octets, name)
    }

    private mutating func read(_ octets: [UInt8], _ path: String) {
        isThere = true
        do throws(SettingsError) {
            let document = try SettingsDocument(octets, name: path)
            let reader = ConfigurationReader(document.entries)
            configuration = reader.configuration
            problems = document.describe(reader.problems)
            self.document = document
        } catch {
            problems.append(error.description)
        }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        configuration.resolvePaths(in: folder)
    }

    /// What turned out to be wrong with a key when it was used, as a sentence without its full stop.
    package mutating func add(problem text: String, with key: String) {
        let problem = SettingProblem(key: key, reason: .other(text))
        problems.append(document?.describe(problem) ?? problem.description)
    }
}

extension Configuration {
    /// Paths in a file begin at the folder of that file, or at the user's home with `~/`.
    fileprivate mutating func resolvePaths(in folder: String) {
        if theme.contains("/") || theme.hasSuffix(".toml") { theme = Self.resolved(theme, folder) }
        keyLog = keyLog.map { Self.resolved($0, folder) }
        extensions = extensions.map { Self.resolved($0, folder) }
    }

    private static func resolved(_ path: String, _ folder: String) -> String {
        if path.hasPrefix("~/"), let home = UserFolders.home { return home + path.dropFirst(1) }
        return path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}
