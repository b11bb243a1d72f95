import SpatioSession
import SpatioWire

/// Six replicas of one state that do not all get what they should: one falls behind, one misses a version, one gets an
/// old one again, one is told something else; claims that collide are resolved in every way, and once not at all.
final class Versions {
    static func play(_ network: Network, _ report: inout SimulationReport) {
        let world = PlazaWorld(network, walkers: 8, clients: 6, name: "board", isDetailed: true, changesByItself: false)
        {
            _, profile in
            // It is about versions: little else shall pass.
            profile.rate = 1
            profile.queryInterval = nil
            profile.subscription = nil
            profile.flags = []
        }
        let versions = Versions(world)
        network.keep(versions)
        network.run()
        report.versions = VersionTruth(
            gaps: 1, regressions: 1, forks: 2, divergences: 1, brokenChains: 1, conflicts: world.server.state.conflicts)
        world.server.state.write(name: world.server.space.name, into: &report)
    }

    /// Who of the visitors has which trouble.
    private enum Who {
        static let alice = 0
        static let behind = 1
        static let misses = 2
        static let getsOld = 3
        static let misled = 4
        static let claims = 5
    }

    /// What happens at a step besides a change.
    private enum Step {
        static let count = 30
        /// Shares of the whole time: of the first step, and from one to the next.
        static let start = 0.25
        static let share = 0.02
        static let silence = 8..<15
        static let missed = 16
        static let misleading = 20
        static let lastWriteWins = 5
        static let merge = 12
        static let wrongClock = 24
        static let unresolved = 26
        static let removal = 7
        static let addition = 10
        static let repeated = 9
    }

    private let world: PlazaWorld
    private var network: Network { world.network }
    private var server: SpaceServer { world.server }
    /// Nanoseconds from step to step.
    private let interval: Int64
    private var kept: StateSync?
    private var removed: [StateField] = []

    private init(_ world: PlazaWorld) {
        self.world = world
        let duration = Double(world.network.end - world.network.start)
        interval = Int64(duration * Step.share)
        for step in 0..<Step.count { at(Double(step)) { [unowned self] in take(step) } }
        at(Double(Step.silence.upperBound) - 0.8) { world.visitors[Who.behind].requestState() }
        at(Double(Step.repeated) + 2.5) { [unowned self] in repeatOld() }
        at(18.3) { world.visitors[Who.alice].requestState() }
        at(19.3) { world.visitors[Who.misses].requestState() }
        at(22.3) { world.visitors[Who.misled].requestState() }
    }

    private func at(_ step: Double, _ action: @escaping () -> Void) {
        let duration = Double(network.end - network.start)
        network.plan(at: network.start + Int64(duration * (Step.start + Step.share * step)), action)
    }

    // MARK: Steps

    private func take(_ step: Int) {
        switch step {
        case Step.lastWriteWins: collide(Who.alice, Who.behind, .lastWriteWins, skew: 1)
        case Step.merge: collide(Who.misses, Who.getsOld, .merge, skew: 1)
        // The first claim's clock is ahead, so that it looks like the last one; the server decides for the other.
        case Step.wrongClock: collide(Who.alice, Who.claims, .lastWriteWins, skew: -40)
        case Step.unresolved: collideInVain()
        default:
            let sync = change(step)
            if step == Step.repeated { kept = sync }
            for (index, visitor) in world.visitors.enumerated() {
                if index == Who.behind, Step.silence.contains(step) { continue }
                if index == Who.misses, step == Step.missed { continue }
                var told = sync
                if index == Who.misled, step == Step.misleading {
                    told.entries[0].fields = [StateField("score", .int(999))]
                }
                tell(visitor, .deltaUpdate(DeltaUpdate(baseVersion: told.version - 1, sync: told)))
            }
        }
    }

