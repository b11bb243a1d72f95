import Inspection
import Screen
import SpatioWire

/// Every extension that is spoken of at the clock, and those that the user's file has.
struct ExtensionListing: Listing {
    enum Sort: Int, CaseIterable {
        case order, id, name, messages, octets

        var title: String {
            switch self {
            case .order: "as they came"
            case .id: "id"
            case .name: "name"
            case .messages: "messages"
            case .octets: "kB/s"
            }
        }
    }

    /// Where what is said of an extension comes from.
    private enum Source: String {
        case file, wire, profile
        /// Nobody has said what it is.
        case unknown = "-"
    }

    private struct Row {
        var id: UInt16
        var name: String
        /// What it is: the user's file before the network before the protocol's registry.
        var manifest: ExtensionManifest?
        var source: Source
        /// How its data is laid out, and whether the profile says so.
        var schema: [SchemaField]?
        var seen: ExtensionChronicle.Extension?
        var dependencies: [(offer: ExtensionOffer, state: ExtensionChronicle.DependencyState)]

        var messages: Int { (seen?.headers.count ?? 0) + (seen?.messages.count ?? 0) }
    }

    static let columns = [
        PaneTable.Column("id", 6),
        PaneTable.Column("name", 14, ample: 28),
        PaneTable.Column("type", 11, rank: 6),
        PaneTable.Column("version", 7, ample: 9, isRight: true, rank: 1),
        PaneTable.Column("status", 12, rank: 5),
        PaneTable.Column("needs", 9, ample: 18, rank: 2),
        PaneTable.Column("fields", 7, isRight: true, rank: 7),
        PaneTable.Column("messages", 9, isRight: true, rank: 3),
        PaneTable.Column("kB/s", 6, isRight: true, rank: 4),
        PaneTable.Column("misfits", 7, isRight: true, rank: 8),
        PaneTable.Column("offers", 6, isRight: true, rank: 9),
        PaneTable.Column("source", 7, rank: 10),
    ]

    private var rows: [Row] = []

    init() {}

    init(_ snapshot: Snapshot, sort: Sort, isReversed: Bool) {
        let schemas = snapshot.model.schemas
        let seen = snapshot.chronicle.extensions.extensions(until: snapshot.cursor, time: snapshot.time)
        for entry in seen { rows.append(Self.row(entry.id, entry, schemas, snapshot)) }
        let known = Set(seen.map(\.id))
        for id in schemas.configured.keys.sorted() where !known.contains(id) {
            rows.append(Self.row(id, nil, schemas, snapshot))
        }
        switch sort {
        case .order: break
        case .id: rows.sort { $0.id < $1.id }
        case .name: rows.sort { $0.name < $1.name }
        case .messages: rows.sort { $0.messages > $1.messages }
        case .octets: rows.sort { $0.seen?.octetsPerSecond ?? -1 > $1.seen?.octetsPerSecond ?? -1 }
        }
        if isReversed { rows.reverse() }
    }

    private static func row(
        _ id: UInt16, _ seen: ExtensionChronicle.Extension?, _ schemas: ExtensionSchemas, _ snapshot: Snapshot
    ) -> Row {
        let isProfile = ExtensionID.name(id) != nil
        let own = isProfile ? nil : schemas.configured[id]
        let manifest = own ?? (isProfile ? ExtensionID.registered(id) : seen?.manifest)
        let source: Source =
            own != nil ? .file : isProfile ? .profile : manifest != nil ? .wire : .unknown
        let chronicle = snapshot.chronicle.extensions
        let dependencies = (manifest?.dependencies ?? []).map { offer in
            (
                offer: offer,
                state: chronicle.state(of: offer, until: snapshot.cursor, configured: schemas.configured)
            )
        }
        return Row(
            id: id, name: schemas.name(id) ?? seen?.manifest?.name ?? Format.noData, manifest: manifest, source: source,
            schema: isProfile ? nil : schemas.manifests[id]?.schema, seen: seen, dependencies: dependencies)
    }

    var count: Int { rows.count }

    /// Extensions that need what is not there.
    var unmet: Int { rows.count { row in row.dependencies.contains { $0.state.isUnmet } } }

    func key(_ row: Int) -> ListingKey { .extension(rows[row].id) }

    func role(_ row: Int) -> Role {
        guard rows[row].seen != nil else { return .dim }
        return switch rows[row].manifest?.status {
        case .deprecated, .removed: .warning
        default: .text
        }
    }

