import Capture
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// The report against a second count, from the octets of the file alone.
@Suite struct TruthTests {
    private struct Key: Hashable {
        var source, destination: Endpoint
        var streamID: UInt32
        var origin: UUID?
        var direction: OriginDirection?
    }

    private static let everySeed: [(Scenario, UInt64)] = Scenario.wellFormed.flatMap { scenario in
        [1, 2, 3].map { (scenario, $0) }
    }

    @Test("Each stream's figures are what its definition gives", arguments: everySeed)
    func streams(scenario: Scenario, seed: UInt64) throws {
        var options = scenario.short
        options.seed = seed
        let (report, reading) = try play(scenario, options)
        #expect(reading.errors.isEmpty)
        #expect(report.packets == reading.packets)
        #expect(report.messages == reading.messages.count)
        let groups = Dictionary(grouping: reading.messages) { captured -> Key in
            let origin = captured.message.extensions.first { $0.extensionID == ExtensionID.origin }
                .flatMap { try? Origin.decode($0.data) }
            return Key(
                source: captured.source, destination: captured.destination, streamID: captured.header.streamID,
                origin: origin?.sessionID, direction: origin?.direction)
        }
        #expect(groups.count == report.streams.count)
        for truth in report.streams {
            let key = Key(
                source: truth.source, destination: truth.destination, streamID: truth.streamID, origin: truth.origin,
                direction: truth.originDirection)
            let messages = groups[key] ?? []
            let sequences = messages.map(\.header.sequence)
            #expect(truth.messages == messages.count)
            #expect(truth.octets == messages.reduce(0) { $0 + $1.octets.count })
            let (lowest, highest) = (sequences.min() ?? 0, sequences.max() ?? 0)
            #expect(truth.lost == (lowest...highest).count - Set(sequences).count)
            #expect(truth.retransmits == messages.count { $0.header.flags.contains(.retransmit) })
            var arrived: Set<UInt32> = []
            var latest: UInt32?
            var (duplicates, reordered, recovered) = (0, 0, 0)
            for message in messages {
                let sequence = message.header.sequence
                let isRetransmission = message.header.flags.contains(.retransmit)
                if arrived.contains(sequence) {
                    if !isRetransmission { duplicates += 1 }
                } else {
                    if let latest, sequence < latest { reordered += 1 }
                    if isRetransmission { recovered += 1 }
                    arrived.insert(sequence)
                    latest = max(latest ?? 0, sequence)
                }
            }
            #expect(truth.duplicates == duplicates)
            #expect(truth.reordered == reordered)
            #expect(truth.recovered == recovered)
        }
    }

    @Test(
        "Positions and states are what an attentive reader ends with",
        arguments: [Scenario.plaza, .lossy, .drones, .regions, .segments, .peers, .extension])
    func entities(scenario: Scenario) throws {
        let (report, reading) = try play(scenario, SimulationOptions(seed: 7, duration: 10))
        var positions: [[UUID]: Vector3] = [:]
        var versions: [UUID: UInt64] = [:]
        for captured in reading.messages {
            switch captured.message.body {
            case .payload(.spatialUpdate(let update)):
                guard let address = captured.message.address else { continue }
                for entity in update.updates { positions[[address.spaceID, entity.entityID]] = entity.position }
            case .payload(.stateSync(let sync)):
                versions[sync.spaceID] = max(versions[sync.spaceID] ?? 0, sync.version)
            case .payload(.deltaUpdate(let update)):
                versions[update.sync.spaceID] = max(versions[update.sync.spaceID] ?? 0, update.sync.version)
            case .payload(.conflictResolve(let resolved)):
                versions[resolved.spaceID] = max(versions[resolved.spaceID] ?? 0, resolved.version)
            default: break
            }
        }
        #expect(!report.entities.isEmpty)
        for truth in report.entities { #expect(truth.position == positions[[truth.spaceID, truth.entityID]]) }
        for space in report.spaces {
            #expect(space.stateVersion == versions[space.spaceID])
            #expect(space.entities == report.entities.count { $0.spaceID == space.spaceID && $0.state != nil })
        }
    }

    @Test("Impairments come at their rates", arguments: [0.05, 0.2])
    func impairments(share: Double) throws {
        let kinds: [(Impairments, (SimulationReport) -> Int)] = [
            (Impairments(loss: share), \.lost), (Impairments(duplication: share), \.duplicates),
            (Impairments(reordering: share), \.reordered),
        ]
        for (impairments, figure) in kinds {
            let report = try play(.plaza, SimulationOptions(duration: 30, impairments: impairments)).report
            // Updates of the clients: a tenth of a second apart, none repeated, all but the last seconds impaired.
            let streams = report.streams.filter { $0.streamID == 1 && $0.source.port != Reading.port }
            var only = report
            only.streams = streams
            let all = streams.reduce(0) { $0 + $1.messages + $1.lost - $1.duplicates }
            let measured = Double(figure(only)) / Double(all)
            #expect(abs(measured - share * 0.93) < 0.02 + share * 0.1, "\(impairments): \(measured)")
        }
    }

    @Test("Delay and jitter show in the round trips") func delay() throws {
        func roundTrips(_ impairments: Impairments?) throws -> [Int64] {
            let reading = try play(.plaza, SimulationOptions(duration: 10, impairments: impairments)).reading
            var pings: [[String]: Int64] = [:]
            var trips: [Int64] = []
            for captured in reading.messages {
                let ends = ["\(captured.source)", "\(captured.destination)"]
                switch captured.message.body {
                case .payload(.ping(let ping)): pings[ends + ["\(ping.pingID)"]] = captured.time
                case .payload(.pong(let pong)):
                    guard let sent = pings[ends.reversed() + ["\(pong.pingID)"]] else { continue }
                    trips.append(captured.time - sent - Int64(pong.holdTime) * 1000)
                default: break
                }
            }
            return trips.sorted()
        }
        let usual = try roundTrips(nil)
        let slow = try roundTrips(Impairments(delay: 30_000_000, jitter: 5_000_000))
        #expect(usual.count > 100)
        #expect(usual.allSatisfy { $0 > 0 && $0 < 50_000_000 })
        #expect(slow[slow.count / 2] - usual[usual.count / 2] > 55_000_000)
    }

    @Test("Sequences begin at 0") func sequences() throws {
        let reading = try play(.plaza, Scenario.plaza.short).reading
        let streams = Dictionary(grouping: reading.messages) { "\($0.source) \($0.destination) \($0.header.streamID)" }
        #expect(streams.count >= 40)
        for messages in streams.values { #expect(messages.first?.header.sequence == 0) }
    }
}
