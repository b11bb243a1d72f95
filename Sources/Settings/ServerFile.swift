import SpatioServer
import SpatioSession
import SpatioWire

/// The file that a server is planned in, as it was read. Whoever serves after it looks at `problems` first: what is wrong
/// is named and left out.
///
///     name = "lab"
///     security = "encrypt"          # "none", "sign": the least
///     identity = "server.key"       # 32 octets of an Ed25519 key, or their 64 hexadecimal digits
///     demands_token = true
///     announce = false              # to nobody who looks for servers
///     extensions = ["battery.toml"]
///
///     [[space]]
///     name = "plaza"                # without `id` its number is made of its name
///     bounds = { min = [-50, -50, 0], max = [50, 50, 20] }
///     conflicts = "merge"
///
///     [[space.entity]]
///     id = "00000000-0000-4000-8000-000000000001"
///     position = [1, 2, 0]
///     fields = { name = "door", open = false }
///
///     [[token]]
///     name = "alice"
///     file = "alice.token"          # or `secret`
///     spaces = ["plaza"]
package struct ServerFile: Sendable {
    package private(set) var plan = ServerPlan()
    /// Paths of files with the manifests of extensions.
    package private(set) var extensions: [String] = []
    /// A sentence each, with file, line, column and key.
    package private(set) var problems: [String] = []

    /// A hundred thousand entities in a line each.
    private static let sizeLimit = 32 << 20

    /// - Throws: when the file cannot be read, or is not TOML
    package init(path: String) throws(SettingsError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try self.init(try Files.read(path, limit: Self.sizeLimit), name: path, folder: folder)
    }

    /// For a text that is not in a file.
    /// - Parameter folder: where paths in it begin
    init(_ octets: [UInt8], name: String, folder: String) throws(SettingsError) {
        let document = try SettingsDocument(octets, name: name)
        var reader = ServerFileReader(folder: folder)
        reader.read(document.entries)
        plan = reader.plan
        extensions = reader.extensions
        problems = document.describe(reader.problems)
    }
}