    func cells(_ row: Int, _ context: PaneContext) -> [PaneTable.Cell] {
        let entry = rows[row]
        let seen = entry.seen
        let misfits = seen?.misfits ?? 0
        let hasFields = entry.source == .profile ? "profile" : entry.schema.map { "\($0.count)" }
        return [
            PaneTable.Cell(entry.id.hexadecimal), PaneTable.Cell(entry.name),
            PaneTable.Cell(entry.manifest?.type.name.lowercased() ?? Format.noData),
            PaneTable.Cell(entry.manifest?.version.description ?? Format.noData),
            PaneTable.Cell(entry.manifest?.status.name.lowercased() ?? Format.noData),
            Self.dependencies(entry),
            PaneTable.Cell(hasFields ?? Format.noData),
            PaneTable.Cell(entry.messages > 0 ? Format.thousands(entry.messages) : Format.noData),
            PaneTable.Cell(Format.fixed(seen?.octetsPerSecond.map { $0 / 1000 }, decimals: 1)),
            PaneTable.Cell(misfits > 0 ? Format.thousands(misfits) : Format.noData, misfits > 0 ? .error : nil),
            PaneTable.Cell(seen.map { $0.offers > 0 ? "\($0.offers)" : Format.noData } ?? Format.noData),
            PaneTable.Cell(entry.source.rawValue),
        ]
    }

    private static func dependencies(_ row: Row) -> PaneTable.Cell {
        guard !row.dependencies.isEmpty else { return PaneTable.Cell(row.manifest == nil ? Format.noData : "nothing") }
        let missing = row.dependencies.count { $0.state == .missing }
        let old = row.dependencies.count { $0.state.isUnmet } - missing
        if missing == 0, old == 0 { return PaneTable.Cell("\(row.dependencies.count) ok", .good) }
        let parts = [missing > 0 ? "\(missing) unmet" : nil, old > 0 ? "\(old) too old" : nil].compactMap(\.self)
        return PaneTable.Cell(parts.joined(separator: ", "), .warning)
    }

    // MARK: Details

    func details(_ row: Int, _ context: PaneContext) -> [DetailLine] {
        let entry = rows[row]
        let snapshot = context.snapshot
        var what = "\(entry.id.hexadecimal)  \(entry.name)"
        if let manifest = entry.manifest {
            what += "  \(manifest.version)  \(manifest.type.name.lowercased())  \(manifest.status.name.lowercased())"
        }
        var lines = [DetailLine("extension", what)]
        lines += entry.dependencies.map { Self.line($0.offer, $0.state, snapshot) }
        if let seen = entry.seen, entry.messages > 0 {
            let ways = [("header", seen.headers), ("message", seen.messages)].filter { $0.1.count > 0 }
            let texts = ways.map { "\(StatusLine.plural($0.1.count, $0.0)), \(Format.bytes($0.1.octets))" }
            lines.append(DetailLine("carried", "by " + texts.joined(separator: ", and by ")))
        }
        if let seen = entry.seen, seen.misfits > 0 {
            lines.append(
                DetailLine("misfits", "\(Format.thousands(seen.misfits)), the last: \(seen.reason ?? "-")", .error))
        }
        lines += schema(entry, snapshot)
        lines += registrations(entry, snapshot)
        lines += negotiations(entry, snapshot)
        return lines
    }

    private static func line(
        _ offer: ExtensionOffer, _ state: ExtensionChronicle.DependencyState, _ snapshot: Snapshot
    ) -> DetailLine {
        let name = snapshot.model.schemas.name(offer.extensionID) ?? offer.extensionID.hexadecimal
        let needed = "\(name) \(offer.version)"
        switch state {
        case .met(let version): return DetailLine("needs", "\(needed): there is \(version?.description ?? "one")")
        case .tooOld(let version): return DetailLine("needs", "\(needed): too old, there is \(version)", .warning)
        case .missing: return DetailLine("needs", "\(needed): not there", .warning)
        }
    }

    // MARK: Fields with their last values

    private func schema(_ row: Row, _ snapshot: Snapshot) -> [DetailLine] {
        let values = lastValues(row, snapshot)
        guard let schema = row.schema else {
            if row.source == .profile { return values.lines }
            return [DetailLine("fields", "Nobody has said how its data is laid out.", .dim)] + values.lines
        }
        if schema.isEmpty { return [DetailLine("fields", "none: it has no data")] }
        // Of data that does not fit, those before the place where it does not have a value.
        let fields = schema.enumerated().map { number, field in
            let value = number < values.values.count ? "  \(values.values[number])" : ""
            return DetailLine(
                number == 0 ? "fields" : "", "\(field.name)  \(field.type.name.lowercased())\(value)")
        }
        return fields + values.lines.filter { $0.role == .error }
    }

