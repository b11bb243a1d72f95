/// What can be simulated.
package enum Scenario: String, CaseIterable, Sendable {
    case plaza, lossy, drones, regions, sealed, segments, peers, strangers
    case `extension`
    case tcp, versions, congested, broken, misconduct, flood

    /// One line for a list of the scenarios.
    package var summary: String {
        switch self {
        case .plaza: "a busy square: visitors, robots, regions, queries, state and its conflicts"
        case .lossy: "the same square over a bad network: loss, duplicates, reordering, retransmissions"
        case .drones: "drones over Zurich in geodetic coordinates, one with a payload in its own frame"
        case .regions: "a harbour: subscriptions, queries, frusta, groups and frames, not all as they should be"
        case .sealed: "encrypted and signed sessions, two epochs, with the key log beside the capture"
        case .segments: "big states in segments: plain, LZ4 and Zstandard, out of order and with a hole"
        case .peers: "discovery, announcements, groups, relays and the four ways of routing, without a server"
        case .strangers: "somebody in a closed group, a relay that falls silent, extensions whose needs are not met"
        case .extension: "a sensor announced in band, extended queries, trace context, an observer's mirrored session"
        case .tcp: "a session over TCP with retransmissions, reordering and a hole"
        case .versions: "replicas that fall behind, miss versions, are misled and collide, and how that is resolved"
        case .broken: "everything that can be wrong with a message, and traffic that is not Spatio"
        case .misconduct: "peers that leap, leave the space, fall silent, replay, flood, show tokens, have wrong clocks"
        case .congested: "uploads past the window and the rate that a server allows, and a server that allows less"
        case .flood: "very many updates as fast as they can be written, for measuring"
        }
    }

    /// Seconds that the scenario lasts where the caller does not say.
    var usualDuration: Double {
        switch self {
        case .plaza, .lossy, .drones: 30
        case .congested: 24
        case .sealed, .extension, .tcp, .regions: 20
        case .segments, .peers, .strangers: 15
        case .versions, .broken, .flood, .misconduct: 20
        }
    }
}

/// What a network does to datagrams, on top of what the scenario has by itself. The beginning and the end of sessions
/// and the last two seconds are spared, so that what a simulation ends with is known exactly.
package struct Impairments: Hashable, Sendable {
    /// Shares of all datagrams, 0...1.
    package var loss, duplication, reordering: Double
    /// Nanoseconds added to each way.
    package var delay, jitter: Int64

    package init(
        loss: Double = 0, duplication: Double = 0, reordering: Double = 0, delay: Int64 = 0, jitter: Int64 = 0
    ) {
        self.loss = loss
        self.duplication = duplication
        self.reordering = reordering
        self.delay = delay
        self.jitter = jitter
    }

    /// Both at once, never more than everything.
    func adding(_ other: Impairments) -> Impairments {
        Impairments(
            loss: min(loss + other.loss, 1), duplication: min(duplication + other.duplication, 1),
            reordering: min(reordering + other.reordering, 1), delay: delay + other.delay, jitter: jitter + other.jitter
        )
    }
}

/// How a scenario is played. The same options give the same octets.
package struct SimulationOptions: Hashable, Sendable {
    package var seed: UInt64
    /// Seconds; nil: as long as the scenario usually lasts.
    package var duration: Double?
    /// Messages of `flood`; 2,000,000 where nil.
    package var messages: Int?
    /// Entities of `plaza`, `lossy`, `drones`, `segments` and `flood`.
    package var entities: Int?
    package var impairments: Impairments?

    package init(
        seed: UInt64 = 1, duration: Double? = nil, messages: Int? = nil, entities: Int? = nil,
        impairments: Impairments? = nil
    ) {
        self.seed = seed
        self.duration = duration
        self.messages = messages
        self.entities = entities
        self.impairments = impairments
    }

    /// The shortest time in which every scenario can begin and end its sessions, and a day.
    package static let durations = 4.0...86_400
    /// A network without a single participant, and one that cannot be kept in memory, are no simulation.
    package static let entityCounts = 1...100_000
    /// A capture of that many packets has 300 GB.
    package static let messageCounts = 1...2_000_000_000

    func validated() throws(SimulationError) {
        if let duration, !Self.durations.contains(duration) {
            throw SimulationError("a duration of \(duration) s is not in 4...86400 s")
        }
        if let entities, !Self.entityCounts.contains(entities) {
            throw SimulationError("\(entities) entities are not in 1...\(Self.entityCounts.upperBound)")
        }
        if let messages, !Self.messageCounts.contains(messages) {
            throw SimulationError("\(messages) messages are not in 1...\(Self.messageCounts.upperBound)")
        }
        guard let impairments else { return }
        for share in [impairments.loss, impairments.duplication, impairments.reordering] where !(0...1).contains(share)
        {
            throw SimulationError("a share of \(share) is not in 0...1")
        }
        // A minute of delay is more than any session survives.
        for time in [impairments.delay, impairments.jitter] where !(0...60_000_000_000).contains(time) {
            throw SimulationError("a delay of \(time) ns is not in 0...60 s")
        }
    }
}

/// Why a simulation could not be written: one sentence.
package struct SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}
