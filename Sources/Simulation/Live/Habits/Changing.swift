import SpatioWire

/// Changes an entity of the state that nobody else changes.
struct Keeping: Habit {
    enum Thing: Sendable {
        /// Counts the goals of two teams.
        case score
        /// Opens and closes it.
        case door
        /// Runs down, and is changed for a full one.
        case battery
        /// Takes a picture of many octets, which take several messages.
        case scan
        /// Writes a text that compresses well.
        case notice
    }

    let thing: Thing
    let entityID: UUID
    /// Seconds, about.
    let interval: Double
    let turn: Turn

    init(_ thing: Thing, of entityID: UUID, every interval: Double, _ turn: Turn) {
        self.thing = thing
        self.entityID = entityID
        self.interval = interval
        self.turn = turn
    }

    var delay: Double { interval / 3 }

    mutating func act(_ presence: inout Presence) -> Double {
        // It is not there before it has introduced itself.
        guard presence.replica.knows(entityID) else { return 1 }
        let wait = turn.wait(at: presence.now)
        guard wait == 0 else { return wait }
        presence.write(.modified, entityID, fields(&presence))
        return interval * presence.generator.number(0.7...1.3)
    }

    /// Octets of a picture: some five messages.
    private static let scanSize = 5000

    private func fields(_ presence: inout Presence) -> [StateField] {
        let replica = presence.replica
        switch thing {
        case .score:
            let key = presence.generator.chance(0.5) ? "home" : "guests"
            return [StateField(key, .int(replica.number(key, of: entityID) + 1))]
        case .door:
            let isOpen = replica.value("open", of: entityID) == .bool(true)
            return [StateField("open", .bool(!isOpen)), StateField("by", .string(presence.name))]
        case .battery:
            var charge = 1.0
            if case .float(let value)? = replica.value("battery", of: entityID) { charge = value }
            charge = charge < 0.2 ? 1 : charge - presence.generator.number(0.01...0.04)
            return [StateField("battery", .float((charge * 1000).rounded() / 1000))]
        case .scan:
            return [
                StateField("scan", .bytes(presence.generator.octets(Self.scanSize))),
                StateField("taken", .timestamp(presence.now.wallMilliseconds)),
            ]
        case .notice:
            let line = "\(presence.name) at \(presence.position.x), \(presence.position.y): all is well. "
            return [StateField("text", .string(String(repeating: line, count: 60)))]
        }
    }
}

/// Changes something that another one changes by what he saw at the same time: they look when a period of the wall clock
/// begins, think, and write.
struct Contending: Habit {
    enum Claim: Sendable {
        /// More than was bid before: only one can have it.
        case bid
        /// A field of its own: both can be had.
        case setting(String)
    }

    let claim: Claim
    let entityID: UUID
    /// Seconds.
    let period: Double
    private var step = Step.waiting

    private enum Step: Sendable {
        case waiting, looking
        case writing(Presence.Sight, StateField)
    }

    init(_ claim: Claim, for entityID: UUID, every period: Double) {
        self.claim = claim
        self.entityID = entityID
        self.period = period
    }

    /// Seconds between looking and writing: longer than what others do takes to come here.
    private static let thought = 0.6

    mutating func act(_ presence: inout Presence) -> Double {
        switch step {
        case .waiting:
            step = .looking
            return untilNext(presence)
        case .looking:
            guard presence.replica.knows(entityID) else { return untilNext(presence) }
            step = .writing(presence.sight(of: entityID), field(&presence))
            return Self.thought
        case .writing(let sight, let field):
            presence.write(.modified, entityID, [field] + signature(presence), seen: sight)
            step = .looking
            return untilNext(presence)
        }
    }

    private func untilNext(_ presence: Presence) -> Double {
        period - (Double(presence.now.wall) / 1e6).truncatingRemainder(dividingBy: period)
    }

    private func field(_ presence: inout Presence) -> StateField {
        switch claim {
        case .bid:
            StateField(
                "bid", .int(presence.replica.number("bid", of: entityID) + Int64(presence.generator.integer(1..<20))))
        case .setting(let key): StateField(key, .int(Int64(presence.generator.integer(0..<11))))
        }
    }

    private func signature(_ presence: Presence) -> [StateField] {
        if case .bid = claim { [StateField("bidder", .string(presence.name))] } else { [] }
    }
}

/// Asks for the state in each of the ways in turn, as who has been away does.
struct Verifying: Habit {
    let interval: Double
    let turn: Turn
    private var count = 0

    init(every interval: Double, _ turn: Turn) {
        self.interval = interval
        self.turn = turn
    }

    /// Early, so that everybody who watches from the beginning learns who is who.
    var delay: Double { 2 }

    mutating func act(_ presence: inout Presence) -> Double {
        let wait = turn.wait(at: presence.now)
        guard wait == 0 else { return wait }
        let modes: [SyncMode] = [.full, .delta, .full, .incremental]
        presence.requestState(modes[count % modes.count])
        count += 1
        return interval
    }
}
