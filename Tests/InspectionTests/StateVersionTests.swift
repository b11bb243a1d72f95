import Capture
import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// What state messages between several clients and a server come to.
private struct Space {
    var talk = Talk()

    static let alice = Sample.client
    static let bob = Sample.otherClient
    static let carol = Sample.endpoint("10.7.1.3:40003")

    init(clients: [Endpoint] = [alice, bob], at time: Double = 0) {
        for (number, client) in clients.enumerated() { connect(client, session: 0x50 + number, at: time) }
    }

    mutating func connect(_ client: Endpoint, session: Int, version: UInt64 = 1, at time: Double? = nil) {
        let name = client == Self.alice ? "alice" : client == Self.bob ? "bob" : "carol"
        talk.send(Sample.connect(client: Int(client.port), name: name), from: client, at: time)
        let info = SpaceInfo(spaceID: Sample.space, name: "board", stateVersion: version)
        talk.send(Sample.accept(Sample.id(session), spaces: [info]), from: Sample.server, to: client)
    }

    @discardableResult
    mutating func tell(
        _ client: Endpoint, _ payload: Payload, at time: Double? = nil, sequence: UInt32? = nil,
        flags: MessageFlags = []
    ) -> MessageOutcome {
        talk.send(payload, from: Sample.server, to: client, stream: 2, sequence: sequence, flags: flags, at: time)
    }

    @discardableResult
    mutating func claim(_ client: Endpoint, _ payload: Payload, at time: Double? = nil) -> MessageOutcome {
        talk.send(payload, from: client, to: Sample.server, stream: 2, at: time)
    }

    /// Lets time pass: what has been waited for comes to light with the next message.
    mutating func pass(at time: Double) { talk.send(Sample.ping, from: Self.alice, at: time) }

    var states: SpaceStates? { talk.chronicle.states[0] }

    func lane(_ client: Endpoint?) -> StateLane? {
        let lanes = states?.lanes(at: .max, time: Sample.start + talk.now) ?? []
        return lanes.last { lane in
            let session = talk.model.sessions[lane.id.session]
            return client.map { lane.id.side == .client && session.client == $0 } ?? (lane.id.side == .server)
        }
    }

    func counts() -> [FindingRule: Int] {
        let rules: [FindingRule] = [.versionGap, .versionRegression, .fork, .divergence, .deltaChain, .conflict]
        return Dictionary(uniqueKeysWithValues: rules.map { ($0, talk.count(of: $0)) }).filter { $0.value > 0 }
    }

    static func set(_ entity: Int, _ score: Int, version: UInt64 = 1) -> StateSyncEntry {
        Sample.entry(.modified, entity, version: version, ["score": .int(Int64(score))])
    }
}

/// Who has which version, and how far the others are behind.
struct LaneTests {
    @Test("A replica lags by the versions that it lacks, since the first of them was seen anywhere")
    func lag() {
        var space = Space()
        space.tell(Space.alice, Sample.full(1), at: 100)
        space.tell(Space.bob, Sample.full(1), at: 101)
        #expect(space.lane(Space.bob)?.lag == 0)
        #expect(space.lane(Space.bob)?.lagTime == 0)
        space.tell(Space.alice, Sample.delta(1), at: 200)
        space.tell(Space.alice, Sample.delta(2), at: 300)
        space.pass(at: 450)
        #expect(space.lane(Space.alice)?.lag == 0)
        #expect(space.lane(Space.alice)?.lagTime == 0)
        #expect(space.lane(Space.bob)?.version == 1)
        #expect(space.lane(Space.bob)?.lag == 2)
        #expect(space.lane(Space.bob)?.lagTime == 250_000_000)
        // One of the two: it has lacked version 3 since 300.
        space.tell(Space.bob, Sample.delta(1), at: 460)
        #expect(space.lane(Space.bob)?.lag == 1)
        #expect(space.lane(Space.bob)?.lagTime == 160_000_000)
    }

