import Capture
import Inspection
import Screen
import SpatioWire

/// Multicast groups, and under each who is in it.
struct GroupListing: Listing {
    private struct Row {
        var group: Int
        /// Nil: the line of the group itself.
        var member: Int?
    }

    private struct Group {
        var id: UUID
        /// Nil where nobody has announced it.
        var announced: MulticastGroup?
        var announcedBy: String?
        var members: [PeerChronicle.Member]
        var names: [String]
        var leaks: Int
        var silent: Int
    }

    static let columns = [
        PaneTable.Column("group / member", 16, ample: 34),
        PaneTable.Column("what", 26, ample: 40, rank: 1),
        PaneTable.Column("messages", 9, isRight: true, rank: 2),
        PaneTable.Column("kB/s", 7, isRight: true, rank: 3),
        PaneTable.Column("endpoint", 18, ample: 24, rank: 4),
        PaneTable.Column("ttl", 3, isRight: true, rank: 7),
        PaneTable.Column("access", 8, ample: 10, rank: 5),
        PaneTable.Column("qos", 14, ample: 30, rank: 8),
        PaneTable.Column("bounds", 16, ample: 36, rank: 6),
    ]

    private var groups: [Group] = []
    private var rows: [Row] = []

    /// Members that have a row each.
    private static let listedMembers = 4_096

    init() {}

    init(_ directory: inout PeerDirectory, _ snapshot: Snapshot) {
        let chronicle = snapshot.chronicle.peers
        for group in chronicle.groups(until: snapshot.cursor) {
            add(group.id, group.group, group.announcedBy, group.members, &directory, snapshot)
        }
        for group in chronicle.unannouncedGroups(until: snapshot.cursor) {
            add(group.id, nil, nil, group.members, &directory, snapshot)
        }
    }

    private mutating func add(
        _ id: UUID, _ announced: MulticastGroup?, _ by: UUID?, _ members: [PeerChronicle.Member],
        _ directory: inout PeerDirectory, _ snapshot: Snapshot
    ) {
        let names = members.map { member in
            member.peer.map { directory.name(of: $0, snapshot) }
                ?? member.endpoint.map { PeerNames.text(of: $0, snapshot.hostNames) } ?? "somebody"
        }
        let list = announced?.accessControl.mode == .list
        groups.append(
            Group(
                id: id, announced: announced,
                announcedBy: by.map { "\(directory.name(of: $0, snapshot))   \($0)" }, members: members, names: names,
                leaks: announced.map { group in members.count { $0.isIntruder(in: group) } } ?? 0,
                silent: list ? members.count { $0.ties == .listed } : 0))
        rows.append(Row(group: groups.count - 1))
        for member in members.indices.prefix(Self.listedMembers) {
            rows.append(Row(group: groups.count - 1, member: member))
        }
    }

    var count: Int { rows.count }
    var groupCount: Int { groups.count }
    var leaks: Int { groups.reduce(0) { $0 + $1.leaks } }

    func key(_ row: Int) -> ListingKey {
        let group = groups[rows[row].group]
        guard let member = rows[row].member else { return .group(group.id) }
        let peer = group.members[member].peer
        return .member(group: group.id, peer, peer == nil ? member : 0)
    }

    func role(_ row: Int) -> Role {
        let group = groups[rows[row].group]
        guard let number = rows[row].member else { return group.announced == nil ? .warning : .title }
        let member = group.members[number]
        if let announced = group.announced, member.isIntruder(in: announced) { return .error }
        return member.ties == .listed ? .dim : .text
    }

    func cells(_ row: Int, _ context: PaneContext) -> [PaneTable.Cell] {
        let group = groups[rows[row].group]
        guard let number = rows[row].member else { return cells(group, context) }
        let member = group.members[number]
        let (cursor, time) = (context.snapshot.cursor, context.snapshot.time)
        let sent = member.traffic?.latest(until: cursor)
        return [
            PaneTable.Cell("  " + group.names[number]),
            PaneTable.Cell(Self.text(member, group.announced)),
            PaneTable.Cell(sent.map { Format.thousands($0.messages) } ?? Format.noData),
            PaneTable.Cell(
                Format.fixed(
                    member.traffic?.perSecond(until: cursor, time: time).map { $0.octets / 1000 }, decimals: 1)),
            PaneTable.Cell(member.endpoint?.description ?? ""),
        ]
    }

