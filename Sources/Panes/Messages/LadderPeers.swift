import Capture
import Inspection
import Screen

/// One end of messages in the ladder: who a column belongs to.
struct LadderPeer: Hashable {
    var endpoint: Endpoint
    /// A client that is known from mirrored messages only has no address: its session stands for it.
    var session: Int?

    /// Who sends on a stream and who receives: mirrored messages are between those who exchanged them.
    static func ends(of stream: Inspection.Stream, _ model: Model) -> (source: LadderPeer, destination: LadderPeer) {
        let session = model.sessions[stream.session]
        let client = LadderPeer(endpoint: session.client, session: session.isMirrored ? stream.session : nil)
        let server = LadderPeer(endpoint: session.server)
        return stream.direction == .client ? (client, server) : (server, client)
    }
}

/// Who takes part in the messages of the list, in the order of the columns.
struct LadderPeers {
    struct Named {
        var peer: LadderPeer
        /// What it is called, and its address where that is something else.
        var name: String
        var address: String
    }

    /// What it was worked out from.
    private struct Basis: Equatable {
        var rows = -1
        var streams = -1
        var identities = -1
        var filter: String?
        var isPicked = false
        var part = 0
    }

    /// Rows that are looked at for who takes part: some milliseconds. Of a longer list the part that is on the screen
    /// counts.
    private static let scanned = 65_536

    private(set) var peers: [Named] = []
    private(set) var places: [LadderPeer: Int] = [:]
    /// The one with the most messages, which stays on the screen.
    private(set) var hub = 0
    private var basis = Basis()

    mutating func update(_ snapshot: Snapshot, row: Int) {
        let isFiltered = snapshot.filter != nil || snapshot.picked != nil
        let basis = Basis(
            rows: isFiltered ? snapshot.listCount : 0, streams: snapshot.whole.streams.count,
            identities: snapshot.whole.sessions.count, filter: snapshot.filter?.filter.text,
            isPicked: snapshot.picked != nil, part: isFiltered ? max(0, row) / Self.scanned : 0)
        guard basis != self.basis else { return }
        self.basis = basis
        let counts = isFiltered ? Self.count(rows: basis.part, snapshot) : Self.count(snapshot.whole)
        name(counts.order, snapshot.whole)
        let most = counts.order.indices.max { counts.messages[$0] < counts.messages[$1] }
        hub = most ?? 0
    }

    private typealias Counts = (order: [LadderPeer], messages: [Int])

    private static func count(_ model: Model) -> Counts {
        var tally = Tally()
        for stream in model.streams { tally.add(LadderPeer.ends(of: stream, model), stream.messages) }
        return (tally.order, tally.messages)
    }

    private static func count(rows part: Int, _ snapshot: Snapshot) -> Counts {
        var tally = Tally()
        for row in part * scanned..<min(snapshot.listCount, (part + 1) * scanned) {
            guard let stream = snapshot.whole.stream(of: snapshot.index[snapshot.listed(row)]) else { continue }
            tally.add(LadderPeer.ends(of: stream, snapshot.whole), 1)
        }
        return (tally.order, tally.messages)
    }

    /// Peers in order of appearance, with their messages.
    private struct Tally {
        var order: [LadderPeer] = []
        var messages: [Int] = []
        private var places: [LadderPeer: Int] = [:]

        mutating func add(_ ends: (source: LadderPeer, destination: LadderPeer), _ count: Int) {
            for peer in [ends.source, ends.destination] {
                if let place = places[peer] {
                    messages[place] += count
                } else {
                    places[peer] = order.count
                    order.append(peer)
                    messages.append(count)
                }
            }
        }
    }

    private mutating func name(_ order: [LadderPeer], _ model: Model) {
        var names: [LadderPeer: String] = [:]
        let server = model.sessions.first?.server.address
        for (place, session) in model.sessions.enumerated() {
            let client = LadderPeer(endpoint: session.client, session: session.isMirrored ? place : nil)
            if !session.name.isEmpty {
                names[client] = session.name
                if session.server.address == server { names[LadderPeer(endpoint: session.server)] = "server" }
            } else if session.isMirrored {
                names[client] = session.id.map { "session " + String($0.description.prefix(8)) }
            }
        }
        var uses: [String: Int] = [:]
        for peer in order { if let name = names[peer] { uses[name, default: 0] += 1 } }
        peers = order.map { peer in
            let address = "\(peer.endpoint)"
            if peer.endpoint.address.isMulticast {
                return Named(peer: peer, name: "\(peer.endpoint.address)", address: "group :\(peer.endpoint.port)")
            }
            guard let name = names[peer] else { return Named(peer: peer, name: address, address: "") }
            // Two of the same name are told apart by their ports.
            let isShared = uses[name, default: 0] > 1
            return Named(
                peer: peer, name: isShared ? "\(name) :\(peer.endpoint.port)" : name,
                address: peer.session == nil ? address : "mirrored")
        }
        places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
    }
}
