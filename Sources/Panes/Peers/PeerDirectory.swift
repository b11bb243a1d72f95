import Capture
import Inspection
import SpatioWire

/// Everybody who is known at the clock, what they are called and what they send: worked out once for each place of the
/// clock.
struct PeerDirectory {
    /// Sessions that are looked at for who is in them. A capture with more is an attack, and its peers have figures of
    /// the first ones.
    private static let sessionLimit = 8_192

    /// What everything was worked out from.
    private struct Basis: Equatable {
        var cursor = -1
        var messages = -1
    }

    private struct SourceBasis: Equatable {
        var sessions = -1
        var identities = -1
        var recognitions = -1
    }

    private(set) var peers: [PeerChronicle.Peer] = []
    private var basis = Basis()
    private var sourceBasis = SourceBasis()
    private var sources: [UUID: [PeerChronicle.Peer.Tie]] = [:]
    private var names: [UUID: String] = [:]
    /// Where there is one only, it needs no number.
    private var onlyServer: UUID?

    /// Brings it up to a snapshot; false when it is already.
    mutating func update(_ snapshot: Snapshot) -> Bool {
        let basis = Basis(cursor: snapshot.cursor, messages: snapshot.index.count)
        guard basis != self.basis else { return false }
        self.basis = basis
        peers = snapshot.chronicle.peers.peers(until: snapshot.cursor)
        findSources(snapshot)
        names.removeAll(keepingCapacity: true)
        let servers = peers.lazy.filter { $0.roles.contains(.server) }.prefix(2)
        onlyServer = servers.count == 1 ? servers.first?.id : nil
        return true
    }

    /// Which sides of which sessions are whose.
    private mutating func findSources(_ snapshot: Snapshot) {
        let model = snapshot.model
        let chronicle = snapshot.chronicle.peers
        let basis = SourceBasis(
            sessions: model.sessions.count, identities: model.identities,
            recognitions: chronicle.recognitions(until: snapshot.cursor))
        guard basis != sourceBasis else { return }
        sourceBasis = basis
        sources.removeAll(keepingCapacity: true)
        for (index, session) in model.sessions.prefix(Self.sessionLimit).enumerated() {
            for isClient in [true, false] {
                let endpoint = isClient ? session.client : session.server
                if endpoint.address.isMulticast { continue }
                let source = PeerSource(
                    session: index, direction: isClient ? .client : .server,
                    endpoint: session.isMirrored ? nil : endpoint)
                guard let peer = chronicle.peer(of: source, until: snapshot.cursor) else { continue }
                sources[peer, default: []].append(
                    PeerChronicle.Peer.Tie(session: index, side: source.direction))
            }
        }
    }

    // MARK: One peer

    /// The conversations that a peer is in.
    func conversations(of id: UUID) -> [PeerChronicle.Peer.Tie] { sources[id] ?? [] }

    /// The endpoints that it was seen to speak from, each once.
    func endpoints(of id: UUID, _ model: Model) -> [Endpoint] {
        var found: [Endpoint] = []
        for tie in conversations(of: id) where model.sessions.indices.contains(tie.session) {
            let session = model.sessions[tie.session]
            let endpoint = tie.side == .client ? session.client : session.server
            if !session.isMirrored, !found.contains(endpoint) { found.append(endpoint) }
            if found.count == Self.endpointLimit { break }
        }
        return found
    }

    /// Endpoints that a filter and a line have room for.
    private static let endpointLimit = 8

    /// What it calls itself; what the capture calls its host; what a state calls the entity of that id; or the first
    /// digits of its id. The only server is called so.
    mutating func name(of id: UUID, _ snapshot: Snapshot) -> String {
        if let known = names[id] { return known }
        let name =
            Self.name(id, endpoints(of: id, snapshot.model), snapshot)
            ?? (id == onlyServer ? "server" : Self.shortID(id))
        names[id] = name
        return name
    }

    private static func name(_ id: UUID, _ endpoints: [Endpoint], _ snapshot: Snapshot) -> String? {
        if let name = snapshot.chronicle.peers.name(of: id, until: snapshot.cursor) { return name }
        for endpoint in endpoints { if let host = snapshot.hostNames[endpoint.address] { return host } }
        for space in snapshot.model.spaces.indices.prefix(spaceLimit) {
            if let entity = snapshot.model.entityIndex(id, space: space),
                case .string(let name)? = snapshot.model.state(of: snapshot.model.entities[entity])?["name"],
                !name.isEmpty
            {
                return name
            }
        }
        return nil
    }

    /// Spaces that are searched for a name.
    private static let spaceLimit = 64

    static func shortID(_ id: UUID) -> String { String(id.description.prefix(8)) }

    /// What a peer sends and gets, octets a second, and when it was heard last; nil where nothing is known.
    struct Traffic {
        var sent, received: Double?
        var heard: Int64?
    }

    func traffic(of id: UUID, _ model: Model, time: Int64) -> Traffic {
        var traffic = Traffic()
        for tie in conversations(of: id).prefix(Self.summedConversations)
        where model.sessions.indices.contains(tie.session) {
            let session = model.sessions[tie.session]
            for index in session.streams.prefix(Self.summedStreams) {
                let stream = model.streams[index]
                // What was seen on the wire as well as in a mirror counts once.
                if stream.isMirrored, !session.isMirrored { continue }
                let rate = stream.rate.perSecond(until: time, since: stream.firstTime)?.octets
                if stream.direction == tie.side {
                    traffic.heard = max(traffic.heard ?? Int64.min, stream.lastTime)
                    if let rate { traffic.sent = (traffic.sent ?? 0) + rate }
                } else if let rate {
                    traffic.received = (traffic.received ?? 0) + rate
                }
            }
        }
        return traffic
    }

    /// What a sum takes in: more would take longer than all else in a frame.
    private static let summedConversations = 256
    private static let summedStreams = 256

    // MARK: Whether it is there

    enum Presence: Equatable {
        case here
        /// Since a capture time.
        case silent(Int64)
        case left(Int64?)
        /// Others speak of it, and it has not been heard.
        case mentioned

        var rank: Int {
            switch self {
            case .here: 0
            case .silent: 1
            case .left: 2
            case .mentioned: 3
            }
        }
    }

    /// Nanoseconds without a word after which a peer is to be asked (profile section 6); whoever announces himself is
    /// missed after three of his intervals, but not before 3 seconds.
    private static let silence: Int64 = 15_000_000_000
    private static let leastSilence = 3.0

    func presence(of peer: PeerChronicle.Peer, heard: Int64?, _ model: Model, time: Int64) -> Presence {
        if let departure = peer.departure { return .left(departure.time) }
        let sessions = peer.ties.compactMap { model.session($0.session, toldBy: $0.message) }
        // A server is still there when all its clients are gone.
        let isServer = peer.roles.contains(.server)
        if !isServer, peer.announcements == 0, let last = sessions.last, sessions.allSatisfy({ $0.state == .closed }) {
            return .left(last.lastTime)
        }
        guard let heard = [heard, peer.announced].compactMap(\.self).max() else { return .mentioned }
        var patience = Double(Self.silence)
        if let interval = peer.interval { patience = max(Self.leastSilence, interval * 3) * 1e9 }
        return Double(time) - Double(heard) > patience ? .silent(heard) : .here
    }
}