    @Test("As of an earlier message everything is as it was then")
    func earlier() throws {
        var space = Space()
        space.tell(Space.alice, Sample.full(1), at: 100)
        let before = space.talk.model.counters.messages
        space.tell(Space.alice, Sample.delta(1), at: 200)
        space.tell(Space.bob, Sample.delta(7), at: 300)
        let states = try #require(space.states)
        #expect(states.lanes(at: before - 1, time: Sample.start).isEmpty)
        let lanes = states.lanes(at: before, time: Sample.start + 100_000_000)
        #expect(lanes.map(\.version) == [1, 1])
        #expect(lanes.map(\.lag) == [0, 0])
        #expect(states.newestVersion(at: before)?.version == 1)
        #expect(states.newestVersion(at: .max)?.version == 8)
    }

    @Test("A server has what it says, in all of its sessions at once, and what it is sent")
    func server() {
        var space = Space()
        space.tell(Space.alice, Sample.full(1))
        space.tell(Space.bob, Sample.full(1))
        #expect(space.states?.replicas.count == 3)
        #expect(space.lane(nil)?.version == 1)
        #expect(space.lane(nil)?.events == 1)
        space.claim(Space.bob, Sample.delta(1, Space.set(1, 5)))
        #expect(space.lane(nil)?.version == 2)
        #expect(space.lane(Space.bob)?.version == 2)
        #expect(space.lane(Space.alice)?.lag == 1)
    }

    @Test("A delta that passes again in another way is no event")
    func again() {
        var space = Space()
        space.tell(Space.alice, Sample.full(1))
        space.tell(Space.alice, Sample.delta(1, Space.set(1, 5)))
        let events = space.states?.events.count
        space.talk.send(Sample.delta(1, Space.set(1, 5)), from: Sample.server, to: Space.alice, stream: 9)
        #expect(space.states?.events.count == events)
        #expect(space.counts().isEmpty)
    }

    @Test("The steps of the clock: versions, conflicts and what is wrong")
    func steps() throws {
        var space = Space()
        let start = space.talk.model.counters.messages
        space.tell(Space.alice, Sample.full(1))
        space.tell(Space.bob, Sample.full(1))
        space.tell(Space.alice, Sample.delta(3))
        let states = space.talk.chronicle.states
        #expect(states.nextVersion(after: 0, space: 0) == start + 1)
        #expect(states.nextVersion(after: start + 1, space: 0) == start + 3)
        #expect(states.nextVersion(after: start + 3, space: 0) == nil)
        #expect(states.previousVersion(before: start + 3, space: nil) == start + 1)
        let findings = space.talk.chronicle.findings
        #expect(findings.next(after: 0, of: [.versionGap])?.detected == start + 3)
        #expect(findings.previous(before: start + 3, of: [.versionGap]) == nil)
        #expect(states.nextConflict(after: 0, space: nil) == nil)
        #expect(states.nextVersion(after: 0, space: 5) == nil)
    }

    @Test("Ends of sessions are followed up to a limit, and what is over is counted")
    func limits() {
        var space = Space(clients: [])
        for number in 0..<StateLimits.replicas + 10 {
            let client = Endpoint(address: IPAddress(ipv4: 0x0A08_0000 | UInt32(number)), port: 40_000)
            space.tell(client, Sample.full(1))
        }
        #expect(space.states?.replicas.count == StateLimits.replicas)
        #expect(space.talk.chronicle.states.overflow == 11)
    }
}

