import SpatioSession
import SpatioWire

/// What a subscription should bring at the clock, and what it does: worked out from the last messages before the clock.
package struct SubscriptionTruth: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Inside and told of.
        case heard
        /// Inside all the time, and not told of.
        case silent
        /// Told of, with a position that no subscription of the session covers.
        case outside
    }

    /// What is looked at, in intervals of the subscription.
    package static let intervals = 3
    /// Messages that are read for it, and records that are gone through: a frame has to wait for them.
    package static let messageLimit = 4_000
    package static let reach = 200_000

    /// By index in the model at the clock.
    package private(set) var verdicts: [Int: Verdict] = [:]
    package private(set) var heard = 0
    package private(set) var silent = 0
    package private(set) var outside = 0
    /// Entities that are near enough to be told of but have no absolute position, so nobody can say whether they should.
    package private(set) var unjudged = 0
    /// SPATIAL_UPDATEs to the subscriber a second, over the real length of the window; nil for less than an interval.
    package private(set) var rate: Double?
    /// Updates a second that were asked for.
    package let wantedRate: Double
    /// Silence can be told: two intervals have gone by, and everything in them could be read.
    package private(set) var isSettled: Bool

    fileprivate init(_ subscription: RegionSubscription) {
        wantedRate = 1000 / Double(subscription.interval)
        isSettled = false
    }
}

extension Snapshot {
    /// The truth about a subscription (its place in the chronicle) that holds at the clock. It takes up to some
    /// milliseconds: keep it until the clock moves.
    package func truth(ofSubscription place: Int) -> SubscriptionTruth {
        let subscription = chronicle.spatial.subscriptions[place]
        var work = SubscriptionWork(self, subscription, place)
        work.read()
        return work.truth()
    }
}

/// On the way to a truth.
private struct SubscriptionWork {
    private let snapshot: Snapshot
    private let subscription: RegionSubscription
    private let place: Int
    private let start: Int64
    private let interval: Int64
    private var delivered: [UUID: (position: Vector3, precision: Double)] = [:]
    /// Streams and sequences, because a message can be seen on the wire and mirrored.
    private var deliveries: Set<UInt64> = []
    /// What the subscriber itself tells of, nobody has to tell him.
    private var own: Set<UUID> = []
    /// The least depth of each entity in the window.
    private var depths: [UUID: Double] = [:]
    private var isCut = false
    private var isSealed = false

    init(_ snapshot: Snapshot, _ subscription: RegionSubscription, _ place: Int) {
        self.snapshot = snapshot
        self.subscription = subscription
        self.place = place
        interval = Int64(subscription.interval) * 1_000_000
        start = max(
            subscription.begun.time, snapshot.time - interval * Int64(SubscriptionTruth.intervals))
    }

    mutating func read() {
        let session = subscription.session
        let streams = snapshot.whole.streams
        let space = subscription.space
        var isSealed = false
        let isUpdate = { (record: MessageRecord) -> Bool in
            record.type == .spatialUpdate && record.marks.contains(.hasSpace)
                && Int(record.space) == space
        }
        let isOwn = { (record: MessageRecord) -> Bool in
            Int(record.stream) < streams.count && streams[Int(record.stream)].session == session
        }
        let mine = snapshot.messages(
            before: snapshot.cursor, since: start, limit: SubscriptionTruth.messageLimit,
            reach: SubscriptionTruth.reach
        ) { record in
            guard isUpdate(record), isOwn(record) else { return false }
            if record.marks.contains(.undecrypted) { isSealed = true }
            return PlaceReader.tells(record)
        }
        // Where the others were tells who came in a moment ago.
        let others = snapshot.messages(
            before: snapshot.cursor, since: start, limit: SubscriptionTruth.messageLimit,
            reach: SubscriptionTruth.reach
        ) { record in isUpdate(record) && !isOwn(record) && PlaceReader.tells(record) }
        self.isSealed = isSealed
        isCut = mine.isCut || others.isCut
        var reader = PlaceReader(snapshot)
        for message in mine.found {
            let record = snapshot.index[message]
            let isToSubscriber = streams[Int(record.stream)].direction != subscription.subscriber
            if isToSubscriber {
                let streamID = streams[Int(record.stream)].streamID ?? 0
                deliveries.insert(UInt64(streamID) << 32 | UInt64(record.sequence))
            }
            reader.read(message) { said in
                note(said)
                if !isToSubscriber {
                    own.insert(said.update.entityID)
                } else if said.isAbsolute(subscription.coordinates) {
                    delivered[said.update.entityID] = (said.update.position, Double(said.address?.precision ?? 0))
                }
            }
        }
        for message in others.found { reader.read(message) { note($0) } }
    }

