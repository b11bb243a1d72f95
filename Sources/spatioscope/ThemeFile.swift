import Glibc
import Screen
import TOMLKit

/// Finds and reads theme files: TOML over a complete default.
enum ThemeFile {
    /// A theme is some hundred short lines.
    private static let sizeLimit = 1 << 20

    /// The theme of a name or a path.
    ///
    /// - Throws: `WrongUse` when there is no such theme, `Failure` when its file cannot be read or is not TOML. A wrong key is named on standard error
    ///   and the rest is used.
    static func load(_ name: String) throws -> Theme {
        if name.contains("/") || name.hasSuffix(".toml") { return try read(name) }
        for folder in folders {
            let path = "\(folder)/\(name).toml"
            if access(path, R_OK) == 0 { return try read(path) }
        }
        switch name {
        case "dark": return .dark
        case "light": return .light
        default: throw WrongUse("--theme: there is no theme \"\(name)\"; there are \(names.joined(separator: ", "))")
        }
    }

    /// Every theme that can be named.
    private static var names: [String] {
        var found: Set = ["dark", "light"]
        for folder in folders {
            guard let listing = opendir(folder) else { continue }
            defer { closedir(listing) }
            while let entry = readdir(listing) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { octets in
                    String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name.hasSuffix(".toml") { found.insert(String(name.dropLast(5))) }
            }
        }
        return found.sorted()
    }

    /// The user's own, then those installed beside the program, then those of the source folder it was built in.
    private static var folders: [String] {
        var folders: [String] = []
        if let home = environment("XDG_CONFIG_HOME") ?? environment("HOME").map({ $0 + "/.config" }) {
            folders.append("\(home)/spatioscope/themes")
        }
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        guard count > 0 else { return folders }
        var parts = String(decoding: path[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self).split(separator: "/")
        parts.removeLast()
        folders.append("/\(parts.dropLast().joined(separator: "/"))/share/spatioscope/themes")
        if let build = parts.lastIndex(where: { $0.hasPrefix(".build") }) {
            folders.append("/\(parts[..<build].joined(separator: "/"))/themes")
        }
        return folders
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).flatMap { String(validatingCString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func read(_ path: String) throws -> Theme {
        let text = String(decoding: try readFile(path, limit: sizeLimit), as: UTF8.self)
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw Failure("\(path):\(error.source.begin.line):\(error.source.begin.column): \(error.description)")
        }
        let base: Theme = table["dark"]?.bool == false ? .light : .dark
        let (theme, problems) = base.applying(
            overrides: table.keys.sorted().compactMap { key in
                table[key].map { (key, value($0)) }
            })
        for problem in problems { StandardError.print("spatioscope: \(path): \(problem)") }
        return theme
    }

    private static func value(_ value: any TOMLValueConvertible) -> ThemeValue {
        if let integer = value.int { return .integer(integer) }
        if let boolean = value.bool { return .boolean(boolean) }
        if let string = value.string { return .string(string) }
        if let array = value.array { return .array(array.map { Self.value($0) }) }
        if let table = value.table {
            var entries: [String: ThemeValue] = [:]
            for key in table.keys { entries[key] = table[key].map { Self.value($0) } }
            return .table(entries)
        }
        return .other(value.debugDescription)
    }
}
