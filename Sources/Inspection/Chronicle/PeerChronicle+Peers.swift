import SpatioSession
import SpatioWire

/// What is kept of one peer.
struct PeerRecord: Sendable {
    /// What a peer says of itself.
    struct Profile: Sendable {
        var number: Int
        var config: PeerConfig
        /// Nil: it looks for others, and has not announced any.
        var endpoints: [String]?

        /// To say something for the first time is no change.
        func differs(from later: Profile) -> Bool {
            config != later.config || endpoints != nil && later.endpoints != nil && endpoints != later.endpoints
        }
    }

    /// A session that it is in.
    struct Tie: Sendable {
        var number: Int
        var session: Int
        var side: Direction
        var role: PeerRole?
        var name: String
    }

    struct Departure: Sendable {
        var number: Int
        var time: Int64
        var code: ErrorCode
        var reason: String
    }

    var id: UUID
    /// The first message that speaks of it.
    var number: Int
    var time: Int64
    /// One for each time that it said something else than before.
    var profiles: [Profile] = []
    var searches = TrafficLog()
    var announcements = TrafficLog()
    var ties: [Tie] = []
    var departures: [Departure] = []
}

extension PeerChronicle {
    /// A peer, as of some message.
    package struct Peer: Sendable {
        package struct Tie: Hashable, Sendable {
            /// Index in the model, and the side that the peer has.
            package var session: Int
            package var side: Direction
            /// The message that says so, from 1; what is so now has none.
            package var message = Int.max

            package init(session: Int, side: Direction) {
                self.session = session
                self.side = side
            }

            fileprivate init(_ record: PeerRecord.Tie) {
                self.init(session: record.session, side: record.side)
                message = record.number
            }
        }

        package struct Departure: Equatable, Sendable {
            package var time: Int64
            package var code: ErrorCode
            package var reason: String
        }

        package var id: UUID
        /// Message and capture time of what spoke of it first.
        package var number: Int
        package var time: Int64
        /// What it calls itself in CONNECT.
        package var name: String?
        /// What it announces, and what it connected as, each once.
        package var roles: [PeerRole]
        package var config: PeerConfig?
        /// Nil: it has announced none.
        package var endpoints: [String]?
        /// How often it said something else of itself than before.
        package var changes: Int
        package var searches: Int
        package var announcements: Int
        /// The last one.
        package var announced: Int64?
        /// Seconds between its announcements; nil before the second.
        package var interval: Double?
        /// Handshakes, in order.
        package var ties: [Tie]
        /// Nil while it is there, and again when it comes back.
        package var departure: Departure?
    }

    /// Everybody who has been heard of when so many messages had passed, in that order.
    package func peers(until cursor: Int) -> [Peer] {
        peers[..<peers.prefixCount { $0.number <= cursor }].map { view($0, cursor) }
    }

    package func peer(_ id: UUID, until cursor: Int) -> Peer? {
        peerPlaces[id].flatMap { peers[$0].number <= cursor ? view(peers[$0], cursor) : nil }
    }

    /// What a peer calls itself.
    package func name(of id: UUID, until cursor: Int) -> String? {
        guard let place = peerPlaces[id] else { return nil }
        let ties = peers[place].ties
        return ties[..<ties.prefixCount { $0.number <= cursor }].last { !$0.name.isEmpty }?.name
    }

    private func view(_ record: PeerRecord, _ cursor: Int) -> Peer {
        let profiles = record.profiles[..<record.profiles.prefixCount { $0.number <= cursor }]
        let ties = record.ties[..<record.ties.prefixCount { $0.number <= cursor }]
        let announced = record.announcements.latest(until: cursor)
        let searched = record.searches.latest(until: cursor)
        let left = record.departures[..<record.departures.prefixCount { $0.number <= cursor }].last
        let back = max(announced?.number ?? 0, searched?.number ?? 0, ties.last?.number ?? 0)
        var roles = profiles.last?.config.capabilities.roles ?? []
        for role in ties.compactMap(\.role) where !roles.contains(role) { roles.append(role) }
        return Peer(
            id: record.id, number: record.number, time: record.time,
            name: ties.last { !$0.name.isEmpty }?.name, roles: roles,
            config: profiles.last?.config, endpoints: profiles.last { $0.endpoints != nil }?.endpoints,
            changes: zip(profiles, profiles.dropFirst()).count { $0.differs(from: $1) },
            searches: searched?.messages ?? 0,
            announcements: announced?.messages ?? 0, announced: announced?.time,
            interval: record.announcements.interval(until: cursor),
            ties: ties.map { Peer.Tie($0) },
            departure: left.flatMap {
                $0.number > back ? Peer.Departure(time: $0.time, code: $0.code, reason: $0.reason) : nil
            })
    }