    private func cells(_ group: Group, _ context: PaneContext) -> [PaneTable.Cell] {
        let (cursor, time) = (context.snapshot.cursor, context.snapshot.time)
        let logs = group.members.compactMap(\.traffic)
        let rates = logs.compactMap { $0.perSecond(until: cursor, time: time)?.octets }
        let sent = logs.reduce(0) { $0 + Int($1.latest(until: cursor)?.messages ?? 0) }
        let name = "group \(PeerDirectory.shortID(group.id))"
        var what = StatusLine.plural(group.members.count, "member")
        if group.leaks > 0 { what += ", \(StatusLine.plural(group.leaks, "leak"))" }
        if group.silent > 0 { what += ", \(group.silent) silent" }
        if group.announced == nil { what = "announced by nobody" }
        let announced = group.announced
        return [
            PaneTable.Cell(name), PaneTable.Cell(what, group.leaks > 0 ? .error : nil),
            PaneTable.Cell(logs.isEmpty ? Format.noData : Format.thousands(sent)),
            PaneTable.Cell(
                Format.fixed(rates.isEmpty ? nil : rates.reduce(0, +) / 1000, decimals: 1)),
            PaneTable.Cell(announced?.endpoint ?? Format.noData),
            PaneTable.Cell(announced.map { "\($0.ttl)" } ?? Format.noData),
            PaneTable.Cell(announced.map(Self.access) ?? Format.noData),
            PaneTable.Cell(announced.map(Self.quality) ?? Format.noData),
            PaneTable.Cell(announced.map { Self.bounds($0.spatialBounds) } ?? Format.noData),
        ]
    }

    private static func text(_ member: PeerChronicle.Member, _ group: MulticastGroup?) -> String {
        if let group, member.isIntruder(in: group) { return "LEAK: sends, and is not on the list" }
        var words: [String] = []
        if member.ties.contains(.announces) { words.append("announces") }
        if member.ties.contains(.sends) { words.append("sends") }
        if member.ties.contains(.told) { words.append("was told") }
        if member.ties.contains(.listed) { words.append(member.ties == .listed ? "listed, silent" : "listed") }
        return words.joined(separator: ", ")
    }

    private static func access(_ group: MulticastGroup) -> String {
        let access = group.accessControl
        return access.mode.name.lowercased() + (access.mode == .list ? " of \(access.members.count)" : "")
    }

    private static func quality(_ group: MulticastGroup) -> String {
        let qos = group.qos
        var words = [qos.priority.name.lowercased()]
        if qos.reliable { words.append("reliable") }
        if qos.ordered { words.append("ordered") }
        words.append(qos.flow.rateLimit == 0 ? "no limit" : PeerText.rate(qos.flow.rateLimit))
        return words.joined(separator: ", ")
    }

    static func bounds(_ volume: BoundingVolume) -> String {
        switch volume {
        case .box(let min, let max):
            "box \(size(max.x - min.x)) x \(size(max.y - min.y)) at \(size(min.x)), \(size(min.y))"
        case .sphere(let center, let radius): "sphere \(size(radius)) at \(size(center.x)), \(size(center.y))"
        case .frustum(let frustum):
            "frustum of \(size(Double(frustum.far))) at \(size(frustum.apex.x)), \(size(frustum.apex.y))"
        }
    }

    private static func size(_ value: Double) -> String {
        abs(value) >= 1e6 ? Format.si(value) : Format.fixed(value, decimals: abs(value) < 10 ? 1 : 0)
    }

    // MARK: Details

    func details(_ row: Int, _ context: PaneContext) -> [DetailLine] {
        let group = groups[rows[row].group]
        var lines: [DetailLine] = []
        if let number = rows[row].member {
            let member = group.members[number]
            let sent = member.traffic?.latest(until: context.snapshot.cursor)
            lines.append(
                DetailLine("member", group.names[number] + (member.peer.map { "   \($0)" } ?? ""), role(row)))
            lines.append(DetailLine("is in it", Self.text(member, group.announced), role(row)))
            if let sent, let first = member.traffic?.first {
                lines.append(
                    DetailLine(
                        "sent",
                        "\(StatusLine.plural(Int(sent.messages), "message")), \(Format.bytes(sent.octets)), from "
                            + "\(PeerText.time(first.time, context.snapshot)) to "
                            + PeerText.time(sent.time, context.snapshot)))
            }
        }
        lines.append(DetailLine("group", group.id.description))
        guard let announced = group.announced else {
            lines.append(DetailLine("", "It is sent to, and nobody has announced it.", .warning))
            return lines
        }
        lines += [
            DetailLine("endpoint", "\(announced.endpoint), ttl \(announced.ttl)"),
            DetailLine("bounds", Self.bounds(announced.spatialBounds)),
            DetailLine(
                "qos",
                Self.quality(announced) + ", window \(Format.bytes(announced.qos.flow.windowSize)), congestion at "
                    + Format.fixed(Double(announced.qos.flow.congestionThreshold) * 100, decimals: 0) + " %"),
            DetailLine("access", Self.access(announced)),
            DetailLine("by", group.announcedBy ?? Format.noData),
        ]
        if group.leaks > 0 {
            lines.append(
                DetailLine(
                    "leaks", "\(StatusLine.plural(group.leaks, "member")) not on the list: sends all the same", .error))
        }
        return lines
    }

    // MARK: Filter

    func filter(_ row: Int, _ context: PaneContext) -> String? {
        let group = groups[rows[row].group]
        let filter = "multicast.group_id == \"\(group.id)\""
        guard let number = rows[row].member else { return filter }
        let member = group.members[number]
        guard member.ties.contains(.sends) else { return nil }
        return member.endpoint.map { filter + " && source == \"\($0)\"" } ?? filter
    }
}