    /// What the last message that carries it says: a text for each decoded field, and lines for all of it.
    private func lastValues(_ row: Row, _ snapshot: Snapshot) -> (values: [String], lines: [DetailLine]) {
        let last = [row.seen?.messages.last, row.seen?.headers.last].compactMap(\.self).max { $0.number < $1.number }
        guard let last, let map = snapshot.fieldMap(of: last.number - 1),
            let place = Self.header(of: row.id, in: map)
        else { return ([], []) }
        var values: [String] = []
        var lines: [DetailLine] = []
        let title = "message \(Format.thousands(last.number))"
        for index in (place + 1)..<map.fields.count {
            let field = map.fields[index]
            guard field.depth >= map.fields[place].depth else { break }
            if field.depth == map.fields[place].depth, field.name == "extension_id" { break }
            guard !field.isStructural, field.depth > map.fields[place].depth || field.name == "data" else { continue }
            // What was decoded need not be shown as octets, too.
            if field.name == "data", field.depth == map.fields[place].depth, isDecoded(at: index, in: map) { continue }
            // An element of a list says nothing by itself.
            if field.name.isEmpty, field.value == .object { continue }
            let isReason = field.name == "undecoded"
            let indent = String(repeating: "  ", count: max(0, field.depth - map.fields[place].depth - 1))
            let text = FieldText.text(field, map, showsSecrets: false)
            if field.depth == map.fields[place].depth + 1, !isReason { values.append(text) }
            lines.append(
                DetailLine(lines.isEmpty ? title : "", indent + "\(field.name)  \(text)", isReason ? .error : .text))
            if lines.count == Self.valueLimit { break }
        }
        return (values, lines)
    }

    private func isDecoded(at data: Int, in map: FieldMap) -> Bool {
        guard data + 2 < map.fields.count, map.fields[data + 1].name == "decoded" else { return false }
        return map.fields[data + 2].name != "undecoded"
    }

    /// Fields of one message that are listed.
    private static let valueLimit = 64

    /// The `extension_id` of the header of an extension: in the list of headers, or of the payload.
    private static func header(of id: UInt16, in map: FieldMap) -> Int? {
        map.fields.indices.first { index in
            let field = map.fields[index]
            guard field.name == "extension_id", field.value == .unsigned(UInt64(id)), field.depth <= 2 else {
                return false
            }
            // What a handshake offers has no data.
            let next = map.fields[index...].dropFirst().first { $0.depth == field.depth && $0.name != "version" }
            return next?.name == "flags"
        }
    }

    // MARK: Who has it

    private static let listed = 16

    private func registrations(_ row: Row, _ snapshot: Snapshot) -> [DetailLine] {
        let all = snapshot.chronicle.extensions.registrations(of: row.id, until: snapshot.cursor)
        var lines = all.suffix(Self.listed).map { registration in
            DetailLine(
                "registered",
                "at \(PeerText.time(registration.time, snapshot)) by \(Self.name(registration.source, snapshot)): "
                    + "\(registration.manifest.name) \(registration.manifest.version), "
                    + (registration.manifest.schema.map { StatusLine.plural($0.count, "field") } ?? "no schema"))
        }
        if !all.isEmpty, row.source == .file {
            lines.append(DetailLine("", "The file given with --extensions goes before it.", .dim))
        }
        if !all.isEmpty, row.source == .profile {
            lines.append(DetailLine("", "The profile defines this number: a manifest changes nothing.", .warning))
        }
        return lines
    }

    private static func name(_ source: PeerSource, _ snapshot: Snapshot) -> String {
        let peers = snapshot.chronicle.peers
        if let peer = peers.peer(of: source, until: snapshot.cursor) {
            return peers.name(of: peer, until: snapshot.cursor) ?? PeerDirectory.shortID(peer)
        }
        return source.endpoint.map { PeerNames.text(of: $0, snapshot.hostNames) } ?? "somebody mirrored"
    }

    private func negotiations(_ row: Row, _ snapshot: Snapshot) -> [DetailLine] {
        let all = snapshot.chronicle.extensions.negotiations(
            of: row.id, until: snapshot.cursor, in: snapshot.model)
        return all.prefix(Self.listed).map { negotiation in
            let ends =
                snapshot.model.sessions.indices.contains(negotiation.session)
                ? snapshot.model.sessions[negotiation.session] : nil
            let client = ends.map { $0.name.isEmpty ? PeerNames.text(of: $0.client, snapshot.hostNames) : $0.name }
            let server = ends.map { PeerNames.text(of: $0.server, snapshot.hostNames) }
            let agreed = negotiation.agreed
            return DetailLine(
                agreed == nil ? "offered" : "agreed",
                "\(client ?? "-") \(negotiation.client?.description ?? "does not")  \(server ?? "-") "
                    + (negotiation.server?.description ?? "does not") + (agreed.map { ": \($0)" } ?? ""),
                agreed == nil ? .dim : .text)
        }
    }

    // MARK: Filter

    func filter(_ row: Int, _ context: PaneContext) -> String? {
        rows[row].messages > 0 ? "extension == \(rows[row].id.hexadecimal)" : nil
    }
}
