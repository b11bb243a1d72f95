import Capture
import Inspection
import Screen
import SpatioWire

/// Everybody who is there, a row each.
struct PeerListing: Listing {
    enum Sort: Int, CaseIterable {
        case order, name, presence, sent, received

        var title: String {
            switch self {
            case .order: "as they came"
            case .name: "name"
            case .presence: "presence"
            case .sent: "kB/s sent"
            case .received: "kB/s received"
            }
        }
    }

    struct Row {
        var peer: PeerChronicle.Peer
        var name: String
        var traffic: PeerDirectory.Traffic
        var presence: PeerDirectory.Presence
    }

    static let columns = [
        PaneTable.Column("peer", 10, ample: 24),
        PaneTable.Column("presence", 14, ample: 16, rank: 1),
        PaneTable.Column("roles", 11, ample: 20, rank: 2),
        PaneTable.Column("endpoint", 15, ample: 30, rank: 5),
        PaneTable.Column("every", 7, isRight: true, rank: 6),
        PaneTable.Column("sent kB/s", 9, isRight: true, rank: 3),
        PaneTable.Column("got kB/s", 8, isRight: true, rank: 3),
        PaneTable.Column("range", 7, isRight: true, rank: 8),
        PaneTable.Column("most", 5, isRight: true, rank: 9),
        PaneTable.Column("bandwidth", 10, isRight: true, rank: 10),
        PaneTable.Column("talks", 5, isRight: true, rank: 7),
        PaneTable.Column("discovery", 10, rank: 11),
    ]

    private(set) var rows: [Row] = []
    private(set) var directory = PeerDirectory()

    init() {}

    init(_ directory: inout PeerDirectory, _ snapshot: Snapshot, sort: Sort, isReversed: Bool) {
        let (model, time) = (snapshot.model, snapshot.time)
        var rows: [Row] = []
        rows.reserveCapacity(directory.peers.count)
        for peer in directory.peers {
            let traffic = directory.traffic(of: peer.id, model, time: time)
            rows.append(
                Row(
                    peer: peer, name: directory.name(of: peer.id, snapshot), traffic: traffic,
                    presence: directory.presence(of: peer, heard: traffic.heard, model, time: time)))
        }
        self.directory = directory
        // Swift's sort keeps the order of equal rows, so that they do not jump about.
        switch sort {
        case .order: self.rows = rows
        case .name: self.rows = rows.sorted { $0.name < $1.name }
        case .presence: self.rows = rows.sorted { $0.presence.rank < $1.presence.rank }
        case .sent: self.rows = rows.sorted { $0.traffic.sent ?? -1 > $1.traffic.sent ?? -1 }
        case .received: self.rows = rows.sorted { $0.traffic.received ?? -1 > $1.traffic.received ?? -1 }
        }
        if isReversed { self.rows.reverse() }
    }

    var count: Int { rows.count }

    func key(_ row: Int) -> ListingKey { .peer(rows[row].peer.id) }

    func role(_ row: Int) -> Role {
        switch rows[row].presence {
        case .here: .text
        case .silent: .warning
        case .left, .mentioned: .dim
        }
    }

    func cells(_ row: Int, _ context: PaneContext) -> [PaneTable.Cell] {
        let (peer, traffic) = (rows[row].peer, rows[row].traffic)
        let capabilities = peer.config?.capabilities
        return [
            PaneTable.Cell(rows[row].name),
            PaneTable.Cell(Self.text(rows[row].presence, context.snapshot.time)),
            PaneTable.Cell(Self.roles(peer)),
            PaneTable.Cell(endpoint(rows[row], context)),
            PaneTable.Cell(peer.interval.map { Format.fixed($0, decimals: 1) + " s" } ?? Format.noData),
            PaneTable.Cell(Format.fixed(traffic.sent.map { $0 / 1000 }, decimals: 1)),
            PaneTable.Cell(Format.fixed(traffic.received.map { $0 / 1000 }, decimals: 1)),
            PaneTable.Cell(capabilities.map { PeerText.metres($0.spatialRange) } ?? Format.noData),
            PaneTable.Cell(capabilities.map { "\($0.maxConnections)" } ?? Format.noData),
            PaneTable.Cell(capabilities.map { PeerText.rate($0.bandwidth) } ?? Format.noData),
            PaneTable.Cell("\(directory.conversations(of: peer.id).count)"),
            PaneTable.Cell(peer.config?.discoveryMode.kind.name.lowercased() ?? Format.noData),
        ]
    }

    private static func text(_ presence: PeerDirectory.Presence, _ time: Int64) -> String {
        switch presence {
        case .here: "here"
        case .silent(let since): "silent \(PeerText.age(since, time))"
        case .left(let since): since.map { "left \(PeerText.age($0, time)) ago" } ?? "left"
        case .mentioned: "not heard"
        }
    }

    private static func roles(_ peer: PeerChronicle.Peer) -> String {
        peer.roles.isEmpty ? Format.noData : peer.roles.map { $0.name.lowercased() }.joined(separator: "+")
    }

    /// From where it was seen to speak; else what it announced.
    private func endpoint(_ row: Row, _ context: PaneContext) -> String {
        let seen = directory.endpoints(of: row.peer.id, context.snapshot.model)
        guard let first = seen.first else { return row.peer.endpoints?.first ?? Format.noData }
        return first.description + (seen.count > 1 ? " +\(seen.count - 1)" : "")
    }

    // MARK: Details

