import Simulation
import SpatioServer
import SpatioSession
import SpatioWire
import TestSupport
import Testing

/// The demo's cast with its server, half a minute of it in memory.
@Suite struct LiveDemoTests {
    /// Played once for all tests.
    private static let played = Result { () throws -> Rehearsal in
        var rehearsal = try Rehearsal(DemoCast(seed: 7))
        rehearsal.run(seconds: 30)
        return rehearsal
    }

    private let rehearsal: Rehearsal
    private let payloads: [Payload]

    init() throws {
        rehearsal = try Self.played.get()
        payloads = rehearsal.mirrored.compactMap {
            if case .payload(let payload) = $0.body { payload } else { nil }
        }
    }

    private func count(_ type: MessageType) -> Int { payloads.count { $0.type == type } }

    private func seat(_ name: String) throws -> Rehearsal.Seat {
        try #require(rehearsal.seats.first { $0.participant.configuration.name == name })
    }

    @Test func `a few dozen take part, and everybody is in a session at the end`() {
        #expect((30...48).contains(rehearsal.seats.count))
        for seat in rehearsal.seats {
            #expect(seat.client.state == .ready, "\(seat.participant.configuration.name)")
            #expect(seat.refusals.isEmpty, "\(seat.participant.configuration.name): \(seat.refusals)")
        }
    }

    @Test func `the server has nothing to complain of`() {
        let complaints = rehearsal.log.filter { $0.level == .warning }
        #expect(complaints.isEmpty, "\(complaints.prefix(5).map { "\($0.text) \($0.metadata)" })")
    }

    @Test func `everything that can move does, without leaps and inside its space`() throws {
        var last: [UUID: EntityUpdate] = [:]
        var ways: [UUID: Double] = [:]
        for case .spatialUpdate(let update) in payloads {
            for entity in update.updates {
                if let orientation = entity.orientation { #expect(abs(orientation.length - 1) < 1e-5) }
                if let before = last[entity.entityID] {
                    let way = distance(before.position, entity.position)
                    // 8 m/s for a fifth of a second.
                    #expect(way < 2)
                    ways[entity.entityID, default: 0] += way
                }
                last[entity.entityID] = entity
            }
        }
        let movers = last.values.filter { [1, 4].contains($0.kind) }
        #expect(movers.count == 32)
        for mover in movers { #expect(ways[mover.entityID] ?? 0 > 5) }
        #expect(last.values.contains { $0.kind == 4 && $0.position.z > 15 })
    }

    private func distance(_ first: Vector3, _ second: Vector3) -> Double {
        let (x, y, z) = (first.x - second.x, first.y - second.y, first.z - second.z)
        return (x * x + y * y + z * z).squareRoot()
    }

    @Test func `all four queries and four of the extension are asked, and each is answered`() throws {
        var kinds: Set<SpatialQuery.Parameters.Kind> = []
        var answers = 0
        for payload in payloads {
            switch payload {
            case .spatialQuery(let query): kinds.insert(query.parameters.kind)
            case .spatialResponse(let response):
                answers += 1
                #expect(response.code == .success)
            default: break
            }
        }
        #expect(kinds.count == 4)
        // What was asked last may still be on its way.
        #expect((count(.spatialQuery) - 1...count(.spatialQuery)).contains(answers))
        var asked: Set<String> = []
        var results = 0
        for case .extension(let header) in payloads where header.extensionID == ExtensionID.spatialQuery {
            switch try SpatialQueryMessage.decode(header.data) {
            case .query(let request): asked.insert(String("\(request.query)".prefix { $0 != "(" }))
            case .result(let response):
                results += 1
                #expect(response.code == .success)
            }
        }
        #expect(asked.isSuperset(of: ["nearest", "radius", "boundary"]), "\(asked)")
        #expect(results > 3)
    }

    @Test func `conflicts are decided, by the last write on the plaza and by merging in the hall`() {
        var strategies: Set<ConflictStrategy> = []
        for case .conflictResolve(let resolution) in payloads {
            strategies.insert(resolution.strategy)
            #expect(resolution.candidates.count == 2)
        }
        #expect(strategies == [.lastWriteWins, .merge])
    }

    @Test func `the state changes in every way, and is asked for in every way`() {
        var changes: Set<StateChange> = []
        for case .deltaUpdate(let update) in payloads { changes.formUnion(update.sync.entries.map(\.change)) }
        #expect(changes == [.added, .modified, .removed])
        var modes: Set<SyncMode> = []
        for case .stateRequest(let request) in payloads { modes.insert(request.mode) }
        #expect(modes == [.full, .delta, .incremental])
        #expect((count(.stateRequest) - 1...count(.stateRequest)).contains(count(.stateResponse)))
    }

    @Test func `large states go in segments, and compressed where it was agreed`() {
        let forms = rehearsal.mirrored.compactMap(\.data)
        #expect(forms.contains { !$0.isWhole })
        #expect(Set(forms.map(\.compression)).isSuperset(of: [.lz4, .zstd]))
    }

    @Test func `sensors tell what their manifests say`() throws {
        var schemas = ExtensionSchemas()
        var told: [UInt16: Int] = [:]
        for case .extension(let header) in payloads {
            if header.extensionID == ExtensionID.manifest {
                schemas.register(try ExtensionManifest.decode(header.data))
            } else if header.extensionID < 0x8000, header.extensionID > 0x0100 {
                #expect(schemas.misfit(header) == nil)
                told[header.extensionID, default: 0] += 1
            }
        }
        #expect(Set(schemas.manifests.values.map(\.name)) == ["weather", "noise-level"])
        #expect(told.count == 2 && told.values.allSatisfy { $0 > 20 })
    }

    @Test func `peers announce themselves, meet in groups and reach others through the relay`() {
        var groups: Set<UUID> = []
        for message in rehearsal.mirrored { if let form = message.multicast { groups.insert(form.groupID) } }
        #expect(groups.count == 2)
        var roles: Set<PeerRole> = []
        for case .peerAnnounce(let announce) in payloads { roles.formUnion(announce.peer.capabilities.roles) }
        #expect(roles == [.participant, .relay, .server])
        var hops: Set<UInt8> = []
        for case .relayResponse(let response) in payloads {
            #expect(response.code == .success)
            hops.insert(response.hops)
        }
        #expect(hops == [1, 2])
        #expect(rehearsal.mirrored.contains { $0.extensions.contains { $0.extensionID == ExtensionID.traceContext } })
    }

    @Test func `one leaves and comes back`() throws {
        let seat = try seat("jonas")
        #expect(seat.sessions == 2)
        #expect(count(.peerLeave) > 0)
        #expect(rehearsal.seats.count { $0.sessions != 1 } == 1)
    }

    @Test func `one loses datagrams and repeats what has to arrive`() throws {
        let seat = try seat("oskar")
        #expect(seat.client.counters.messagesRepeated > 3)
        for other in rehearsal.seats where other.participant.network == nil {
            // CONNECT, behind the CHALLENGE.
            #expect(other.client.counters.messagesRepeated == 1, "\(other.participant.configuration.name)")
        }
    }

    @Test func `one seed gives one cast`() {
        func ids(_ seed: UInt64) -> [UUID] { DemoCast(seed: seed).participants.map(\.configuration.clientID) }
        #expect(ids(3) == ids(3))
        #expect(Set(ids(3)).isDisjoint(with: ids(4)))
    }
}