    // MARK: Writing

    /// The place of a peer, which is new if this is the first message that speaks of it; nil where there are too many.
    mutating func place(of id: UUID, number: Int, time: Int64) -> Int? {
        if let known = peerPlaces[id] { return known }
        if peers.count >= Limits.peers { forgetPeers() }
        peers.append(PeerRecord(id: id, number: number, time: time))
        peerPlaces[id] = peers.count - 1
        return peers.count - 1
    }

    /// The quarter that nothing was heard of longest.
    private mutating func forgetPeers() {
        let latest = peers.map(\.latest)
        let bound = latest.sorted()[latest.count / 4]
        overflow += peers.count
        peers = zip(peers, latest).filter { $0.1 > bound }.map(\.0)
        overflow -= peers.count
        peerPlaces = Dictionary(peers.enumerated().map { ($1.id, $0) }) { first, _ in first }
    }

    mutating func search(_ config: PeerConfig, number: Int, time: Int64) {
        guard let place = place(of: config.peerID, number: number, time: time) else { return }
        peers[place].searches.add(number: number, time: time, octets: 0)
        introduce(place, config, endpoints: nil, number: number)
    }

    mutating func announce(_ announce: PeerAnnounce, number: Int, time: Int64) {
        guard let place = place(of: announce.peer.peerID, number: number, time: time) else { return }
        peers[place].announcements.add(number: number, time: time, octets: 0)
        introduce(place, announce.peer, endpoints: announce.endpoints, number: number)
    }

    private mutating func introduce(_ place: Int, _ config: PeerConfig, endpoints: [String]?, number: Int) {
        let config = config.bounded
        let endpoints = endpoints?.bounded
        let known = peers[place].profiles.last
        guard known?.config != config || endpoints != nil && known?.endpoints != endpoints else { return }
        overflow += peers[place].profiles.keepLast(Limits.changes)
        peers[place].profiles.append(PeerRecord.Profile(number: number, config: config, endpoints: endpoints))
    }

    mutating func leave(_ leave: PeerLeave, number: Int, time: Int64) {
        guard let place = place(of: leave.peerID, number: number, time: time) else { return }
        overflow += peers[place].departures.keepLast(Limits.changes)
        peers[place].departures.append(
            PeerRecord.Departure(
                number: number, time: time, code: leave.code, reason: leave.reason.bounded))
    }

    /// A handshake in which it takes part; the same one again changes nothing.
    mutating func tie(
        _ id: UUID, session: Int, side: Direction, role: PeerRole?, name: String, number: Int, time: Int64
    ) {
        guard let place = place(of: id, number: number, time: time) else { return }
        let name = name.bounded
        let known = peers[place].ties.last { $0.session == session && $0.side == side }
        guard known?.role != role || known?.name != name else { return }
        overflow += peers[place].ties.keepLast(Limits.changes)
        peers[place].ties.append(
            PeerRecord.Tie(number: number, session: session, side: side, role: role, name: name))
    }
}

extension PeerRecord {
    /// The last message that spoke of it.
    fileprivate var latest: Int {
        [
            number, ties.last?.number ?? 0, profiles.last?.number ?? 0, departures.last?.number ?? 0,
            announcements.latest(until: .max)?.number ?? 0, searches.latest(until: .max)?.number ?? 0,
        ].max() ?? number
    }
}

extension Array {
    /// Makes room for one more where there is room for so many: the oldest quarter goes.
    ///
    /// - Returns: how many went.
    fileprivate mutating func keepLast(_ limit: Int) -> Int {
        guard count >= limit else { return 0 }
        let gone = count - limit + Swift.max(1, limit / 4)
        removeFirst(gone)
        return gone
    }
}

extension String {
    /// As much of it as is kept.
    var bounded: String { String(prefix(PeerChronicle.Limits.textLength)) }
}

extension [String] {
    fileprivate var bounded: [String] { prefix(PeerChronicle.Limits.endpoints).map(\.bounded) }
}

extension PeerConfig {
    /// As much of it as is kept: what the network sends can be a megabyte long.
    fileprivate var bounded: PeerConfig {
        var result = self
        result.relayConfig?.endpoint = relayConfig?.endpoint.bounded ?? ""
        var roles: [PeerRole] = []
        for role in PeerRole.allCases where capabilities.roles.contains(role) { roles.append(role) }
        result.capabilities.roles = roles
        switch discoveryMode {
        case .broadcast: break
        case .dht(let bootstrap): result.discoveryMode = .dht(bootstrap: bootstrap.bounded)
        case .rendezvous(let servers): result.discoveryMode = .rendezvous(servers: servers.bounded)
        case .manual(let peers): result.discoveryMode = .manual(peers: peers.bounded)
        }
        return result
    }
}
