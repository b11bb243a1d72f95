import SpatioSession
import SpatioWire

/// What the server keeps of one session.
struct Session: Sendable {
    let handle: SessionHandle
    let id: UUID
    let connect: Connect
    /// It proved itself with a token.
    let hasToken: Bool
    /// Numbers of the spaces that it joined, in the order of the plan.
    let spaces: [Int]
    /// When its CONNECT was accepted.
    let since: Int64

    // What it may still do.
    var octets: Allowance
    var messages: Allowance
    var queries: Allowance
    /// Places that its queries may look at.
    var looks: Allowance
    var writes: Allowance
    var broadcasts: Allowance
    var faults: Allowance

    // What it made the server keep.
    var subscriptions: [UInt32: Subscription] = [:]
    /// Slots of the places that it speaks for, by space.
    var places: [Int: Set<Int>] = [:]
    var placeCount = 0
    var regionCount = 0
    /// Where it says that it is, by space.
    var positions: [Int: Vector3] = [:]
    /// What it said of itself as a peer.
    var peer: PeerConfig?
    var announced: PeerAnnounce?
    /// The state's version that it has, by space; none: it has to be told everything.
    var held: [Int: UInt64] = [:]
    /// Something was lost on its way: everything is told anew at this time, monotonic nanoseconds.
    var resyncs: Int64?

    var clientID: UUID { connect.clientID }
    var isObserver: Bool { connect.role == .observer }

    /// A message that the client takes at most, octets.
    func messageLimit() -> Int { min(Int(connect.config.maxMessageSize), WireLimits.defaultMessageSize) }

    func has(_ capability: Capabilities) -> Bool { connect.config.capabilities.contains(capability) }

    func offers(_ extensionID: UInt16) -> Bool { connect.extensions.contains { $0.extensionID == extensionID } }

    init(
        _ handle: SessionHandle, id: UUID, connect: Connect, hasToken: Bool, spaces: [Int], plan: ServerPlan,
        at now: Int64
    ) {
        self.handle = handle
        self.id = id
        self.connect = connect
        self.hasToken = hasToken
        self.spaces = spaces
        since = now
        let limits = plan.limits
        octets = Allowance(perSecond: Int(plan.flow.rateLimit), at: now)
        messages = Allowance(perSecond: limits.messagesPerSecond, at: now)
        queries = Allowance(perSecond: limits.queriesPerSecond, at: now)
        looks = Allowance(perSecond: limits.placesPerSecond, at: now)
        writes = Allowance(perSecond: limits.writesPerSecond, at: now)
        broadcasts = Allowance(perSecond: limits.broadcastsPerSecond, at: now)
        faults = Allowance(perSecond: limits.faultsPerSecond, seconds: 10, at: now)
    }
}

/// A region that a client wants to hear of.
struct Subscription: Sendable {
    let id: UInt32
    let space: Int
    let bounds: BoundingVolume
    let footprint: Footprint
    let priority: Priority
    /// Nanoseconds.
    let interval: Int64
    /// One that was made anew under its number is another one.
    let generation: UInt64
    /// All changes up to this one were told.
    var told: UInt64 = 0
    /// While there is more than fits at a time: the slot to go on with, and what will have been told at the end.
    var resume: (slot: Int, told: UInt64)?
}