    /// A change of another kind each time.
    private func change(_ step: Int) -> StateSync {
        let ids = server.state.entityIDs
        let id = ids[step % (ids.count - 1)]
        switch step {
        case Step.removal:
            let last = ids[ids.count - 1]
            removed = ["name", "kind", "position"].compactMap { key in
                server.state.value(key, of: last).map { StateField(key, $0) }
            }
            return server.state.change(.removed, last, [], at: network.milliseconds)
        case Step.addition:
            return server.state.change(.added, network.generator.uuid(), removed, at: network.milliseconds)
        case Step.misleading: return modify(ids[5], "score", .int(Int64(step)))
        default: break
        }
        switch step % 3 {
        case 0: return modify(id, "score", .int(Int64(step)))
        case 1:
            guard case .vector3(let place)? = server.state.value("position", of: id) else { break }
            return modify(id, "position", .vector3(place + Vector3(1.5, -2, 0)))
        default: break
        }
        return modify(id, "battery", .float(Double(100 - step) / 100))
    }

    private func modify(_ id: UUID, _ key: String, _ value: Value) -> StateSync {
        server.state.change(.modified, id, [StateField(key, value)], at: network.milliseconds)
    }

    private func tell(_ visitor: Visitor, _ payload: Payload) {
        guard let session = server.participants.first(where: { $0.connect?.clientID == visitor.id }) else { return }
        session.end.batch {
            session.end.send(payload, End.Form(stream: 2, flags: [.reliable, .ordered], priority: .high))
            // Its answer acknowledges.
            session.end.ping()
        }
    }

    private func repeatOld() {
        guard var old = kept else { return }
        old.timestamp = network.milliseconds
        tell(world.visitors[Who.getsOld], .stateSync(old))
    }

    // MARK: Claims

    /// Two visitors claim the next version at once.
    ///
    /// - Parameter skew: milliseconds by which the second one's clock is ahead.
    private func claim(
        _ first: Int, _ second: Int, _ fields: [[StateField]], skew: Int
    ) -> [ConflictResolve.Candidate] {
        let entity = server.state.entityIDs[0]
        return zip([first, second], fields).enumerated().map { place, claim in
            let (index, fields) = claim
            let visitor = world.visitors[index]
            let entityVersion = server.state.entityVersion(entity) + 1
            let time = Int64(network.milliseconds) + Int64(place * skew)
            let sync = StateSync(
                spaceID: server.space.spaceID, version: server.state.version + 1, timestamp: UInt64(time), delta: true,
                entries: [
                    StateSyncEntry(change: .modified, entityID: entity, entityVersion: entityVersion, fields: fields)
                ])
            visitor.propose(sync)
            return ConflictResolve.Candidate(
                nodeID: visitor.id, entityVersion: entityVersion, timestamp: UInt64(time), fields: fields)
        }
    }

    private func collide(_ first: Int, _ second: Int, _ strategy: ConflictStrategy, skew: Int) {
        let step = Int64(server.state.version)
        let fields =
            strategy == .merge
            ? [[StateField("score", .int(step))], [StateField("note", .string("seen"))]]
            : [[StateField("score", .int(step * 10))], [StateField("score", .int(step * 10 + 5))]]
        let candidates = claim(first, second, fields, skew: skew)
        // By then both claims have arrived, and nothing else has happened.
        network.plan(at: network.now + interval / 2) { [unowned self] in
            let entity = server.state.entityIDs[0]
            let resolved = strategy == .merge ? fields.flatMap(\.self) : fields[1]
            let resolution = server.state.resolve(entity, candidates, strategy: strategy, resolved: resolved)
            for (index, visitor) in world.visitors.enumerated()
            where index != Who.behind || first == Who.behind || second == Who.behind || strategy != .merge {
                tell(visitor, .conflictResolve(resolution))
            }
        }
    }

    /// Two claims, of which the server takes the first and says nothing of the second.
    private func collideInVain() {
        let fields = [[StateField("score", .int(1))], [StateField("score", .int(2))]]
        _ = claim(Who.alice, Who.claims, fields, skew: 1)
        network.plan(at: network.now + interval / 2) { [unowned self] in
            let sync = server.state.change(
                .modified, server.state.entityIDs[0], fields[0], at: network.milliseconds)
            for visitor in world.visitors {
                tell(visitor, .deltaUpdate(DeltaUpdate(baseVersion: sync.version - 1, sync: sync)))
            }
        }
    }
}
