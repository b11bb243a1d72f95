import SpatioWire

/// The servers that announce themselves on the groups of discovery, as whoever listens there knows them. Without I/O:
/// datagrams go in, what has changed comes out.
///
/// Nobody proves there who they are: this is a list of what is claimed, bounded whatever is.
public struct NearbyServers: Sendable {
    public struct Server: Hashable, Sendable {
        public var id: UUID
        /// What it says of itself, nil where it does not.
        public var name: String?
        public var security: SecurityLevel?
        public var demandsToken: Bool?
        public var spaces: String?
        /// Where to reach it, the shortest way first. Never empty.
        public var addresses: [PeerAddress]
        /// When it was heard last, monotonic nanoseconds.
        public var heard: Int64

        /// All but when it was heard and how it can be reached besides.
        func says(sameAs other: Server) -> Bool {
            var other = other
            other.heard = heard
            if other.addresses[0] == addresses[0] { other.addresses = addresses }
            return self == other
        }
    }

    public enum Event: Hashable, Sendable {
        /// It is new, or says something else than before.
        case appeared(Server), changed(Server)
        /// It has said the same again.
        case repeated(Server)
        /// It has said good-bye, or nothing for too long.
        case left(Server), lost(Server)
    }

    /// More than a person chooses from.
    public static let limit = 256
    /// Servers that are believed to be at one address: a machine with many, and no flood from one place takes all room.
    public static let limitPerSource = 16
    /// Addresses of one server.
    public static let addressLimit = 8
    /// Datagrams that are looked at in a second.
    public static let datagramsPerSecond = 500
    /// Nanoseconds after which a silent server is doubtful, and after which it is not listed any more.
    public static let doubtfulAfter = 3 * ServerAnnouncement.interval
    public static let lostAfter = 10 * ServerAnnouncement.interval

    private struct Entry {
        var server: Server
        /// When each address was announced last, and by whom.
        var places: [PeerAddress: (heard: Int64, source: PeerAddress.Host)] = [:]
    }

    private var entries: [UUID: Entry] = [:]
    private var datagrams: Allowance
    private var events = Fifo<Event>()
    /// Datagrams that were not looked at, and servers for which there was no room.
    public private(set) var ignored = 0

    public init(at now: Moment) {
        datagrams = Allowance(perSecond: Self.datagramsPerSecond, seconds: 1, at: now.monotonic)
    }

    /// By name, then by address.
    public var servers: [Server] {
        entries.values.map(\.server).sorted {
            ($0.name ?? "", $0.addresses[0].description, $0.id) < ($1.name ?? "", $1.addresses[0].description, $1.id)
        }
    }

    /// A datagram that asks every server to announce itself.
    ///
    /// - Parameter peerID: who asks.
    public static func request(peerID: UUID, sequence: UInt32, at now: Moment) -> [UInt8] {
        let config = PeerConfig(
            peerID: peerID,
            capabilities: PeerCapabilities(spatialRange: 0, maxConnections: 0, bandwidth: 0, roles: [.server]),
            discoveryMode: .broadcast)
        return Message(
            header: MessageHeader(
                type: .peerDiscover, flags: .checksum, streamID: 0, sequence: sequence, timestamp: now.wall),
            body: .payload(.peerDiscover(config))
        ).encoded()
    }

    // MARK: In

    /// Takes one datagram that came to a group. What is none of an announcement is ignored.
    public mutating func receive(_ octets: UnsafeRawBufferPointer, from source: PeerAddress, at now: Moment) {
        guard datagrams.take(at: now.monotonic) else {
            ignored += 1
            return
        }
        guard octets.count <= Self.sizeLimit, let messages = try? Message.decodeDatagram(octets) else { return }
        if let announcement = ServerAnnouncement(messages) { take(announcement, from: source.host, at: now.monotonic) }
        for message in messages {
            if case .payload(.peerLeave(let leave)) = message.body { remove(leave.peerID, source: source.host) }
        }
    }

    /// Octets of a datagram that is read: other programs may announce more than ours do.
    private static let sizeLimit = 4096

    private mutating func take(_ announcement: ServerAnnouncement, from source: PeerAddress.Host, at now: Int64) {
        let addresses = Self.addresses(of: announcement, from: source)
        guard !addresses.isEmpty else { return }
        var entry: Entry
        let known = entries[announcement.serverID]
        if let known {
            entry = known
        } else {
            guard entries.count < Self.limit,
                entries.values.count(where: { $0.places.values.contains { $0.source == source } }) < Self.limitPerSource
            else {
                ignored += 1
                return
            }
            entry = Entry(server: Server(id: announcement.serverID, addresses: [], heard: now))
        }
        for address in addresses where entry.places[address] != nil || entry.places.count < Self.addressLimit {
            entry.places[address] = (now, source)
        }
        // An address that is not announced any more is not one of the server's.
        entry.places = entry.places.filter { now - $0.value.heard < Self.doubtfulAfter }
        entry.server.name = announcement.name
        entry.server.security = announcement.security
        entry.server.demandsToken = announcement.demandsToken
        entry.server.spaces = announcement.spaces
        entry.server.addresses = entry.places.keys.sorted {
            ($0.distance, $0.description) < ($1.distance, $1.description)
        }
        entry.server.heard = now
        entries[announcement.serverID] = entry
        guard let known else { return events.append(.appeared(entry.server)) }
        events.append(known.server.says(sameAs: entry.server) ? .repeated(entry.server) : .changed(entry.server))
    }

    /// Only who has announced a server takes it back.
    private mutating func remove(_ id: UUID, source: PeerAddress.Host) {
        guard let entry = entries[id], entry.places.values.contains(where: { $0.source == source }) else { return }
        entries[id] = nil
        events.append(.left(entry.server))
    }

    /// Where an announcement says that its server is, as far as that can be.
    private static func addresses(of announcement: ServerAnnouncement, from source: PeerAddress.Host) -> [PeerAddress] {
        var addresses: [PeerAddress] = []
        for text in announcement.endpoints.prefix(addressLimit) {
            guard var address = PeerAddress(parsing: text), address.port != 0 else { continue }
            if address.host.isUnspecified { address.host = source }
            // What another machine calls its own loopback is ours.
            guard address.host.canBeReached, !address.host.isLoopback || source.isLoopback else { continue }
            if !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }

    /// Forgets who has been silent for too long.
    public mutating func advance(to now: Moment) {
        for (id, entry) in entries where now.monotonic - entry.server.heard >= Self.lostAfter {
            entries[id] = nil
            events.append(.lost(entry.server))
        }
    }

    /// Monotonic nanoseconds at which `advance(to:)` wants to be called; nil: never.
    public var deadline: Int64? { entries.values.map(\.server.heard).min().map { $0 + Self.lostAfter } }

    // MARK: Out

    /// To be called until it is nil after every input.
    public mutating func nextEvent() -> Event? { events.popFirst() }
}

extension PeerAddress {
    /// The lower, the shorter the way: this machine, IPv4, IPv6.
    fileprivate var distance: Int {
        if host.isLoopback { return 0 }
        if case .v4 = host { return 1 }
        return 2
    }
}
