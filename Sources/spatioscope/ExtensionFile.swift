import Settings
import SpatioWire
import TOMLKit

/// Reads the extensions that the user knows of: a TOML file with a table `[[extension]]` each.
///
///     [[extension]]
///     id = 0x9001
///     name = "battery"
///     type = "application"
///     version = "1.2.0"
///     status = "beta"
///     dependencies = [{ id = 0x0002, version = "1.0.0" }]
///     fields = [{ name = "volts", type = "float" }, { name = "label", type = "string" }]
///
/// `id` and `name` are needed; without `fields` the structure is that of a manifest in band, if there is one.
enum ExtensionFile {
    /// A thousand extensions with some hundred octets each.
    private static let sizeLimit = 1 << 20

    /// - Throws: `Failure` when the file cannot be read, is not TOML, or says something that cannot be meant; every such
    ///   thing is named with its place.
    static func load(_ paths: [String]) throws -> ExtensionSchemas {
        ExtensionSchemas(configured: try manifests(paths))
    }

    /// The same as manifests.
    static func manifests(_ paths: [String]) throws -> [ExtensionManifest] { try paths.flatMap { try manifests($0) } }

    private static func manifests(_ path: String) throws -> [ExtensionManifest] {
        let text = String(decoding: try readFile(path, limit: sizeLimit), as: UTF8.self)
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw Failure("\(path):\(error.source.begin.line):\(error.source.begin.column): \(error.description)")
        }
        var reading = ExtensionReading(path: path, places: TOMLPlaces(text))
        let manifests = reading.manifests(table)
        guard reading.problems.isEmpty else { throw Failure(reading.problems.joined(separator: "\nspatioscope: ")) }
        return manifests
    }
}

extension ExtensionSchemas {
    /// Those that the configuration names. A wrong file is a problem of the configuration, and then none of them counts.
    init(of file: inout ConfigurationFile) {
        do {
            self = try ExtensionFile.load(file.configuration.extensions)
        } catch {
            file.add(problem: "\(error)", with: "extensions")
            self.init()
        }
    }
}

/// Makes manifests of tables, and notes all that is wrong in them.
private struct ExtensionReading {
    let path: String
    let places: TOMLPlaces
    private(set) var problems: [String] = []

    /// Whoever has so many has the wrong file.
    private static let problemLimit = 20
    private static let keys = ["id", "name", "type", "version", "status", "dependencies", "fields"]

    init(path: String, places: TOMLPlaces) {
        self.path = path
        self.places = places
    }

    mutating func manifests(_ table: TOMLTable) -> [ExtensionManifest] {
        for key in table.keys.sorted() where key != "extension" {
            note(key, line: places.line(of: key), "unknown key; the file has tables [[extension]] and nothing else")
        }
        guard let value = table["extension"] else {
            note("extension", line: nil, "the file has no table [[extension]]")
            return []
        }
        guard let array = value.array else {
            note("extension", line: places.line(of: "extension"), "a list of tables is needed: [[extension]]")
            return []
        }
        guard array.count <= ExtensionSchemas.limit else {
            note("extension", line: nil, "\(array.count) extensions; at most \(ExtensionSchemas.limit) are followed")
            return []
        }
        var manifests: [ExtensionManifest] = []
        for (place, element) in array.enumerated() {
            guard let entry = element.table else {
                note("extension[\(place)]", line: places.line(of: "extension"), "a table is needed")
                continue
            }
            guard let manifest = manifest(entry, place) else { continue }
            if let other = manifests.firstIndex(where: { $0.id == manifest.id }) {
                note(place, "id", "extension[\(other)] has the number \(manifest.id.hexadecimal) already")
            }
            manifests.append(manifest)
        }
        return manifests
    }

    private mutating func manifest(_ table: TOMLTable, _ place: Int) -> ExtensionManifest? {
        refuseOthers(table, Self.keys, place, "")
        let id = identifier(table, place, "id")
        if let id, let name = ExtensionID.name(id) {
            note(place, "id", "\(id.hexadecimal) is \(name), which the protocol's profile defines")
        }
        let name = text(table, place, "name")
        if name == "" { note(place, "name", "an empty name is nobody's") }
        let type = choice(table, place, "type", ExtensionType.allCases) ?? .application
        let version = self.version(table, place, "version", isNeeded: false) ?? SemanticVersion(1, 0, 0)
        let status = choice(table, place, "status", ExtensionStatus.allCases) ?? .experimental
        let dependencies = list(table, place, "dependencies") { reading, entry, key -> ExtensionOffer? in
            reading.refuseOthers(entry, ["id", "version"], place, key + ".")
            guard let id = reading.identifier(entry, place, "\(key).id"),
                let version = reading.version(entry, place, "\(key).version", isNeeded: true)
            else { return nil }
            return ExtensionOffer(extensionID: id, version: version)
        }
        let fields = list(table, place, "fields") { reading, entry, key -> SchemaField? in
            reading.refuseOthers(entry, ["name", "type"], place, key + ".")
            let name = reading.text(entry, place, "\(key).name")
            let types = Value.Tag.allCases.filter { $0 != .null }
            if entry["type"] == nil { reading.note(place, "\(key).type", "is missing") }
            guard let type = reading.choice(entry, place, "\(key).type", types), let name else { return nil }
            return SchemaField(name, type)
        }
        guard let id, let name else { return nil }
        return ExtensionManifest(
            id: id, name: name, type: type, version: version, status: status, dependencies: dependencies ?? [],
            schema: fields)
    }