/// Versions that do not follow each other.
struct VersionOrderTests {
    @Test("A delta without its base is a gap, which a full state makes good")
    func gap() {
        var space = Space()
        space.tell(Space.alice, Sample.full(1, Space.set(1, 1)))
        space.tell(Space.alice, Sample.delta(2, Space.set(1, 3)))
        #expect(space.counts() == [.versionGap: 1])
        #expect(space.lane(Space.alice)?.totals.gaps == 1)
        #expect(space.states?.events.count == 4)
        space.tell(Space.alice, Sample.full(3, Space.set(1, 3)))
        space.tell(Space.alice, Sample.delta(3, Space.set(1, 4)))
        #expect(space.counts() == [.versionGap: 1])
    }

    @Test("An older version than the one that is there is a regression, and changes nothing")
    func regression() {
        var space = Space()
        space.tell(Space.alice, Sample.full(1))
        space.tell(Space.alice, Sample.delta(1, Space.set(1, 2)))
        space.tell(Space.alice, Sample.delta(2, Space.set(1, 3)))
        let outcome = space.tell(Space.alice, Sample.delta(1, Space.set(1, 2)))
        #expect(outcome.findings.map(\.rule) == [.versionRegression])
        #expect(space.lane(Space.alice)?.version == 3)
        space.tell(Space.alice, Sample.full(2))
        #expect(space.counts() == [.versionRegression: 2])
        #expect(space.lane(Space.alice)?.totals.regressions == 2)
    }

    @Test("What the network brings late is no regression: it fills the hole, and what waited behind it counts")
    func late() {
        var space = Space()
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.full(1, Space.set(1, 1)), sequence: 0) }
        space.tell(Space.alice, Sample.delta(1, Space.set(1, 2)), sequence: 1)
        space.tell(Space.alice, Sample.delta(2, Space.set(2, 3)), sequence: 2)
        space.tell(Space.bob, Sample.delta(2, Space.set(2, 3)), sequence: 2)
        space.tell(Space.bob, Sample.delta(1, Space.set(1, 2)), sequence: 1)
        #expect(space.counts() == [.versionGap: 1, .loss: 0].filter { $0.value > 0 })
        let contents = [Space.alice, Space.bob].map { client -> UInt64? in
            guard let lane = space.lane(client) else { return nil }
            return space.states?.event(lane.events - 1, of: lane.replica).content
        }
        #expect(contents[0] != nil)
        #expect(contents[0] == contents[1])
    }

    @Test("A server that restarted begins a new chain: nobody is behind by what it has forgotten")
    func restart() {
        var space = Space(clients: [Space.alice])
        space.tell(Space.alice, Sample.full(500, Sample.entry(.added, 1, version: 9, ["a": .int(1)])), at: 1000)
        space.connect(Space.bob, session: 0x60, version: 1, at: 9000)
        space.tell(Space.bob, Sample.full(1, Sample.entry(.added, 2, version: 1, ["a": .int(2)])), at: 9100)
        space.tell(Space.bob, Sample.delta(1, Space.set(2, 7)), at: 9200)
        #expect(space.talk.model.spaces.first?.stateVersion == 2)
        #expect(space.talk.state(2)["score"] == .int(7))
        #expect(space.talk.entity(1)?.isRemoved == true)
        #expect(space.lane(Space.bob)?.lag == 0)
        #expect(space.lane(Space.alice)?.isOfEarlierChain == true)
        #expect(space.lane(Space.alice)?.lag == nil)
        #expect(space.lane(nil)?.version == 2)
        #expect(space.counts().isEmpty)
        // What an old client still says is heard by nobody.
        space.claim(Space.alice, Sample.delta(500, Space.set(1, 8)), at: 9300)
        #expect(space.talk.model.spaces.first?.stateVersion == 2)
        #expect(space.lane(Space.bob)?.lag == 0)
    }

    @Test("A lower version is no restart where the server does not say so itself, or said it only just now")
    func noRestart() {
        var space = Space(clients: [Space.alice])
        space.tell(Space.alice, Sample.full(500), at: 1000)
        // What it tells bob was on its way when alice got the next.
        space.connect(Space.bob, session: 0x60, version: 499, at: 1100)
        space.tell(Space.bob, Sample.full(499), at: 1200)
        #expect(space.talk.model.spaces.first?.stateVersion == 500)
        #expect(space.lane(Space.bob)?.lag == 1)
        // It is said to be at 500 still.
        space.connect(Space.carol, session: 0x70, version: 500, at: 9000)
        space.tell(Space.carol, Sample.full(3), at: 9100)
        #expect(space.talk.model.spaces.first?.stateVersion == 500)
    }
}

