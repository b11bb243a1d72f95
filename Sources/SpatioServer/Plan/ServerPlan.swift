import SpatioSession
import SpatioWire

/// What a server of spaces is to be: plain values, filled by a program or by a file.
public struct ServerPlan: Hashable, Sendable {
    /// How the server calls itself in its logs and to those who look for peers.
    public var name = "spatio"
    /// The server's own number; nil: whoever runs it draws one.
    public var serverID: UUID?
    public var spaces: [SpacePlan] = []
    /// Extensions that the server vouches for; their manifests go to the clients that offer them.
    public var extensions: [ExtensionManifest] = []
    /// Who may come in. Empty: everybody.
    public var tokens: [TokenGrant] = []
    /// Whoever brings no token is turned away.
    public var demandsToken = false
    /// The least protection of a session.
    public var securityLevel = SecurityLevel.none
    /// The private Ed25519 key that the server proves itself with, 32 octets; nil: it cannot.
    public var identity: [UInt8]?
    /// Observers of sealed sessions are turned away (`ServerConfiguration.refusesSealedObservers`).
    public var refusesSealedObservers = false
    /// The server announces itself to those who look for servers on its networks.
    public var isAnnounced = true
    /// Where peers reach this server, for its own announcements: "192.0.2.7:7728".
    public var endpoints: [String] = []
    /// The server passes on messages to whom it can reach itself; these are other relays that it tells of.
    public var relays: [RelayConfig] = []
    /// What clients may send, as CONNECT_ACK and PONG tell them. The rate is enforced.
    public var flow = FlowControl(windowSize: 256 << 10, rateLimit: 1 << 20, congestionThreshold: 0.1)
    public var limits = ServerLimits()

    public init() {}

    /// What runs where nobody has planned anything: one room of 100 by 100 metres.
    public static var standard: ServerPlan {
        var plan = ServerPlan()
        var plaza = SpacePlan(id: UUID(high: 0x7370_6174_696f_4000, low: 0x8000_0000_0000_0001), name: "plaza")
        plaza.bounds = .box(min: Vector3(-50, -50, 0), max: Vector3(50, 50, 20))
        plan.spaces = [plaza]
        return plan
    }
}

/// One space: its coordinates, what stands in it from the start, and how its state is kept.
public struct SpacePlan: Hashable, Sendable {
    public var id: UUID
    public var name: String
    public var coordinateSystem = CoordinateSystem.cartesian(nil)
    /// Nothing may be outside; nil: everywhere is inside.
    public var bounds: BoundingVolume?
    /// What wins when two change one entity at a time: LAST_WRITE_WINS or MERGE.
    public var conflictStrategy = ConflictStrategy.lastWriteWins
    public var entities: [EntityPlan] = []
    public var regions: [RegionPlan] = []
    public var groups: [MulticastGroup] = []

    public init(id: UUID, name: String) {
        self.id = id
        self.name = name
    }
}

/// An entity that is in a space from the start and stays there.
public struct EntityPlan: Hashable, Sendable {
    public var id: UUID
    /// The application's number for a kind of entity, as SPATIAL_UPDATE has it.
    public var kind: UInt16 = 0
    /// Nil: it has a state and no place.
    public var position: Vector3?
    public var orientation: Quaternion?
    /// Its state; empty: it has a place and no state.
    public var fields: [StateField] = []

    public init(id: UUID, position: Vector3? = nil, fields: [StateField] = []) {
        self.id = id
        self.position = position
        self.fields = fields
    }
}

/// A region that everybody is told of at the start (BOUND_UPDATE).
public struct RegionPlan: Hashable, Sendable {
    public var id: UUID
    public var entityID: UUID?
    public var bounds: BoundingVolume

    public init(id: UUID, entityID: UUID? = nil, bounds: BoundingVolume) {
        self.id = id
        self.entityID = entityID
        self.bounds = bounds
    }
}