    // MARK: Values

    /// The last part of a path: what stands in the table at hand.
    private static func own(_ key: String) -> String { key.split(separator: ".").last.map(String.init) ?? key }

    private mutating func identifier(_ table: TOMLTable, _ place: Int, _ key: String) -> UInt16? {
        guard let value = table[Self.own(key)] else {
            note(place, key, "is missing")
            return nil
        }
        guard let number = value.int, let id = UInt16(exactly: number) else {
            note(place, key, "a number from 0 to 0xFFFF is needed")
            return nil
        }
        return id
    }

    private mutating func text(_ table: TOMLTable, _ place: Int, _ key: String) -> String? {
        guard let value = table[Self.own(key)] else {
            note(place, key, "is missing")
            return nil
        }
        guard let text = value.string else {
            note(place, key, "a text in quotes is needed")
            return nil
        }
        return text
    }

    private mutating func version(
        _ table: TOMLTable, _ place: Int, _ key: String, isNeeded: Bool
    ) -> SemanticVersion? {
        guard let value = table[Self.own(key)] else {
            if isNeeded { note(place, key, "is missing") }
            return nil
        }
        let parts = (value.string ?? "").split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else {
            note(place, key, "a version is three numbers below 65536 in quotes: \"1.2.0\"")
            return nil
        }
        return SemanticVersion(major, minor, patch)
    }

    private mutating func choice<Choice: WireEnumeration>(
        _ table: TOMLTable, _ place: Int, _ key: String, _ choices: [Choice]
    ) -> Choice? {
        guard let value = table[Self.own(key)] else { return nil }
        let text = value.string?.uppercased()
        if let choice = choices.first(where: { $0.name == text }) { return choice }
        let names = choices.map { $0.name.lowercased() }.joined(separator: ", ")
        note(place, key, value.string.map { "\"\($0)\" is none of \(names)" } ?? "one of \(names) is needed, in quotes")
        return nil
    }

    /// The tables of a list; nil where there is no such list.
    private mutating func list<Element>(
        _ table: TOMLTable, _ place: Int, _ key: String,
        _ read: (inout ExtensionReading, TOMLTable, String) -> Element?
    ) -> [Element]? {
        guard let value = table[key] else { return nil }
        guard let array = value.array else {
            note(place, key, "a list of tables is needed: [{ ... }, { ... }]")
            return nil
        }
        var elements: [Element] = []
        for (number, element) in array.enumerated() {
            let path = "\(key)[\(number)]"
            guard let entry = element.table else {
                note(place, path, "a table is needed: { ... }")
                continue
            }
            if let element = read(&self, entry, path) { elements.append(element) }
        }
        return elements
    }

    private mutating func refuseOthers(_ table: TOMLTable, _ known: [String], _ place: Int, _ path: String) {
        for key in table.keys.sorted() where !known.contains(key) {
            note(place, path + key, "unknown key; there are \(known.joined(separator: ", "))")
        }
    }

    // MARK: Problems

    private mutating func note(_ place: Int, _ key: String, _ text: String) {
        let first = key.prefix { $0 != "." && $0 != "[" }
        note("extension[\(place)].\(key)", line: places.line(of: String(first), inTable: place), text)
    }

    private mutating func note(_ key: String, line: Int?, _ text: String) {
        guard problems.count < Self.problemLimit else { return }
        problems.append("\(path)\(line.map { ":\($0)" } ?? ""): \(key): \(text)")
    }
}

/// Where keys stand in a file: the parser tells that of wrong syntax only.
private struct TOMLPlaces {
    private let lines: [Substring]
    /// The lines of the headers `[[extension]]`, from 0.
    private let headers: [Int]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        headers = lines.indices.filter { [lines] line in
            let words = lines[line].prefix { $0 != "#" }.filter { !$0.isWhitespace }
            return words == "[[extension]]"
        }
    }

    /// The line of a key before the first table, from 1.
    func line(of key: String) -> Int? {
        line(of: key, in: 0..<(headers.first ?? lines.count)).map { $0 + 1 }
            ?? lines.firstIndex { $0.contains("[" + key) }.map { $0 + 1 }
    }

    /// The line of a key of a table, from 1, or that of the table's header.
    func line(of key: String, inTable table: Int) -> Int? {
        guard headers.indices.contains(table) else { return line(of: "extension") }
        let end = table + 1 < headers.count ? headers[table + 1] : lines.count
        return (line(of: key, in: headers[table]..<end) ?? headers[table]) + 1
    }

    private func line(of key: String, in range: Range<Int>) -> Int? {
        range.first { line in
            let start = lines[line].drop { $0 == " " || $0 == "\t" || $0 == "\"" }
            guard start.hasPrefix(key) else { return false }
            return start.dropFirst(key.count).first.map { " \t=\".".contains($0) } ?? false
        }
    }
}