/// The same version with other content.
struct VersionContentTests {
    @Test("Two replicas with one version and different content diverge, and it is said once")
    func divergence() {
        var space = Space()
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.full(1, Space.set(1, 1))) }
        space.tell(Space.alice, Sample.delta(1, Space.set(1, 2)))
        let outcome = space.tell(Space.bob, Sample.delta(1, Space.set(1, 3)))
        #expect(outcome.findings.map(\.rule) == [.fork, .divergence])
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.delta(2, Space.set(2, 9))) }
        #expect(space.counts() == [.fork: 1, .divergence: 1])
        #expect(space.lane(Space.bob)?.totals.divergences == 1)
        #expect(space.lane(Space.alice)?.totals.divergences == 0)
    }

    @Test("Two that agree again and part again have parted twice")
    func twice() {
        var space = Space()
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.full(1, Space.set(1, 1))) }
        for (version, wrong) in [(1, 3), (2, nil), (3, 5)] as [(UInt64, Int?)] {
            for client in [Space.bob, Space.alice] {
                let score = client == Space.bob ? wrong ?? 0 : 0
                space.tell(client, Sample.delta(version, Space.set(1, score)))
            }
        }
        #expect(space.counts() == [.fork: 2, .divergence: 2])
    }

    @Test("Whoever is only behind does not diverge, and whose base was not seen cannot")
    func noDivergence() {
        var space = Space()
        space.tell(Space.alice, Sample.full(1, Space.set(1, 1)))
        space.tell(Space.alice, Sample.delta(1, Space.set(1, 2)))
        space.tell(Space.bob, Sample.full(1, Space.set(1, 1)))
        #expect(space.counts().isEmpty)
        space.tell(Space.carol, Sample.delta(1, Space.set(1, 2)))
        space.tell(Space.bob, Sample.delta(1, Space.set(1, 2)))
        #expect(space.counts().isEmpty)
        #expect(space.states?.events[(space.states?.events.count ?? 1) - 1].content != nil)
    }

    @Test("The order of entities and fields, and which message brings them, make no difference")
    func sameContent() {
        var space = Space()
        let one = Sample.entry(.added, 1, version: 1, ["a": .int(1), "b": .int(2)])
        let two = Sample.entry(.added, 2, version: 1, ["a": .int(3)])
        space.tell(Space.alice, Sample.full(2, one, two))
        space.tell(Space.bob, Sample.full(1, two, Sample.entry(.added, 3, version: 1, ["c": .null])))
        space.tell(Space.bob, Sample.delta(1, one, Sample.entry(.removed, 3, version: 2)))
        #expect(space.counts().isEmpty)
        let events = space.states?.events
        #expect(events.map { $0[$0.count - 1].content == $0[1].content } == true)
    }

    @Test("A full state that differs from the sum of the deltas shows a broken chain")
    func chain() {
        var space = Space(clients: [Space.alice])
        space.tell(Space.alice, Sample.full(1, Space.set(1, 1)))
        space.tell(Space.alice, Sample.delta(1, Space.set(1, 2)))
        space.tell(Space.alice, Sample.full(2, Space.set(1, 2)))
        #expect(space.counts().isEmpty)
        space.tell(Space.alice, Sample.delta(2, Space.set(1, 3)))
        space.tell(Space.alice, Sample.delta(3, Space.set(2, 3)))
        let outcome = space.tell(
            Space.alice,
            .stateResponse(StateResponse(requestID: 1, sync: Sample.sync(4, [Space.set(1, 3), Space.set(2, 4)]))))
        #expect(outcome.findings.map(\.rule) == [.deltaChain])
        #expect(space.lane(Space.alice)?.totals.brokenChains == 1)
    }

    @Test("A full state cannot be held against deltas of which some were missed")
    func chainWithGap() {
        var space = Space(clients: [Space.alice])
        space.tell(Space.alice, Sample.full(1, Space.set(1, 1)))
        space.tell(Space.alice, Sample.delta(2, Space.set(1, 3)))
        space.tell(Space.alice, Sample.full(3, Space.set(1, 3), Space.set(2, 2)))
        #expect(space.counts() == [.versionGap: 1])
    }

    @Test("Claims that collide are a fork only when nobody resolves them in time")
    func claims() {
        for isResolved in [true, false] {
            var space = Space()
            for client in [Space.alice, Space.bob] { space.tell(client, Sample.full(1, Space.set(1, 1)), at: 100) }
            space.claim(Space.alice, Sample.delta(1, Space.set(1, 2)), at: 200)
            space.claim(Space.bob, Sample.delta(1, Space.set(1, 3)), at: 201)
            #expect(space.counts().isEmpty)
            if isResolved {
                let resolution = Payload.conflictResolve(Self.resolution(score: 3))
                for client in [Space.alice, Space.bob] { space.tell(client, resolution, at: 300) }
            }
            space.pass(at: 1100)
            #expect(space.talk.count(of: .fork) == 0)
            space.pass(at: 1300)
            #expect(space.counts() == (isResolved ? [.conflict: 1] : [.fork: 1, .divergence: 1]))
            // The finding is about the second claim, and came to light now.
            let findings = space.talk.chronicle.findings.findings
            #expect(findings[0].message < findings[0].detected || isResolved)
        }
    }

    @Test("Claims that collide are none when the server makes a version of each")
    func bothTaken() {
        for isSecondTaken in [true, false] {
            var space = Space()
            for client in [Space.alice, Space.bob] { space.tell(client, Sample.full(1, Space.set(1, 1)), at: 100) }
            space.claim(Space.alice, Sample.delta(1, Space.set(1, 2)), at: 200)
            space.claim(Space.bob, Sample.delta(1, Space.set(2, 3)), at: 201)
            for client in [Space.alice, Space.bob] { space.tell(client, Sample.delta(1, Space.set(1, 2)), at: 250) }
            if isSecondTaken {
                for client in [Space.alice, Space.bob] { space.tell(client, Sample.delta(2, Space.set(2, 3)), at: 260) }
            }
            space.pass(at: 2000)
            #expect(space.counts() == (isSecondTaken ? [:] : [.fork: 1]))
        }
    }

    @Test("Whoever says that it has less than it was sent gets it again without going back")
    func fallsBack() {
        var space = Space()
        space.tell(Space.alice, Sample.full(1, Space.set(1, 1)))
        for version in UInt64(1)...3 { space.tell(Space.alice, Sample.delta(version, Space.set(1, Int(version)))) }
        let request = StateRequest(requestID: 1, spaceID: Sample.space, knownVersion: 2, mode: .incremental)
        space.claim(Space.alice, .stateRequest(request))
        for version in UInt64(2)...3 { space.tell(Space.alice, Sample.delta(version, Space.set(1, Int(version)))) }
        #expect(space.counts().isEmpty)
        // Without having said so it would be.
        space.tell(Space.alice, Sample.delta(2, Space.set(1, 2)))
        #expect(space.counts() == [.versionRegression: 1])
    }

    @Test("A claim that the server overrules is forgotten, and with it that its author differed for a moment")
    func overruled() {
        var space = Space()
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.full(1, Space.set(1, 1)), at: 100) }
        space.claim(Space.bob, Sample.delta(1, Space.set(1, 3)), at: 200)
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.delta(1, Space.set(1, 2)), at: 250) }
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.delta(2, Space.set(2, 2)), at: 260) }
        space.pass(at: 2000)
        #expect(space.counts() == [.fork: 1])
    }

    @Test("A resolved conflict takes the place of the claims, and is noted once for everybody who is told")
    func resolved() throws {
        var space = Space()
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.full(1, Space.set(1, 1))) }
        space.claim(Space.alice, Sample.delta(1, Sample.entry(.modified, 1, version: 2, ["other": .int(7)])))
        for client in [Space.alice, Space.bob] { space.tell(client, .conflictResolve(Self.resolution(score: 6))) }
        for client in [Space.alice, Space.bob] { space.tell(client, Sample.full(2, Space.set(1, 6))) }
        #expect(space.counts() == [.conflict: 1])
        let conflict = try #require(space.states?.conflicts[0])
        #expect(space.states?.conflicts.count == 1)
        #expect(conflict.outcome == .candidate(1))
        #expect(conflict.winner == Sample.id(6))
    }

    static func resolution(score: Int64) -> ConflictResolve {
        let candidates = [5, 6].map {
            ConflictResolve.Candidate(
                nodeID: Sample.id($0), entityVersion: 2, timestamp: UInt64($0),
                fields: [StateField("score", .int(Int64($0)))])
        }
        return ConflictResolve(
            spaceID: Sample.space, entityID: Sample.id(1), version: 2, strategy: .lastWriteWins,
            candidates: candidates, resolved: [StateField("score", .int(score))])
    }
}

