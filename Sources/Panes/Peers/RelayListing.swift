import Inspection
import Screen
import SpatioWire

/// Who relays what to whom, a row for each way.
struct RelayListing: Listing {
    private struct Row {
        var leg: PeerChronicle.RelayLeg
        var source, target, sender, receiver: String
    }

    static let columns = [
        PaneTable.Column("from", 10, ample: 20),
        PaneTable.Column("to", 10, ample: 20),
        PaneTable.Column("between", 15, ample: 30, rank: 3),
        PaneTable.Column("requests", 8, isRight: true, rank: 1),
        PaneTable.Column("answered", 8, isRight: true, rank: 2),
        PaneTable.Column("refused", 7, isRight: true, rank: 4),
        PaneTable.Column("hops", 4, isRight: true, rank: 6),
        PaneTable.Column("ttl", 3, isRight: true, rank: 7),
        PaneTable.Column("ms", 7, isRight: true, rank: 5),
        PaneTable.Column("octets", 8, isRight: true, rank: 9),
        PaneTable.Column("types", 10, ample: 40, rank: 8),
    ]

    private var rows: [Row] = []
    /// For the requests of the selected way.
    private let chronicle: PeerChronicle

    init() { chronicle = PeerChronicle() }

    init(_ directory: inout PeerDirectory, _ snapshot: Snapshot) {
        chronicle = snapshot.chronicle.peers
        for leg in chronicle.relayLegs(until: snapshot.cursor) {
            let ends = snapshot.model.session(leg.session, toldBy: leg.message)
            let (sender, receiver) =
                leg.side == .client ? (ends?.client, ends?.server) : (ends?.server, ends?.client)
            let hosts = snapshot.hostNames
            rows.append(
                Row(
                    leg: leg, source: directory.name(of: leg.source, snapshot),
                    target: directory.name(of: leg.target, snapshot),
                    sender: leg.sender.map { directory.name(of: $0, snapshot) }
                        ?? sender.map { PeerNames.text(of: $0, hosts) } ?? Format.noData,
                    receiver: leg.receiver.map { directory.name(of: $0, snapshot) }
                        ?? receiver.map { PeerNames.text(of: $0, hosts) } ?? Format.noData))
        }
    }

    var count: Int { rows.count }

    func key(_ row: Int) -> ListingKey { .leg(rows[row].leg.place) }

    func role(_ row: Int) -> Role { .text }

    func cells(_ row: Int, _ context: PaneContext) -> [PaneTable.Cell] {
        let leg = rows[row].leg
        let last = chronicle.relayRequests(of: leg.place, until: context.snapshot.cursor, limit: 1).first
        let hops = chronicle.relayRequests(of: leg.place, until: context.snapshot.cursor, limit: Self.listed)
            .compactMap(\.answer).first { $0.code == .success }?.hops
        let answers = leg.passed + leg.refused
        return [
            PaneTable.Cell(rows[row].source), PaneTable.Cell(rows[row].target),
            PaneTable.Cell("\(rows[row].sender) > \(rows[row].receiver)"),
            PaneTable.Cell(Format.thousands(leg.requests)),
            PaneTable.Cell(Self.percent(answers, leg.requests), answers == 0 ? .dim : nil),
            PaneTable.Cell(Format.thousands(leg.refused), leg.refused > 0 ? .warning : nil),
            PaneTable.Cell(hops.map { "\($0)" } ?? Format.noData),
            PaneTable.Cell(last.map { "\($0.ttl)" } ?? Format.noData),
            PaneTable.Cell(Format.fixed(leg.responseTime.map { $0 * 1000 }, decimals: 1)),
            PaneTable.Cell(Format.bytes(leg.octets)),
            PaneTable.Cell(Self.types(leg)),
        ]
    }

    private static func percent(_ part: Int, _ whole: Int) -> String {
        Format.fixed(whole > 0 ? Double(part) * 100 / Double(whole) : nil, decimals: 0) + " %"
    }

    private static func types(_ leg: PeerChronicle.RelayLeg) -> String {
        leg.types.map { $0?.description ?? "no message" }.joined(separator: " ")
    }

    // MARK: Details

    /// Requests that are listed one by one.
    private static let listed = 32

    func details(_ row: Int, _ context: PaneContext) -> [DetailLine] {
        let snapshot = context.snapshot
        let leg = rows[row].leg
        var lines = [
            DetailLine("from", "\(rows[row].source)   \(leg.source)"),
            DetailLine("to", "\(rows[row].target)   \(leg.target)"),
            DetailLine("between", "\(rows[row].sender) sends to \(rows[row].receiver)"),
            DetailLine(
                "requests",
                "\(Format.thousands(leg.requests)): passed on \(Format.thousands(leg.passed)), refused "
                    + "\(Format.thousands(leg.refused)), not answered "
                    + Format.thousands(max(0, leg.requests - leg.passed - leg.refused))),
        ]
        if !leg.relays.isEmpty {
            lines.append(DetailLine("relays", leg.relays.map { $0.description }.joined(separator: "  ")))
        }
        for request in chronicle.relayRequests(of: leg.place, until: snapshot.cursor, limit: Self.listed) {
            let what = "\(request.type?.description ?? "no message"), \(request.size) octets, ttl \(request.ttl)"
            let answer =
                request.answer.map {
                    "\($0.code) after \(Format.fixed($0.delay * 1000, decimals: 1)) ms, "
                        + StatusLine.plural(Int($0.hops), "hop")
                } ?? "no answer"
            lines.append(
                DetailLine(
                    PeerText.time(request.time, snapshot), "#\(request.requestID) \(what): \(answer)",
                    request.answer.map { $0.code == .success ? .text : .warning } ?? .dim))
        }
        return lines
    }

    // MARK: Filter

    func filter(_ row: Int, _ context: PaneContext) -> String? {
        let leg = rows[row].leg
        guard let session = context.snapshot.model.session(leg.session, toldBy: leg.message) else { return nil }
        let ends =
            session.id.map { "session == \"\($0)\"" }
            ?? "endpoint == \"\(session.client)\" && endpoint == \"\(session.server)\""
        return "\(ends) && (type == relay_response || payload.source == \"\(leg.source)\" && "
            + "payload.target == \"\(leg.target)\")"
    }
}