    private mutating func note(_ said: PlaceReader.Said) {
        guard said.isAbsolute(subscription.coordinates),
            let depth = subscription.bounds.depth(of: said.update.position, in: subscription.coordinates)
        else { return }
        depths[said.update.entityID] = min(depth, depths[said.update.entityID] ?? depth)
    }

    func truth() -> SubscriptionTruth {
        var truth = SubscriptionTruth(subscription)
        let elapsed = snapshot.time - start
        if elapsed >= interval { truth.settle(rate: Double(deliveries.count) / (Double(elapsed) / 1e9)) }
        truth.settle(isSettled: elapsed >= 2 * interval && !isCut && !isSealed)
        let model = snapshot.model
        guard let space = subscription.space else { return truth }
        let rivals = others
        for (id, told) in delivered {
            guard let index = model.entityIndex(id, space: space) else { continue }
            let covered = ([subscription] + rivals).contains {
                $0.bounds.depth(of: told.position, in: $0.coordinates).map { $0 >= -told.precision } ?? true
            }
            truth.add(covered ? .heard : .outside, index)
        }
        let client = model.session(subscription.session, toldBy: subscription.begun.message)?.clientID
        let entities = model.entities
        for index in entities.indices where entities[index].space == space {
            guard entities[index].staleness(at: snapshot.time) == .fresh else { continue }
            guard let depth = depth(of: entities[index]) else {
                if entities[index].position != nil { truth.addUnjudged() }
                continue
            }
            guard depth > 0, truth.isSettled, delivered[entities[index].id] == nil,
                !own.contains(entities[index].id),
                subscription.subscriber == .server || entities[index].id != client
            else { continue }
            let least = min(depth, depths[entities[index].id] ?? depth)
            if least > entities[index].doubt(at: snapshot.time) { truth.add(.silent, index) }
        }
        return truth
    }

    /// Other subscriptions of the same end, which may be why something is told.
    private var others: [RegionSubscription] {
        snapshot.chronicle.spatial.subscriptions(until: snapshot.cursor, space: subscription.space).filter {
            $0 != place
        }.map { snapshot.chronicle.spatial.subscriptions[$0] }.filter {
            $0.session == subscription.session && $0.subscriber == subscription.subscriber
        }
    }

    private func depth(of entity: Entity) -> Double? {
        guard entity.coordinates == subscription.coordinates, entity.frame == nil, let position = entity.position else {
            return nil
        }
        return subscription.bounds.depth(of: position, in: subscription.coordinates)
    }
}

extension SubscriptionTruth {
    fileprivate mutating func add(_ verdict: Verdict, _ entity: Int) {
        verdicts[entity] = verdict
        switch verdict {
        case .heard: heard += 1
        case .silent: silent += 1
        case .outside: outside += 1
        }
    }

    fileprivate mutating func addUnjudged() { unjudged += 1 }
    fileprivate mutating func settle(rate: Double) { self.rate = rate }
    fileprivate mutating func settle(isSettled: Bool) { self.isSettled = isSettled }
}

extension Entity {
    /// How far it may be from its known position, metres: its precision, and the way since it was heard.
    func doubt(at time: Int64) -> Double {
        let seconds = Double(max(0, time - lastTime)) / 1e9
        return Double(precision ?? 0) + (velocity?.speed ?? 0) * seconds
    }
}

extension Vector3f {
    /// Metres a second.
    package var speed: Double {
        let (x, y, z) = (Double(x), Double(y), Double(z))
        return (x * x + y * y + z * z).squareRoot()
    }
}

extension PlaceReader.Said {
    /// Whether its position is counted from nothing but the coordinates that are meant.
    func isAbsolute(_ coordinates: CoordinateSystem.Kind) -> Bool {
        guard let address else { return true }
        return address.coordinateSystem.kind == coordinates
            && (coordinates == .geodetic || address.referenceFrame == nil)
    }
}