/// Who won a conflict, and whether the time stamps say so, too.
struct ConflictReadingTests {
    private func read(
        _ strategy: ConflictStrategy, _ stamps: [UInt64], _ claims: [[String: Value]], decided: [String: Value]
    ) -> ConflictReading {
        func fields(_ values: [String: Value]) -> [StateField] {
            values.sorted { $0.key < $1.key }.map { StateField($0.key, $0.value) }
        }
        let candidates = zip(stamps, claims).enumerated().map { place, claim in
            ConflictResolve.Candidate(
                nodeID: Sample.id(place), entityVersion: 1, timestamp: claim.0, fields: fields(claim.1))
        }
        return ConflictReading(
            ConflictResolve(
                spaceID: Sample.space, entityID: Sample.id(9), version: 2, strategy: strategy, candidates: candidates,
                resolved: fields(decided)))
    }

    @Test("The last write wins, or it does not, or the stamps cannot say")
    func lastWrite() {
        let claims: [[String: Value]] = [["a": .int(1)], ["a": .int(2)]]
        let agreed = read(.lastWriteWins, [10, 20], claims, decided: claims[1])
        #expect(agreed.outcome == .candidate(1))
        #expect(agreed.followsTimestamps == true)
        #expect(agreed.latest == [1])
        let denied = read(.lastWriteWins, [10, 20], claims, decided: claims[0])
        #expect(denied.outcome == .candidate(0))
        #expect(denied.followsTimestamps == false)
        #expect(read(.lastWriteWins, [20, 20], claims, decided: claims[0]).followsTimestamps == nil)
        #expect(read(.custom, [10, 20], claims, decided: claims[0]).followsTimestamps == nil)
    }

    @Test("Fields of several candidates are merged, each with its sources")
    func merge() {
        let merged = read(
            .merge, [1, 2], [["a": .int(1), "c": .int(3)], ["b": .int(2), "c": .int(3)]],
            decided: ["a": .int(1), "b": .int(2), "c": .int(3)])
        #expect(merged.outcome == .merged)
        #expect(merged.sources == [[0], [1], [0, 1]])
        #expect(read(.merge, [1], [["a": .int(1)]], decided: ["a": .int(9)]).outcome == .neither)
        #expect(read(.merge, [], [], decided: [:]).outcome == .neither)
    }
}
