/// Bounds on all that clients can make the server keep and do.
public struct ServerLimits: Hashable, Sendable {
    /// Sessions at a time; each keeps buffers of some hundred kilobytes.
    public var sessions = 1000
    /// Sessions from one address: a whole office behind one router.
    public var sessionsPerAddress = 64
    /// Observers at a time: each message is sent once more for every one of them.
    public var observers = 16
    /// Handshakes begun a second, because each costs a key agreement.
    public var handshakesPerSecond = 200
    /// Places in one space, and those of one client among them: a gateway speaks for many things.
    public var entities = 100_000
    public var entitiesPerSession = 10_000
    /// Octets of the state of one space. A full STATE_SYNC is one message, which is at most 1 MiB long before another
    /// size is agreed.
    public var stateOctets = 512 << 10
    /// Fields of one entity: it is a thing, not a database.
    public var fieldsPerEntity = 256
    /// Entities that one write may change.
    public var entriesPerWrite = 1024
    /// Versions that are kept to tell clients what changed since, and the octets of all of them in one space.
    public var history = 1024
    public var historyOctets = 4 << 20
    /// Subscriptions and regions of one client.
    public var subscriptionsPerSession = 16
    public var regionsPerSession = 32
    /// Regions of one space.
    public var regions = 1024
    /// Milliseconds between two updates of a subscription, at least: a frame at 100 Hz.
    public var shortestInterval: UInt32 = 10
    /// Entities that one subscription is told of at a time; the others come the next time.
    public var updatesPerInterval = 512
    /// Results of one query, however many it wants.
    public var results = 4096
    /// Places that a query looks at for each millisecond of its timeout. A server without a clock counts work for time:
    /// a processor does ten times as much.
    public var placesPerMillisecond = 2000
    /// Places that the queries of one client may look at in a second, which takes a hundredth of it; saved up for two.
    /// A whole state that it asks for counts as well.
    public var placesPerSecond = 150_000
    /// What one client may do a second: messages of every kind, queries, changes of the state, and messages that go to
    /// many others. Each may be saved up for two seconds.
    public var messagesPerSecond = 500
    public var queriesPerSecond = 50
    public var writesPerSecond = 50
    public var broadcastsPerSecond = 50
    /// Wrong messages a second that a client is forgiven; saved up for ten seconds. Beyond, its session ends.
    public var faultsPerSecond = 2
    /// Relayed messages whose answer is awaited.
    public var pendingRelays = 1024

    public init() {}
}