    func details(_ row: Int, _ context: PaneContext) -> [DetailLine] {
        let snapshot = context.snapshot
        let peer = rows[row].peer
        var lines = [
            DetailLine("peer", "\(rows[row].name)   \(peer.id)"),
            DetailLine(
                "presence",
                Self.text(rows[row].presence, snapshot.time)
                    + (rows[row].traffic.heard.map { ", heard at \(PeerText.time($0, snapshot))" } ?? "")
                    + ", known since \(PeerText.time(peer.time, snapshot)) (message \(Format.thousands(peer.number)))"),
        ]
        if let departure = peer.departure {
            lines.append(
                DetailLine(
                    "left",
                    "at \(PeerText.time(departure.time, snapshot)) with \(departure.code)"
                        + (departure.reason.isEmpty ? "" : ": \(departure.reason)"),
                    departure.code == .success ? .text : .warning))
        }
        lines.append(DetailLine("roles", Self.roles(peer)))
        if let config = peer.config { lines += Self.details(config) }
        if peer.announcements > 0 {
            lines.append(
                DetailLine(
                    "announces",
                    "\(Format.thousands(peer.announcements)) times, last at "
                        + "\(peer.announced.map { PeerText.time($0, snapshot) } ?? Format.noData), changed "
                        + "\(StatusLine.plural(peer.changes, "time"))"))
        }
        if peer.searches > 0 {
            lines.append(DetailLine("looked", "\(StatusLine.plural(peer.searches, "time")) for others"))
        }
        if let endpoints = peer.endpoints { lines.append(DetailLine("endpoints", Self.list(endpoints))) }
        let seen = directory.endpoints(of: peer.id, snapshot.model)
        if !seen.isEmpty {
            lines.append(
                DetailLine(
                    "speaks from", Self.list(seen.map { PeerNames.text(of: $0, snapshot.hostNames) })))
        }
        for tie in directory.conversations(of: peer.id).prefix(Self.listedConversations) {
            lines.append(DetailLine("talks", Self.text(tie, snapshot)))
        }
        let groups = snapshot.chronicle.peers.groups(until: snapshot.cursor).filter { group in
            group.members.contains { $0.peer == peer.id }
        }
        if !groups.isEmpty {
            lines.append(DetailLine("groups", Self.list(groups.map { PeerDirectory.shortID($0.id) })))
        }
        return lines
    }

    private static let listedConversations = 16

    private static func list(_ texts: [String]) -> String { texts.isEmpty ? "none" : texts.joined(separator: "  ") }

    private static func details(_ config: PeerConfig) -> [DetailLine] {
        let capabilities = config.capabilities
        var lines = [
            DetailLine(
                "capable of",
                "range \(PeerText.metres(capabilities.spatialRange)), \(capabilities.maxConnections) connections, "
                    + PeerText.rate(capabilities.bandwidth))
        ]
        let mode = config.discoveryMode.kind.name.lowercased()
        switch config.discoveryMode {
        case .broadcast: lines.append(DetailLine("discovery", mode))
        case .dht(let names), .rendezvous(let names), .manual(let names):
            lines.append(DetailLine("discovery", "\(mode): \(list(names))"))
        }
        if let relay = config.relayConfig {
            lines.append(
                DetailLine(
                    "relay", "\(PeerDirectory.shortID(relay.relayID)) at \(relay.endpoint), ttl \(relay.ttl)"))
        }
        return lines
    }

    private static func text(_ tie: PeerChronicle.Peer.Tie, _ snapshot: Snapshot) -> String {
        guard let session = snapshot.model.session(tie.session, toldBy: tie.message) else { return Format.noData }
        let other = tie.side == .client ? session.server : session.client
        let state =
            switch session.state {
            case .joined: ""
            case .connecting: ", connecting"
            case .open: ", open"
            case .refused(let code): ", refused: \(code)"
            case .closed: ", closed"
            }
        return "with \(PeerNames.text(of: other, snapshot.hostNames)) as \(tie.side == .client ? "client" : "server")"
            + state + ", \(StatusLine.plural(session.messages, "message"))"
    }

    // MARK: Filter

    func filter(_ row: Int, _ context: PaneContext) -> String? {
        let model = context.snapshot.model
        let id = rows[row].peer.id
        let endpoints = directory.endpoints(of: id, model)
        if endpoints.count == 1 { return "endpoint == \"\(endpoints[0])\"" }
        if !endpoints.isEmpty {
            return "endpoint in {\(endpoints.map { "\"\($0)\"" }.joined(separator: ", "))}"
        }
        for tie in directory.conversations(of: id) where model.sessions.indices.contains(tie.session) {
            if let session = model.sessions[tie.session].id { return "session == \"\(session)\"" }
        }
        return ["payload.peer_id", "payload.peer.peer_id", "payload.source", "payload.target", "payload.relay_id"]
            .map { "\($0) == \"\(id)\"" }.joined(separator: " || ")
    }
}

/// Figures of peers as people read them.
enum PeerText {
    static func metres(_ value: Float) -> String {
        guard value.isFinite else { return Format.noData }
        return value >= 10_000 ? Format.si(Double(value), unit: "m") : Format.fixed(Double(value), decimals: 0) + " m"
    }

    /// Octets a second.
    static func rate(_ value: UInt32) -> String { Format.si(Double(value), unit: "B") + "/s" }

    /// Time between then and the clock, in few columns.
    static func age(_ then: Int64, _ time: Int64) -> String {
        let seconds = max(0, (Double(time) - Double(then)) / 1e9)
        if seconds < 60 { return Format.fixed(seconds, decimals: 1) + " s" }
        if seconds < 5_400 { return Format.fixed(seconds / 60, decimals: 1) + " min" }
        return Format.fixed(seconds / 3_600, decimals: 1) + " h"
    }

    /// A capture time since the beginning of the capture.
    static func time(_ time: Int64, _ snapshot: Snapshot) -> String {
        Format.duration(nanoseconds: time.subtractingReportingOverflow(snapshot.firstTime).partialValue)
    }
}
