import Glibc

/// Where a user's files are, by the XDG base directory specification.
package enum UserFolders {
    /// `$XDG_CONFIG_HOME/spatioscope`, else `~/.config/spatioscope`; nil without a home.
    package static var configuration: String? { folder("XDG_CONFIG_HOME", ".config") }

    /// `$XDG_STATE_HOME/spatioscope`, else `~/.local/state/spatioscope`; nil without a home.
    package static var state: String? { folder("XDG_STATE_HOME", ".local/state") }

    /// `$XDG_CACHE_HOME/spatioscope`, else `~/.cache/spatioscope`; nil without a home.
    package static var cache: String? { folder("XDG_CACHE_HOME", ".cache") }

    /// The home folder, for paths that begin with `~`.
    package static var home: String? { absolute(environment("HOME")) }

    /// The value of a variable; nil also where it is empty.
    package static func environment(_ name: String) -> String? {
        getenv(name).flatMap { String(validatingCString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func folder(_ variable: String, _ usual: String) -> String? {
        let base = absolute(environment(variable)) ?? home.map { "\($0)/\(usual)" }
        return base.map { "\($0)/spatioscope" }
    }

    /// The specification has relative paths ignored.
    private static func absolute(_ path: String?) -> String? { path.flatMap { $0.hasPrefix("/") ? $0 : nil } }
}
